"""A virtual machine between the provider's properties, which the store holds, and the API's JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trainyard.sandbox.api.compute.names import fingerprint, last, moment, number, path_of, url
from trainyard.sandbox.api.discovery import fit
from trainyard.sandbox.store import Thing
from trainyard.servicer.values import reveal

TYPE = "gcp:compute/instance:Instance"
_ACCESS = {"natIp": "natIP", "publicPtrDomainName": "publicPtrDomainName", "networkTier": "networkTier"}


def to_json(thing: Thing) -> dict[str, Any]:
    """The machine as `instances.get` answers."""
    given: dict[str, Any] = reveal({**thing.inputs, **thing.outputs})
    zone = f"projects/{thing.project}/zones/{thing.place}"
    metadata = dict(given.get("metadata") or {})
    if given.get("metadataStartupScript"):
        metadata["startup-script"] = given["metadataStartupScript"]
    created = moment(thing.created)
    tags = [str(tag) for tag in given.get("tags") or ()]
    body = fit("Instance", {key: value for key, value in given.items() if key not in _OTHERWISE})
    body |= {
        "kind": "compute#instance",
        "id": machine_number(thing),
        "name": thing.name,
        "creationTimestamp": created,
        "zone": url(zone),
        "machineType": url(f"{zone}/machineTypes/{last(str(given.get('machineType', '')))}"),
        "status": status(thing),
        "selfLink": url(path(thing)),
        "disks": disks(thing, given),
        "networkInterfaces": [
            _nic(thing, index, nic) for index, nic in enumerate(given.get("networkInterfaces") or ())
        ],
        "metadata": {
            "kind": "compute#metadata",
            "fingerprint": fingerprint(metadata),
            "items": [{"key": key, "value": str(value)} for key, value in metadata.items()],
        },
        "tags": {"fingerprint": fingerprint(dict.fromkeys(tags, ""))} | ({"items": tags} if tags else {}),
        "labelFingerprint": fingerprint(thing.labels),
        "fingerprint": fingerprint({"changed": thing.changed}),
        "cpuPlatform": str(given.get("cpuPlatform") or "Unknown CPU Platform"),
        "canIpForward": bool(given.get("canIpForward", False)),
        "deletionProtection": bool(given.get("deletionProtection", False)),
        "startRestricted": False,
        "scheduling": _scheduling(given.get("scheduling") or {}),
        "lastStartTimestamp": created,
    }
    labels = given.get("effectiveLabels") or thing.labels  # those with the provider's default labels
    if labels:
        body["labels"] = dict(labels)
    if thing.status == "stopped":
        body["lastStopTimestamp"] = moment(thing.changed)
    return body | _named_otherwise(thing, given)


def status(thing: Thing) -> str:
    """RUNNING, STOPPING or TERMINATED; a machine that its provider stopped says so in its outputs."""
    if thing.status == "deleting":
        return "STOPPING"
    if thing.status == "stopped":
        return "TERMINATED"
    return str(thing.outputs.get("currentStatus") or "RUNNING")


def machine_number(thing: Thing) -> str:
    """The numeric id that the cloud gave."""
    given = str(thing.outputs.get("instanceId", ""))
    return given if given.isdecimal() else number(thing.id, thing.created)


def boot_disk_name(thing: Thing) -> str:
    """The boot disk's name: what its source says, else the machine's."""
    boot = reveal({**thing.inputs, **thing.outputs}.get("bootDisk") or {})
    return last(str(boot.get("source") or thing.name))


def path(thing: Thing) -> str:
    """ "projects/p/zones/z/instances/n"."""
    return f"projects/{thing.project}/zones/{thing.place}/instances/{thing.name}"


def disks(thing: Thing, given: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The attached disks: boot disk, others, then local SSDs."""
    zone = f"projects/{thing.project}/zones/{thing.place}"
    boot = given.get("bootDisk") or {}
    made = boot.get("initializeParams") or {}
    found = [
        {
            "type": "PERSISTENT",
            "boot": True,
            "mode": str(boot.get("mode") or "READ_WRITE"),
            "deviceName": str(boot.get("deviceName") or "persistent-disk-0"),
            "autoDelete": bool(boot.get("autoDelete", True)),
            "source": url(f"{zone}/disks/{boot_disk_name(thing)}"),
            "diskSizeGb": str(int(made.get("size") or 10)),
            "interface": str(boot.get("interface") or "SCSI"),
        }
    ]
    for index, disk in enumerate(given.get("attachedDisks") or (), start=1):
        found.append(
            {
                "type": "PERSISTENT",
                "boot": False,
                "mode": str(disk.get("mode") or "READ_WRITE"),
                "deviceName": str(disk.get("deviceName") or f"persistent-disk-{index}"),
                "autoDelete": False,
                "source": url(path_of(str(disk.get("source", "")))),
                "interface": "SCSI",
            }
        )
    for index, disk in enumerate(given.get("scratchDisks") or ()):
        found.append(
            {
                "type": "SCRATCH",
                "boot": False,
                "mode": "READ_WRITE",
                "deviceName": str(disk.get("deviceName") or f"local-ssd-{index}"),
                "autoDelete": True,
                "diskSizeGb": str(int(disk.get("size") or 375)),
                "interface": str(disk.get("interface") or "NVME"),
            }
        )
    return [{"kind": "compute#attachedDisk", "index": index, **disk} for index, disk in enumerate(found)]


