"""What is wrong with a base's networks between GPU machines."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network
from itertools import combinations

from trainyard.facts.fabric import FABRICS
from trainyard.facts.places import region_of
from trainyard.settings.bounds import is_region, known_zones, no_region
from trainyard.settings.environment import Limits
from trainyard.settings.fabric import ExistingFabric, MadeFabric
from trainyard.settings.problem import Path, Wrong, listed, near

_LONGEST_PREFIX = 25  # cut into 16 subnetworks of /29 or larger


def fabric_breaches(
    at: Path, fabrics: tuple[MadeFabric | ExistingFabric, ...], limits: Limits | None, file: str
) -> Iterator[Wrong]:
    """Places of the wrong kind, ranges that are too small or overlap, subnetworks that are too few or elsewhere."""
    for index, fabric in enumerate(fabrics):
        yield from _misplaced((*at, index, "place"), fabric, limits, file)
        match fabric:
            case MadeFabric(range=cidr):
                if IPv4Network(cidr).prefixlen > _LONGEST_PREFIX:
                    text = f"{cidr} is too small; give /{_LONGEST_PREFIX} or larger, for it is cut into 16."
                    yield (*at, index, "range"), text
            case ExistingFabric():
                yield from _misfits((*at, index, "subnetworks"), fabric)
    for (first, one), (second, other) in combinations(enumerate(fabrics), 2):
        if (one.kind, one.place) == (other.kind, other.place):
            yield (*at, second, "place"), f"{one.kind} in {one.place} stands twice, as fabrics[{first}] too; keep one."


def _misplaced(at: Path, fabric: MadeFabric | ExistingFabric, limits: Limits | None, file: str) -> Iterator[Wrong]:
    zones = known_zones("gcp")
    if FABRICS[fabric.kind].zonal:
        if fabric.place not in zones:
            known = sorted(zone for zone in zones if zone.startswith(fabric.place))
            hint = f" Its zones are {listed(known)}." if known else near(fabric.place, zones)
            yield at, f'"{fabric.place}" is no zone; {fabric.kind} is bound to one, such as us-central1-b.{hint}'
            return
    elif fabric.place not in zones.values():
        text = no_region("gcp", fabric.place) if not is_region("gcp", fabric.place) else "give one region."
        yield at, f"{fabric.kind} serves a region: {text}"
        return
    region = region_of("gcp", fabric.place) if fabric.place in zones else fabric.place
    if limits is not None and not limits.allow("gcp", region):
        yield at, f"{region} is not in limits.regions of {file}; allowed are {listed(limits.regions)}."


def _misfits(at: Path, fabric: ExistingFabric) -> Iterator[Wrong]:
    wanted = FABRICS[fabric.kind].subnetworks
    if len(fabric.subnetworks) != wanted:
        yield (
            at,
            f"{fabric.kind} has {wanted} further interfaces, {len(fabric.subnetworks)} ids are here; give {wanted}.",
        )
    region = region_of("gcp", fabric.place) if FABRICS[fabric.kind].zonal else fabric.place
    for index, subnetwork in enumerate(fabric.subnetworks):
        lies_in = subnetwork.split("/")[3]
        if lies_in != region:
            yield (*at, index), f'"{subnetwork}" lies in {lies_in}; give one of {region}.'
        if subnetwork in fabric.subnetworks[:index]:
            yield (*at, index), f'"{subnetwork}" stands twice; each interface has a subnetwork of its own.'
