"""One GPU VM on Azure: what it is, who may end it, what is refused."""

import base64
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from components.azure.gpu_vm import GpuVm
from components.azure.gpu_vm_args import BootDisk, DataDiskUse, GpuVmArgs
from components.azure.hard_end import COMPUTE_API
from tests.components.azure.conftest import GROUP, GROUP_ID, SUBSCRIPTION, Registrations
from trainyard.facts.azure.images import default_image, resolve_image
from trainyard.facts.azure.machine_types import SIZES, size
from trainyard.facts.capacity import FlexStart, Queued, Reserved, Spot

NAME = "dev-1a2b3c4d-lab-0"
HARD_END = "2026-11-25T02:00:00Z"
TAGS = {"trainyard-lease": "dev-1a2b3c4d", "trainyard-workload": "lab", "trainyard-hard-end": HARD_END}
PEOPLE = "group:3fa85f64-5717-4562-b3fc-2c963f66afa6"
BASTION = f"{GROUP_ID}/providers/Microsoft.Network/bastionHosts/dev-bastion"
DISK = f"{GROUP_ID}/providers/Microsoft.Compute/disks/weights"
VM_ID = f"{GROUP_ID}/providers/Microsoft.Compute/virtualMachines/{NAME}"
NIC_ID = f"{GROUP_ID}/providers/Microsoft.Network/networkInterfaces/{NAME}"
ENDING_ROLE = (
    f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/"
    "5f0c3e55-2d0f-5b7e-9c40-0f6d1c2b3a49"
)
PLAIN = GpuVmArgs(
    subscription=SUBSCRIPTION,
    resource_group=GROUP,
    location="westeurope",
    machine_type="Standard_NC24ads_A100_v4",
    image=resolve_image("ubuntu-hpc-2404"),
    subnet=f"{GROUP_ID}/providers/Microsoft.Network/virtualNetworks/dev/subnets/nodes",
    identity=f"{GROUP_ID}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/dev-1a2b3c4d-node",
    ending_role=ENDING_ROLE,
    tags=TAGS,
    hard_end=HARD_END,
    user_data="#cloud-config\n{}\n",
)

Deploy = Callable[[Callable[[], Any]], Registrations]


def made(deploy: Deploy, **changes: Any) -> Registrations:
    return deploy(lambda: GpuVm(NAME, replace(PLAIN, **changes)))


def of_size(machine_type: str, **changes: Any) -> GpuVmArgs:
    image = resolve_image(default_image(size(machine_type)))
    return replace(PLAIN, machine_type=machine_type, image=image, **changes)


@pytest.mark.parametrize("machine_type", SIZES)
def test_every_size_that_is_offered_is_a_machine_without_public_address_or_password(
    deploy: Deploy, machine_type: str
) -> None:
    found = deploy(lambda: GpuVm(NAME, of_size(machine_type)))
    machine, nic = found.one("compute:VirtualMachine").inputs, found.one("NetworkInterface").inputs
    assert machine["hardwareProfile"] == {"vmSize": machine_type}
    [address] = nic["ipConfigurations"]
    assert "publicIPAddress" not in address
    assert found.of("PublicIPAddress") == ()
    assert machine["osProfile"]["linuxConfiguration"]["disablePasswordAuthentication"] is True
    assert "adminPassword" not in machine["osProfile"]


def test_the_disk_goes_with_the_machine_and_data_and_the_interface_stay(deploy: Deploy) -> None:
    found = made(deploy, data_disks=(DataDiskUse(name="weights", disk=DISK, write=True),))
    machine = found.one("compute:VirtualMachine").inputs
    assert machine["storageProfile"]["osDisk"]["deleteOption"] == "Delete"
    [data] = machine["storageProfile"]["dataDisks"]
    assert (data["createOption"], data["deleteOption"], data["managedDisk"]) == ("Attach", "Detach", {"id": DISK})
    [nic] = machine["networkProfile"]["networkInterfaces"]
    assert nic == {"id": NIC_ID, "primary": True, "deleteOption": "Detach"}


