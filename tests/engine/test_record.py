"""The lease's record gone, cut or unreadable while the machine lives: nothing gets another end."""

import pytest

from tests.engine.conftest import Stack

pytestmark = pytest.mark.engine


@pytest.mark.parametrize("damage", ["deleted", "cut"])
def test_a_lost_record_is_written_again_with_the_old_times_and_no_machine_changes(stack: Stack, damage: str) -> None:
    """L3."""
    stack.begin()
    before = stack.record().terms
    if damage == "deleted":
        stack.record_file.unlink()
    else:
        stack.record_file.write_text(stack.record_file.read_text()[:100])
    stack.yard.forward(hours=2)
    refreshed = stack.yard.pulumi("refresh", "--yes", "--stack", stack.name)
    assert refreshed.code == 0, refreshed.text
    assert "record" in refreshed.text

    result = stack.up()
    assert result.code == 0, result.text
    assert "replace" not in result.text
    after = stack.record().terms
    assert (after.start, after.hard_end) == (before.start, before.hard_end)
    unchanged = stack.preview("--expect-no-changes")
    assert unchanged.code == 0, unchanged.text


def test_an_unreadable_store_lets_a_preview_go_on_and_stops_up(stack: Stack) -> None:
    """L16: a preview on a fork has no store and no state."""
    env = stack.yard.folder / "stacks" / "env.fork.yaml"
    text = (stack.yard.folder / "stacks" / "env.sandbox.yaml").read_text()
    env.write_text(text.replace("leases: file://leases", "leases: s3://none?endpoint=http://127.0.0.1:9"))
    stack.settings({"stack.environment": "fork"})
    preview = stack.preview()
    assert preview.code == 0, preview.text
    assert "lease record not read, first candidate" in preview.text
    up = stack.up()
    assert up.code != 0
    assert "cannot be read" in up.text
    assert stack.machines() == []
