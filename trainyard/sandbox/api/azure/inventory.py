"""What a subscription holds as the API lists it; made once for each state of the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from trainyard.sandbox.api.azure import job_life
from trainyard.sandbox.api.azure.arm_error import group_not_found, resource_not_found, subscription_not_found
from trainyard.sandbox.api.azure.call import Call
from trainyard.sandbox.api.azure.kinds import ADDRESS, BY_TOKEN, DISK, GROUP, KINDS, NIC, VM, Kind
from trainyard.sandbox.api.azure.shapes import to_arm
from trainyard.sandbox.provider.order import nobodys_address, rfc3339, stable_hex
from trainyard.sandbox.store import Store, Thing
from trainyard.servicer.values import reveal

NOBODYS: Final = "00000000-0000-0000-"  # a rehearsal's subscriptions begin so, and are there before anything is in them


@dataclass(frozen=True, kw_only=True)
class Listed:
    key: str  # the id in lower case
    created: float  # simulated time
    json: Mapping[str, Any]


def check_subscription(call: Call) -> None:
    """404 for a subscription that the sandbox never gave anything out in."""
    if call.subscription.startswith(NOBODYS):
        return
    key = ("azure", "subscription", call.subscription)
    if not call.scene.seen.of(key, lambda: bool(call.store.list(project=call.subscription, deleted=True))):
        raise subscription_not_found(call.subscription)


def things(call: Call, kind: Kind) -> Sequence[Listed]:
    """All of one kind in the subscription, by id."""
    key = ("azure", kind.type, call.subscription)
    return call.scene.seen.of(key, lambda: _things(call, kind))


def find(call: Call, kind: Kind) -> Thing:
    """The thing of the path; ArmError when there is none."""
    found = look(call, kind)
    if found is None:
        check_group(call)
        raise resource_not_found(kind.full_type, "/".join(_names(call, kind)), call.places["group"])
    return found


def look(call: Call, kind: Kind) -> Thing | None:
    """The thing of the path, in any spelling of it; None when there is none."""
    check_subscription(call)
    wanted = path_of(call, kind).lower()
    exact = call.store.get(kind.type, path_of(call, kind))
    if exact is not None:
        return exact
    index = call.scene.seen.of(
        ("azure", "index", kind.type, call.subscription),
        lambda: {thing.id.lower(): thing.id for thing in call.store.list(type=kind.type, project=call.subscription)},
    )
    return call.store.get(kind.type, index[wanted]) if wanted in index else None


def path_of(call: Call, kind: Kind) -> str:
    """The id that the path of a call means."""
    pairs = "".join(f"/{type_}/{name}" for type_, name in zip(kind.types, _names(call, kind), strict=True))
    root = f"/subscriptions/{call.subscription}/resourceGroups/{call.places['group']}"
    return f"{root}/providers/{kind.namespace}{pairs}"


def check_group(call: Call) -> None:
    """404 for a resource group that is not there."""
    check_subscription(call)
    if group_of(call) is None:
        raise group_not_found(call.places["group"])


def group_of(call: Call) -> Thing | None:
    """The resource group of the path."""
    wanted = call.places["group"].lower()
    found = call.store.list(type=GROUP, project=call.subscription)
    return next((group for group in found if group.name.lower() == wanted), None)


def group_name(call: Call) -> str:
    """The resource group's name as it was made."""
    group = group_of(call)
    return group.name if group else call.places["group"]


def all_path_of(call: Call, kind: Kind) -> str:
    """What the ids begin with, in lower case, of all that a list call of a group or a parent shows."""
    parents = [f"/{type_}/{call.places[f'name{index}']}" for index, type_ in enumerate(kind.types[:-1])]
    root = f"/subscriptions/{call.subscription}/resourceGroups/{call.places['group']}/providers/{kind.namespace}"
    return f"{root}{''.join(parents)}/{kind.types[-1]}/".lower()


def find_parent(call: Call, kind: Kind) -> Thing:
    """The workspace that a compute or a job is in."""
    return find(call, next(one for one in KINDS if one.full_type == kind.full_type.rpartition("/")[0]))


def in_group(call: Call, key: str) -> bool:
    """Whether an id in lower case lies in the resource group of the path."""
    return key.startswith(f"/subscriptions/{call.subscription}/resourcegroups/{call.places['group'].lower()}/")


def json_of(call: Call, kind: Kind, thing: Thing) -> dict[str, Any]:
    """The thing with what others know of it: who holds it, and what it does."""
    body = to_arm(kind, thing)
    inside = body["properties"]
    if kind.folded:
        inside.setdefault("provisioningState", "Succeeded")
    if thing.status == "deleting":
        inside["provisioningState"] = "Deleting"
    return _OWN.get(kind.type, _nothing)(call, thing, body)


def holder_of(call: Call, thing: Thing) -> Thing | None:
    """The machine that holds a disk or an interface."""
    holders = call.scene.seen.of(
        ("azure", "holders", call.subscription), lambda: _holders(call.store, call.subscription)
    )
    return holders.get(thing.id.lower())


def holder_of_address(call: Call, thing: Thing) -> str:
    """The id of the IP configuration that holds an address; "" when it is free."""
    held = call.scene.seen.of(("azure", "addresses", call.subscription), lambda: _address_holders(call))
    return held.get(thing.id.lower(), "")


def etag_of(thing: Thing) -> str:
    """Changes whenever the thing does."""
    return f'W/"{stable_hex(32, thing.id, repr(thing.created), repr(thing.changed))}"'


