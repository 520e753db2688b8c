"""Disks, addresses and snapshots between the provider's properties and the API's JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from trainyard.sandbox.api.compute.names import check_body, fingerprint, last, moment, number, path_of, url
from trainyard.sandbox.api.discovery import fit
from trainyard.sandbox.store import Thing
from trainyard.servicer.values import reveal


@dataclass(frozen=True, kw_only=True)
class Part:
    schema: str  # "Disk"
    collection: str  # "disks"
    place: str  # "zones", "regions" or "global"


DISK: Final = "gcp:compute/disk:Disk"
REGION_DISK: Final = "gcp:compute/regionDisk:RegionDisk"
ADDRESS: Final = "gcp:compute/address:Address"
GLOBAL_ADDRESS: Final = "gcp:compute/globalAddress:GlobalAddress"
SNAPSHOT: Final = "gcp:compute/snapshot:Snapshot"
TYPES: Final[Mapping[str, Part]] = {
    DISK: Part(schema="Disk", collection="disks", place="zones"),
    REGION_DISK: Part(schema="Disk", collection="disks", place="regions"),
    ADDRESS: Part(schema="Address", collection="addresses", place="regions"),
    GLOBAL_ADDRESS: Part(schema="Address", collection="addresses", place="global"),
    SNAPSHOT: Part(schema="Snapshot", collection="snapshots", place="global"),
}
_OTHERWISE: Final = frozenset({"zone", "region", "labels", "type", "id", "users", "creationTimestamp", "selfLink"})


def to_json(thing: Thing, users: Sequence[str] = ()) -> dict[str, Any]:
    """The thing as its `get` answers; `users` are the machines that hold it."""
    given: dict[str, Any] = reveal({**thing.inputs, **thing.outputs})
    part = TYPES[thing.type]
    known = {key: value for key, value in given.items() if key not in _OTHERWISE and value != ""}
    body = fit(part.schema, known) | {
        "kind": f"compute#{part.schema.lower()}",
        "id": number_of(thing),
        "name": thing.name,
        "creationTimestamp": moment(thing.created),
        "selfLink": url(path(thing)),
        "labelFingerprint": fingerprint(thing.labels),
    }
    if part.place != "global":
        body[part.place[:-1]] = url(f"projects/{thing.project}/{scope(thing)}")
    labels = given.get("effectiveLabels") or thing.labels  # those with the provider's default labels
    if labels:
        body["labels"] = dict(labels)
    if users:
        body["users"] = [*users]
    return body | _OWN[part.schema](thing, given, bool(users))


def number_of(thing: Thing) -> str:
    """The numeric id that the cloud gave."""
    given = str(thing.outputs.get(f"{TYPES[thing.type].schema.lower()}Id", ""))
    return given if given.isdecimal() else number(thing.id, thing.created)


def path(thing: Thing) -> str:
    """ "projects/p/zones/z/disks/d"."""
    return f"projects/{thing.project}/{scope(thing)}/{TYPES[thing.type].collection}/{thing.name}"


def scope(thing: Thing) -> str:
    """ "zones/z", "regions/r" or "global"."""
    place = TYPES[thing.type].place
    return place if place == "global" else f"{place}/{thing.place}"


def inputs_of(type_: str, project: str, place: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """The provider's properties of a thing that the API is asked to make; GoogleError for a body that is refused."""
    check_body(TYPES[type_].schema, body)
    inputs: dict[str, Any] = {key: value for key, value in body.items() if key not in ("sizeGb", "sourceImage")}
    inputs["project"] = project
    if type_ == DISK:
        inputs |= {"zone": place, "size": int(body.get("sizeGb") or 500)}
        inputs["type"] = last(str(body.get("type") or "pd-standard"))
        inputs |= {"image": body["sourceImage"]} if body.get("sourceImage") else {}
    elif type_ == ADDRESS:
        inputs["region"] = place
    return inputs


def _disk(thing: Thing, given: Mapping[str, Any], used: bool) -> dict[str, Any]:
    kind = last(str(given.get("type") or "pd-standard"))
    body = {
        "type": url(f"projects/{thing.project}/{scope(thing)}/diskTypes/{kind}"),
        "sizeGb": str(int(given.get("size") or 10)),
        "status": "READY",
        "physicalBlockSizeBytes": str(int(given.get("physicalBlockSizeBytes") or 4096)),
    }
    return body | ({"sourceImage": url(path_of(str(given["image"])))} if given.get("image") else {})


def _address(thing: Thing, given: Mapping[str, Any], used: bool) -> dict[str, Any]:
    mark = int(number(path(thing)))
    return {
        "address": str(given.get("address") or f"198.51.100.{mark % 254 + 1}"),  # RFC 5737: nobody's
        "addressType": str(given.get("addressType") or "EXTERNAL"),
        "networkTier": str(given.get("networkTier") or "PREMIUM"),
        "status": "IN_USE" if used else "RESERVED",
    }


def _snapshot(thing: Thing, given: Mapping[str, Any], used: bool) -> dict[str, Any]:
    size = int(given.get("diskSizeGb") or 10)
    source = str(given.get("sourceDisk") or "")
    if source and "projects/" not in source and given.get("zone"):
        source = f"projects/{thing.project}/zones/{last(str(given['zone']))}/disks/{last(source)}"
    body = {
        "status": "READY",
        "diskSizeGb": str(size),
        "storageBytes": str(size << 30),
        "storageBytesStatus": "UP_TO_DATE",
    }
    return body | ({"sourceDisk": url(path_of(source))} if source else {})


_OWN = {"Disk": _disk, "Address": _address, "Snapshot": _snapshot}
