"""A machine and a group on AWS on the real engine: up, unchanged, grown in place, replaced, ended by Amazon itself."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.engine.conftest import CHECKOUT, STORE, Result, Yard
from trainyard.clouds import open_scope
from trainyard.clouds.aws.client import Clients
from trainyard.facts.billable import Billable
from trainyard.facts.labels import LEASE_KEY, WORKLOAD_KEY
from trainyard.facts.lease_id import lease_id

pytestmark = pytest.mark.engine

BASE, NAME = "sandbox-clouds-base", "amazon-gpus"
ID = lease_id(STORE, "trainyard", NAME)
SCOPE = "aws:000000000000/eu-central-1"
COMMON = {"kind": "gpu-vm", "accelerator": "L4:1"}
WORKLOADS: dict[str, dict[str, Any]] = {
    "lab": {**COMMON, "machine_type": "g6.xlarge"},
    "loose": {**COMMON, "machine_type": "g6.xlarge"},
    "pair": {**COMMON, "machine_type": "g6.8xlarge", "nodes": 2},
}


def write(yard: Yard, **changes: dict[str, Any]) -> None:
    """The stack that comes with the repository, with these workloads; `changes`: keys of one of them."""
    document = yaml.safe_load((CHECKOUT / "stacks" / "Pulumi.sandbox-clouds.yaml").read_text())
    settings = document["config"]["trainyard:settings"]
    settings["workloads"] = {
        name: {**given, "where": [{"cloud": "aws", "regions": ["eu-central-1"]}], **changes.get(name, {})}
        for name, given in WORKLOADS.items()
    }
    settings["lease"]["cap_usd"] = 500
    (yard.folder / "stacks" / f"Pulumi.{NAME}.yaml").write_text(yaml.safe_dump(document, sort_keys=False))


def run(yard: Yard, *arguments: str) -> Result:
    result = yard.pulumi(*arguments, "--stack", NAME)
    assert result.code == 0, result.text
    return result


def machines(yard: Yard) -> list[str]:
    """The workload of each machine of the lease that Amazon lists."""
    listed = open_scope(SCOPE, yard.sandbox).list_billable(ID)
    return sorted(each.labels[WORKLOAD_KEY] for each in listed if each.kind == "machine" and each.billing)


def steps(yard: Yard) -> set[tuple[str, str]]:
    """What a preview would do, by the type's last word and the engine's own."""
    found = json.loads(run(yard, "preview", "--json").text)["steps"]
    named = ((each["urn"].split("::")[-2].rpartition(":")[2], each["op"]) for each in found)
    return {(type_, op) for type_, op in named if op in ("create", "update", "replace", "delete")}


@pytest.fixture(scope="module")
def amazon(yard: Yard) -> Iterator[Yard]:
    """The yard with the base of all clouds, and the lease up."""
    for arguments in (("stack", "select", "--create", BASE), ("up", "--yes", "--skip-preview", "--stack", BASE)):
        result = yard.pulumi(*arguments)
        assert result.code == 0, result.text
    write(yard)
    run(yard, "stack", "init")
    run(yard, "up", "--yes", "--skip-preview")
    yield yard
    run(yard, "destroy", "--yes", "--skip-preview")
    assert open_scope(SCOPE, yard.sandbox).list_billable(ID) == ()
    run(yard, "stack", "rm", "--yes")


def test_the_machine_and_the_group_are_there_and_nothing_changes_by_itself(amazon: Yard) -> None:
    assert machines(amazon) == ["lab", "loose", "pair", "pair"]
    run(amazon, "refresh", "--yes", "--expect-no-changes")
    run(amazon, "preview", "--expect-no-changes")


def test_a_group_grows_and_a_disk_does_in_place(amazon: Yard) -> None:
    write(amazon, lab={"boot_disk": {"gib": 300}}, pair={"nodes": 3})
    # The lease's own record is told of the third node too.
    assert steps(amazon) >= {("Instance", "update"), ("Group", "update")}
    assert not [op for _, op in steps(amazon) if op != "update"]
    run(amazon, "up", "--yes", "--skip-preview")
    assert machines(amazon) == ["lab", "loose", "pair", "pair", "pair"]
    run(amazon, "preview", "--expect-no-changes")


def test_another_way_of_buying_replaces_the_machine_and_the_group(amazon: Yard) -> None:
    lab, pair = ({"capacity": [{"kind": "spot", "usd_hour": price}]} for price in (0.5, 1.5))
    write(amazon, lab={"boot_disk": {"gib": 300}, **lab}, pair={"nodes": 3, **pair})
    run(amazon, "up", "--yes", "--skip-preview")
    assert machines(amazon) == ["lab", "loose", "pair", "pair", "pair"]
    run(amazon, "preview", "--expect-no-changes")
    run(amazon, "refresh", "--yes", "--expect-no-changes")


def test_amazon_itself_ends_all_of_it_at_the_hard_end_and_the_doctor_tells_what_it_could_not_end(amazon: Yard) -> None:
    amazon.forward(hours=19)
    assert machines(amazon) == ["lab", "loose", "pair", "pair", "pair"]
    ec2 = Clients(SCOPE.rpartition("/")[2], amazon.sandbox)["ec2"]
    loose = next(each for each in open_scope(SCOPE, amazon.sandbox).list_billable(ID) if of(each) == "loose")
    # The role of the hard end may end what carries the lease's tag, and nothing else.
    ec2.delete_tags(Resources=[loose.name], Tags=[{"Key": LEASE_KEY}])
    amazon.forward(hours=1.5)
    assert machines(amazon) == []
    amazon.forward(hours=1)
    assert machines(amazon) == []
    told = amazon.run("trainyard", "doctor", NAME)
    assert told.code == 1, told.text
    assert f"the hard end of {ID}-loose-0 in {SCOPE} failed" in told.text
    assert f"AccessDenied: arn:aws:iam::000000000000:role/{ID}-end is not authorized" in told.text
    assert f"pulumi destroy --stack {NAME}" in told.text


def of(thing: Billable) -> str:
    return thing.labels.get(WORKLOAD_KEY, "") if thing.kind == "machine" else ""
