"""The body of `instances.insert` in the words of the provider side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from trainyard.sandbox.api.compute.names import check_body, last, path_of, url
from trainyard.sandbox.api.google_error import invalid

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


def inputs_of(project: str, zone: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """The provider's properties of the machine to be; GoogleError for a body that Compute Engine refuses."""
    _check(body)
    return _inputs(project, zone, body)


def _check(body: Mapping[str, Any]) -> None:
    check_body("Instance", body)
    if not body.get("machineType"):
        raise invalid(field="resource.machineType", value="", why="The machine type must be specified.")
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
        "type": last(str(made.get("diskType") or "")),
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
    if found.get("provisioningModel") == "SPOT" or found.get("preemptible"):
        found |= {"preemptible": True, "automaticRestart": False, "onHostMaintenance": "TERMINATE"}
    for key in ("maxRunDuration", "localSsdRecoveryTimeout"):
        if key in found:
            found[key] = {part: int(value) for part, value in found[key].items()}
    return found
