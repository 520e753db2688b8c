"""A group of GPU machines on Azure on the real engine: up, nothing by itself, one more machine, another model, gone."""

import json
from collections.abc import Iterator

import pytest
import yaml

from tests.engine.conftest import CHECKOUT, STORE, Yard
from trainyard.clouds import open_scope
from trainyard.facts.lease_id import lease_id

pytestmark = pytest.mark.engine

BASE, NAME = "sandbox-clouds-base", "azure-group"
AZURE = "azure:00000000-0000-0000-9b5d-ab8dfbbd4bed"
SET = "azure-native:compute:VirtualMachineScaleSet"
TRAINER = {
    "kind": "gpu-vm",
    "accelerator": "H100:8",
    "nodes": 2,
    "where": [{"cloud": "azure", "regions": ["westeurope"]}],
    "capacity": [{"kind": "spot", "usd_hour": 60}],  # no list has one
    "access": ["group:3fa85f64-5717-4562-b3fc-2c963f66afa6"],
}


def write(yard: Yard, **change: object) -> None:
    document = yaml.safe_load((CHECKOUT / "stacks" / "Pulumi.sandbox-clouds.yaml").read_text())
    settings = document["config"]["trainyard:settings"]
    settings["lease"]["cap_usd"] = 100000
    settings["workloads"] = {"trainer": {**TRAINER, **change}}
    (yard.folder / "stacks" / f"Pulumi.{NAME}.yaml").write_text(yaml.safe_dump(document, sort_keys=False))
    environment = yard.folder / "stacks" / "env.sandbox-clouds.yaml"
    environment.write_text(environment.read_text().replace("max_cap_usd: 500", "max_cap_usd: 100000"))


def run(yard: Yard, *arguments: str, stack: str = NAME) -> str:
    result = yard.pulumi(*arguments, "--stack", stack)
    assert result.code == 0, result.text
    return result.text


def step(yard: Yard) -> set[str]:
    """What a preview would do with the scale set."""
    found = json.loads(run(yard, "preview", "--json"))["steps"]
    return {each["op"] for each in found if each["urn"].split("::")[-2].endswith(SET)}


@pytest.fixture
def group(yard: Yard) -> Iterator[Yard]:
    write(yard)
    result = yard.pulumi("stack", "select", "--create", BASE)
    assert result.code == 0, result.text
    run(yard, "up", "--yes", "--skip-preview", stack=BASE)
    run(yard, "stack", "init")
    run(yard, "up", "--yes", "--skip-preview")
    yield yard
    yard.pulumi("destroy", "--yes", "--skip-preview", "--stack", NAME)


def test_a_group_lives_changes_and_goes(group: Yard) -> None:
    lease = lease_id(STORE, "trainyard", NAME)
    [found] = [each for each in open_scope(AZURE, group.sandbox).list_billable(lease) if each.kind == "scale set"]
    assert found.billing
    run(group, "refresh", "--yes", "--expect-no-changes")
    run(group, "preview", "--expect-no-changes")
    write(group, image="ubuntu-hpc-2204")
    assert "replace" in step(group)
    write(group, nodes=3)
    assert step(group) == {"update"}
    run(group, "up", "--yes", "--skip-preview")
    run(group, "refresh", "--yes", "--expect-no-changes")
    run(group, "destroy", "--yes", "--skip-preview")
    assert not open_scope(AZURE, group.sandbox).list_billable(lease)
