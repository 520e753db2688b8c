"""The compute layer: one lease, then its workloads; money, time and place are checked before either."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pulumi

from stacks.base_outputs import base_outputs
from stacks.environment import Environment
from stacks.few_ends import few_ends
from stacks.outputs import outputs
from stacks.placement import Placement, placed
from stacks.standing import Standing, expired, refusal, settled, stand
from trainyard.facts.capacity import name
from trainyard.facts.expiry import Expiry, format_time, parse_time
from trainyard.facts.price import Known, usd
from trainyard.resources import Lease, LeaseArgs
from trainyard.settings.lease import Lease as LeaseSettings

_MINUTE = timedelta(minutes=1)
_SAID = 20  # workloads whose choice a preview explains; the rest it counts


async def compute(environment: Environment) -> dict[str, object]:
    """Register the lease and its workloads; RunError where `up` must not go on, a warning in preview."""
    settings = environment.settings
    if settings.lease is None:
        message = f"{settings.file}: a compute stack without lease is none; give lease: {{ ttl: 12h, … }}."
        raise pulumi.RunError(message)
    standing = stand(environment.store, environment.lease_id, settings.lease, environment.now)
    refused = refusal(environment.stack, standing, environment.now)
    _stop_or_say(refused)
    if standing.warning and not refused:
        pulumi.log.warn(standing.warning)
    placements = placed(settings, standing)
    for line in few_ends(settings.workloads, placements):
        pulumi.log.warn(line)
    _say_reasons(placements)

    read = await base_outputs(environment, required=standing.seen != "unread")
    lowered = [_lowering(environment, cloud, read) for cloud in _clouds(placements)]
    lease = Lease(environment.stack, _lease(environment, settings.lease, standing, placements))
    start, hard_end = await lease.terms()
    expiry = settled(standing, parse_time(start), parse_time(hard_end))
    if standing.seen != "unread" and expiry != standing.expiry:  # only the state knew the times
        _stop_or_say(expired(environment.stack, expiry, environment.now))
    machines: dict[str, Mapping[str, Any]] = {}
    for cloud, register in zip(_clouds(placements), lowered, strict=True):
        machines |= register(lease, tuple(each for each in placements if each.candidate.offer.cloud == cloud), expiry)
    return outputs(environment, settings.lease, expiry, placements, machines)


_Register = Callable[[Lease, tuple[Placement, ...], Expiry], Mapping[str, Mapping[str, Any]]]


def _clouds(placements: tuple[Placement, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.candidate.offer.cloud for each in placements))


def _lowering(environment: Environment, cloud: str, read: Mapping[str, Any] | None) -> _Register:
    """What registers one cloud's workloads, with its base at hand; only clouds in use are imported, with their SDKs."""
    match cloud:
        case "gcp":
            from stacks.lowering import gcp

            return partial(gcp.workloads, environment, gcp.base_ids(environment, read))
        case "aws":
            from stacks.lowering import aws

            return partial(aws.workloads, environment, aws.base_ids(environment, read))
        case "azure":
            from stacks.lowering import azure

            return partial(azure.workloads, environment, azure.base_ids(environment, read))
        case _:
            message = f"{cloud} cannot be built; the settings should have refused it."
            raise AssertionError(message)


def _say_reasons(placements: tuple[Placement, ...]) -> None:
    if pulumi.runtime.is_dry_run():
        lines = [f"{each.workload}: {each.reason}" for each in placements[:_SAID]]
        more = len(placements) - len(lines)
        pulumi.log.info("\n".join([*lines, *([f"and {more} more"] if more else [])]))


def _stop_or_say(refused: str | None) -> None:
    if refused is None:
        return
    if not pulumi.runtime.is_dry_run():
        raise pulumi.RunError(refused)
    pulumi.log.warn(refused)


def _lease(
    environment: Environment, lease: LeaseSettings, standing: Standing, placements: tuple[Placement, ...]
) -> LeaseArgs:
    settings = environment.settings
    expiry = standing.expiry
    spend = standing.record.spend if standing.record else None
    return LeaseArgs(
        lease_id=environment.lease_id,
        project=environment.project,
        stack=environment.stack,
        environment=settings.stack.environment,
        owner=settings.stack.owner,
        cost_center=settings.stack.cost_center,
        store=environment.store,
        origin=environment.origin.value,
        start=format_time(expiry.start),
        hard_end=format_time(expiry.hard_end),
        ttl_minutes=expiry.ttl // _MINUTE,
        extend_to_minutes=expiry.extend_to // _MINUTE,
        cap_usd=str(lease.cap_usd),
        at_limit=lease.at_limit,
        grace_minutes=lease.grace // _MINUTE,
        workloads={each.workload: _workload(environment, each) for each in placements},
        scopes=list(dict.fromkeys(scope for each in placements for scope in _scopes(environment, each))),
        seen_record=standing.seen,
        seen_price_date=_price_date(placements),
        seen_spend_usd=str(spend.usd) if spend else None,
    )


def _workload(environment: Environment, placement: Placement) -> Mapping[str, str | int]:
    offer = placement.candidate.offer
    per_hour = usd(placement.candidate.price)
    granted: dict[str, str | int] = {
        "kind": environment.settings.workloads[placement.workload].kind,
        "nodes": placement.nodes,
        "cloud": offer.cloud,
        "scope": _scopes(environment, placement)[-1],
        "place": offer.place,
        "machine_type": offer.machine_type,
        "capacity": name(placement.candidate.capacity),
    }
    if per_hour is not None:
        granted["usd_hour"] = str((per_hour * placement.nodes).quantize(Decimal("0.0001")))
    return granted


def _scopes(environment: Environment, placement: Placement) -> tuple[str, ...]:
    return environment.scopes(environment.settings.workloads[placement.workload].kind, placement.candidate.offer)


def _price_date(placements: tuple[Placement, ...]) -> str | None:
    dates = [each.candidate.price.date for each in placements if isinstance(each.candidate.price, Known)]
    return min(dates).isoformat() if dates else None
