"""Spot machines that the cloud takes back: after notice, as they asked to be ended, and no others."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from trainyard.sandbox import faults
from trainyard.sandbox.faults import Fault
from trainyard.sandbox.preemption import preempt
from trainyard.sandbox.store import Store, Thing

VM = "gcp:compute/instance:Instance"
SPOT = Thing(
    type=VM,
    id="spot",
    package="gcp",
    place="us-central1-a",
    name="spot",
    inputs={"machineType": "a2-highgpu-1g", "scheduling": {"provisioningModel": "SPOT"}},
    outputs={"currentStatus": "RUNNING"},
)


@pytest.fixture(autouse=True)
def as_the_daemon_does(store: Store) -> None:
    store.settlers[:] = [preempt]


def status(store: Store, id: str = "spot", type: str = VM) -> str:
    found = store.recall(type, id)
    assert found is not None
    return found.status


def test_a_spot_machine_is_stopped_when_its_notice_is_over(store: Store) -> None:
    store.add(SPOT)
    faults.replace(store, [Fault(call=f"{VM} run", kind="preempt", since=store.now() + 60, seconds=30)])
    store.advance(80)
    assert status(store) == "live"
    store.advance(20)
    assert status(store) == "stopped"


def test_a_standard_machine_and_another_zone_s_are_left_alone(store: Store) -> None:
    store.add(replace(SPOT, id="standard", inputs={"machineType": "a2-highgpu-1g"}))
    store.add(replace(SPOT, id="elsewhere", place="europe-west4-a"))
    faults.replace(store, [Fault(call=f"{VM} run", kind="preempt", where={"place": "us-*"})])
    store.advance(3600)
    assert [status(store, id) for id in ("standard", "elsewhere")] == ["live", "live"]


def test_as_many_machines_are_taken_as_the_fault_says(store: Store) -> None:
    for number in range(5):
        store.add(replace(SPOT, id=f"m{number}"))
    faults.replace(store, [Fault(call=f"{VM} run", kind="preempt", times=2)])
    store.advance(60)
    assert [status(store, f"m{number}") for number in range(5)].count("stopped") == 2
    assert faults.all_of(store) == ()


def test_chance_takes_a_share_of_the_machines_that_the_seed_decides(store: Store) -> None:
    for number in range(100):
        store.add(replace(SPOT, id=f"m{number}"))
    faults.replace(store, [Fault(call=f"{VM} run", kind="preempt", chance=0.3, seed=4)])
    store.advance(60)
    assert 15 < [status(store, f"m{number}") for number in range(100)].count("stopped") < 45


@pytest.mark.parametrize(
    ("package", "type", "inputs", "left"),
    [
        ("gcp", VM, {"scheduling": {"provisioningModel": "SPOT", "instanceTerminationAction": "DELETE"}}, "deleted"),
        ("aws", "aws:ec2/instance:Instance", {"instanceMarketOptions": {"marketType": "spot"}}, "deleted"),
        (
            "aws",
            "aws:ec2/instance:Instance",
            {
                "instanceMarketOptions": {
                    "marketType": "spot",
                    "spotOptions": {"instanceInterruptionBehavior": "stop"},
                }
            },
            "stopped",
        ),
        ("azure-native", "azure-native:compute:VirtualMachine", {"priority": "Spot"}, "stopped"),
        (
            "azure-native",
            "azure-native:compute:VirtualMachine",
            {"priority": "Spot", "evictionPolicy": "Delete"},
            "deleted",
        ),
    ],
)
def test_it_ends_as_its_cloud_and_its_own_wish_say(
    store: Store, package: str, type: str, inputs: dict[str, Any], left: str
) -> None:
    store.add(replace(SPOT, package=package, type=type, inputs=inputs))
    faults.replace(store, [Fault(call=f"{type} run", kind="preempt")])
    store.advance(1)
    assert status(store, type=type) == left
