"""What machine and group ask of Azure, against Azure's own descriptions; and what no description reaches."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from components.azure.gpu_group import GpuGroup
from components.azure.gpu_group_args import GpuGroupArgs
from components.azure.gpu_vm import GpuVm
from components.azure.gpu_vm_args import BootDisk, DataDiskUse, GpuVmArgs
from tests.components.azure import test_gpu_group as group
from tests.components.azure import test_gpu_vm as vm
from tests.components.azure.conftest import GROUP_ID, Registrations, problems, unreached
from trainyard.facts.azure.machine_types import SIZES
from trainyard.facts.capacity import Capacity, OnDemand, Reserved, Spot

WAYS: tuple[Capacity, ...] = (OnDemand(), Spot(), Reserved(id="h100-week"))
KEY_SET = f"{GROUP_ID}/providers/Microsoft.Compute/diskEncryptionSets/ml"
Deploy = Callable[[Callable[[], Any]], Registrations]
pytestmark = pytest.mark.contract("azure")


def with_everything(node: GpuVmArgs, capacity: Capacity) -> GpuVmArgs:
    return replace(
        node,
        zone="1",
        capacity=capacity,
        boot_disk=BootDisk(encryption_set=KEY_SET),
        access=(vm.PEOPLE,),
        administrators=True,
        bastion=vm.BASTION,
        within_a_day=True,
    )


@pytest.mark.parametrize("machine_type", SIZES)
def test_every_field_of_every_size_and_way_of_buying_is_what_azure_takes(deploy: Deploy, machine_type: str) -> None:
    disk = DataDiskUse(name="weights", disk=vm.DISK, write=False)
    for way in WAYS:
        args = replace(with_everything(vm.of_size(machine_type), way), data_disks=(disk,))
        assert problems(deploy(lambda args=args: GpuVm(vm.NAME, args))) == [], way


@pytest.mark.parametrize("machine_type", group.WITH_INFINIBAND)
def test_every_field_of_every_group_is_what_azure_takes(deploy: Deploy, machine_type: str) -> None:
    for way in (OnDemand(), Spot()):
        args = GpuGroupArgs(node=with_everything(vm.of_size(machine_type), way), nodes=4)
        assert problems(deploy(lambda args=args: GpuGroup(group.NAME, args))) == [], way


def test_a_wrong_word_is_found(deploy: Deploy) -> None:
    wrong = replace(vm.PLAIN, capacity=Spot(), eviction="Keep")  # type: ignore[arg-type]
    assert any("evictionPolicy" in problem for problem in problems(deploy(lambda: GpuVm(vm.NAME, wrong))))


def test_what_no_description_reaches_is_known(deploy: Deploy) -> None:
    machine = with_everything(vm.of_size("Standard_NV36ads_A10_v5"), Spot())
    disk = DataDiskUse(name="weights", disk=vm.DISK, write=False)
    found = unreached(deploy(lambda: GpuVm(vm.NAME, replace(machine, data_disks=(disk,)))))
    found |= unreached(deploy(lambda: GpuGroup(group.NAME, GpuGroupArgs(node=group.NODE, nodes=2))))
    # tags' keys are free, and a workflow's definition has a language of its own
    rest = {path for path in found if ".tags." not in path and " tags." not in path}
    assert {path.partition(".")[0] for path in rest} == {"logic:Workflow definition"}
