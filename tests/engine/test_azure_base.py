"""A base on Azure on the real engine: up, unchanged, refreshed, changed, gone."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml

from tests.engine.conftest import Result, Yard, base_lab

pytestmark = pytest.mark.engine

NAME = "azure-lab-base"
BASE: dict[str, Any] = {
    "resource_group": {"region": "westeurope"},
    "network": {"regions": {"westeurope": "10.60.0.0/16"}},
    "data": {"corpus": {"kind": "bucket", "region": "westeurope", "delete_after_days": 90}},
}
CHANGES: dict[str, tuple[Callable[[dict[str, Any]], object], dict[str, str]]] = {
    "blobs live longer": (
        lambda base: base["data"]["corpus"].update(delete_after_days=120),
        {"azure-native:storage:ManagementPolicy": "update"},
    ),
    "a data set moves": (
        lambda base: base["data"]["corpus"].update(region="northeurope"),
        {"azure-native:storage:StorageAccount": "replace"},
    ),
}


def write(yard: Yard, base: dict[str, Any]) -> None:
    stack = {"schema": 1, "environment": "azure-lab", "layer": "base", "owner": "ml-platform"}
    settings = {"trainyard:settings": {"stack": stack | {"cost_center": "ml-platform"}, "base": {"azure": base}}}
    text = yaml.safe_dump({"config": settings}, sort_keys=False)
    (yard.folder / "stacks" / f"Pulumi.{NAME}.yaml").write_text(text)


def run(yard: Yard, *arguments: str) -> Result:
    result = yard.pulumi(*arguments, "--stack", NAME)
    assert result.code == 0, result.text
    return result


def azure_only(environment: dict[str, Any]) -> None:
    del environment["gcp"]
    subscription = "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed"
    environment["azure"] = {"subscription": subscription, "resource_group": "acme-ml-lab"}


@pytest.fixture(scope="module")
def lab(yard: Yard) -> Iterator[Yard]:
    """The yard with an environment on Azure only, whose base is up."""
    with base_lab(yard, NAME, "azure-lab", azure_only, lambda: write(yard, BASE)) as up:
        yield up


def test_nothing_changes_by_itself(lab: Yard) -> None:
    write(lab, BASE)
    run(lab, "refresh", "--yes", "--expect-no-changes")
    run(lab, "preview", "--expect-no-changes")


def test_compute_stacks_get_ids_only(lab: Yard) -> None:
    outputs = json.loads(run(lab, "stack", "output", "--json").text)["azure"]
    assert outputs["data"]["corpus"].endswith("/data")
    assert outputs["subnet_ids"]["westeurope"].endswith("/virtualNetworks/azure-lab-base-westeurope/subnets/nodes")


@pytest.mark.parametrize("change", CHANGES)
def test_which_change_updates_and_which_replaces(lab: Yard, change: str) -> None:
    edit, expected = CHANGES[change]
    base = json.loads(json.dumps(BASE))
    edit(base)
    write(lab, base)
    steps = json.loads(run(lab, "preview", "--json").text)["steps"]
    found = {
        step["newState"]["type"]: step["op"]
        for step in steps
        if step["op"] in ("update", "replace", "create", "delete") and step["newState"]["custom"]
    }
    assert found.items() >= expected.items()
