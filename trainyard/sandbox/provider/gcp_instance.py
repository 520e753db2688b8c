"""One Compute Engine machine, as the API tells it, with its boot disk and its own end."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from trainyard.sandbox.provider import gcp
from trainyard.sandbox.provider.gcp_machines import built_in
from trainyard.sandbox.provider.order import Made, Order, digits, nobodys_address, rfc3339, stable_hex
from trainyard.sandbox.store import EndAction, Status, Thing
from trainyard.servicer.values import reveal

TYPE: Final = "gcp:compute/instance:Instance"
DISK: Final = "gcp:compute/disk:Disk"
_IMAGE_GIB: Final = 10
_SSD_GIB: Final = 375
# cloud.google.com/compute/docs/disks/local-ssd: machine types that bring their disks along
_BUNDLED: Final[Mapping[str, int]] = {
    "a3-highgpu-8g": 16,
    "a3-highgpu-4g": 8,
    "a3-highgpu-2g": 4,
    "a3-highgpu-1g": 2,
    "a3-megagpu-8g": 16,
    "a3-ultragpu-8g": 32,
    "a4-highgpu-8g": 32,
}
_PLATFORMS: Final[Mapping[str, str]] = {
    "a2": "Intel Cascade Lake",
    "a3": "Intel Sapphire Rapids",
    "a4": "Intel Emerald Rapids",
    "g2": "Intel Cascade Lake",
    "g4": "AMD Turin",
    "n1": "Intel Skylake",
    "e2": "Intel Broadwell",
}
_DEFAULT_RANGE: Final = "10.128.0.0/20"  # of us-central1 in a network that makes its own subnets


def make(order: Order) -> Made:
    """Everything that the provider tells of a running machine."""
    project, zone = gcp.project_of(order), gcp.zone_of(order)
    name = order.text("name", order.name)
    id = f"projects/{project}/zones/{zone}/instances/{name}"
    disk = f"projects/{project}/zones/{zone}/disks/{name}"
    status = _status(order)
    ends, action = _end(order, status)
    outputs = {
        **gcp.common(order, name, project, id),
        **gcp.label_outputs(order),
        "zone": zone,
        "instanceId": order.keep("instanceId", lambda: digits(19)),
        "cpuPlatform": _PLATFORMS.get(order.text("machineType").partition("-")[0], "Intel Broadwell"),
        "currentStatus": "TERMINATED" if status == "stopped" else "RUNNING",
        "creationTimestamp": rfc3339(order.created),
        "metadataFingerprint": stable_hex(12, repr(order.plain("metadata"))),
        "tagsFingerprint": stable_hex(12, repr(order.plain("tags"))),
        "bootDisk": order.veil("bootDisk", _boot_disk(order, disk)),
        "networkInterfaces": order.veil("networkInterfaces", _interfaces(order, project, zone.rpartition("-")[0])),
        "scratchDisks": order.veil("scratchDisks", _scratch_disks(order)),
        "scheduling": order.veil("scheduling", _scheduling(order)),
        "guestAccelerators": order.inputs.get("guestAccelerators") or _built_in(order, project, zone),
    }
    return Made(
        id=id,
        name=name,
        project=project,
        place=zone,
        labels=gcp.effective_labels(order),
        outputs=outputs,
        status=status,
        ends=ends,
        end_action=action,
        parts=_disk_thing(order, id, disk, project, zone),
    )


def end_of(scheduling: Mapping[str, Any], started: float) -> tuple[float | None, EndAction | None]:
    """When the cloud itself ends a machine that runs since `started`, and how; STOP unless it says DELETE."""
    action: EndAction = "DELETE" if scheduling.get("instanceTerminationAction") == "DELETE" else "STOP"
    if scheduling.get("terminationTime"):
        return datetime.fromisoformat(scheduling["terminationTime"]).timestamp(), action
    duration = scheduling.get("maxRunDuration")
    return (started + float(duration["seconds"]), action) if duration else (None, None)


def _status(order: Order) -> Status:
    """Stopped or not: as the program wishes, else as it was; a new one runs."""
    desired = order.text("desiredStatus")
    if desired == "TERMINATED":
        return "stopped"
    return "stopped" if order.before and order.before.status == "stopped" and desired != "RUNNING" else "live"


def _end(order: Order, status: Status) -> tuple[float | None, EndAction | None]:
    """The machine's own end; a run that goes on keeps the one that it has, and what is stopped has none."""
    before = order.before
    scheduling = order.plain("scheduling") or {}
    if status == "stopped":
        return None, None
    if before is None or before.status == "stopped":
        return end_of(scheduling, order.now)
    if reveal(before.inputs.get("scheduling") or {}) == scheduling:
        return before.ends, before.end_action
    return end_of(scheduling, order.created)


def _boot_disk(order: Order, disk: str) -> dict[str, Any]:
    given = order.plain("bootDisk")
    parameters = given.get("initializeParams") or {}
    return {
        "autoDelete": True,
        "deviceName": "persistent-disk-0",
        "mode": "READ_WRITE",
        "source": gcp.self_link(disk),
        **given,
        "initializeParams": {"size": _IMAGE_GIB, "type": "pd-standard", "labels": {}, **parameters},
    }


