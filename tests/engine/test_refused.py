"""Bad input on the real engine: refused before any resource, with what was given, what is allowed, what to do."""

from typing import Any

import pytest

from tests.engine.conftest import Stack

pytestmark = pytest.mark.engine

WRONG: dict[str, tuple[dict[str, Any], list[str]]] = {
    "a typo in a key": (
        {"workloads.workbench.acelerator": "A100:1"},
        ["workloads.workbench.acelerator", "accelerator"],
    ),
    "a zone that does not exist": (
        {"workloads.workbench.where": [{"cloud": "gcp", "zones": ["us-central1-z"]}]},
        ["us-central1-z", "us-central1-a"],
    ),
    "a machine type that its zone lacks": (
        {
            "workloads.workbench.where": [{"cloud": "gcp", "zones": ["europe-west4-c"]}],
            "workloads.workbench.machine_type": "a2-highgpu-1g",
        },
        ["a2-highgpu-1g", "europe-west4-c"],
    ),
    "a count that no machine has": ({"workloads.workbench.accelerator": "A100:3"}, ["A100", "3", "1, 2, 4, 8"]),
    "a ttl beyond its capacity's limit": (
        {
            "workloads.workbench.capacity": ["flex-start"],
            "lease.extend_to": "8d",
            "lease.ttl": "7d",
        },
        ["flex-start", "7d", "8d"],
    ),
    "an owner that no label can hold": ({"stack.owner": "ml-platform@acme.example"}, ["ml-platform@acme.example"]),
    "a cap that cannot hold": ({"lease.cap_usd": 5}, ["cap_usd 5 cannot hold", "raise cap_usd to at least"]),
}


@pytest.mark.parametrize("what", WRONG)
def test_it_is_refused_before_any_resource(stack: Stack, what: str) -> None:
    change, said = WRONG[what]
    stack.settings(change)
    result = stack.up()
    assert result.code != 0, result.text
    for words in said:
        assert words in result.text
    assert "Traceback" not in result.text
    assert "trainyard:index:Lease" not in result.text
    assert stack.machines() == []


def test_a_compute_stack_without_its_lease_is_none(stack: Stack) -> None:
    """L21."""
    stack.begin()
    stack.settings({"lease": None})
    result = stack.up()
    assert result.code != 0
    assert "lease: is missing" in result.text
    assert len(stack.machines()) == 1


def test_configuration_from_another_file_is_refused(stack: Stack) -> None:
    other = stack.yard.folder / "other.yaml"
    other.write_text(stack.file.read_text().replace("cap_usd: 100", "cap_usd: 90"))
    result = stack.preview("--config-file", str(other))
    assert result.code != 0
    assert "lease.cap_usd: the file says 100, the Pulumi CLI passed 90" in result.text


def test_a_base_that_is_not_up_is_named_with_the_command(stack: Stack) -> None:
    folder = stack.file.parent
    for name in ("env.dev.yaml", "Pulumi.dev-base.yaml"):  # dev's own base may be up, another test's doing
        text = (
            (folder / name)
            .read_text()
            .replace("dev-base", "empty-base")
            .replace("environment: dev", "environment: empty")
        )
        (folder / name.replace("dev", "empty")).write_text(text)
    stack.settings({"stack.environment": "empty", "lease.cap_usd": 200})
    result = stack.preview()
    assert result.code != 0
    assert "pulumi up --stack empty-base" in result.text
    assert "Traceback" not in result.text
