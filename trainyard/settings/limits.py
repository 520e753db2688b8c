"""The environment's limits, applied to a lease, its places and its base."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from ipaddress import IPv4Network
from itertools import combinations

from trainyard.facts.capacity import Capacity, FlexStart, name
from trainyard.facts.expiry import format_duration, ttl_limit
from trainyard.settings.bounds import is_region, no_region
from trainyard.settings.environment import Environment, Limits
from trainyard.settings.kinds import Workload
from trainyard.settings.lease import Lease
from trainyard.settings.network import Base, ExistingNetwork, MadeNetwork, Network
from trainyard.settings.problem import Path, Wrong, listed, near
from trainyard.settings.stack import Stack


def unknown_people(stack: Stack, environment: Environment, file: str) -> Iterator[Wrong]:
    """Owner and cost center that the environment has no contact for."""
    for key, given in (("owner", stack.owner), ("cost_center", stack.cost_center)):
        if given not in environment.contacts:
            known = listed(environment.contacts)
            text = f'"{given}" is not in the contacts of {file}; known are {known}.{near(given, environment.contacts)}'
            yield ("stack", key), text


def lease_breaches(lease: Lease, limits: Limits | None, file: str) -> Iterator[Wrong]:
    """Times and money beyond one another or beyond the environment."""
    ttl, extend_to = format_duration(lease.ttl), format_duration(lease.extend_to)
    if lease.ttl > lease.extend_to:
        yield ("lease", "ttl"), f"{ttl} is over extend_to {extend_to}; lower ttl, or raise extend_to."
    if limits is None:
        return
    if lease.extend_to > limits.max_ttl:
        longest = format_duration(limits.max_ttl)
        yield ("lease", "extend_to"), f"{extend_to} is over limits.max_ttl {longest} of {file}; give at most {longest}."
    if lease.cap_usd > limits.max_cap_usd:
        most = dollars(limits.max_cap_usd)
        text = f"{dollars(lease.cap_usd)} is over limits.max_cap_usd {most} of {file}; give at most {most}."
        yield ("lease", "cap_usd"), text


def too_long(lease: Lease, workload: str, machine: Workload) -> Iterator[Wrong]:
    """Capacities whose machines the cloud ends before the lease does."""
    for index, capacity in enumerate(machine.capacity):
        path: Path = ("workloads", workload, "capacity", index)
        for cloud in dict.fromkeys(where.cloud for where in machine.where):
            limit = ttl_limit(machine.kind, cloud, name(capacity))
            if limit is not None and lease.extend_to > limit.longest:
                longest = format_duration(limit.longest)
                given = format_duration(lease.extend_to)
                yield (
                    path,
                    f"{name(capacity)} machines on {cloud} run at most {longest}, and lease.extend_to is {given}; "
                    f"give extend_to of at most {longest}, or another capacity.",
                )
        yield from _waits_too_long(lease, path, capacity)


def _waits_too_long(lease: Lease, path: Path, capacity: Capacity) -> Iterator[Wrong]:
    if isinstance(capacity, FlexStart) and capacity.max_wait >= lease.ttl:
        wait, ttl = format_duration(capacity.max_wait), format_duration(lease.ttl)
        yield (
            path,
            f"max_wait {wait} leaves nothing of lease.ttl {ttl}, for waiting counts; "
            f"give {{ kind: flex-start, max_wait: … }} below {ttl}.",
        )


def base_breaches(base: Base, limits: Limits | None, file: str) -> Iterator[Wrong]:
    """Regions of a base that the environment does not allow, and subnetworks that do not fit together."""
    if base.gcp is None:
        yield ("base",), "holds nothing; give gcp: { network: … }."
        return
    at: Path = ("base", "gcp", "network")
    key = "regions" if isinstance(base.gcp.network, MadeNetwork) else "subnetworks"
    for region in base.gcp.regions:
        if not is_region("gcp", region):
            yield (*at, key, region), no_region("gcp", region)
        elif limits is not None and not limits.allow("gcp", region):
            text = f"is not in limits.regions of {file}; allowed are {listed(limits.regions)}."
            yield (*at, key, region), text
    yield from _misfits((*at, key), base.gcp.network)


def _misfits(at: Path, network: Network) -> Iterator[Wrong]:
    match network:
        case MadeNetwork(regions=ranges):
            for (first, one), (second, other) in combinations(ranges.items(), 2):
                if IPv4Network(one).overlaps(IPv4Network(other)):
                    yield (*at, second), f"{other} overlaps {one} of {first}; give ranges that do not."
        case ExistingNetwork(subnetworks=subnetworks):
            for region, subnetwork in subnetworks.items():
                lies_in = subnetwork.split("/")[3]
                if lies_in != region:
                    yield (*at, region), f'"{subnetwork}" lies in {lies_in}; give one of {region}.'


def dollars(amount: Decimal) -> str:
    """An amount as files write it: 1600 or 1600.50."""
    return f"{amount:.2f}".removesuffix(".00")
