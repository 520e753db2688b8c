"""A machine that the API is asked to make, made as the provider side makes its own."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from trainyard.sandbox.api.compute import instance_json
from trainyard.sandbox.api.compute.names import check_body, last, path_of, url
from trainyard.sandbox.api.compute.places import has_machine_type
from trainyard.sandbox.api.google_error import GoogleError, invalid
from trainyard.sandbox.check import check_object
from trainyard.sandbox.packages import installed
from trainyard.sandbox.provider.makers import maker_of
from trainyard.sandbox.provider.order import Order, Refused
from trainyard.sandbox.schema import ResourceType
from trainyard.sandbox.store import Store, Thing

_SAME: Final = (
    "description",
    "hostname",
    "minCpuPlatform",
    "canIpForward",
    "deletionProtection",
    "shieldedInstanceConfig",
    "confidentialInstanceConfig",
    "advancedMachineFeatures",
    "networkPerformanceConfig",
)


def things(store: Store, project: str, zone: str, body: Mapping[str, Any]) -> tuple[Thing, ...]:
    """The machine to be, then what belongs to it; GoogleError for a body that Compute Engine refuses."""
    _check(zone, body)
    inputs = _inputs(project, zone, body)
    for problem in check_object(_type().inputs, inputs):
        raise invalid(field=f"resource.{problem.path}", value="", why=problem.reason)
    now = store.now()
    order = Order(type=_type(), name=str(body["name"]), inputs=inputs, config={}, store=store, now=now)
    try:
        made = maker_of(instance_json.TYPE, "gcp")(order)
    except (Refused, ValueError) as error:
        raise GoogleError(400, str(error)) from error
    machine = Thing(
        type=instance_json.TYPE,
        id=made.id,
        package="gcp",
        project=made.project,
        place=made.place,
        name=made.name,
        labels=made.labels,
        inputs=inputs,
        outputs={**inputs, **made.outputs},
        created=now,
        ends=made.ends,
        end_action=made.end_action,
    )
    return (machine, *made.parts)


@cache
def _type() -> ResourceType:
    return ResourceType(installed()["gcp"], instance_json.TYPE)


def _check(zone: str, body: Mapping[str, Any]) -> None:
    check_body("Instance", body)
    machine_type = str(body.get("machineType") or "")
    field = "resource.machineType"
    if not machine_type:
        raise invalid(field=field, value="", why="The machine type must be specified.")
    if not has_machine_type(zone, last(machine_type)):
        why = f"Machine type with name '{last(machine_type)}' does not exist in zone '{zone}'."
        raise invalid(field=field, value=machine_type, why=why)
    if not any(disk.get("boot") for disk in body.get("disks") or ()):
        raise invalid(field="resource.disks", value="", why="Boot disk must be specified.")
    if not body.get("networkInterfaces"):
        why = "At least one network interface is required."
        raise invalid(field="resource.networkInterfaces", value="", why=why)


def _inputs(project: str, zone: str, body: Mapping[str, Any]) -> dict[str, Any]:
    disks = list(body.get("disks") or ())
    inputs: dict[str, Any] = {key: body[key] for key in _SAME if key in body}
    inputs |= {
        "name": body["name"],
        "project": project,
        "zone": zone,
        "machineType": last(str(body["machineType"])),
        "bootDisk": _boot(next(disk for disk in disks if disk.get("boot"))),
        "networkInterfaces": [_nic(nic) for nic in body["networkInterfaces"]],
    }
    scratch = [disk for disk in disks if disk.get("type") == "SCRATCH"]
    attached = [disk for disk in disks if not disk.get("boot") and disk.get("source")]
    items = (body.get("metadata") or {}).get("items") or ()
    optional: dict[str, Any] = {
        "labels": {str(key): str(value) for key, value in (body.get("labels") or {}).items()},
        "scratchDisks": [{"interface": disk.get("interface", "NVME")} for disk in scratch],
        "attachedDisks": [
            {"source": url(path_of(disk["source"])), "mode": disk.get("mode", "READ_WRITE")} for disk in attached
        ],
        "metadata": {item["key"]: item.get("value", "") for item in items},
        "tags": list((body.get("tags") or {}).get("items") or ()),
        "scheduling": _scheduling(body.get("scheduling") or {}),
        "serviceAccount": next(iter(body.get("serviceAccounts") or ()), None),
        "guestAccelerators": [
            {"type": last(one["acceleratorType"]), "count": one["acceleratorCount"]}
            for one in body.get("guestAccelerators") or ()
        ],
        "resourcePolicies": next(iter(body.get("resourcePolicies") or ()), None),
    }
    return inputs | {key: value for key, value in optional.items() if value}


def _boot(disk: Mapping[str, Any]) -> dict[str, Any]:
    # The API's default is to keep the disk; the provider's own is to delete it.
    boot: dict[str, Any] = {"autoDelete": bool(disk.get("autoDelete", False))}
    boot |= {key: disk[key] for key in ("deviceName", "interface", "mode") if key in disk}
    if disk.get("source"):
        return boot | {"source": url(path_of(disk["source"]))}
    made = disk.get("initializeParams") or {}
    wanted = {
        "image": made.get("sourceImage"),
        "size": int(made.get("diskSizeGb") or disk.get("diskSizeGb") or 10),
        "type": last(str(made.get("diskType") or "pd-standard")),
        "labels": made.get("labels"),
    }
    boot["initializeParams"] = {key: value for key, value in wanted.items() if value}
    return boot


def _nic(nic: Mapping[str, Any]) -> dict[str, Any]:
    other = {key: value for key, value in nic.items() if key in ("network", "subnetwork", "nicType", "stackType")}
    if nic.get("networkIP"):
        other["networkIp"] = nic["networkIP"]
    if nic.get("accessConfigs"):
        known = (("natIP", "natIp"), ("networkTier", "networkTier"))
        other["accessConfigs"] = [
            {wire: access[key] for key, wire in known if key in access} for access in nic["accessConfigs"]
        ]
    return other


def _scheduling(given: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(given)
    if found.get("provisioningModel") == "SPOT":
        found |= {"preemptible": True, "automaticRestart": False, "onHostMaintenance": "TERMINATE"}
    for key in ("maxRunDuration", "localSsdRecoveryTimeout"):
        if key in found:
            found[key] = {part: int(value) for part, value in found[key].items()}
    return found
