"""The clouds' lists of one workload: asked again where they lag, and emptied before anything else is made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from trainyard.clouds.gcp.client import compute
from trainyard.deploy.inventory import InterruptedWaitError, Inventory, LookError
from trainyard.facts.origin import Sandbox
from trainyard.sandbox import faults
from trainyard.sandbox.api.server import Google
from trainyard.sandbox.api.serving import serve_cloud
from trainyard.sandbox.faults import Fault
from trainyard.sandbox.store import Store

PROJECT, ZONE = "trainyard-sandbox-copy-of-acme-ml-dev", "europe-west4-a"
SCOPES = (f"gcp:{PROJECT}",)
LEASE = "dev-lab-0a1b2c3d"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.open(tmp_path / "store.sqlite")
    yield store
    store.close()


@pytest.fixture
def inventory(store: Store, tmp_path: Path) -> Iterator[Inventory]:
    def pause(seconds: float) -> bool:
        store.advance(seconds)
        return False

    with serve_cloud(Google, store, tmp_path / "store.sqlite", token="word") as served:
        sandbox = Sandbox(folder=tmp_path, pid=1, token="word", providers={}, api={"gcp": served.url})
        yield Inventory(lease_id=LEASE, sandbox=sandbox, pause=pause)


@pytest.fixture
def plant(inventory: Inventory) -> Callable[[str, str], None]:
    google: Any = compute(inventory.sandbox)

    def plant(name: str, workload: str) -> None:
        image = "projects/debian-cloud/global/images/family/debian-12"
        body = {
            "name": name,
            "machineType": f"zones/{ZONE}/machineTypes/g2-standard-8",
            "labels": {"trainyard-lease": LEASE, "trainyard-workload": workload},
            "disks": [{"boot": True, "autoDelete": True, "initializeParams": {"sourceImage": image}}],
            "networkInterfaces": [{"network": "global/networks/default"}],
            "scheduling": {"onHostMaintenance": "TERMINATE"},
        }
        google.instances().insert(project=PROJECT, zone=ZONE, body=body).execute()

    return plant


Plant = Callable[[str, str], None]


def names(inventory: Inventory, workload: str = "lab") -> list[str]:
    return [each.name for each in inventory.things(SCOPES, workload)]


def test_only_the_workload_s_machines_are_told_and_no_disk(inventory: Inventory, plant: Plant) -> None:
    plant("lab-0", "lab")
    plant("other-0", "other")
    assert names(inventory) == ["lab-0"]


def test_a_machine_that_a_list_does_not_show_yet_is_found_by_the_second_look(
    inventory: Inventory, plant: Plant, store: Store
) -> None:
    plant("lab-0", "lab")
    faults.replace(store, [Fault(call="compute.instances.aggregatedList", kind="lag", seconds=60)])
    assert names(inventory) == []
    assert [each.name for each in inventory.things_for_sure(SCOPES, "lab")] == ["lab-0"]


def test_ending_returns_when_nothing_of_the_workload_bills_and_leaves_the_others(
    inventory: Inventory, plant: Plant
) -> None:
    for name, workload in (("lab-0", "lab"), ("lab-1", "lab"), ("other-0", "other")):
        plant(name, workload)
    inventory.end(SCOPES, "lab", inventory.things(SCOPES, "lab"))
    assert names(inventory) == []
    assert names(inventory, "other") == ["other-0"]


def test_the_one_that_is_kept_is_not_waited_for(inventory: Inventory, plant: Plant) -> None:
    plant("lab-0", "lab")
    plant("lab-1", "lab")
    kept, spare = inventory.things(SCOPES, "lab")
    inventory.end(SCOPES, "lab", [spare], kept=kept)
    assert names(inventory) == [kept.name]


def test_a_machine_that_lingers_is_waited_for_and_in_the_end_named(
    inventory: Inventory, plant: Plant, store: Store
) -> None:
    plant("lab-0", "lab")
    faults.replace(store, [Fault(call="compute.instances.delete", kind="linger", seconds=300)])
    before = store.now()
    inventory.end(SCOPES, "lab", inventory.things(SCOPES, "lab"))
    assert store.now() - before >= 300

    plant("lab-0", "lab")
    faults.replace(store, [Fault(call="compute.instances.delete", kind="linger", seconds=86400)])
    with pytest.raises(LookError, match=r"machine lab-0 in europe-west4-a is still .* after 15 minutes and bills"):
        inventory.end(SCOPES, "lab", inventory.things(SCOPES, "lab"))


def test_what_cannot_be_ended_is_told_with_the_command_that_does(
    inventory: Inventory, plant: Plant, store: Store
) -> None:
    plant("lab-0", "lab")
    faults.replace(store, [Fault(call="compute.instances.delete", kind="refuse", code=403, message="not yours")])
    with pytest.raises(LookError, match="End it by hand: gcloud compute instances delete lab-0"):
        inventory.end(SCOPES, "lab", inventory.things(SCOPES, "lab"))


def test_a_list_that_is_refused_is_unknown_and_never_empty(inventory: Inventory, store: Store) -> None:
    faults.replace(store, [Fault(call="compute.instances.aggregatedList", kind="refuse", code=403, message="no")])
    with pytest.raises(LookError, match="is unknown, so nothing else is tried"):
        inventory.things(SCOPES, "lab")


def test_an_interrupt_ends_the_wait(inventory: Inventory, plant: Plant, store: Store) -> None:
    plant("lab-0", "lab")
    faults.replace(store, [Fault(call="compute.instances.delete", kind="linger", seconds=300)])
    stopped = Inventory(lease_id=LEASE, sandbox=inventory.sandbox, pause=lambda _: True)
    with pytest.raises(InterruptedWaitError):
        stopped.end(SCOPES, "lab", inventory.things(SCOPES, "lab"))
