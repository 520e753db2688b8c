"""The environment's limits, applied to a lease and its workloads."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from trainyard.facts.capacity import Capacity, FlexStart, name
from trainyard.facts.expiry import SHORTEST_FLEX_RUN, format_duration, ttl_limit
from trainyard.settings.environment import Environment, Limits
from trainyard.settings.kinds import Workload
from trainyard.settings.lease import Lease
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
    elif isinstance(capacity, FlexStart) and lease.extend_to - capacity.max_wait < SHORTEST_FLEX_RUN:
        wait, end = format_duration(capacity.max_wait), format_duration(lease.extend_to)
        least = format_duration(SHORTEST_FLEX_RUN)
        yield (
            path,
            f"max_wait {wait} leaves less than {least} of lease.extend_to {end}, the shortest run of flex-start; "
            "lower max_wait, or raise extend_to.",
        )


def dollars(amount: Decimal) -> str:
    """An amount as files write it: 1600 or 1600.50."""
    return f"{amount:.2f}".removesuffix(".00")
