"""Where a workload may go: places that exist, that the environment allows, and that the base has a network in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from trainyard.facts.offer import load_offers
from trainyard.facts.places import areas, covers, region_of
from trainyard.settings.base import Base
from trainyard.settings.environment import Limits
from trainyard.settings.places import Where
from trainyard.settings.problem import Path, Wrong, listed, near


@cache
def known_zones(cloud: str) -> Mapping[str, str]:
    """Every zone of a cloud that has accelerators, with its region."""
    return {offer.zone: offer.region for offer in load_offers(cloud) if offer.zone}


@cache
def known_regions(cloud: str) -> frozenset[str]:
    """Every region of a cloud that has accelerators in a zone that is known, or at all where no zones are known."""
    return frozenset(known_zones(cloud).values()) or frozenset(offer.region for offer in load_offers(cloud))


def is_region(cloud: str, name: str) -> bool:
    """Whether the name is a region, or a part of the world with regions."""
    return name in known_regions(cloud) or name in areas(cloud)


def no_region(cloud: str, name: str) -> str:
    """The sentence about a name that is no region."""
    zones = known_zones(cloud)
    if name in zones:
        return f'"{name}" is a zone; give its region, {zones[name]}, or put it under zones.'
    regions = sorted(known_regions(cloud))
    area = name.partition("-")[0]
    around = [region for region in regions if region.startswith(f"{area}-")] or areas(cloud) or regions
    hint = near(name, [*regions, *areas(cloud)])
    return f'"{name}" is no {cloud} region with accelerators; there are {listed(around)}.{hint}'


def unknown_places(at: Path, where: Where) -> Iterator[Wrong]:
    """Names that are no region or zone, and a place that names neither."""
    zones = known_zones(where.cloud)
    if not where.regions and not where.zones:
        yield (*at, "regions"), _MISSING.get(where.cloud, _MISSING["gcp"])
    if where.cloud == "azure" and where.zones:
        yield (*at, "zones"), "the catalogue knows no zones on Azure, so that Azure picks one; give regions instead."
        return
    for index, region in enumerate(where.regions):
        if not is_region(where.cloud, region):
            yield (*at, "regions", index), no_region(where.cloud, region)
    for index, zone in enumerate(where.zones):
        if zone not in zones:
            yield (*at, "zones", index), _no_zone(where.cloud, zone)
        elif where.regions and not any(covers(where.cloud, region, zones[zone]) for region in where.regions):
            yield (
                (*at, "zones", index),
                f'"{zone}" lies in {zones[zone]}, which is not under regions; add or remove one.',
            )


_MISSING = {
    "gcp": "is missing; give regions: [europe-west4], or zones: [europe-west4-a].",
    "aws": "is missing; give regions: [eu-central-1], or zones by their ids: [euc1-az2].",
    "azure": "is missing; give regions: [westeurope].",
}


def _no_zone(cloud: str, name: str) -> str:
    zones = known_zones(cloud)
    if name in zones.values():
        first = min(zone for zone, region in zones.items() if region == name)
        return f'"{name}" is a region; give a zone, for example "{first}", or put it under regions.'
    siblings = sorted(zone for zone, region in zones.items() if region == region_of(cloud, name))
    allowed = f"its region has {listed(siblings)}." if siblings else near(name, zones).strip() or "give another."
    return f'"{name}" is no {cloud} zone with accelerators; {allowed}'


def places_out_of_bounds(at: Path, where: Where, limits: Limits, file: str) -> Iterator[Wrong]:
    """Regions and zones that the environment does not allow."""
    allowed = listed(limits.regions)
    for index, region in enumerate(where.regions):
        if not limits.allow(where.cloud, region) and not _holds_allowed(where.cloud, region, limits):
            yield (*at, "regions", index), f'"{region}" is not in limits.regions of {file}; allowed are {allowed}.'
    for index, zone in enumerate(where.zones):
        if not limits.allow(where.cloud, region_of(where.cloud, zone)):
            yield (*at, "zones", index), f'"{zone}" is not in limits.regions of {file}; allowed are {allowed}.'


def _holds_allowed(cloud: str, area: str, limits: Limits) -> bool:
    return any(covers(cloud, area, region) for region in limits.regions)


def places_without_network(at: Path, where: Where, base: Base, file: str) -> Iterator[Wrong]:
    """Regions and zones in which the base stack has no subnetwork."""
    if where.cloud not in ("gcp", "aws", "azure"):
        return
    if base.at(where.cloud) is None:
        yield (*at, "cloud"), f"{file} has no network on {where.cloud}; give it base.{where.cloud}."
        return
    has, what = base.regions(where.cloud), "subnetwork" if where.cloud == "gcp" else "network"
    for index, region in enumerate(where.regions):
        if not any(covers(where.cloud, region, each) for each in has):
            yield (*at, "regions", index), f'"{region}" has no {what} in {file}; it has {listed(has)}.'
    subnets = base.zones(where.cloud)
    for index, zone in enumerate(where.zones):
        region = region_of(where.cloud, zone)
        if region not in has:
            text = f'{region}, where "{zone}" lies, has no {what} in {file}; it has {listed(has)}.'
            yield (*at, "zones", index), text
        elif subnets and zone not in subnets:
            there = [each for each in subnets if region_of(where.cloud, each) == region]
            yield (*at, "zones", index), f'"{zone}" has no subnet in {file}; {region} has {listed(there)}.'