def _disk_thing(order: Order, id: str, disk: str, project: str, zone: str) -> tuple[Thing, ...]:
    given = order.plain("bootDisk")
    if order.before is not None or given.get("source"):
        return ()
    parameters = {"size": _IMAGE_GIB, "type": "pd-standard", **(given.get("initializeParams") or {})}
    name = disk.rpartition("/")[2]
    outputs = {
        **parameters,
        "name": name,
        "project": project,
        "zone": zone,
        "selfLink": gcp.self_link(disk),
        "creationTimestamp": rfc3339(order.created),
        "diskId": digits(19),
        "users": [gcp.self_link(id)],
        "labels": parameters.get("labels") or {},
    }
    return (
        Thing(
            type=DISK,
            id=disk,
            package="gcp",
            project=project,
            place=zone,
            name=name,
            labels=parameters.get("labels") or {},
            inputs={**parameters, "name": name, "zone": zone},
            outputs=outputs,
            owner=f"{TYPE} {id}" if given.get("autoDelete", True) else "",
        ),
    )


def _interfaces(order: Order, project: str, region: str) -> list[dict[str, Any]]:
    before = reveal(order.before.outputs.get("networkInterfaces", [])) if order.before else []
    return [
        _interface(given, before[number] if number < len(before) else {}, number, _Place(order, project, region))
        for number, given in enumerate(order.plain("networkInterfaces"))
    ]


class _Place:
    """Where an interface's network is looked up."""

    def __init__(self, order: Order, project: str, region: str) -> None:
        self.order, self.project, self.region = order, project, region

    def subnetwork(self, given: str) -> Thing | None:
        """The subnetwork in the sandbox; None for one that is only named."""
        if not given:
            return None
        return self.order.store.get("gcp:compute/subnetwork:Subnetwork", gcp.path_of(self.link(given)))

    def link(self, given: str) -> str:
        return gcp.full_link(given, "subnetworks", self.project, f"regions/{self.region}")

    def address(self, subnetwork: Thing | None, number: int) -> str:
        """An address of the subnet's range that follows from the machine's name."""
        cidr = subnetwork.inputs.get("ipCidrRange") if subnetwork else None
        network = ipaddress.ip_network(cidr if isinstance(cidr, str) else _DEFAULT_RANGE, strict=False)
        name = self.order.text("name", self.order.name)
        room = max(network.num_addresses - 4, 1)  # the cloud keeps the first two and the last two
        return str(network[min(2, network.num_addresses - 1)] + int(stable_hex(12, name, str(number)), 16) % room)


def _interface(given: Mapping[str, Any], before: Mapping[str, Any], number: int, place: _Place) -> dict[str, Any]:
    subnetwork = place.subnetwork(given.get("subnetwork") or "")
    network = given.get("network") or (subnetwork.outputs.get("network") if subnetwork else None) or "default"
    told = {
        "name": f"nic{number}",
        "stackType": "IPV4_ONLY",
        "networkIp": before.get("networkIp") or place.address(subnetwork, number),
        **{key: value for key, value in given.items() if value is not None},
        "network": gcp.full_link(str(network), "networks", place.project, "global"),
        "subnetwork": place.link(given.get("subnetwork") or "default"),
        "subnetworkProject": given.get("subnetworkProject") or place.project,
    }
    if given.get("accessConfigs"):
        address = nobodys_address(place.order.name, str(number))
        told["accessConfigs"] = [
            {"natIp": address, "networkTier": "PREMIUM", **part} for part in given["accessConfigs"]
        ]
    return told


def _scratch_disks(order: Order) -> list[dict[str, Any]]:
    """The local SSDs that were asked for, or those that the machine type has built in."""
    machine_type = order.text("machineType").rpartition("/")[2]
    built_in_count = next((count for prefix, count in _BUNDLED.items() if machine_type.startswith(prefix)), 0)
    if machine_type.startswith("a2-ultragpu-"):
        built_in_count = int(machine_type.removeprefix("a2-ultragpu-").removesuffix("g"))
    given = order.plain("scratchDisks") or [{"interface": "NVME"}] * built_in_count
    return [{"size": _SSD_GIB, **part} for part in given]


def _scheduling(order: Order) -> dict[str, Any]:
    given = order.plain("scheduling") or {}
    spot = given.get("provisioningModel") == "SPOT"
    return {
        "automaticRestart": not spot,
        "onHostMaintenance": "MIGRATE",
        "preemptible": spot,
        "provisioningModel": "STANDARD",
        **given,
    }


def _built_in(order: Order, project: str, zone: str) -> list[dict[str, Any]]:
    """The accelerators that a machine type brings along."""
    brought = built_in(order.text("machineType").rpartition("/")[2])
    if brought is None:
        return []
    return [
        {"type": gcp.self_link(f"projects/{project}/zones/{zone}/acceleratorTypes/{brought[0]}"), "count": brought[1]}
    ]
