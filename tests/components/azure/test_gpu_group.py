"""A group of GPU machines on Azure: a Uniform scale set on InfiniBand."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from components.azure.gpu_group import GpuGroup
from components.azure.gpu_group_args import GpuGroupArgs
from components.azure.gpu_vm_args import DataDiskUse
from tests.components.azure import test_gpu_vm as vm
from tests.components.azure.conftest import GROUP_ID, Registrations
from trainyard.facts.azure.images import resolve_image
from trainyard.facts.azure.machine_types import SIZES
from trainyard.facts.capacity import Reserved, Spot

NAME = "dev-1a2b3c4d-train"
SET_ID = f"{GROUP_ID}/providers/Microsoft.Compute/virtualMachineScaleSets/{NAME}"
NODE = vm.of_size("Standard_ND96isr_H100_v5")
WITH_INFINIBAND = [row.machine_type for row in SIZES.values() if row.infiniband]

Deploy = Callable[[Callable[[], Any]], Registrations]


def args(*, nodes: int = 16, **node: Any) -> GpuGroupArgs:
    return GpuGroupArgs(node=replace(NODE, **node), nodes=nodes)


@pytest.mark.parametrize("machine_type", WITH_INFINIBAND)
def test_every_size_with_infiniband_is_a_uniform_set_in_one_placement_group(deploy: Deploy, machine_type: str) -> None:
    group = GpuGroupArgs(node=vm.of_size(machine_type), nodes=100)
    found = deploy(lambda: GpuGroup(NAME, group)).one("VirtualMachineScaleSet").inputs
    assert found["sku"] == {"name": machine_type, "tier": "Standard", "capacity": 100}
    assert (found["orchestrationMode"], found["singlePlacementGroup"]) == ("Uniform", True)


def test_nothing_is_repaired_updated_or_made_beyond_what_was_asked_for(deploy: Deploy) -> None:
    found = deploy(lambda: GpuGroup(NAME, args())).one("VirtualMachineScaleSet").inputs
    assert found["overprovision"] is False
    assert found["automaticRepairsPolicy"] == {"enabled": False}
    assert found["upgradePolicy"] == {"mode": "Manual"}


def test_its_machines_have_no_public_address_and_no_password(deploy: Deploy) -> None:
    profile = deploy(lambda: GpuGroup(NAME, args())).one("VirtualMachineScaleSet").inputs["virtualMachineProfile"]
    [nic] = profile["networkProfile"]["networkInterfaceConfigurations"]
    assert nic["ipConfigurations"] == [{"name": "node", "primary": True, "subnet": {"id": NODE.subnet}}]
    assert profile["osProfile"]["linuxConfiguration"]["disablePasswordAuthentication"] is True
    assert profile["storageProfile"]["osDisk"]["deleteOption"] == "Delete"


def test_spot_machines_of_a_group_are_deleted_at_their_eviction(deploy: Deploy) -> None:
    found = deploy(lambda: GpuGroup(NAME, args(capacity=Spot()))).one("VirtualMachineScaleSet").inputs
    profile = found["virtualMachineProfile"]
    assert (profile["priority"], profile["evictionPolicy"]) == ("Spot", "Delete")
    assert profile["billingProfile"] == {"maxPrice": -1}


def test_azure_itself_ends_the_whole_set_at_the_hard_end(deploy: Deploy) -> None:
    found = deploy(lambda: GpuGroup(NAME, args(within_a_day=True)))
    actions = found.one("logic:Workflow").inputs["definition"]["actions"]
    uris = [actions[name]["inputs"]["uri"].partition("?")[0] for name in ("deallocate", "delete")]
    assert uris == [f"https://management.azure.com{SET_ID}/deallocate", f"https://management.azure.com{SET_ID}"]
    assert {one.inputs["scope"] for one in found.of("RoleAssignment")} == {SET_ID}
    assert found.of("GlobalSchedule") == ()  # of machines alone


def test_extensions_come_with_the_set_one_after_the_other(deploy: Deploy) -> None:
    group = args(access=(vm.PEOPLE,), image=replace(resolve_image("ubuntu-2204"), infiniband=True))
    profile = deploy(lambda: GpuGroup(NAME, group)).one("VirtualMachineScaleSet").inputs["virtualMachineProfile"]
    login, driver = profile["extensionProfile"]["extensions"]
    assert (login["type"], driver["type"]) == ("AADSSHLoginForLinux", "NvidiaGpuDriverLinux")
    assert driver["provisionAfterExtensions"] == ["AADSSHLoginForLinux"]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: args(nodes=1), "A group on Azure has 2 to 100 machines"),
        (lambda: args(nodes=101), "101 were asked for; give a number of these, or a GpuVm for one"),
        (lambda: replace(args(), orchestration="Flexible"), "A Flexible scale set has no InfiniBand"),
        (lambda: replace(args(), placement_groups=2), "2 were asked for; leave placement_groups out, with at most 100"),
        (
            lambda: args(machine_type="Standard_ND96is_H100_v5"),
            'Standard_ND96is_H100_v5 has no InfiniBand, which only sizes with an "r" have; take '
            "Standard_ND96isr_H100_v5, or one node.",
        ),
        (
            lambda: GpuGroupArgs(node=vm.of_size("Standard_NC4as_T4_v3"), nodes=2),
            "Standard_NC4as_T4_v3 has no InfiniBand",
        ),
        (lambda: args(image=resolve_image("ubuntu-2204")), "brings no drivers for InfiniBand; leave image out"),
        (lambda: args(capacity=Reserved(id="week")), "uses no capacity reservation; give on-demand or spot"),
        (
            lambda: args(data_disks=(DataDiskUse(name="weights", disk=vm.DISK, write=False),)),
            "a scale set attaches no disk that is there to its machines; give the data as a container of blobs",
        ),
    ],
)
def test_what_cannot_be_built_is_refused_with_the_way_on(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        make()


def test_a_name_that_leaves_no_room_for_its_machines_is_refused(deploy: Deploy) -> None:
    with pytest.raises(ValueError, match="is no group name on Azure; allowed are 1 to 58"):
        deploy(lambda: GpuGroup("x" * 59, args()))