def test_by_itself_there_is_a_key_that_nobody_has_the_other_half_of(deploy: Deploy) -> None:
    [key] = made(deploy).one("compute:VirtualMachine").inputs["osProfile"]["linuxConfiguration"]["ssh"]["publicKeys"]
    kind, text, _ = key["keyData"].split(" ")
    blob = base64.b64decode(text)
    assert (kind, len(blob), blob[4:15]) == ("ssh-ed25519", 51, b"ssh-ed25519")
    other = deploy(lambda: GpuVm("dev-1a2b3c4d-lab-1", PLAIN)).one("compute:VirtualMachine").inputs
    assert other["osProfile"]["linuxConfiguration"]["ssh"]["publicKeys"][0]["keyData"] != key["keyData"]


def test_a_key_that_is_given_is_the_one(deploy: Deploy) -> None:
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ2tA3jRGX0cq0TcyU0Q8Wq8d3mU0F1rEJ9f1m5Zy0qk me"
    inputs = made(deploy, ssh_public_key=key).one("compute:VirtualMachine").inputs
    assert inputs["osProfile"]["linuxConfiguration"]["ssh"]["publicKeys"][0]["keyData"] == key


@pytest.mark.parametrize(
    ("machine_type", "kind"),
    [
        ("Standard_ND96isr_H100_v5", "TrustedLaunch"),
        ("Standard_ND96amsr_A100_v4", None),  # the size does not allow it
    ],
)
def test_trusted_launch_is_where_the_size_allows_it(deploy: Deploy, machine_type: str, kind: str | None) -> None:
    found = deploy(lambda: GpuVm(NAME, of_size(machine_type)))
    profile = found.one("compute:VirtualMachine").inputs["securityProfile"]
    assert profile["encryptionAtHost"] is True
    assert profile.get("securityType") == kind
    assert ("uefiSettings" in profile) is (kind is not None)


def test_without_the_feature_nothing_is_said_of_encryption_at_host(deploy: Deploy) -> None:
    profile = made(deploy, encryption_at_host=False).one("compute:VirtualMachine").inputs["securityProfile"]
    assert "encryptionAtHost" not in profile


@pytest.mark.parametrize("eviction", ["Delete", "Deallocate"])
def test_a_spot_machine_pays_up_to_the_price_on_demand(deploy: Deploy, eviction: Any) -> None:
    machine = made(deploy, capacity=Spot(), eviction=eviction).one("compute:VirtualMachine").inputs
    assert (machine["priority"], machine["evictionPolicy"]) == ("Spot", eviction)
    assert machine["billingProfile"] == {"maxPrice": -1}


@pytest.mark.parametrize(
    "given", ["h100-week", f"{GROUP_ID}/providers/Microsoft.Compute/capacityReservationGroups/h100-week"]
)
def test_a_reserved_machine_names_its_capacity_reservation_group(deploy: Deploy, given: str) -> None:
    machine = made(deploy, capacity=Reserved(id=given)).one("compute:VirtualMachine").inputs
    id_ = f"{GROUP_ID}/providers/Microsoft.Compute/capacityReservationGroups/h100-week"
    assert machine["capacityReservation"] == {"capacityReservationGroup": {"id": id_}}
    assert "priority" not in machine


def test_the_machine_may_end_and_measure_itself_and_nothing_else(deploy: Deploy) -> None:
    found = made(deploy)
    assert found.one("compute:VirtualMachine").inputs["identity"] == {
        "type": "SystemAssigned, UserAssigned",
        "userAssignedIdentities": [PLAIN.identity],
    }
    own = {one.name: one.inputs for one in found.of("RoleAssignment") if "hard-end" not in one.name}
    assert {name: inputs["roleDefinitionId"].rpartition("/")[2] for name, inputs in own.items()} == {
        f"{NAME}-end": ENDING_ROLE.rpartition("/")[2],
        f"{NAME}-metrics": "3913510d-42f4-4e42-8a64-420c390055eb",
    }
    assert {inputs["scope"] for inputs in own.values()} == {VM_ID}


