"""Azure: a disk is one machine's, and lies in the machine's zone."""

from typing import Any

import grpc
import pytest

from tests.sandbox.provider.conftest import Cloud, Clouds

GROUP = "azure-native:resources:ResourceGroup"
DISK = "azure-native:compute:Disk"
MACHINE = "azure-native:compute:VirtualMachine"
PLACE = {"resourceGroupName": "g", "location": "eastus"}


@pytest.fixture
def azure(clouds: Clouds) -> Cloud:
    connection = clouds.connect("azure-native", location="eastus")
    connection.create(GROUP, PLACE)
    return connection


def disk(azure: Cloud, **more: Any) -> str:
    given = {
        "diskName": "work",
        "sku": {"name": "PremiumV2_LRS"},
        "creationData": {"createOption": "Empty"},
        "diskSizeGB": 64,
        "zones": ["1"],
    }
    return azure.create(DISK, {**PLACE, **given, **more})[0]


def machine(disk_id: str, name: str = "lab", **more: Any) -> dict[str, Any]:
    attach = {"lun": 0, "createOption": "Attach", "caching": "None", "managedDisk": {"id": disk_id}}
    size = {"vmSize": "Standard_D4s_v5"}
    given = {"vmName": name, "hardwareProfile": size, "storageProfile": {"dataDisks": [attach]}, "zones": ["1"]}
    return {**PLACE, **given, **more}


def refusal(azure: Cloud, inputs: dict[str, Any]) -> str:
    with pytest.raises(grpc.RpcError) as raised:
        azure.create(MACHINE, inputs)
    return str(raised.value.details())


def test_a_disk_that_a_machine_has_no_other_gets(azure: Cloud) -> None:
    there = disk(azure)
    first = azure.create(MACHINE, machine(there))[0]
    text = refusal(azure, machine(there, "other"))
    assert f"Disk '{there}' cannot be attached as the disk is already owned by VM '{first}'" in text
    azure.update(MACHINE, first, machine(there), machine(there, tags={"a": "b"}))
    azure.delete(MACHINE, first)
    azure.create(MACHINE, machine(there, "other"))


def test_as_many_machines_as_it_says_share_a_disk(azure: Cloud) -> None:
    there = disk(azure, maxShares=2)
    for name in ("one", "two"):
        azure.create(MACHINE, machine(there, name))
    assert "ConflictingUserInput" in refusal(azure, machine(there, "three"))


@pytest.mark.parametrize(("zones", "said"), [(["2"], "not in zone '2'"), (None, "VM zone: ''. Disk zone: '1'")])
def test_a_machine_of_another_zone_or_of_none_does_not_reach_it(azure: Cloud, zones: Any, said: str) -> None:
    text = refusal(azure, machine(disk(azure), zones=zones))
    assert 'Code="BadRequest"' in text
    assert said in text
