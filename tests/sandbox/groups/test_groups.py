"""Groups make their machines, and make lost ones again where their cloud does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from trainyard.sandbox import faults
from trainyard.sandbox.faults import Fault
from trainyard.sandbox.groups.group import cap
from trainyard.sandbox.groups.keeping import REPAIR_SECONDS, keep
from trainyard.sandbox.store import Store, Thing

VM = "gcp:compute/instance:Instance"
TEMPLATE = Thing(
    type="gcp:compute/instanceTemplate:InstanceTemplate",
    id="projects/p/global/instanceTemplates/t",
    package="gcp",
    project="p",
    place="global",
    name="t",
    inputs={
        "machineType": "a2-highgpu-1g",
        "labels": {"trainyard-lease": "dev-1"},
        "disks": [{"boot": True, "sourceImage": "debian-cloud/debian-12", "diskSizeGb": 50}],
        "networkInterfaces": [{"network": "default"}],
        "scheduling": {"onHostMaintenance": "TERMINATE"},
    },
)
MIG = Thing(
    type="gcp:compute/instanceGroupManager:InstanceGroupManager",
    id="projects/p/zones/us-central1-a/instanceGroupManagers/g",
    package="gcp",
    project="p",
    place="us-central1-a",
    name="g",
    inputs={
        "zone": "us-central1-a",
        "baseInstanceName": "node",
        "targetSize": 3,
        "versions": [{"instanceTemplate": "projects/p/global/instanceTemplates/t"}],
    },
)
LAUNCH = Thing(
    type="aws:ec2/launchTemplate:LaunchTemplate",
    id="lt-1",
    package="aws",
    project="000000000000",
    place="us-east-1",
    name="lt",
    inputs={"name": "lt", "instanceType": "p4d.24xlarge", "imageId": "ami-0123456789abcdef0"},
)
ASG = Thing(
    type="aws:autoscaling/group:Group",
    id="asg",
    package="aws",
    project="000000000000",
    place="us-east-1",
    name="asg",
    inputs={
        "minSize": 2,
        "maxSize": 4,
        "availabilityZones": ["us-east-1a"],
        "launchTemplate": {"id": "lt-1"},
        "tags": [
            {"key": "trainyard-lease", "value": "dev-1", "propagateAtLaunch": True},
            {"key": "own", "value": "x", "propagateAtLaunch": False},
        ],
    },
)
SCALE_SET = Thing(
    type="azure-native:compute:VirtualMachineScaleSet",
    id="/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachineScaleSets/ss",
    package="azure-native",
    project="s",
    place="westeurope",
    name="ss",
    inputs={"sku": {"name": "Standard_ND96isr_H100_v5", "capacity": 3}, "tags": {"trainyard-lease": "dev-1"}},
)
MEMBER = "azure-native:compute:VirtualMachineScaleSetVM"


@pytest.fixture(autouse=True)
def as_the_daemon_does(store: Store) -> None:
    store.settlers[:] = [keep]


def resize(store: Store, group: Thing, **inputs: Any) -> None:
    there = store.get(group.type, group.id)
    assert there is not None
    store.put(replace(there, inputs={**there.inputs, **inputs}))


def test_a_managed_group_makes_labelled_machines_of_its_template(store: Store) -> None:
    store.add(TEMPLATE)
    store.add(MIG)
    machines = store.list(type=VM)
    assert len(machines) == 3
    assert {machine.labels["trainyard-lease"] for machine in machines} == {"dev-1"}
    assert all(machine.name.startswith("node-") for machine in machines)
    assert {machine.inputs["machineType"] for machine in machines} == {"a2-highgpu-1g"}
    assert len(store.list(type="gcp:compute/disk:Disk")) == 3


def test_a_managed_group_makes_a_lost_machine_again_after_a_while(store: Store) -> None:
    store.add(TEMPLATE)
    store.add(MIG)
    store.delete(VM, store.list(type=VM)[0].id)
    assert len(store.list(type=VM)) == 2
    store.advance(REPAIR_SECONDS + 1)
    assert len(store.list(type=VM)) == 3
    assert len({machine.id for machine in store.list(type=VM, deleted=True)}) == 4


def test_a_managed_group_that_does_nothing_on_failure_leaves_the_gap(store: Store) -> None:
    store.add(TEMPLATE)
    store.add(replace(MIG, inputs={**MIG.inputs, "instanceLifecyclePolicy": {"defaultActionOnFailure": "DO_NOTHING"}}))
    store.delete(VM, store.list(type=VM)[0].id)
    store.advance(24 * 3600)
    assert len(store.list(type=VM)) == 2


def test_a_group_made_smaller_loses_machines_and_deleted_all_of_them(store: Store) -> None:
    store.add(TEMPLATE)
    store.add(MIG)
    resize(store, MIG, targetSize=1)
    assert len(store.list(type=VM)) == 1
    store.delete(MIG.type, MIG.id)
    assert store.list(type=VM) == []
    assert store.list(type="gcp:compute/disk:Disk") == []


def test_flex_start_machines_come_by_a_resize_request_with_an_end_of_their_own(store: Store) -> None:
    store.add(TEMPLATE)
    store.add(replace(MIG, inputs={**MIG.inputs, "targetSize": 0}))
    assert store.list(type=VM) == []
    store.add(
        Thing(
            type="gcp:compute/resizeRequest:ResizeRequest",
            id="projects/p/zones/us-central1-a/instanceGroupManagers/g/resizeRequests/r",
            package="gcp",
            project="p",
            name="r",
            inputs={"instanceGroupManager": "g", "resizeBy": 2, "requestedRunDuration": {"seconds": "3600"}},
        )
    )
    resize(store, MIG)
    assert [machine.end_action for machine in store.list(type=VM)] == ["DELETE", "DELETE"]


def test_an_auto_scaling_group_launches_what_somebody_ended_with_the_tags_that_it_passes_on(store: Store) -> None:
    store.add(LAUNCH)
    store.add(ASG)
    first, second = store.list(type="aws:ec2/instance:Instance")
    assert first.labels == {"trainyard-lease": "dev-1", "aws:autoscaling:groupName": "asg"}
    store.delete(first.type, first.id)
    store.advance(REPAIR_SECONDS + 1)
    there = {one.id for one in store.list(type="aws:ec2/instance:Instance")}
    assert second.id in there
    assert first.id not in there
    assert len(there) == 2


def test_an_auto_scaling_group_set_to_nothing_ends_its_machines(store: Store) -> None:
    store.add(LAUNCH)
    store.add(ASG)
    assert len(store.list(type="aws:ec2/instance:Instance")) == 2
    resize(store, ASG, minSize=0, desiredCapacity=0)
    assert store.list(type="aws:ec2/instance:Instance") == []


def test_a_machine_deleted_from_a_scale_set_does_not_come_back(store: Store) -> None:
    store.add(SCALE_SET)
    members = store.list(type=MEMBER)
    assert [member.labels for member in members] == [{"trainyard-lease": "dev-1"}] * 3
    store.delete(MEMBER, members[0].id)
    store.advance(24 * 3600)
    assert len(store.list(type=MEMBER)) == 2
    resize(store, SCALE_SET, sku={"name": "Standard_ND96isr_H100_v5", "capacity": 1})
    assert len(store.list(type=MEMBER)) == 1


def test_of_a_group_that_is_made_halfway_only_some_machines_come(store: Store) -> None:
    cap(store, MIG, 2)
    store.add(TEMPLATE)
    store.add(MIG)
    assert len(store.list(type=VM)) == 2
    assert len(store.list(type=VM)) == 2


@pytest.mark.parametrize(
    ("group", "machine", "first"),
    [(MIG, VM, TEMPLATE), (ASG, "aws:ec2/instance:Instance", LAUNCH), (SCALE_SET, MEMBER, None)],
)
def test_a_later_update_gives_a_group_made_halfway_the_rest(
    store: Store, group: Thing, machine: str, first: Any
) -> None:
    cap(store, group, 1)
    if first:
        store.add(first)
    store.add(group)
    assert len(store.list(type=machine)) == 1
    resize(store, group)
    assert len(store.list(type=machine)) == (2 if group is ASG else 3)


@pytest.mark.parametrize(
    ("group", "machine", "later"),
    [(MIG, VM, 3), (ASG, "aws:ec2/instance:Instance", 2), (SCALE_SET, MEMBER, 1)],
)
def test_with_time_a_group_that_goes_on_trying_gets_the_rest(
    store: Store, group: Thing, machine: str, later: int
) -> None:
    fault = Fault(call=f"{group.type} create", kind="partial", made=1, until=store.now() + 3600)
    faults.replace(store, [fault])
    for first in (TEMPLATE, LAUNCH):
        store.add(first)
    cap(store, group, 1)
    store.add(group)
    store.advance(1800)
    assert len(store.list(type=machine)) == 1
    store.advance(1801)
    assert len(store.list(type=machine)) == later


def test_a_group_that_repairs_nothing_still_gets_the_machines_that_did_not_come(store: Store) -> None:
    cap(store, MIG, 1)
    store.add(TEMPLATE)
    store.add(replace(MIG, inputs={**MIG.inputs, "instanceLifecyclePolicy": {"defaultActionOnFailure": "DO_NOTHING"}}))
    assert len(store.list(type=VM)) == 1
    store.advance(REPAIR_SECONDS + 1)
    assert len(store.list(type=VM)) == 3


def test_a_namesake_of_a_group_made_halfway_is_whole(store: Store) -> None:
    cap(store, MIG, 1)
    store.add(TEMPLATE)
    store.add(MIG)
    assert len(store.list(type=VM)) == 1
    store.delete(MIG.type, MIG.id)
    store.add(MIG)
    assert len(store.list(type=VM)) == 3


def test_groups_are_not_counted_again_while_nothing_that_matters_is_written(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.add(TEMPLATE)
    store.add(MIG)
    assert len(store.list(type=VM)) == 3
    counted: list[str] = []
    owned = store.owned
    monkeypatch.setattr(store, "owned", lambda type, id: counted.append(id) or owned(type, id))
    store.add(replace(LAUNCH, type="aws:ec2/keyPair:KeyPair", id="other"))
    store.advance(24 * 3600)
    store.list(type=VM)
    assert counted == []
    store.delete(VM, store.list(type=VM)[0].id)
    store.list(type=VM)
    assert counted != []


def test_what_another_process_writes_is_seen(store: Store, tmp_path: Path) -> None:
    here, there = (Store.open(tmp_path / "shared.sqlite") for _ in range(2))
    here.settlers[:] = [keep]
    here.add(TEMPLATE)
    assert here.list(type=VM) == []
    there.add(MIG)
    assert len(here.list(type=VM)) == 3
    here.close()
    there.close()


def test_a_stockout_leaves_a_group_short_until_it_is_over(store: Store) -> None:
    faults.replace(store, [Fault(call=f"{VM} create", kind="stockout", until=store.now() + 3600)])
    store.add(TEMPLATE)
    store.add(MIG)
    assert store.list(type=VM) == []
    store.advance(3601)
    assert len(store.list(type=VM)) == 3
