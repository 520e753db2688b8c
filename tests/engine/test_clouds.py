"""One lease over three clouds on the real engine: each cloud's own list is asked what is there."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.engine.conftest import CHECKOUT, STORE, Result, Yard
from trainyard.clouds import open_scope
from trainyard.facts.labels import WORKLOAD_KEY
from trainyard.facts.lease_id import lease_id
from trainyard.facts.origin import store_in
from trainyard.lease import open_store
from trainyard.lease.store import Held

pytestmark = pytest.mark.engine

BASE, NAME = "sandbox-clouds-base", "three-clouds"
ID = lease_id(STORE, "trainyard", NAME)
GOOGLE = "gcp:trainyard-sandbox-copy-of-acme-ml-clouds"
AMAZON = "aws:000000000000/eu-central-1"
AZURE = "azure:00000000-0000-0000-9b5d-ab8dfbbd4bed"


def file(yard: Yard) -> Path:
    return yard.folder / "stacks" / f"Pulumi.{NAME}.yaml"


def write(yard: Yard, change: dict[str, dict[str, Any]] | None = None) -> None:
    """The stack that comes with the repository; `change`: keys of its workloads."""
    document = yaml.safe_load((CHECKOUT / "stacks" / "Pulumi.sandbox-clouds.yaml").read_text())
    for workload, keys in (change or {}).items():
        document["config"]["trainyard:settings"]["workloads"][workload] |= keys
    file(yard).write_text(yaml.safe_dump(document, sort_keys=False))


def run(yard: Yard, *arguments: str) -> Result:
    result = yard.pulumi(*arguments, "--stack", NAME)
    assert result.code == 0, result.text
    return result


def machines(yard: Yard, scope: str) -> set[str]:
    """The workloads of the lease whose machines one cloud lists."""
    return {
        each.labels.get(WORKLOAD_KEY, "")
        for each in open_scope(scope, yard.sandbox).list_billable(ID)
        if each.kind == "machine"
    }


def steps(yard: Yard) -> set[tuple[str, str]]:
    """What a preview would do with the machines themselves, by type and the engine's own word."""
    events = json.loads(run(yard, "preview", "--json").text)
    types = (
        "gcp:compute/instance:Instance",
        "aws:ec2/instance:Instance",
        "azure-native:compute:VirtualMachine",
    )
    return {
        (each["urn"].split("::")[-2].rpartition("$")[2], each["op"])
        for each in events["steps"]
        if each["urn"].split("::")[-2].rpartition("$")[2] in types and each["op"] != "same"
    }


@pytest.fixture(scope="module")
def clouds(yard: Yard) -> Iterator[Yard]:
    """The yard with the base of three clouds and one lease over them up."""
    for arguments in (
        ("stack", "select", "--create", BASE),
        ("up", "--yes", "--skip-preview", "--stack", BASE),
    ):
        result = yard.pulumi(*arguments)
        assert result.code == 0, result.text
    write(yard)
    run(yard, "stack", "init")
    run(yard, "up", "--yes", "--skip-preview")
    yield yard
    write(yard)
    run(yard, "destroy", "--yes", "--skip-preview")
    for scope in (GOOGLE, AMAZON, AZURE):
        assert not open_scope(scope, yard.sandbox).list_billable(ID)
    file(yard).unlink()


def test_each_cloud_lists_its_machines_and_the_record_names_all_three(clouds: Yard) -> None:
    assert machines(clouds, GOOGLE) == {"on-google"}
    assert machines(clouds, AMAZON) == {"on-amazon"}
    assert machines(clouds, AZURE) == {"on-azure", "anywhere"}
    reading = open_store(store_in(clouds.sandbox, STORE)).read(ID)
    assert isinstance(reading, Held)
    assert set(reading.record.scopes) == {GOOGLE, AMAZON, AZURE}


def test_a_job_and_a_notebook_of_azure_machine_learning_are_of_the_same_lease(clouds: Yard) -> None:
    found = open_scope(AZURE, clouds.sandbox).list_billable(ID)
    kinds = {(each.kind, each.labels[WORKLOAD_KEY]) for each in found if each.kind.startswith("ml ")}
    assert kinds == {
        ("ml compute", "tune-on-azure"),
        ("ml job", "tune-on-azure"),
        ("ml compute", "lab-on-azure"),
    }


def test_nothing_changes_by_itself_on_any_of_them(clouds: Yard) -> None:
    write(clouds)
    run(clouds, "refresh", "--yes", "--expect-no-changes")
    clouds.forward(hours=1)
    run(clouds, "preview", "--expect-no-changes")


def test_another_machine_type_replaces_and_another_where_moves(clouds: Yard) -> None:
    write(
        clouds,
        {
            "on-google": {"machine_type": "g2-standard-8"},
            "on-amazon": {"machine_type": "g6.2xlarge"},
            "on-azure": {"machine_type": "Standard_NC8as_T4_v3"},
            "anywhere": {"where": [{"cloud": "aws", "regions": ["europe"]}]},
        },
    )
    assert steps(clouds) == {
        ("gcp:compute/instance:Instance", "replace"),
        ("aws:ec2/instance:Instance", "replace"),
        ("azure-native:compute:VirtualMachine", "replace"),
        ("azure-native:compute:VirtualMachine", "delete"),
        ("aws:ec2/instance:Instance", "create"),
    }
