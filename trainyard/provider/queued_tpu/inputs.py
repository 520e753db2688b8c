"""What a queued TPU is asked for with, off the wire, and as the Cloud TPU API takes and gives it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from trainyard.facts.expiry import parse_time
from trainyard.facts.tpu import GENERATIONS, of_slice_name, runtime_error
from trainyard.provider.resource import InputsError, Problem
from trainyard.servicer import has_unknown

Wire = Mapping[str, Any]
REQUIRED = (
    "project",
    "zone",
    "queuedResourceId",
    "nodeId",
    "runtimeVersion",
    "network",
    "subnetwork",
    "serviceAccount",
    "labels",
    "metadata",
)
KEYS = (*REQUIRED, "acceleratorType", "acceleratorConfig", "spot", "guaranteed", "reservation", "validUntil")
_FROM_OTHERS = (
    "network",
    "subnetwork",
    "serviceAccount",
    "metadata",
)  # may come from other resources, so be unknown in a preview
_TEXTS = (*(key for key in REQUIRED if key not in ("labels", "metadata")), "acceleratorType", "reservation")
_ID = re.compile(r"[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?")
_SCOPE = "https://www.googleapis.com/auth/cloud-platform"


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """One request for one node."""

    project: str
    zone: str
    id: str
    node_id: str
    accelerator: Wire  # {"acceleratorType": …} or {"acceleratorConfig": …}
    runtime_version: str
    network: str
    subnetwork: str
    service_account: str
    labels: Mapping[str, str]
    metadata: Mapping[str, str]
    spot: bool
    guaranteed: bool
    reservation: str | None
    valid_until: datetime | None

    @property
    def parent(self) -> str:
        """The zone's name in the API."""
        return f"projects/{self.project}/locations/{self.zone}"

    @property
    def name(self) -> str:
        """The request's name in the API, which is the resource's id."""
        return f"{self.parent}/queuedResources/{self.id}"

    def body(self) -> dict[str, Any]:
        """tpu.v2 QueuedResource."""
        node = {
            **self.accelerator,
            "runtimeVersion": self.runtime_version,
            "networkConfig": {"network": self.network, "subnetwork": self.subnetwork, "enableExternalIps": False},
            "serviceAccount": {"email": self.service_account, "scope": [_SCOPE]},
            "labels": dict(self.labels),
            "metadata": dict(self.metadata),
        }
        body: dict[str, Any] = {"tpu": {"nodeSpec": [{"parent": self.parent, "nodeId": self.node_id, "node": node}]}}
        if self.spot:
            body["spot"] = {}
        if self.guaranteed:
            body["guaranteed"] = {}
        if self.reservation:
            body["reservationName"] = f"{self.parent}/reservations/{self.reservation}"
        if self.valid_until is not None:
            body["queueingPolicy"] = {"validUntilTime": self.valid_until.strftime("%Y-%m-%dT%H:%M:%SZ")}
        return body

    def differs(self, found: Wire) -> str | None:
        """What a request of this id asks for instead; None when it is ours."""
        spec, asked = _spec(found), _spec(self.body())
        theirs, ours = spec.get("node", {}), asked["node"]
        for key in ("acceleratorType", "acceleratorConfig", "runtimeVersion", "labels"):
            if key in ours and theirs.get(key) != ours[key]:
                return f"{key} {theirs.get(key)!r} instead of {ours[key]!r}"
        if spec.get("nodeId") != self.node_id:
            return f"node {spec.get('nodeId')!r} instead of {self.node_id!r}"
        return None if ("spot" in found) == self.spot else "another way of buying"


def parse(given: Wire) -> Inputs:
    """The inputs; InputsError with all that is wrong. None of them may be unknown."""
    if problems := tuple(problems_in(given)):
        raise InputsError(problems)
    until = given.get("validUntil")
    return Inputs(
        project=given["project"],
        zone=given["zone"],
        id=given["queuedResourceId"],
        node_id=given["nodeId"],
        accelerator={key: given[key] for key in ("acceleratorType", "acceleratorConfig") if given.get(key)},
        runtime_version=given["runtimeVersion"],
        network=given["network"],
        subnetwork=given["subnetwork"],
        service_account=given["serviceAccount"],
        labels=given["labels"],
        metadata=given["metadata"],
        spot=bool(given.get("spot")),
        guaranteed=bool(given.get("guaranteed")),
        reservation=given.get("reservation"),
        valid_until=parse_time(until) if until else None,
    )


