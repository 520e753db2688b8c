"""Which change of a GPU machine or group on Azure updates it, replaces it or does nothing."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

import pytest

from components.azure.gpu_group import GpuGroup
from components.azure.gpu_vm import GpuVm
from components.azure.gpu_vm_args import BootDisk, DataDiskUse
from tests.components.azure import test_gpu_group as group
from tests.components.azure import test_gpu_vm as vm
from tests.components.azure.conftest import Registrations
from trainyard.facts.azure.images import resolve_image
from trainyard.facts.capacity import Reserved, Spot
from trainyard.sandbox.packages import installed
from trainyard.sandbox.provider.diff import difference
from trainyard.sandbox.schema import ResourceType

SUBNET = vm.PLAIN.subnet.replace("/nodes", "/other")  # type: ignore[union-attr]
Deploy = Callable[[Callable[[], Any]], Registrations]


def effect(old: Any, new: Any) -> str:
    """What the engine does with one resource: nothing, update or replace."""
    kind = ResourceType(installed()["azure-native"], old.type)
    found = difference(kind, old.name, old.inputs, new.inputs, new.ignore_changes)
    if not found.changes:
        return "nothing"
    asked = [rule.replace("[", "[[]").replace("[[]*]", "[[]*[]]") for rule in new.replace_on_changes]
    forced = any(fnmatchcase(change.path, f"{rule}*") for change in found.changes for rule in asked)
    return "replace" if forced or any(change.replaces for change in found.changes) else "update"


def effects(deploy: Deploy, old: Callable[[], Any], new: Callable[[], Any]) -> Mapping[str, str]:
    """By the type's last word, for what both have and what is not left as it is."""
    before, after = ({one.name: one for one in deploy(make).all if "azure-native" in one.type} for make in (old, new))
    told = {after[name].type.rpartition(":")[2]: effect(before[name], after[name]) for name in before if name in after}
    return {kind: what for kind, what in told.items() if what != "nothing"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"user_data": "#cloud-config\n{ other: 1 }\n"}, {}),  # reaches no running node
        (
            {"data_disks": (DataDiskUse(name="w", disk=vm.DISK, write=True),)},
            {"VirtualMachine": "update"},
        ),
        ({"access": (vm.PEOPLE,)}, {}),
        ({"boot_disk": BootDisk(gib=512)}, {"VirtualMachine": "replace"}),  # a running machine's does not grow
        ({"machine_type": "Standard_NC48ads_A100_v4"}, {"VirtualMachine": "replace"}),
        ({"image": resolve_image("ubuntu-hpc-2204")}, {"VirtualMachine": "replace"}),
        ({"capacity": Spot()}, {"VirtualMachine": "replace"}),
        ({"capacity": Reserved(id="week")}, {"VirtualMachine": "replace"}),
        ({"zone": "1"}, {"VirtualMachine": "replace"}),
        ({"encryption_at_host": False}, {"VirtualMachine": "replace"}),
        ({"subnet": SUBNET}, {"NetworkInterface": "replace"}),
    ],
)
def test_a_machine(deploy: Deploy, changes: dict[str, Any], expected: dict[str, str]) -> None:
    found = effects(deploy, lambda: GpuVm(vm.NAME, vm.PLAIN), lambda: GpuVm(vm.NAME, replace(vm.PLAIN, **changes)))
    assert found == expected


def test_other_tags_are_updates_of_all_that_carry_them(deploy: Deploy) -> None:
    other = replace(vm.PLAIN, tags={**vm.TAGS, "trainyard-owner": "ml"})
    found = effects(deploy, lambda: GpuVm(vm.NAME, vm.PLAIN), lambda: GpuVm(vm.NAME, other))
    assert found == {"VirtualMachine": "update", "NetworkInterface": "update", "Workflow": "update"}


@pytest.mark.parametrize(
    ("nodes", "changes", "expected"),
    [
        (17, {}, "update"),
        (16, {"user_data": "#cloud-config\n{ other: 1 }\n"}, None),
        (16, {"boot_disk": BootDisk(gib=512)}, "replace"),
        (16, {"image": resolve_image("ubuntu-hpc-2204")}, "replace"),
        (16, {"capacity": Spot()}, "replace"),
        (16, {"subnet": SUBNET}, "replace"),
        (16, {"machine_type": "Standard_ND96isr_H200_v5"}, "replace"),
        (16, {"access": (vm.PEOPLE,)}, "replace"),  # its extension is a part of the machines' model
    ],
)
def test_a_group(deploy: Deploy, nodes: int, changes: dict[str, Any], expected: str | None) -> None:
    old, new = group.args(), group.args(nodes=nodes, **changes)
    found = effects(deploy, lambda: GpuGroup(group.NAME, old), lambda: GpuGroup(group.NAME, new))
    assert found == ({"VirtualMachineScaleSet": expected} if expected else {})