def _nic(thing: Thing, index: int, nic: Mapping[str, Any]) -> dict[str, Any]:
    body = fit("NetworkInterface", {key: value for key, value in nic.items() if key != "accessConfigs"})
    for key in ("network", "subnetwork"):
        if key in body:
            body[key] = _network_url(thing, key, body[key])
    address = nic.get("networkIp") or f"10.128.{int(number(thing.id)) % 250}.{2 + index}"
    body |= {"kind": "compute#networkInterface", "name": f"nic{index}", "networkIP": str(address)}
    body.setdefault("stackType", "IPV4_ONLY")
    body["fingerprint"] = fingerprint(body)
    external = [
        {"kind": "compute#accessConfig", "type": "ONE_TO_ONE_NAT", "name": "external-nat"}
        | {wire: str(access[key]) for key, wire in _ACCESS.items() if access.get(key)}
        for access in nic.get("accessConfigs") or ()
    ]
    return body | ({"accessConfigs": external} if external else {})


def _network_url(thing: Thing, kind: str, given: str) -> str:
    if "projects/" in given:
        return url(path_of(given))
    if kind == "network":
        return url(f"projects/{thing.project}/global/networks/{last(given)}")
    region = thing.place.rpartition("-")[0]
    return url(f"projects/{thing.project}/regions/{region}/subnetworks/{last(given)}")


def _scheduling(given: Mapping[str, Any]) -> dict[str, Any]:
    spot = bool(given.get("preemptible", False))
    defaults = {
        "onHostMaintenance": "TERMINATE" if spot else "MIGRATE",
        "automaticRestart": not spot,
        "preemptible": spot,
        "provisioningModel": "SPOT" if spot else "STANDARD",
    }
    return fit("Scheduling", {**defaults, **{key: value for key, value in given.items() if value not in (None, "")}})


def _named_otherwise(thing: Thing, given: Mapping[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = {}
    account = given.get("serviceAccount")
    if account:
        email = str(account.get("email") or f"{number(thing.project)[:12]}-compute@developer.gserviceaccount.com")
        body["serviceAccounts"] = [{"email": email, "scopes": [str(scope) for scope in account.get("scopes") or ()]}]
    accelerators = given.get("guestAccelerators")
    if accelerators:
        zone = f"projects/{thing.project}/zones/{thing.place}"
        body["guestAccelerators"] = [
            {
                "acceleratorType": url(f"{zone}/acceleratorTypes/{last(str(one['type']))}"),
                "acceleratorCount": int(one["count"]),
            }
            for one in accelerators
        ]
    affinity = given.get("reservationAffinity")
    if affinity:
        named = affinity.get("specificReservation") or {}
        body["reservationAffinity"] = {"consumeReservationType": str(affinity.get("type", "ANY_RESERVATION"))} | (
            {"key": str(named["key"]), "values": [str(value) for value in named["values"]]} if named else {}
        )
    policies = given.get("resourcePolicies")
    if policies:
        found = policies if isinstance(policies, (list, tuple)) else [policies]
        body["resourcePolicies"] = [url(path_of(str(policy))) for policy in found]
    return body


_OTHERWISE = frozenset(
    {"metadata", "tags", "labels", "networkInterfaces", "guestAccelerators", "reservationAffinity", "resourcePolicies"}
    | {"scheduling", "zone", "machineType", "name", "instanceId", "id", "selfLink", "creationTimestamp", "cpuPlatform"}
)