def problems_in(given: Wire) -> Iterator[Problem]:
    """All that is wrong; what comes from other resources may be unknown."""
    for key in given:
        if key not in KEYS:
            yield Problem(key, f"is no input of a queued TPU; its inputs are {', '.join(KEYS)}")
        elif has_unknown(given[key]) and key not in _FROM_OTHERS:
            yield Problem(key, "must be known in every preview; give a plain value")
            return
    yield from (Problem(key, "is missing") for key in REQUIRED if given.get(key) is None)
    for key in _TEXTS:
        value = given.get(key)
        if value is not None and not has_unknown(value) and (not isinstance(value, str) or not value):
            yield Problem(key, f"{value!r} is no text")
            return
    yield from _wrong_words(given)
    yield from _wrong_accelerator(given)


def inputs_of(name: str, found: Wire) -> dict[str, Any]:
    """The inputs, on the wire, of a request that is imported."""
    _, project, _, zone, _, id = name.split("/")
    spec = _spec(found)
    node = spec.get("node", {})
    network = node.get("networkConfig", {})
    taken = {
        "project": project,
        "zone": zone,
        "queuedResourceId": id,
        "nodeId": spec.get("nodeId"),
        "acceleratorType": node.get("acceleratorType"),
        "acceleratorConfig": node.get("acceleratorConfig") if not node.get("acceleratorType") else None,
        "runtimeVersion": node.get("runtimeVersion"),
        "network": network.get("network"),
        "subnetwork": network.get("subnetwork"),
        "serviceAccount": node.get("serviceAccount", {}).get("email"),
        "labels": node.get("labels", {}),
        "metadata": node.get("metadata", {}),
        "spot": "spot" in found,
        "guaranteed": "guaranteed" in found,
        "reservation": str(found.get("reservationName", "")).rpartition("/")[2] or None,
        "validUntil": found.get("queueingPolicy", {}).get("validUntilTime"),
    }
    return {key: value for key, value in taken.items() if value is not None}


def _wrong_words(given: Wire) -> Iterator[Problem]:
    for key in ("queuedResourceId", "nodeId"):
        if key in given and not _ID.fullmatch(given[key]):
            text = f"{given[key]!r} is no id; allowed are 1 to 63 of a-z, 0-9 and '-', a letter first and no '-' last"
            yield Problem(key, text)
    for key in ("labels", "metadata"):
        value = given.get(key, {})
        if key in _FROM_OTHERS and has_unknown(value):
            continue
        if not isinstance(value, Mapping) or not all(isinstance(item, str) for item in value.values()):
            yield Problem(key, "is no mapping of texts")
    chosen = [key for key in ("spot", "guaranteed") if given.get(key)]
    if len(chosen) == 2 or (given.get("spot") and given.get("reservation")):
        yield Problem("spot", "excludes guaranteed and reservation; give one")
    if until := given.get("validUntil"):
        try:
            parse_time(until)
        except (ValueError, TypeError) as error:
            yield Problem("validUntil", str(error))


def _wrong_accelerator(given: Wire) -> Iterator[Problem]:
    name, config = given.get("acceleratorType"), given.get("acceleratorConfig")
    if bool(name) == bool(config):
        yield Problem("acceleratorType", "give either acceleratorType or acceleratorConfig")
        return
    types = {each.api_type: each for each in GENERATIONS.values() if each.api_type}
    of = of_slice_name(name) if isinstance(name, str) else types.get(str((config or {}).get("type")))
    if of is None or of.api_type is None:
        known = ", ".join(each.slice_name for each in types.values())
        yield Problem("acceleratorType", f"{name or config!r} is nothing that can be queued; there are {known}")
    elif isinstance(given.get("runtimeVersion"), str) and (error := runtime_error(of.chip, given["runtimeVersion"])):
        yield Problem("runtimeVersion", error)


def _spec(body: Wire) -> Wire:
    specs = body.get("tpu", {}).get("nodeSpec", [])
    spec: Wire = specs[0] if specs else {}
    return spec
