"""A stack's plan: its candidates in order, what each is, costs and leaves, and whether cap and budget hold them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from trainyard.choice.plan import room
from trainyard.choice.plan.candidates import find, key
from trainyard.choice.plan.leaving import Leaving, late, leavings
from trainyard.choice.plan.money import Range, either, over, together
from trainyard.choice.plan.moving import Move, moves
from trainyard.choice.plan.reading import Reading, readings
from trainyard.choice.plan.room import BudgetRoom, Cap, NoBudget, NotRead, Spending
from trainyard.choice.plan.shape import Shape, shape
from trainyard.facts.expiry import Expiry
from trainyard.facts.origin import Origin
from trainyard.facts.price import Price, Unknown
from trainyard.facts.selection import Candidate
from trainyard.lease.record import Record
from trainyard.lease.record import Workload as Granted
from trainyard.settings.candidates import Accepted, accepted
from trainyard.settings.ends import few_ends
from trainyard.settings.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Option:
    """One candidate, for all nodes of its workload."""

    candidate: Candidate
    to_ttl: Range
    to_extend_to: Range
    shape: Shape
    ends: tuple[Leaving, ...]  # that hold with neither guard nor pipeline alive
    late: str | None
    reads: tuple[Reading, ...]

    @property
    def key(self) -> str:
        """The candidate's."""
        return key(self.candidate)

    @property
    def price(self) -> Price:
        """Of one node, by the hour."""
        return self.candidate.price


@dataclass(frozen=True, kw_only=True)
class WorkloadPlan:
    """One workload."""

    workload: str
    kind: str
    nodes: int
    options: tuple[Option, ...]
    taken: str  # the key of the option that `up` takes now: what the lease holds, else the first
    held: bool
    reason: str
    left_out: tuple[str, ...]
    runs_on: str | None
    moves: tuple[Move, ...]  # what another cloud means, where it may go to several

    @property
    def chosen(self) -> Option:
        """What `up` takes now."""
        return next(option for option in self.options if option.key == self.taken)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One stack."""

    stack: str
    environment: str
    lease_id: str
    origin: Origin
    at: datetime
    expiry: Expiry
    at_limit: str
    unread: str | None  # why the lease's record was not read; its times are then those of a new lease
    warnings: tuple[str, ...]  # what stands first: fewer than two ends, late ends
    workloads: tuple[WorkloadPlan, ...]
    cap: Cap
    budget: BudgetRoom | NotRead | NoBudget

    @property
    def to_ttl(self) -> Range:
        """From the cheapest accepted candidates to the dearest."""
        return together(either(option.to_ttl for option in each.options) for each in self.workloads)

    @property
    def to_extend_to(self) -> Range:
        """The same to the hard end."""
        return together(either(option.to_extend_to for option in each.options) for each in self.workloads)

    @property
    def price_dates(self) -> tuple[date, date] | None:
        """The oldest and the newest date of a list price."""
        prices = (option.price for each in self.workloads for option in each.options)
        dates = sorted(day for price in prices if isinstance(day := getattr(price, "date", None), date))
        return (dates[0], dates[-1]) if dates else None

    @property
    def misfits(self) -> tuple[str, ...]:
        """Why the plan does not fit; none when it does."""
        found = [self.cap.error] if self.cap.error else []
        if isinstance(self.budget, BudgetRoom) and self.budget.over:
            found.append(_over(self.budget))
        return tuple(found)


def make(  # noqa: PLR0913 - what a plan depends on, nothing of it read here
    settings: Settings,
    *,
    stack: str,
    lease_id: str,
    origin: Origin,
    at: datetime,
    expiry: Expiry,
    record: Record | None,
    others: Spending | NotRead,
    unread: str | None = None,
) -> Plan:
    """The plan of a compute stack; `record`: the living lease's, `others`: what else the budget has borne."""
    lease = settings.lease
    if lease is None:
        message = f"{settings.file} has no lease; a plan is of a compute stack."
        raise ValueError(message)
    found = accepted(settings)
    held = record.terms.workloads if record else {}
    placed = (record.placement if record else None) or {}
    planned = tuple(
        _workload(settings, each, expiry, find(each.candidates, _held(each, held.get(each.workload), placed)))
        for each in found
    )
    cap = room.cap(found, lease.cap_usd, expiry.ttl, record.spend.usd if record and record.spend else None)
    return Plan(
        stack=stack,
        environment=settings.stack.environment,
        lease_id=lease_id,
        origin=origin,
        at=at,
        expiry=expiry,
        at_limit=lease.at_limit,
        unread=unread,
        warnings=tuple(_warnings(settings, planned)),
        workloads=planned,
        cap=cap,
        budget=_budget(settings, others, cap.need_usd),
    )


def _workload(settings: Settings, found: Accepted, expiry: Expiry, holds: Candidate | None) -> WorkloadPlan:
    machine, base = settings.workloads[found.workload], settings.base_settings
    options = []
    for candidate in found.candidates:
        of = shape(machine, candidate)
        options.append(
            Option(
                candidate=candidate,
                to_ttl=over(candidate.price, expiry.ttl, found.nodes),
                to_extend_to=over(candidate.price, expiry.extend_to, found.nodes),
                shape=of,
                ends=leavings(machine, candidate, of, base),
                late=late(machine, candidate),
                reads=readings(machine, candidate, base),
            )
        )
    return WorkloadPlan(
        workload=found.workload,
        kind=machine.kind,
        nodes=found.nodes,
        options=tuple(options),
        taken=key(holds or found.candidates[0]),
        held=holds is not None,
        reason=f"{holds.words}: held by the lease" if holds else found.reason,
        left_out=found.left_out,
        runs_on=found.runs_on,
        moves=moves(settings, found),
    )


def _held(found: Accepted, granted: Granted | None, placed: Mapping[str, str]) -> str:
    """The key of the candidate that the record stands on; "" when there is none, or its offer has gone."""
    if found.workload in placed:
        return placed[found.workload]
    if granted is None:
        return ""
    wanted = f"{granted.cloud}/{granted.place}/{granted.machine_type}/{granted.capacity}"
    keys = [key(each) for each in found.candidates]
    return next((each for each in keys if each == wanted or each.startswith(f"{wanted}:")), "")


def _warnings(settings: Settings, planned: tuple[WorkloadPlan, ...]) -> Iterator[str]:
    for each in planned:
        machine = settings.workloads[each.workload]
        told = dict.fromkeys(
            line for option in each.options for line in few_ends(each.workload, machine, option.candidate)
        )
        yield from told


def _budget(settings: Settings, others: Spending | NotRead, need: Decimal | Unknown) -> BudgetRoom | NotRead | NoBudget:
    center = settings.stack.cost_center
    budget = settings.environment.budgets.get(center)
    if budget is None:
        return NoBudget(center)
    if isinstance(others, NotRead):
        return others
    return BudgetRoom(cost_center=center, budget=budget, others=others, need_usd=need)


def _over(budget: BudgetRoom) -> str:
    need = budget.need_usd
    words = f"{need} USD" if isinstance(need, Decimal) else "an amount that is not known"
    return (
        f"the budget of {budget.cost_center}, {budget.budget.limit_usd} USD a {budget.budget.period}, cannot hold "
        f"{words} beside {budget.others.usd} USD of its {budget.others.leases} other leases; end one of them, shorten "
        f"ttl, accept fewer candidates, or raise the budget."
    )
