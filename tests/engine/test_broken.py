"""Something of this machine is broken while a lease lives: nothing is forgotten, and the remedy is named."""

import shutil

import pytest
import yaml

from tests.engine.conftest import CHECKOUT, Stack

pytestmark = pytest.mark.engine


def test_a_broken_environment_of_the_plugin_deletes_nothing_and_names_make_setup(stack: Stack) -> None:
    """L10: the money is ended by guard and cloud meanwhile."""
    stack.begin()
    project_file = stack.yard.folder / "Pulumi.yaml"
    whole = project_file.read_text()
    broken = stack.yard.folder / "broken"
    shutil.copytree(CHECKOUT / "trainyard" / "provider", broken, ignore=shutil.ignore_patterns("__pycache__"))
    (broken / "PulumiPlugin.yaml").write_text("runtime: {name: python, options: {virtualenv: gone}}\n")
    project = yaml.safe_load(whole)
    project["plugins"]["providers"][0]["path"] = str(broken)
    project_file.write_text(yaml.safe_dump(project))
    try:
        refused = stack.destroy()
    finally:
        project_file.write_text(whole)
    assert refused.code != 0
    assert "make setup" in refused.text
    assert len(stack.machines()) == 1
    gone = stack.destroy()
    assert gone.code == 0, gone.text


def test_the_doctor_is_content_with_a_living_lease_and_names_what_is_wrong_with_another(stack: Stack) -> None:
    stack.begin()
    content = stack.yard.run("trainyard", "doctor", stack.name)
    assert content.code == 0, content.text
    outside = stack.yard.run("trainyard", "doctor", stack.name, PULUMI_BACKEND_URL="file:///tmp")
    assert outside.code == 1
    assert "in a rehearsal the state lies in the sandbox's own folder" in outside.text


def test_show_lists_offer_price_cap_ends_and_login(stack: Stack) -> None:
    stack.begin()
    shown = stack.yard.run("trainyard", "show", stack.name, COLUMNS="200")
    assert shown.code == 0, shown.text
    for words in (
        "a2-highgpu-1g (A100:1) on-demand",
        "3.67 USD/h",
        "44.08 USD",
        "cap       100 USD",
        "soft end",
        "hard end",
    ):
        assert words in shown.text
    assert f"gcloud compute ssh {stack.machines()[0]} --tunnel-through-iap" in shown.text
    assert f"pulumi destroy --stack {stack.name}" in shown.text