def test_azure_itself_deallocates_and_then_deletes_it_at_the_hard_end(deploy: Deploy) -> None:
    found = made(deploy)
    definition = found.one("logic:Workflow").inputs["definition"]
    [trigger] = definition["triggers"].values()
    assert trigger["recurrence"] == {"frequency": "Minute", "interval": 15, "startTime": HARD_END}
    first, second = (definition["actions"][name] for name in ("deallocate", "delete"))
    arm = f"https://management.azure.com{VM_ID}"
    assert (first["inputs"]["method"], first["inputs"]["uri"]) == (
        "POST",
        f"{arm}/deallocate?api-version={COMPUTE_API}",
    )
    assert (second["inputs"]["method"], second["inputs"]["uri"]) == ("DELETE", f"{arm}?api-version={COMPUTE_API}")
    assert second["runAfter"] == {"deallocate": ["Succeeded", "Failed", "TimedOut"]}  # whatever became of it
    [role] = [one.inputs for one in found.of("RoleAssignment") if "hard-end" in one.name]
    assert (role["scope"], role["roleDefinitionId"]) == (VM_ID, ENDING_ROLE)


def test_within_a_day_auto_shutdown_is_a_second_end_that_azure_holds(deploy: Deploy) -> None:
    assert made(deploy).of("GlobalSchedule") == ()
    schedule = made(deploy, within_a_day=True).one("GlobalSchedule").inputs
    assert schedule["name"] == f"shutdown-computevm-{NAME}"
    assert (schedule["dailyRecurrence"], schedule["timeZoneId"]) == ({"time": "0200"}, "UTC")
    assert schedule["targetResourceId"] == VM_ID


def test_those_who_may_log_in_have_the_role_on_this_machine_and_see_its_interface(deploy: Deploy) -> None:
    found = made(deploy, access=(PEOPLE,), bastion=BASTION)
    granted = [one.inputs for one in found.of("RoleAssignment") if one.inputs["principalType"] == "Group"]
    assert {(one["scope"], one["roleDefinitionId"].rpartition("/")[2]) for one in granted} == {
        (VM_ID, "fb879df8-f326-4884-b1cf-06f3ad86be52"),
        (NIC_ID, "acdd72a7-3385-48ef-bd42-f606fba81ae7"),
    }
    assert found.one("VirtualMachineExtension").inputs["type"] == "AADSSHLoginForLinux"


def test_administrators_are_said_to_be_some(deploy: Deploy) -> None:
    found = made(deploy, access=(PEOPLE,), administrators=True)
    roles = {one.inputs["roleDefinitionId"].rpartition("/")[2] for one in found.of("RoleAssignment")}
    assert "1c0163c0-47e6-4577-8991-ea5c82e286e4" in roles


@pytest.mark.parametrize(
    ("bastion", "command"),
    [
        (
            BASTION,
            f"az network bastion ssh --name dev-bastion --resource-group {GROUP} --subscription {SUBSCRIPTION} "
            f"--target-resource-id {VM_ID} --auth-type AAD",
        ),
        (
            None,
            f"az ssh vm --name {NAME} --resource-group {GROUP} --subscription {SUBSCRIPTION} --prefer-private-ip",
        ),
    ],
)
def test_the_login_command_can_be_typed_as_it_is(deploy: Deploy, bastion: str | None, command: str) -> None:
    commands: list[Any] = []
    deploy(lambda: commands.append(GpuVm(NAME, replace(PLAIN, bastion=bastion)).login_command))
    assert commands == [command]


def test_virtual_gpus_get_their_driver_from_azure_s_extension_after_the_login_s(deploy: Deploy) -> None:
    args = of_size("Standard_NV36ads_A10_v5", access=(PEOPLE,))
    found = deploy(lambda: GpuVm(NAME, args))
    kinds = [one.inputs["type"] for one in found.of("VirtualMachineExtension")]
    assert kinds == ["AADSSHLoginForLinux", "NvidiaGpuDriverLinux"]
    assert found.one("compute:VirtualMachine").inputs["securityProfile"]["uefiSettings"]["secureBootEnabled"] is False


def test_everything_that_takes_tags_carries_them(deploy: Deploy) -> None:
    found = made(deploy, access=(PEOPLE,), within_a_day=True)
    types = ("compute:VirtualMachine", "NetworkInterface", "Workflow", "GlobalSchedule", "VirtualMachineExtension")
    assert [found.one(type_).inputs["tags"] for type_ in types] == [TAGS] * len(types)


