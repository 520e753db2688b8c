"""What a base stack's parts say of each other and of the environment."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network
from itertools import combinations

from trainyard.facts.places import region_of
from trainyard.facts.storage import (
    FILESTORE_TIERS,
    SOFT_DELETE_DAYS,
    data_disk_error,
    filestore_error,
    lustre_error,
)
from trainyard.settings.base import Base, GcpBase, MadeRegistry, MadeTensorboard
from trainyard.settings.base_aws_checks import aws_base_breaches
from trainyard.settings.base_azure_checks import azure_base_breaches
from trainyard.settings.bounds import is_region, no_region
from trainyard.settings.data import DataSet, MadeBucket, MadeDisk, MadeFilestore, MadeLustre
from trainyard.settings.environment import Limits
from trainyard.settings.fabric_checks import fabric_breaches
from trainyard.settings.network import ExistingNetwork, MadeNetwork
from trainyard.settings.problem import Path, Wrong, listed

_AT: Path = ("base", "gcp")
_LEAST_SERVICES = 24  # Service Networking docs: an allocated range is /24 or larger
_AREAS = ("eu", "us", "asia")  # multi-regions of Cloud Storage


def base_breaches(base: Base, limits: Limits | None, file: str) -> Iterator[Wrong]:
    """Regions that the environment does not allow, ranges that overlap, data that cannot lie where it should."""
    if not base.clouds:
        yield ("base",), "holds nothing; give gcp: { network: … }."
    if base.gcp is not None:
        yield from _gcp_breaches(base.gcp, limits, file)
    if base.aws is not None:
        yield from aws_base_breaches(base.aws, limits, file)
    if base.azure is not None:
        yield from azure_base_breaches(base.azure, limits, file)


def _gcp_breaches(gcp: GcpBase, limits: Limits | None, file: str) -> Iterator[Wrong]:
    yield from _regions(gcp, limits, file)
    yield from _ranges(gcp)
    yield from fabric_breaches((*_AT, "fabrics"), gcp.fabrics, limits, file)
    for name, data in gcp.data.items():
        yield from _data((*_AT, "data", name), gcp, data, limits, file)
    match gcp.registry:
        case MadeRegistry(location=location):
            yield from _place((*_AT, "registry", "location"), location, limits, file, areas=("europe", "us", "asia"))
    match gcp.tensorboard:
        case MadeTensorboard(region=region):
            yield from _place((*_AT, "tensorboard", "region"), region, limits, file)


def _regions(gcp: GcpBase, limits: Limits | None, file: str) -> Iterator[Wrong]:
    key = "regions" if isinstance(gcp.network, MadeNetwork) else "subnetworks"
    for region in gcp.regions:
        yield from _place((*_AT, "network", key, region), region, limits, file)
    if isinstance(gcp.network, ExistingNetwork):
        for region, subnetwork in gcp.network.subnetworks.items():
            lies_in = subnetwork.split("/")[3]
            if lies_in != region:
                yield (*_AT, "network", key, region), f'"{subnetwork}" lies in {lies_in}; give one of {region}.'


def _place(at: Path, place: str, limits: Limits | None, file: str, areas: tuple[str, ...] = ()) -> Iterator[Wrong]:
    if place in areas:
        return
    if not is_region("gcp", place):
        yield at, no_region("gcp", place)
    elif limits is not None and not limits.allow("gcp", place):
        yield at, f"is not in limits.regions of {file}; allowed are {listed(limits.regions)}."


def _ranges(gcp: GcpBase) -> Iterator[Wrong]:
    if not isinstance(gcp.network, MadeNetwork):
        return
    at: Path = (*_AT, "network")
    ranges = gcp.network.regions
    for (first, one), (second, other) in combinations(ranges.items(), 2):
        if IPv4Network(one).overlaps(IPv4Network(other)):
            yield (*at, "regions", second), f"{other} overlaps {one} of {first}; give ranges that do not."
    services = gcp.network.private_services
    if services is None:
        return
    if IPv4Network(services).prefixlen > _LEAST_SERVICES:
        yield (*at, "private_services"), f"{services} is too small for services; give a /24 or a larger range."
    for region, cidr in ranges.items():
        if IPv4Network(services).overlaps(IPv4Network(cidr)):
            yield (*at, "private_services"), f"{services} overlaps {cidr} of {region}; give a range of its own."


def _data(at: Path, gcp: GcpBase, data: DataSet, limits: Limits | None, file: str) -> Iterator[Wrong]:
    match data:
        case MadeBucket():
            yield from _bucket(at, data, limits, file)
        case MadeDisk():
            yield from _place((*at, "zone"), region_of("gcp", data.zone), limits, file)
            if error := data_disk_error(data.type, data.gib):
                yield (*at, "gib"), error
        case MadeFilestore():
            zonal = data.location.count("-") == 2
            region = region_of("gcp", data.location) if zonal else data.location
            yield from _place((*at, "location"), region, limits, file)
            if error := filestore_error(FILESTORE_TIERS[data.tier], data.location, data.gib):
                yield (*at, "gib" if "GiB" in error else "location"), error
            yield from _unreached(at, gcp, "Filestore")
        case MadeLustre():
            yield from _place((*at, "zone"), region_of("gcp", data.zone), limits, file)
            if error := lustre_error(data.mb_per_s_per_tib, data.gib):
                yield (*at, "gib"), error
            yield from _unreached(at, gcp, "Managed Lustre")


def _bucket(at: Path, bucket: MadeBucket, limits: Limits | None, file: str) -> Iterator[Wrong]:
    yield from _place((*at, "location"), bucket.location, limits, file, areas=_AREAS)
    if bucket.soft_delete_days and bucket.soft_delete_days not in SOFT_DELETE_DAYS:
        given = f"{bucket.soft_delete_days} days"
        text = f"deleted objects cannot be kept {given}; give {SOFT_DELETE_DAYS[0]} to {SOFT_DELETE_DAYS[-1]}, or 0."
        yield (*at, "soft_delete_days"), text
    if bucket.hierarchical and "keep_versions" in bucket.model_fields_set and bucket.keep_versions:
        yield (*at, "keep_versions"), "a bucket with folders (hierarchical) keeps no versions; leave one of them out."


def _unreached(at: Path, gcp: GcpBase, what: str) -> Iterator[Wrong]:
    if isinstance(gcp.network, MadeNetwork) and gcp.network.private_services is None:
        text = f"{what} is reached by private service access; give base.gcp.network.private_services: 10.40.0.0/16."
        yield (*at, "kind"), text
