"""What candidates can cost until a lease ends, and whether its cap holds that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from trainyard.facts.capacity import name
from trainyard.facts.expiry import Expiry, format_duration
from trainyard.facts.price import Estimated, Unknown, times
from trainyard.facts.selection import Candidate


@dataclass(frozen=True, kw_only=True)
class Need:
    """The dearest of the candidates that may come to be used, over a span."""

    candidate: Candidate
    usd: Decimal | Unknown
    span: timedelta


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """One candidate's cost from the start to both ends."""

    to_soft_end: Decimal | Unknown
    to_hard_end: Decimal | Unknown


def dearest(candidates: Sequence[Candidate], span: timedelta, *, nodes: int = 1, estimates: bool = False) -> Need:
    """The candidate whose cost decides over a cap: one of unknown price before any other.

    `estimates`: whether the environment lets an Estimated price count as known.
    """
    needs = [
        Need(candidate=candidate, usd=_cost(candidate, span, nodes, estimates), span=span) for candidate in candidates
    ]
    unknown = next((need for need in needs if isinstance(need.usd, Unknown)), None)
    return unknown or max(needs, key=lambda need: need.usd if isinstance(need.usd, Decimal) else Decimal(0))


def outlook(candidate: Candidate, expiry: Expiry, *, nodes: int = 1) -> Outlook:
    """The candidate's cost to the soft and to the hard end, from the lease's start."""
    return Outlook(
        to_soft_end=_cost(candidate, expiry.soft_end - expiry.start, nodes, estimates=True),
        to_hard_end=_cost(candidate, expiry.extend_to, nodes, estimates=True),
    )


def cap_error(needs: Mapping[str, Need], cap_usd: Decimal) -> str | None:
    """None when the cap holds the sum over all workloads, else the error; an unknown price never holds."""
    total = Decimal(0)
    parts = []
    for workload, need in needs.items():
        what = f"{workload}: {_words(need)}"
        if isinstance(need.usd, Unknown):
            return (
                f"cap_usd {cap_usd} cannot be checked: {what} has no known price ({need.usd.reason}); "
                f"leave that capacity or machine out, or give the price that was agreed: "
                f"{{ kind: {name(need.candidate.capacity)}, usd_hour: … }}."
            )
        total += need.usd
        parts.append(f"{what} = {need.usd} USD")
    if total <= cap_usd:
        return None
    return (
        f"cap_usd {cap_usd} cannot hold {total} USD, the dearest accepted candidates over the ttl "
        f"({'; '.join(parts)}); raise cap_usd to at least {total}, shorten ttl, or accept fewer candidates."
    )


def _cost(candidate: Candidate, span: timedelta, nodes: int, estimates: bool) -> Decimal | Unknown:
    price = candidate.price
    if isinstance(price, Estimated) and not estimates:
        return Unknown(f"it is only estimated ({price.how})")
    cost = times(price, span)
    return cost if isinstance(cost, Unknown) else cost * nodes


def _words(need: Need) -> str:
    offer = need.candidate.offer
    return f"{offer.machine_type} {name(need.candidate.capacity)} in {offer.place} for {format_duration(need.span)}"
