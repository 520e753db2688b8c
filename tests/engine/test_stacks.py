"""Every stack of the checkout previews in rehearsal."""

from pathlib import Path

import pytest

from tests.engine.conftest import CHECKOUT, Result, Yard
from trainyard.settings import load

pytestmark = pytest.mark.engine

# bases first: the others stand on them
BASES = ("dev-base", "prod-base", "sandbox-base", "sandbox-clouds-base")
BUILT = (*BASES, "sandbox", "sandbox-kinds", "sandbox-clouds", "dev-lab", "dev-llama-ft", "prod-pretrain")


def test_the_list_holds_every_stack_file() -> None:
    files = {file.name.removeprefix("Pulumi.").removesuffix(".yaml") for file in _stack_files()}
    assert files == set(BUILT)


@pytest.mark.parametrize("name", BUILT)
def test_a_stack_whose_kinds_are_built_previews_and_leaves_its_file_as_it_is(yard: Yard, name: str) -> None:
    file = yard.folder / "stacks" / f"Pulumi.{name}.yaml"
    before = file.read_text()
    if name not in BASES:
        _up(yard, load(CHECKOUT / "stacks", name).environment.base)
    result = _preview(yard, name)
    assert result.code == 0, result.text
    assert "sandbox" in result.text
    assert file.read_text() == before


def _up(yard: Yard, base: str) -> None:
    for arguments in (("select", "--create", base), ("up", "--yes", "--skip-preview", "--stack", base)):
        verb = ("stack",) if arguments[0] == "select" else ()
        result = yard.pulumi(*verb, *arguments)
        assert result.code == 0, result.text


def _preview(yard: Yard, name: str) -> Result:
    created = yard.pulumi("stack", "select", "--create", name)
    assert created.code == 0, created.text
    return yard.pulumi("preview", "--stack", name)


def _stack_files() -> list[Path]:
    return sorted((CHECKOUT / "stacks").glob("Pulumi.*.yaml"))
