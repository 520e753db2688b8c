"""What is left under a lease's cap and its cost center's budget once a plan is carried out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from trainyard.facts.cost import Need, cap_error, dearest
from trainyard.facts.price import Unknown
from trainyard.settings.candidates import Accepted
from trainyard.settings.environment import Budget


@dataclass(frozen=True, kw_only=True)
class Cap:
    """The price gate: the dearest accepted candidates over the ttl, against the cap."""

    cap_usd: Decimal
    needs: Mapping[str, Need]
    spent_usd: Decimal | None  # what the record's meter has counted; None: nothing was metered

    @property
    def need_usd(self) -> Decimal | Unknown:
        """Of all workloads."""
        unknown = next((need.usd for need in self.needs.values() if isinstance(need.usd, Unknown)), None)
        return unknown or sum((need.usd for need in self.needs.values() if isinstance(need.usd, Decimal)), Decimal(0))

    @property
    def left_usd(self) -> Decimal | Unknown:
        """Under 0 where the cap does not hold."""
        need = self.need_usd
        return need if isinstance(need, Unknown) else self.cap_usd - need

    @property
    def error(self) -> str | None:
        """What `up` is refused with; None where the cap holds."""
        return cap_error(self.needs, self.cap_usd)


@dataclass(frozen=True, kw_only=True)
class Spending:
    """What all other leases of a cost center cost in a budget's period: spent, and committed until their soft ends."""

    usd: Decimal
    leases: int
    unpriced: tuple[str, ...]  # leases with a part of unknown price, which are counted too low


@dataclass(frozen=True, kw_only=True)
class BudgetRoom:
    """A cost center's budget, beside what its other leases take of it."""

    cost_center: str
    budget: Budget
    others: Spending
    need_usd: Decimal | Unknown  # this plan's

    @property
    def left_usd(self) -> Decimal | Unknown:
        """After this plan; under 0 where the budget does not hold."""
        need = self.need_usd
        return need if isinstance(need, Unknown) else self.budget.limit_usd - self.others.usd - need

    @property
    def over(self) -> bool:
        """Whether the budget certainly does not hold."""
        left = self.left_usd
        return (left if isinstance(left, Decimal) else self.budget.limit_usd - self.others.usd) < 0

    @property
    def warns(self) -> bool:
        """Whether more than the budget's soft share is taken."""
        left = self.left_usd
        return isinstance(left, Decimal) and self.budget.limit_usd - left > self.budget.limit_usd * self.budget.soft


@dataclass(frozen=True)
class NotRead:
    """Why nothing is known about the budget; completes "budget not read: …"."""

    why: str


@dataclass(frozen=True)
class NoBudget:
    """The environment's file names none for the cost center."""

    cost_center: str


def cap(found: tuple[Accepted, ...], cap_usd: Decimal, ttl: timedelta, spent_usd: Decimal | None) -> Cap:
    """The gate of a lease with these workloads."""
    needs = {each.workload: dearest(each.candidates, ttl, nodes=each.nodes) for each in found}
    return Cap(cap_usd=cap_usd, needs=needs, spent_usd=spent_usd)
