"""Groups of machines on the real engine: up, unchanged, refreshed, changed, gone with proof."""

from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.engine.conftest import Stack, Yard
from trainyard.facts.lease_id import lease_id

pytestmark = pytest.mark.engine

PROD = "trainyard-sandbox-copy-of-acme-ml-prod"


def machines(yard: Yard, project: str, lease: str) -> dict[str, dict[str, Any]]:
    """The lease's machines by name, as Google's client lists them."""
    found = yard.google().instances().aggregatedList(project=project).execute()
    every = (each for zone in found["items"].values() for each in zone.get("instances", ()))
    return {each["name"]: each for each in every if each.get("labels", {}).get("trainyard-lease") == lease}


@pytest.fixture(scope="module")
def prod(yard: Yard) -> Iterator[Yard]:
    """The yard with prod's base up."""
    for arguments in (("stack", "select", "--create", "prod-base"), ("up", "--yes", "--stack", "prod-base")):
        result = yard.pulumi(*arguments)
        assert result.code == 0, result.text
    yield yard
    yard.pulumi("destroy", "--yes", "--stack", "prod-base")


def test_the_pretraining_stack_goes_up_stays_unchanged_and_comes_down(prod: Yard) -> None:
    name = "prod-pretrain"
    lease = lease_id("gs://acme-ml-prod-leases", "trainyard", name)
    assert prod.pulumi("stack", "select", "--create", name).code == 0
    up = prod.pulumi("up", "--yes", "--stack", name)
    assert up.code == 0, up.text
    there = machines(prod, PROD, lease)
    assert len(there) == 16
    for machine in there.values():
        assert len(machine["networkInterfaces"]) == 9
        assert machine["scheduling"]["instanceTerminationAction"] == "DELETE"
    for arguments in (
        ("preview", "--expect-no-changes"),
        ("refresh", "--yes", "--expect-no-changes"),
        ("preview", "--expect-no-changes"),
        ("destroy", "--yes"),
    ):
        result = prod.pulumi(*arguments, "--stack", name)
        assert result.code == 0, result.text
    assert machines(prod, PROD, lease) == {}


BENCH = "workloads.workbench"


def unchanged(stack: Stack) -> None:
    for arguments in (("preview", "--expect-no-changes"), ("refresh", "--yes", "--expect-no-changes")):
        result = stack.yard.pulumi(*arguments, "--stack", stack.name)
        assert result.code == 0, result.text


def test_a_small_group_grows_in_place_and_another_machine_type_shows_a_replace(stack: Stack) -> None:
    asked = {"accelerator": "L4:1", "memory_gib": None, "nodes": 2, "fabric": "none", "machine_type": "g2-standard-4"}
    stack.settings({f"{BENCH}.{key}": value for key, value in asked.items()})
    stack.begin()
    assert [name.rpartition("-")[2] for name in sorted(stack.machines())] == ["001", "002"]
    unchanged(stack)

    stack.settings({f"{BENCH}.nodes": 3})
    grown = stack.preview("--diff")
    assert "~ gcp:compute/instanceGroupManager:InstanceGroupManager: (update)" in grown.text, grown.text
    assert "(replace)" not in grown.text
    assert stack.up().code == 0
    assert len(stack.machines()) == 3

    stack.settings({f"{BENCH}.machine_type": "g2-standard-8"})
    other = stack.preview("--diff")
    assert "+-gcp:compute/instanceTemplate:InstanceTemplate: (replace)" in other.text, other.text
    assert "+-gcp:compute/instanceGroupManager:InstanceGroupManager: (replace)" in other.text
    stack.settings({f"{BENCH}.machine_type": "g2-standard-4"})

    machine = stack.machines()[0]
    stack.unplant(machine)  # as when a node ended itself, or the guard did: nobody brings it back
    stack.yard.forward(hours=1)
    assert machine not in stack.machines()
    stack.yard.forward(hours=24)
    assert stack.machines() == []  # the cloud's own end
    gone = stack.destroy()
    assert gone.code == 0, gone.text


def test_a_group_that_gets_no_machines_is_an_error_and_the_next_up_brings_them_without_a_double(stack: Stack) -> None:
    asked = {"accelerator": "L4:1", "memory_gib": None, "nodes": 2, "fabric": "none", "machine_type": "g2-standard-4"}
    stack.settings({f"{BENCH}.{key}": value for key, value in asked.items()})
    stack.yard.control("faults", faults=[{"call": "gcp:compute/instance:Instance create", "kind": "stockout"}])
    short = stack.up()
    assert short.code != 0
    assert "timeout while waiting for state to become 'created'" in short.text
    assert stack.machines() == []

    stack.yard.control("faults", faults=[])
    stack.begin()
    assert len(stack.machines()) == 2
    unchanged(stack)
    gone = stack.destroy()
    assert gone.code == 0, gone.text


def test_one_flex_start_machine_waits_in_a_group_and_ends_by_its_runs_length(stack: Stack) -> None:
    stack.settings({f"{BENCH}.accelerator": "L4:1", f"{BENCH}.memory_gib": None})
    stack.settings({f"{BENCH}.capacity": [{"kind": "flex-start", "max_wait": "1h"}]})
    stack.begin()
    [name] = stack.machines()
    scheduling = stack.yard.instances()[name]["scheduling"]
    assert scheduling["provisioningModel"] == "FLEX_START"
    assert int(scheduling["maxRunDuration"]["seconds"]) == 23 * 3600  # the lease's 24 hours, less the longest wait
    unchanged(stack)
    gone = stack.destroy()
    assert gone.code == 0, gone.text
    assert stack.machines() == []


def test_b200_machines_share_the_rdma_network_that_their_base_made(yard: Yard, stack: Stack) -> None:
    base = yard.folder / "stacks" / "Pulumi.sandbox-base.yaml"
    before = base.read_text()
    document = yaml.safe_load(before)
    fabric = {"kind": "roce", "place": "us-central1-b", "range": "10.160.0.0/16"}
    document["config"]["trainyard:settings"]["base"]["gcp"]["fabrics"] = [fabric]
    base.write_text(yaml.safe_dump(document, sort_keys=False))
    for arguments in (("up", "--yes"), ("preview", "--expect-no-changes"), ("refresh", "--yes", "--expect-no-changes")):
        result = yard.pulumi(*arguments, "--stack", "sandbox-base")
        assert result.code == 0, result.text

    asked = {
        "accelerator": "B200:8",
        "memory_gib": None,
        "nodes": 2,
        "capacity": [{"kind": "reserved", "id": "b200-block", "usd_hour": 15}],
    }
    stack.settings({f"{BENCH}.{key}": value for key, value in asked.items()})
    stack.settings({"lease.ttl": "10h", "lease.cap_usd": 400})
    stack.begin()
    for name in stack.machines():
        machine = yard.instances()[name]
        assert [each.get("nicType") for each in machine["networkInterfaces"]] == ["GVNIC"] * 2 + ["MRDMA"] * 8
        assert machine["scheduling"]["provisioningModel"] == "RESERVATION_BOUND"
    assert len(stack.machines()) == 2
    unchanged(stack)
    gone = stack.destroy()
    assert gone.code == 0, gone.text

    base.write_text(before)
    result = yard.pulumi("up", "--yes", "--stack", "sandbox-base")
    assert result.code == 0, result.text
    assert "13 deleted" in result.text
