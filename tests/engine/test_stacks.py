"""Every stack of the checkout in rehearsal: what is built previews, what is not is refused by its kind's name."""

from pathlib import Path

import pytest

from tests.engine.conftest import CHECKOUT, Result, Yard

pytestmark = pytest.mark.engine

# bases first: the others stand on them
BUILT = ("dev-base", "prod-base", "sandbox-base", "sandbox", "sandbox-tpu", "dev-llama-ft", "prod-pretrain")
NOT_BUILT = {
    "dev-lab": "notebook is not built yet; built is gpu-vm",
}


def test_the_list_holds_every_stack_file() -> None:
    files = {file.name.removeprefix("Pulumi.").removesuffix(".yaml") for file in _stack_files()}
    assert files == {*BUILT, *NOT_BUILT}


@pytest.mark.parametrize("name", BUILT)
def test_a_stack_whose_kinds_are_built_previews_and_leaves_its_file_as_it_is(yard: Yard, name: str) -> None:
    file = yard.folder / "stacks" / f"Pulumi.{name}.yaml"
    before = file.read_text()
    result = _preview(yard, name)
    assert result.code == 0, result.text
    assert "sandbox" in result.text
    assert file.read_text() == before


@pytest.mark.parametrize("name", NOT_BUILT)
def test_a_stack_with_a_kind_that_is_not_built_is_refused_by_its_name(yard: Yard, name: str) -> None:
    result = _preview(yard, name)
    assert result.code != 0
    assert NOT_BUILT[name] in result.text
    assert "Traceback" not in result.text


def _preview(yard: Yard, name: str) -> Result:
    created = yard.pulumi("stack", "select", "--create", name)
    assert created.code == 0, created.text
    return yard.pulumi("preview", "--stack", name)


def _stack_files() -> list[Path]:
    return sorted((CHECKOUT / "stacks").glob("Pulumi.*.yaml"))