def test_user_data_reaches_the_machine_as_azure_takes_it(deploy: Deploy) -> None:
    given = made(deploy).one("compute:VirtualMachine").inputs["osProfile"]["customData"]
    assert base64.b64decode(given).decode() == PLAIN.user_data


def test_user_data_above_azure_s_64_kib_is_refused(deploy: Deploy) -> None:
    with pytest.raises(ValueError, match="has 65536 bytes, Azure takes 65535; mount fewer data sets"):
        made(deploy, user_data="#" * 65536)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"machine_type": "Standard_D4s_v5"}, "no GPU size of Azure that Trainyard knows; known are Standard_NC4as"),
        ({"machine_type": "Standard_ND128isr_NDR_GB200_v6"}, "is arm64 with Grace CPUs"),
        ({"machine_type": "Standard_NCC40ads_H100_v5"}, "is a confidential machine"),
        ({"machine_type": "Standard_ND40rs_v2"}, 'has no driver for V100; leave image out for "ubuntu-hpc-2204-v100"'),
        ({"machine_type": "Standard_NV36ads_A10_v5"}, 'need its GRID driver; leave image out for "ubuntu-2204"'),
        ({"machine_type": "Standard_ND96isr_MI300X_v5"}, "has the driver cuda, MI300X needs rocm"),
        ({"image": resolve_image("ubuntu-hpc-2404-rocm")}, "has the driver rocm, A100 needs cuda"),
        ({"location": "West Europe"}, 'is no Azure location; give its short name, for example "westeurope"'),
        ({"zone": "westeurope-1"}, 'is no zone of a location on Azure; give "1", "2" or "3"'),
        ({"subnet": "nodes"}, "'nodes' is no full id of a Microsoft.Network/virtualNetworks/subnets"),
        ({"bastion": "dev-bastion"}, "is no full id of a Microsoft.Network/bastionHosts"),
        ({"boot_disk": BootDisk(gib=30)}, "A boot disk of 30 GiB cannot be had; give 64 to 4095 GiB"),
        ({"boot_disk": BootDisk(kind="PremiumV2_LRS")}, 'boots from "PremiumV2_LRS" here; give Premium_LRS'),
        ({"data_disks": (DataDiskUse(name="w", disk="w", write=True),)}, "'w' is no full id of a Microsoft.Compute/d"),
        (
            {"data_disks": (DataDiskUse(name="w", disk=DISK, write=True),) * 9},
            "takes 8 data disks, 9 were given; give fewer, or a larger size",
        ),
        ({"capacity": FlexStart()}, "Azure sells no flex-start machines; give on-demand, spot or"),
        ({"capacity": Queued(valid_until=timedelta(hours=1))}, "Azure sells no queued machines"),
        ({"capacity": Reserved(id="x", bound=True)}, "Azure binds no machine to its reservation; leave bound out"),
        ({"capacity": Reserved(id="/subscriptions/x")}, "no full id of a Microsoft.Compute/capacityReservationGroups"),
        ({"eviction": "Deallocate"}, "eviction is spot's; on-demand machines are not taken back"),
        ({"ssh_public_key": "-----BEGIN OPENSSH PRIVATE KEY-----"}, "is no public one that Azure takes"),
        ({"hard_end": "2026-11-25"}, "The hard end '2026-11-25' is no RFC 3339 time in UTC"),
        ({"tags": {"a<b": "x"}}, "a<b='x' is no tag on Azure"),
        ({"tags": {f"t{n}": "" for n in range(51)}}, "51 tags were given, Azure takes 50"),
        ({"access": ("group:ml-research@acme.example",)}, "`az ad group show --group NAME --query id` tells the id"),
        ({"access": (PEOPLE, PEOPLE.upper().replace("GROUP", "group"))}, "is named twice"),
    ],
)
def test_what_cannot_be_built_is_refused_with_the_way_on(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        replace(PLAIN, **changes)


@pytest.mark.parametrize("name", ["-lab", "lab-", "lab 0", "x" * 65])
def test_a_name_that_azure_refuses_is_refused(deploy: Deploy, name: str) -> None:
    with pytest.raises(ValueError, match="is no machine name on Azure; allowed are 1 to 64"):
        deploy(lambda: GpuVm(name, PLAIN))
