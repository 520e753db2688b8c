"""Compute Engine's answers as billable things, with the catalogue's prices where it has them."""

from __future__ import annotations

from typing import Any

from trainyard.facts.billable import Billable
from trainyard.facts.offer import load_offers
from trainyard.facts.price import Price, Unknown
from trainyard.facts.tpu_offers import is_tpu, machine_price

KINDS = {
    "machine": "instances",
    "group": "instance-groups managed",
    "disk": "disks",
    "address": "addresses",
    "snapshot": "snapshots",
}
# https://cloud.google.com/compute/docs/instances/instance-lifecycle: cores, memory and accelerators bill in all
# states but these; a suspended machine's memory and device state bill on.
_IDLE = ("TERMINATED", "STOPPED")
_WAYS = {"SPOT": "spot", "STANDARD": "on-demand"}
_BOUGHT = {**_WAYS, "FLEX_START": "flex-start", "RESERVATION_BOUND": "reserved"}
_NO_GROUP_PRICE = Unknown("nobody knows when its machines come")
_NO_DISK_PRICE = Unknown("the catalogue holds no prices of disks, addresses and snapshots")


def machine(scope: str, item: dict[str, Any]) -> Billable:
    """An instance."""
    zone = _last(item.get("zone", ""))
    machine_type = _last(item.get("machineType", ""))
    status = str(item.get("status", "UNKNOWN"))
    return Billable(
        cloud="gcp",
        scope=scope,
        kind="machine",
        name=str(item["name"]),
        place=zone,
        status=status,
        labels=dict(item.get("labels", {})),
        machine_type=machine_type,
        price=machine_type_price(machine_type, zone, item.get("scheduling", {})),
        billing=status not in _IDLE,
        bought=_bought(item),
    )


def group(scope: str, item: dict[str, Any], lacking: int) -> Billable:
    """A managed instance group that may still make machines: it has no labels of its own and is known by its name."""
    return Billable(
        cloud="gcp",
        scope=scope,
        kind="group",
        name=str(item["name"]),
        place=_last(item.get("zone", "")),
        status=f"may still make {lacking} or more machines",
        labels={},
        price=_NO_GROUP_PRICE,
        billing=True,
    )


def disk(scope: str, item: dict[str, Any]) -> Billable:
    """A persistent disk or Hyperdisk, zonal or regional."""
    size = item.get("sizeGb")
    kind = _last(item.get("type", ""))
    status = " ".join(part for part in (str(item.get("status", "")), kind, f"{size} GB" if size else "") if part)
    return _idle_thing(scope, "disk", item, status)


def address(scope: str, item: dict[str, Any]) -> Billable:
    """A reserved address, in use or not."""
    return _idle_thing(scope, "address", item, str(item.get("status", "")))


def snapshot(scope: str, item: dict[str, Any]) -> Billable:
    """A disk snapshot."""
    return _idle_thing(scope, "snapshot", item, str(item.get("status", "")))


def _bought(item: dict[str, Any]) -> str | None:
    if item.get("reservationAffinity", {}).get("consumeReservationType") == "SPECIFIC_RESERVATION":
        return "reserved"
    return _BOUGHT.get(_model(item.get("scheduling", {})))


def _model(scheduling: dict[str, Any]) -> str:
    return str(scheduling.get("provisioningModel", "SPOT" if scheduling.get("preemptible") else "STANDARD"))


def _idle_thing(scope: str, kind: str, item: dict[str, Any], status: str) -> Billable:
    return Billable(
        cloud="gcp",
        scope=scope,
        kind=kind,
        name=str(item["name"]),
        place=_last(item.get("zone", "")) or _last(item.get("region", "")) or "global",
        status=status,
        labels=dict(item.get("labels", {})),
        price=_NO_DISK_PRICE,
        billing=True,
    )


def machine_type_price(machine_type: str, zone: str, scheduling: dict[str, Any]) -> Price:
    """The catalogue's price of a machine bought as its scheduling says."""
    region = zone.rpartition("-")[0]
    model = _model(scheduling)
    if is_tpu(machine_type) and model in _WAYS:
        return machine_price(machine_type, zone, _WAYS[model])
    for offer in load_offers("gcp"):
        if offer.machine_type == machine_type and (offer.zone == zone or (not offer.zone and offer.region == region)):
            if model == "SPOT":
                return offer.spot
            if model == "STANDARD":
                return offer.on_demand
            return Unknown(f"the catalogue holds no price for {model}")
    return Unknown(f"the catalogue has no {machine_type} in {zone}")


def _last(url: str) -> str:
    return url.rpartition("/")[2]
