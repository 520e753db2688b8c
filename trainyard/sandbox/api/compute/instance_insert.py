"""A machine that the API is asked to make, as the provider's properties in the store."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from trainyard.sandbox.api import google_error
from trainyard.sandbox.api.compute import instance_json
from trainyard.sandbox.api.compute.names import fingerprint, is_name, last, moment, path_of, url
from trainyard.sandbox.api.compute.places import has_machine_type
from trainyard.sandbox.api.discovery import schemas
from trainyard.sandbox.store import EndAction, Thing

_SAME = ("description", "hostname", "minCpuPlatform", "canIpForward", "deletionProtection", "shieldedInstanceConfig")
_SAME += ("confidentialInstanceConfig", "advancedMachineFeatures", "networkPerformanceConfig")


def thing(project: str, zone: str, body: Mapping[str, Any], now: float) -> Thing:
    """The machine to be; GoogleError for a body that Compute Engine refuses."""
    _check(zone, body)
    name = str(body["name"])
    inputs = _inputs(project, zone, body)
    draft = Thing(
        type=instance_json.TYPE,
        id=f"projects/{project}/zones/{zone}/instances/{name}",
        package="gcp",
        project=project,
        place=zone,
        name=name,
        labels={str(key): str(value) for key, value in (body.get("labels") or {}).items()},
        inputs=inputs,
        created=now,
    )
    ends, action = _end(body.get("scheduling") or {}, now)
    return Thing(**{**vars(draft), "outputs": _outputs(draft), "ends": ends, "end_action": action})


def _check(zone: str, body: Mapping[str, Any]) -> None:
    known = schemas()["Instance"]["properties"]
    for key in body:
        if key not in known:
            message = f'Invalid JSON payload received. Unknown name "{key}": Cannot find field.'
            raise google_error.GoogleError(400, message, "badRequest")
    name = body.get("name")
    if not isinstance(name, str) or not is_name(name):
        why = "Must be a match of regex '(?:[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?)'"
        raise google_error.invalid(field="resource.name", value=name or "", why=why)
    machine_type = str(body.get("machineType") or "")
    if not machine_type:
        raise google_error.invalid(field="resource.machineType", value="", why="The machine type must be specified.")
    if not has_machine_type(zone, last(machine_type)):
        why = f"Machine type with name '{last(machine_type)}' does not exist in zone '{zone}'."
        raise google_error.invalid(field="resource.machineType", value=machine_type, why=why)
    if not any(disk.get("boot") for disk in body.get("disks") or ()):
        raise google_error.invalid(field="resource.disks", value="", why="Boot disk must be specified.")
    if not body.get("networkInterfaces"):
        raise google_error.invalid(
            field="resource.networkInterfaces", value="", why="At least one network interface is required."
        )


def _inputs(project: str, zone: str, body: Mapping[str, Any]) -> dict[str, Any]:
    disks = list(body.get("disks") or ())
    inputs: dict[str, Any] = {key: body[key] for key in _SAME if key in body}
    inputs |= {
        "name": body["name"],
        "project": project,
        "zone": zone,
        "machineType": last(str(body["machineType"])),
        "labels": {str(key): str(value) for key, value in (body.get("labels") or {}).items()},
        "bootDisk": _boot(next(disk for disk in disks if disk.get("boot"))),
        "networkInterfaces": [_nic(nic) for nic in body["networkInterfaces"]],
    }
    scratch = [disk for disk in disks if disk.get("type") == "SCRATCH"]
    attached = [disk for disk in disks if not disk.get("boot") and disk.get("source")]
    items = (body.get("metadata") or {}).get("items") or ()
    optional: dict[str, Any] = {
        "scratchDisks": [{"interface": disk.get("interface", "NVME"), "size": 375} for disk in scratch],
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
        other["accessConfigs"] = [{"natIp": access.get("natIP", "")} for access in nic["accessConfigs"]]
    return other


def _scheduling(given: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(given)
    if found.get("provisioningModel") == "SPOT":
        found |= {"preemptible": True, "automaticRestart": False, "onHostMaintenance": "TERMINATE"}
    for key in ("maxRunDuration", "localSsdRecoveryTimeout"):
        if key in found:
            found[key] = {part: int(value) for part, value in found[key].items()}
    return found


def _end(scheduling: Mapping[str, Any], now: float) -> tuple[float | None, EndAction | None]:
    text, lasting = scheduling.get("terminationTime"), scheduling.get("maxRunDuration")
    if not text and not lasting:
        return None, None
    action: EndAction = "STOP" if scheduling.get("instanceTerminationAction") == "STOP" else "DELETE"
    if not text:
        return now + int((lasting or {}).get("seconds", 0)), action
    try:
        moment_ = datetime.fromisoformat(str(text))
    except ValueError as error:
        raise google_error.invalid(
            field="resource.scheduling.terminationTime", value=text, why="Invalid timestamp."
        ) from error
    return moment_.timestamp(), action


def _outputs(draft: Thing) -> dict[str, Any]:
    """What the provider's Read shows of a machine beyond its inputs."""
    shown = instance_json.to_json(draft)
    boot = shown["disks"][0]
    nics = zip(draft.inputs["networkInterfaces"], shown["networkInterfaces"], strict=True)
    return {
        **draft.inputs,
        "bootDisk": {**draft.inputs["bootDisk"], "source": boot["source"], "deviceName": boot["deviceName"]},
        "networkInterfaces": [{**nic, "name": seen["name"], "networkIp": seen["networkIP"]} for nic, seen in nics],
        "instanceId": shown["id"],
        "selfLink": shown["selfLink"],
        "creationTimestamp": moment(draft.created),
        "cpuPlatform": shown["cpuPlatform"],
        "currentStatus": "RUNNING",
        "effectiveLabels": dict(draft.labels),
        "pulumiLabels": dict(draft.labels),
        "labelFingerprint": fingerprint(draft.labels),
        "metadataFingerprint": shown["metadata"]["fingerprint"],
        "tagsFingerprint": shown["tags"]["fingerprint"],
    }
