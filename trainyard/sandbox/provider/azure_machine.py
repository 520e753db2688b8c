"""One Azure virtual machine with the parts that the cloud makes along with it: its disks and its interfaces."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from trainyard.sandbox.provider import azure
from trainyard.sandbox.provider.order import Made, Order, hexadecimal, rfc3339
from trainyard.sandbox.store import Thing
from trainyard.servicer.values import reveal

TYPE: Final = "azure-native:compute:VirtualMachine"
DISK: Final = "azure-native:compute:Disk"
_NIC: Final = "azure-native:network:NetworkInterface"
_IMAGE_GB: Final = 30  # of most Linux images; Windows' have 127
_WINDOWS_GB: Final = 127
_DEFAULT_KIND: Final = "Standard_LRS"


def make(order: Order) -> Made:
    """The machine as Resource Manager tells it. Its OS disk stays when it goes, unless deleteOption says Delete."""
    made = azure.make(order)
    before = order.before
    disks = _disks(order, made)
    if before is not None:  # a PUT starts no machine that is deallocated
        made = replace(made, status=before.status, ends=before.ends, end_action=before.end_action)
    _claim_interfaces(order, made)
    return replace(
        made,
        outputs={**made.outputs, "storageProfile": order.veil("storageProfile", _storage(order, disks))},
        parts=[_thing(order, made, disk) for disk in disks if disk["made"]] if before is None else (),
    )


def _disks(order: Order, made: Made) -> list[dict[str, Any]]:
    """Each disk with its id, name and size; "made" is false for one that was there."""
    profile = order.plain("storageProfile") or {}
    profile = profile if isinstance(profile, Mapping) else {}
    system = dict(profile.get("osDisk") or {"createOption": "FromImage"})
    found = [_disk(order, made, system, "OsDisk_1")] if "vhd" not in system else []
    others = enumerate((one for one in profile.get("dataDisks") or () if "vhd" not in one), start=2)
    return found + [_disk(order, made, dict(one), f"disk{number}") for number, one in others]


def _disk(order: Order, made: Made, given: dict[str, Any], which: str) -> dict[str, Any]:
    managed = dict(given.get("managedDisk") or {})
    known = str(managed.get("id") or "")
    name = str(given.get("name") or known.rpartition("/")[2] or _name(order, made, which))
    root, _, _ = made.id.partition("/providers/")
    id_ = known or f"{root}/providers/Microsoft.Compute/disks/{name}"
    windows = bool((order.plain("osProfile") or {}).get("windowsConfiguration"))
    size = given.get("diskSizeGB") or (_WINDOWS_GB if windows else _IMAGE_GB if which == "OsDisk_1" else None)
    # Azure refuses another size or kind than an attached disk has, so only what is new needs them told.
    told = {"storageAccountType": _DEFAULT_KIND, **managed, "id": id_}
    attached = str(given.get("createOption", "")).lower() == "attach" or bool(known)
    return {
        "given": {**given, "name": name, "managedDisk": told} | ({"diskSizeGB": size} if size else {}),
        "system": which == "OsDisk_1",
        "windows": windows,
        "made": not attached,
    }


def _name(order: Order, made: Made, which: str) -> str:
    """The name that Azure gave the disk, or a new one: an older machine's disk of this name may be left."""
    stem = f"{made.name}_{which}_"
    profile = reveal((order.before.outputs if order.before else {}).get("storageProfile") or {})
    names = [str(one.get("name", "")) for one in (profile.get("osDisk") or {}, *(profile.get("dataDisks") or ()))]
    return next((name for name in names if name.startswith(stem)), f"{stem}{hexadecimal(32)}")


def _storage(order: Order, disks: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    profile = dict(order.plain("storageProfile") or {})
    for disk in disks:
        if disk["system"]:
            system = {"osType": "Windows" if disk["windows"] else "Linux", "deleteOption": "Detach"}
            profile["osDisk"] = {**system, **disk["given"]}
    others = [{"deleteOption": "Detach", **disk["given"]} for disk in disks if not disk["system"]]
    return profile | ({"dataDisks": others} if others else {})


def _thing(order: Order, made: Made, disk: Mapping[str, Any]) -> Thing:
    given = disk["given"]
    managed = given["managedDisk"]
    inputs: dict[str, Any] = {
        "resourceGroupName": made.id.split("/")[4],
        "diskName": given["name"],
        "location": made.place,
        "creationData": {"createOption": given.get("createOption") or "FromImage"},
        "sku": {"name": managed["storageAccountType"]},
        **({"diskSizeGB": given["diskSizeGB"]} if given.get("diskSizeGB") else {}),
        **({"zones": order.plain("zones")} if order.plain("zones") else {}),
        # From the machine when it is made, and never again (hashicorp/terraform-provider-azurerm issue 8162).
        "tags": dict(made.labels),
    }
    told = {
        "name": given["name"],
        "type": "Microsoft.Compute/disks",
        "provisioningState": "Succeeded",
        "timeCreated": rfc3339(order.now),
        "diskState": "Attached",
        "managedBy": made.id,
        "azureApiVersion": "",
        **({"osType": "Windows" if disk["windows"] else "Linux"} if disk["system"] else {}),
    }
    return Thing(
        type=DISK,
        id=managed["id"],
        package="azure-native",
        project=made.project,
        place=made.place,
        name=given["name"],
        labels=made.labels,
        inputs=inputs,
        outputs={**inputs, **told},
        owner=f"{TYPE} {made.id}" if str(given.get("deleteOption", "")).lower() == "delete" else "",
    )


def _claim_interfaces(order: Order, made: Made) -> None:
    """Interfaces that go with the machine: deleteOption Delete."""
    profile = order.plain("networkProfile") or {}
    for nic in (profile.get("networkInterfaces") or ()) if isinstance(profile, Mapping) else ():
        found = order.store.get(_NIC, str(nic.get("id") or ""))
        owner = f"{TYPE} {made.id}" if str(nic.get("deleteOption", "")).lower() == "delete" else ""
        if found is not None and found.owner != owner and (owner or found.owner == f"{TYPE} {made.id}"):
            order.store.put(replace(found, owner=owner))
