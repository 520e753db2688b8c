"""The written plan: what was reviewed, and every way in which today differs from it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from trainyard.choice.plan.candidates import accepted, key
from trainyard.choice.plan.written import PlanFileError, Written, changes, path_of, read, text_of
from trainyard.settings import load

AT = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
TERMS = {"ttl": "12h", "extend_to": "24h", "cap_usd": "100"}


@pytest.fixture
def file(folder: Path) -> Path:
    """The plan of the stack as it is, written."""
    path = path_of(folder, "dev")
    path.write_text(text_of("dev", AT, TERMS, accepted(load(folder, "dev"))), encoding="utf-8")
    return path


def changed(path: Path, old: str, new: str, *, count: int = -1) -> list[str]:
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, count), encoding="utf-8")
    written = read(path)
    assert isinstance(written, Written)
    return list(changes(written, accepted(load(path.parent, "dev"))))


def test_a_plan_that_was_just_written_has_not_changed(file: Path) -> None:
    assert changed(file, "", "", count=0) == []


def test_the_same_plan_makes_the_same_text(file: Path) -> None:
    assert file.read_text(encoding="utf-8") == text_of("dev", AT, TERMS, accepted(load(file.parent, "dev")))


def test_it_lies_beside_the_stack_and_is_no_stack_or_environment(file: Path) -> None:
    assert file.name == "dev.plan.yaml"
    assert load(file.parent, "dev").file == "stacks/Pulumi.dev.yaml"


def test_another_price_is_told_with_both_figures(file: Path) -> None:
    first = accepted(load(file.parent, "dev"))[0].candidates[0]
    figure = str(first.price.usd_hour)  # type: ignore[union-attr]
    told = changed(file, f'"{figure}"', '"1.25"', count=1)
    assert told == [f"bench: {key(first)} was 1.25 USD/h, is {figure} USD/h"]


def test_an_offer_that_has_gone_is_told_with_the_reviewed_one_that_follows(file: Path) -> None:
    [bench] = accepted(load(file.parent, "dev"))
    first, second = key(bench.candidates[0]), key(bench.candidates[1])
    told = changed(file, first, "gcp/europe-west4-z/a2-highgpu-1g/spot")
    assert told[0].startswith(f"bench: gcp/europe-west4-z/a2-highgpu-1g/spot has gone; next is {second} at ")
    assert f"bench: {first} came to it, and was not reviewed" in told


def test_what_follows_the_one_that_has_gone_is_proposed_and_not_what_stood_before_it(file: Path) -> None:
    [bench] = accepted(load(file.parent, "dev"))
    second, third = key(bench.candidates[1]), key(bench.candidates[2])
    told = changed(file, second, "gcp/europe-west4-z/a2-highgpu-1g/spot")
    assert told[0].startswith(f"bench: gcp/europe-west4-z/a2-highgpu-1g/spot has gone; next is {third} at ")


def test_where_no_reviewed_one_is_left_the_first_of_today_is_proposed(file: Path) -> None:
    [bench] = accepted(load(file.parent, "dev"))
    told = changed(file, "gcp/", "old/")
    assert f"the first of today is {key(bench.candidates[0])}" in told[0]


def test_workloads_that_came_and_went_are_told(file: Path) -> None:
    assert changed(file, "  bench:", "  lab:") == [
        "lab: is no workload any more",
        "bench: is new, and was not reviewed",
    ]


def test_another_order_is_told(file: Path) -> None:
    lines = file.read_text(encoding="utf-8").splitlines()
    rows = [line for line in lines if "candidate: '" in line]
    told = changed(file, "\n".join(rows), "\n".join([rows[1], rows[0], *rows[2:]]))
    assert len(told) == 1
    assert "the order has changed" in told[0]


@pytest.mark.parametrize("text", ["", "schema: 2\n", "a: [", "schema: 1\nworkloads: 3\n", "schema: 1\n- b\n"])
def test_a_file_that_is_no_plan_is_refused_and_left_as_it_is(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(PlanFileError, match="write it anew with --write"):
        read(file)
    assert file.read_text(encoding="utf-8") == text


def test_without_a_file_there_is_nothing_to_compare_with(folder: Path) -> None:
    assert read(path_of(folder, "dev")) is None


def test_a_stack_whose_plan_would_be_an_environments_file_is_refused(folder: Path) -> None:
    with pytest.raises(PlanFileError, match="another kind of file"):
        path_of(folder, "env")
