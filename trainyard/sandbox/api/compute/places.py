"""Zones, regions and machine types, as the offers know them."""

from __future__ import annotations

from functools import cache
from typing import Any

from trainyard.facts.offer import Offer, load_machine_offers
from trainyard.sandbox.api.compute.names import moment, number, url
from trainyard.sandbox.provider import gcp_machines, gcp_places

_OPENED = 1_388_563_200.0  # the day that Compute Engine's own lists give for most zones


@cache
def zones() -> tuple[str, ...]:
    """All zones by name."""
    return tuple(sorted(gcp_places.zones()))


@cache
def regions() -> tuple[str, ...]:
    """All regions by name."""
    return tuple(sorted(gcp_places.regions()))


def region_of(zone: str) -> str:
    """ "us-central1" of "us-central1-a"."""
    return zone.rpartition("-")[0]


@cache
def machine_types(zone: str) -> tuple[Offer, ...]:
    """What the zone offers, by name."""
    found = {offer.machine_type: offer for offer in load_machine_offers("gcp") if offer.zone == zone}
    return tuple(found[name] for name in sorted(found))


def zone_json(project: str, zone: str) -> dict[str, Any]:
    """A compute#zone."""
    return {
        "kind": "compute#zone",
        "id": number("zone", zone),
        "creationTimestamp": moment(_OPENED),
        "name": zone,
        "description": zone,
        "status": "UP",
        "region": url(f"projects/{project}/regions/{region_of(zone)}"),
        "selfLink": url(f"projects/{project}/zones/{zone}"),
        "supportsPzs": False,
    }


def region_json(project: str, region: str) -> dict[str, Any]:
    """A compute#region."""
    return {
        "kind": "compute#region",
        "id": number("region", region),
        "creationTimestamp": moment(_OPENED),
        "name": region,
        "description": region,
        "status": "UP",
        "zones": [url(f"projects/{project}/zones/{zone}") for zone in zones() if region_of(zone) == region],
        "quotas": [],
        "selfLink": url(f"projects/{project}/regions/{region}"),
        "supportsPzs": False,
    }


def machine_type_json(project: str, offer: Offer) -> dict[str, Any]:
    """A compute#machineType."""
    text = f"{offer.vcpus} vCPUs, {offer.memory_gib} GB RAM"
    brought: dict[str, Any] = {}
    found = gcp_machines.built_in(offer.machine_type)
    if found is not None:
        text += f", {found[1]} {offer.accelerator.chip} GPUs"
        brought["accelerators"] = [{"guestAcceleratorType": found[0], "guestAcceleratorCount": found[1]}]
    return brought | {
        "kind": "compute#machineType",
        "id": number("machineType", offer.machine_type),
        "creationTimestamp": moment(_OPENED),
        "name": offer.machine_type,
        "description": text,
        "guestCpus": offer.vcpus or 0,
        "memoryMb": (offer.memory_gib or 0) * 1024,
        "imageSpaceGb": 0,
        "maximumPersistentDisks": 128,
        "maximumPersistentDisksSizeGb": "263168",
        "zone": offer.zone,
        "selfLink": url(f"projects/{project}/zones/{offer.zone}/machineTypes/{offer.machine_type}"),
        "isSharedCpu": False,
    }
