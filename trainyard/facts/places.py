"""Regions and the parts of the world that stack and environment files may name instead."""

from __future__ import annotations

import re
from collections.abc import Iterable

# Azure's names begin with no part of the world: learn.microsoft.com/azure/reliability/regions-list.
_US_ON_AZURE = ("centralus", "eastus", "northcentralus", "southcentralus", "westcentralus", "westus")
# The words are Google Cloud's own; each other cloud's regions are found by their prefixes.
_AREAS: dict[str, dict[str, tuple[str, ...]]] = {
    "gcp": {
        "africa": ("africa-",),
        "asia": ("asia-",),
        "australia": ("australia-",),
        "europe": ("europe-",),
        "me": ("me-",),
        "northamerica": ("northamerica-", "us-"),
        "southamerica": ("southamerica-",),
        "us": ("us-",),
    },
    "aws": {
        "africa": ("af-",),
        "asia": ("ap-east-", "ap-northeast-", "ap-south-", "ap-southeast-"),
        "europe": ("eu-",),
        "me": ("me-", "il-"),
        "northamerica": ("us-", "ca-", "mx-"),
        "southamerica": ("sa-",),
        "us": ("us-",),
    },
    "azure": {
        "africa": ("southafrica",),
        "asia": (
            "centralindia",
            "eastasia",
            "indonesia",
            "japan",
            "jioindia",
            "korea",
            "malaysia",
            "southeastasia",
            "southindia",
            "westindia",
        ),
        "australia": ("australia",),
        "europe": (
            "france",
            "germany",
            "italy",
            "northeurope",
            "norway",
            "poland",
            "spain",
            "sweden",
            "switzerland",
            "uk",
            "westeurope",
        ),
        "me": ("israel", "qatar", "uae"),
        "northamerica": (*_US_ON_AZURE, "canada", "mexico"),
        "southamerica": ("brazil",),
        "us": _US_ON_AZURE,
    },
}
# These two lie in Australia, though their names begin like Asia's.
_AUSTRALIA_ON_AWS = ("ap-southeast-2", "ap-southeast-4")


def areas(cloud: str) -> tuple[str, ...]:
    """The parts of the world that can be named for a cloud; empty where only region names can."""
    return tuple(_AREAS.get(cloud, ()))


def covers(cloud: str, area: str, region: str) -> bool:
    """Whether `area`, a region or a part of the world, holds the region."""
    if area == region:
        return True
    if cloud == "aws" and area == "asia" and region in _AUSTRALIA_ON_AWS:
        return False
    prefixes = _AREAS.get(cloud, {}).get(area)
    return prefixes is not None and region.startswith(prefixes)


def covered(cloud: str, allowed: Iterable[str], region: str) -> bool:
    """Whether any of the areas holds the region."""
    return any(covers(cloud, area, region) for area in allowed)


# AWS's ids of zones: docs.aws.amazon.com/global-infrastructure, "AWS Availability Zones".
_ZONE_ON_AWS = re.compile(r"([a-z]{2})(ne|nw|se|sw|n|s|e|w|c)([0-9])-.+")
_DIRECTIONS = {
    "n": "north",
    "s": "south",
    "e": "east",
    "w": "west",
    "c": "central",
    "ne": "northeast",
    "nw": "northwest",
    "se": "southeast",
    "sw": "southwest",
}


def region_of(cloud: str, zone: str) -> str:
    """The region of a zone by its name: "us-central1" of "us-central1-a", "us-east-1" of "use1-az4"; else the zone."""
    if cloud == "aws" and (found := _ZONE_ON_AWS.fullmatch(zone)):
        return f"{found[1]}-{_DIRECTIONS[found[2]]}-{found[3]}"
    return zone.rpartition("-")[0] if cloud == "gcp" else zone