def disks_of(machine: Thing) -> tuple[str, ...]:
    """Ids of the managed disks of a machine, the OS disk first."""
    profile = reveal(machine.outputs.get("storageProfile") or {})
    disks = [profile.get("osDisk") or {}, *(profile.get("dataDisks") or ())]
    return tuple(disk["managedDisk"]["id"] for disk in disks if (disk.get("managedDisk") or {}).get("id"))


def nics_of(machine: Thing) -> tuple[str, ...]:
    """Ids of a machine's interfaces."""
    profile = reveal(machine.outputs.get("networkProfile") or {})
    return tuple(nic["id"] for nic in profile.get("networkInterfaces") or () if nic.get("id"))


def _names(call: Call, kind: Kind) -> list[str]:
    return [call.places[f"name{index}"] for index in range(len(kind.types))]


def _things(call: Call, kind: Kind) -> Sequence[Listed]:
    found = call.store.list(type=kind.type, project=call.subscription)
    listed = (Listed(key=thing.id.lower(), created=thing.created, json=json_of(call, kind, thing)) for thing in found)
    return sorted(listed, key=lambda one: one.key)


def _holders(store: Store, subscription: str) -> dict[str, Thing]:
    machines = store.list(type=VM, project=subscription)
    return {part.lower(): machine for machine in machines for part in (*disks_of(machine), *nics_of(machine))}


def _address_holders(call: Call) -> dict[str, str]:
    held: dict[str, str] = {}
    for token in (NIC, "azure-native:network:BastionHost"):
        kind = BY_TOKEN[token]
        for thing in call.store.list(type=token, project=call.subscription):
            for part in to_arm(kind, thing)["properties"].get("ipConfigurations") or ():
                address = ((part.get("properties") or {}).get("publicIPAddress") or {}).get("id")
                if address:
                    held[address.lower()] = f"{thing.id}/ipConfigurations/{part.get('name', 'ipconfig')}"
    return held


def _nothing(call: Call, thing: Thing, body: dict[str, Any]) -> dict[str, Any]:
    return body


def _machine(call: Call, thing: Thing, body: dict[str, Any]) -> dict[str, Any]:
    body["properties"].pop("instanceView", None)  # told only when asked for
    body["properties"].setdefault("timeCreated", rfc3339(thing.created))
    return body | {"etag": etag_of(thing)}


def _disk(call: Call, thing: Thing, body: dict[str, Any]) -> dict[str, Any]:
    machine = holder_of(call, thing)
    body.pop("managedBy", None)
    if machine is not None:
        body["managedBy"] = machine.id
    state = "Unattached" if machine is None else "Reserved" if machine.status == "stopped" else "Attached"
    body["properties"] |= {"diskState": state, "timeCreated": rfc3339(thing.created)}
    return body


def _snapshot(call: Call, thing: Thing, body: dict[str, Any]) -> dict[str, Any]:
    body["properties"] |= {"diskState": "Unattached", "timeCreated": rfc3339(thing.created)}
    return body


def _address(call: Call, thing: Thing, body: dict[str, Any]) -> dict[str, Any]:
    inside = body["properties"]
    holder = holder_of_address(call, thing)
    inside.pop("ipConfiguration", None)
    if holder:
        inside["ipConfiguration"] = {"id": holder}
    if inside.get("publicIPAllocationMethod") == "Static" or holder:
        inside["ipAddress"] = inside.get("ipAddress") or nobodys_address(thing.id)
    return body | {"etag": etag_of(thing)}


def _nic(call: Call, thing: Thing, body: dict[str, Any]) -> dict[str, Any]:
    machine = holder_of(call, thing)
    body["properties"].pop("virtualMachine", None)
    if machine is not None:
        body["properties"]["virtualMachine"] = {"id": machine.id}
    for part in body["properties"].get("ipConfigurations") or ():
        part.setdefault("id", f"{thing.id}/ipConfigurations/{part.get('name', 'ipconfig')}")
    return body | {"etag": etag_of(thing)}


def _job(call: Call, thing: Thing, body: dict[str, Any]) -> dict[str, Any]:
    at = job_life.stage(call.store, thing)
    workspace = thing.id.rpartition("/jobs/")[0]
    studio = {"jobServiceType": "Studio", "endpoint": f"https://ml.azure.com/runs/{thing.name}?wsid={workspace}"}
    told = {"status": at.state if at else "Running", "services": {"Studio": studio}}
    return body | {"properties": {**body["properties"], **told}}


def _compute(call: Call, thing: Thing, body: dict[str, Any]) -> dict[str, Any]:
    inside = body["properties"]
    own = dict(inside.get("properties") or {})
    if inside.get("computeType") == "ComputeInstance":
        own["state"] = "Stopped" if thing.status == "stopped" else "Running"
    elif inside.get("computeType") == "AmlCompute":
        own |= {"currentNodeCount": job_life.nodes(call.store, thing), "allocationState": "Steady"}
        own["targetNodeCount"] = own["currentNodeCount"]
    return body | {"properties": {**inside, "provisioningState": "Succeeded", "properties": own}}


_OWN = {
    VM: _machine,
    DISK: _disk,
    "azure-native:compute:Snapshot": _snapshot,
    ADDRESS: _address,
    NIC: _nic,
    "azure-native:machinelearningservices:Job": _job,
    "azure-native:machinelearningservices:Compute": _compute,
}
