"""Disks, addresses and snapshots between the provider's properties and the API's JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from trainyard.sandbox.api.compute import instance_json
from trainyard.sandbox.api.compute.names import fingerprint, is_name, last, moment, number, path_of, url
from trainyard.sandbox.api.discovery import fit, plain, schemas
from trainyard.sandbox.api.google_error import GoogleError, invalid
from trainyard.sandbox.store import Thing

DISK = "gcp:compute/disk:Disk"
ADDRESS = "gcp:compute/address:Address"
SNAPSHOT = "gcp:compute/snapshot:Snapshot"
_PLACES = {DISK: "zones", ADDRESS: "regions", SNAPSHOT: "global"}
_COLLECTIONS = {DISK: "disks", ADDRESS: "addresses", SNAPSHOT: "snapshots"}
_SCHEMAS = {DISK: "Disk", ADDRESS: "Address", SNAPSHOT: "Snapshot"}


def to_json(thing: Thing, users: Sequence[str] = ()) -> dict[str, Any]:
    """The thing as its `get` answers; `users` are the machines that hold it."""
    given: dict[str, Any] = {**thing.inputs, **thing.outputs}
    schema = _SCHEMAS[thing.type]
    known = {key: plain(value) for key, value in given.items() if key not in ("zone", "region", "labels", "type", "id")}
    body = fit(schema, known) | {
        "kind": f"compute#{schema.lower()}",
        "id": number(thing.id, thing.created),
        "name": thing.name,
        "creationTimestamp": moment(thing.created),
        "selfLink": url(path(thing)),
        "labelFingerprint": fingerprint(thing.labels),
        **_OWN[thing.type](thing, given),
    }
    if thing.labels:
        body["labels"] = dict(thing.labels)
    if users:
        body["users"] = [*users]
    if thing.type == ADDRESS and users:
        body["status"] = "IN_USE"
    return body


def path(thing: Thing) -> str:
    """ "projects/p/zones/z/disks/d"."""
    place = _PLACES[thing.type]
    scope = place if place == "global" else f"{place}/{thing.place}"
    return f"projects/{thing.project}/{scope}/{_COLLECTIONS[thing.type]}/{thing.name}"


def boot_disk(machine: Thing) -> Thing | None:
    """The disk that a machine was made with; None when it boots from a disk of its own life."""
    boot = plain({**machine.inputs, **machine.outputs}.get("bootDisk") or {})
    made = plain(boot.get("initializeParams") or {})
    if plain(machine.inputs.get("bootDisk") or {}).get("source") and not made:
        return None
    name = instance_json.boot_disk_name(machine)
    wanted = {"image": made.get("image"), "size": int(made.get("size") or 10), "type": made.get("type")}
    inputs = {key: value for key, value in wanted.items() if value}
    inputs |= {"name": name, "zone": machine.place, "project": machine.project}
    labels = {str(key): str(value) for key, value in plain(made.get("labels") or {}).items()}
    return Thing(
        type=DISK,
        id=f"projects/{machine.project}/zones/{machine.place}/disks/{name}",
        package="gcp",
        project=machine.project,
        place=machine.place,
        name=name,
        labels=labels,
        inputs=inputs | ({"labels": labels} if labels else {}),
        created=machine.created,
    )


def keeps_boot_disk(machine: Thing) -> bool:
    """True when the boot disk outlives its machine."""
    boot = plain({**machine.inputs, **machine.outputs}.get("bootDisk") or {})
    return not boot.get("autoDelete", True)


def thing(type_: str, project: str, place: str, body: Mapping[str, Any], now: float) -> Thing:
    """A disk, address or snapshot that the API is asked to make; GoogleError for a body that is refused."""
    known = schemas()[_SCHEMAS[type_]]["properties"]
    for key in body:
        if key not in known:
            message = f'Invalid JSON payload received. Unknown name "{key}": Cannot find field.'
            raise GoogleError(400, message, "badRequest")
    name = body.get("name")
    if not isinstance(name, str) or not is_name(name):
        why = "Must be a match of regex '(?:[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?)'"
        raise invalid(field="resource.name", value=name or "", why=why)
    labels = {str(key): str(value) for key, value in (body.get("labels") or {}).items()}
    inputs: dict[str, Any] = {
        key: value for key, value in body.items() if key not in ("labels", "sizeGb", "sourceImage")
    }
    inputs |= {"name": name, "project": project} | ({"labels": labels} if labels else {})
    if type_ == DISK:
        inputs |= {
            "zone": place,
            "size": int(body.get("sizeGb") or 500),
            "type": last(str(body.get("type") or "pd-standard")),
        }
        inputs |= {"image": body["sourceImage"]} if body.get("sourceImage") else {}
    elif type_ == ADDRESS:
        inputs["region"] = place
    draft = Thing(
        type=type_,
        id="",
        package="gcp",
        project=project,
        place=place,
        name=name,
        labels=labels,
        inputs=inputs,
        created=now,
    )
    return Thing(**{**vars(draft), "id": path(draft), "outputs": _outputs(draft)})


def _outputs(draft: Thing) -> dict[str, Any]:
    shown = to_json(draft)
    outputs = {
        **draft.inputs,
        "selfLink": shown["selfLink"],
        "creationTimestamp": shown["creationTimestamp"],
        "labelFingerprint": shown["labelFingerprint"],
        "effectiveLabels": dict(draft.labels),
        "pulumiLabels": dict(draft.labels),
    }
    if draft.type == ADDRESS:
        outputs["address"] = shown["address"]
    return outputs


def _disk(thing: Thing, given: Mapping[str, Any]) -> dict[str, Any]:
    zone = f"projects/{thing.project}/zones/{thing.place}"
    body = {
        "zone": url(zone),
        "type": url(f"{zone}/diskTypes/{last(str(given.get('type') or 'pd-standard'))}"),
        "sizeGb": str(int(given.get("size") or 10)),
        "status": "READY",
        "physicalBlockSizeBytes": "4096",
    }
    return body | ({"sourceImage": url(path_of(str(given["image"])))} if given.get("image") else {})


def _address(thing: Thing, given: Mapping[str, Any]) -> dict[str, Any]:
    mark = int(number(thing.id or path(thing)))
    return {
        "region": url(f"projects/{thing.project}/regions/{thing.place}"),
        "address": str(given.get("address") or f"34.{mark % 60 + 64}.{mark // 64 % 250}.{mark // 65536 % 250 + 2}"),
        "addressType": str(given.get("addressType") or "EXTERNAL"),
        "networkTier": str(given.get("networkTier") or "PREMIUM"),
        "status": "RESERVED",
    }


def _snapshot(thing: Thing, given: Mapping[str, Any]) -> dict[str, Any]:
    size = str(int(given.get("diskSizeGb") or 10))
    body = {
        "status": "READY",
        "diskSizeGb": size,
        "storageBytes": str(int(size) << 30),
        "storageBytesStatus": "UP_TO_DATE",
    }
    source = str(given.get("sourceDisk") or "")
    if source and "projects/" not in source and given.get("zone"):
        source = f"projects/{thing.project}/zones/{last(str(given['zone']))}/disks/{last(source)}"
    return body | ({"sourceDisk": url(path_of(source))} if source else {})


_OWN = {DISK: _disk, ADDRESS: _address, SNAPSHOT: _snapshot}
