"""Machines that hold a run, how many of them, how long it takes on them and what it costs; ranges, never one number."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Literal, NamedTuple

from trainyard.choice.advice.memory import Memory, memory
from trainyard.choice.advice.run import Run
from trainyard.choice.advice.work import TPU, Peak, Utilisation, flops, peak, scale, utilisation
from trainyard.choice.offers.declared import CLOUD as ON_PREMISE
from trainyard.choice.offers.query import Offered
from trainyard.facts.expiry import format_duration, ttl_limit
from trainyard.facts.kinds import not_built, not_sold, priced
from trainyard.facts.price import Price, scaled, usd
from trainyard.facts.surcharge import estimated

Way = Literal["job", "VM", "TPU", "specialised", "own", "buy"]
Verdict = Literal["yes", "at best", "no"]  # at best: only at the high end of the utilisation
RENTED: tuple[Way, ...] = ("job", "VM", "TPU", "specialised", "own")
KINDS: dict[Way, str] = {"job": "training-job", "VM": "gpu-vm", "TPU": "tpu-node"}
_BUILT_ON = ("gcp", "aws", "azure")
_TERA = 10**12
_LIST_PRICES: Mapping[str, Decimal] = MappingProxyType({})
_NO_FABRIC = ("none", "unverified")


class Hours(NamedTuple):
    """Of the training alone: at the high and at the low end of the utilisation."""

    least: float
    most: float


class Money(NamedTuple):
    """US dollars of a run, at the high and at the low end of the utilisation."""

    least: Decimal
    most: Decimal


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """So many machines of one offer for the run."""

    way: Way
    offered: Offered
    machines: int
    price: Price  # of one machine and hour, had in this way
    memory: Memory  # of each accelerator
    peak: Peak
    utilisation: Utilisation
    hours: Hours

    @property
    def accelerators(self) -> int:
        """Of all machines."""
        return self.machines * int(self.offered.count)

    @property
    def usd_hour(self) -> Decimal | None:
        """Of all machines; the lower bound of an AtLeast; None where the price is unknown."""
        each = usd(self.price)
        return None if each is None else each * self.machines

    @property
    def usd(self) -> Money | None:
        """What the run costs; a bound where the price is one; None where the price is unknown."""
        hourly = self.usd_hour
        if hourly is None:
            return None
        return Money(hourly * Decimal(self.hours.least), hourly * Decimal(self.hours.most))

    @property
    def measured(self) -> bool:
        """Whether the utilisation was measured on this very chip."""
        return self.offered.accelerator.chip in self.utilisation.measured_on

    def meets(self, deadline: timedelta | None) -> Verdict | None:
        """Whether it ends in time; None where no deadline was given."""
        if deadline is None:
            return None
        limit = deadline / timedelta(hours=1)
        return "yes" if self.hours.most <= limit else "at best" if self.hours.least <= limit else "no"


class Left(NamedTuple):
    """An offer that is no candidate, and why."""

    offered: Offered
    why: str


TOO_SMALL = "its accelerators' memory does not hold the run"


def cheapest(rows: Iterable[Offered]) -> Iterator[Offered]:
    """Of each machine type and capacity the cheapest place, in the order of the rows, which go up by price."""
    seen = set()
    for row in rows:
        key = (row.cloud, row.machine_type, row.accelerator, row.count, row.capacity)
        if key not in seen:
            seen.add(key)
            yield row


def candidates(
    run: Run, rows: Iterable[Offered], most_machines: int, price_factors: Mapping[str, Decimal] = _LIST_PRICES
) -> Iterator[Candidate | Left]:
    """Each offer in each way that it can be had, or why it is none.

    `price_factors`: by cloud, what list prices are multiplied with; a cloud that is not there has list prices.
    """
    for row in cheapest(rows):
        found = peak(row.accelerator)
        if found is None:
            yield Left(row, "no vendor's 16-bit peak is stored for its chip")
        elif row.count < 1:
            yield Left(row, "it has a share of a chip only")
        else:
            yield from _of_ways(run, row, found, most_machines, price_factors.get(row.cloud, Decimal(1)))


def _of_ways(run: Run, row: Offered, of: Peak, most_machines: int, factor: Decimal) -> Iterator[Candidate | Left]:
    for way in _ways(row):
        kind, cloud, price = KINDS.get(way), row.cloud, row.price
        if kind is not None:
            wrong = not_built(kind, cloud, row.machine_type) or not_sold(kind, cloud, row.machine_type, row.capacity)
            if wrong:
                yield Left(row, f"as {kind}: {wrong}")
                continue
            fee = estimated(kind, cloud, row.machine_type, row.capacity, price)
            price = fee or priced(kind, cloud, price, row.capacity)
        yield placed(run, way, row, scaled(price, factor), of, most_machines)


def _ways(row: Offered) -> tuple[Way, ...]:
    if row.cloud == ON_PREMISE:
        return ("own",)
    if row.cloud not in _BUILT_ON:
        return ("specialised",)
    return ("TPU", "job") if row.accelerator.form == TPU else ("VM", "job")


def placed(run: Run, way: Way, row: Offered, price: Price, of: Peak, most_machines: int) -> Candidate | Left:
    """The fewest machines that hold the run and end it in time, or that end it soonest."""
    counts = sorted(set(_counts(run, row, of, most_machines if several(row) else 1)))
    if not counts:
        return Left(row, TOO_SMALL)
    found = [each for machines in counts if (each := _of(run, way, row, price, of, machines)) is not None]
    if not found:
        at = scale(counts[0] * int(row.count), counts[0])
        return Left(row, f"no utilisation is published of {run.method} on {at}")
    in_time = [
        next((each for each in found if each.meets(run.deadline) == verdict), None) for verdict in ("yes", "at best")
    ]
    best = (
        found[0]
        if run.deadline is None
        else next((each for each in in_time if each is not None), None) or min(found, key=lambda each: each.hours.least)
    )
    limit = ttl_limit(KINDS.get(way, ""), row.cloud, row.capacity)
    if limit is not None and timedelta(hours=best.hours.most) > limit.longest:
        return Left(row, f"as {row.capacity} it may run {format_duration(limit.longest)} at most")
    return best


def _counts(run: Run, row: Offered, of: Peak, most: int) -> Iterator[int]:
    """Machines that hold the run and may be the fewest, the fewest in time or the soonest."""

    def hold(machines: int) -> bool:
        return memory(run, machines * int(row.count)).needed_gb <= row.accelerator.memory_gib

    if hold(1):
        yield 1
    if most < 2 or not hold(most):  # each accelerator holds less, the more there are; but one alone gathers nothing
        return
    least = bisect_left(range(2, most), True, key=hold) + 2
    yield from (least, most)
    share = utilisation(run, row.accelerator, scale(least * int(row.count), least))
    if share is None or run.deadline is None:
        return
    for of_one in hours(run, of, share, int(row.count)):
        needed = math.ceil(of_one / (run.deadline / timedelta(hours=1)))
        yield from (min(max(each, least), most) for each in (needed, needed + 1))


def several(row: Offered) -> bool:
    """Whether several of it can be one cluster: a fabric between them that a source tells of; a slice is whole."""
    return row.accelerator.fabric not in _NO_FABRIC and row.accelerator.form != TPU


def _of(run: Run, way: Way, row: Offered, price: Price, of: Peak, machines: int) -> Candidate | None:
    accelerators = machines * int(row.count)
    share = utilisation(run, row.accelerator, scale(accelerators, machines))
    if share is None:
        return None
    return Candidate(
        way=way,
        offered=row,
        machines=machines,
        price=price,
        memory=memory(run, accelerators),
        peak=of,
        utilisation=share,
        hours=hours(run, of, share, accelerators),
    )


def hours(run: Run, of: Peak, share: Utilisation, accelerators: int) -> Hours:
    """FLOPs of the run over what the accelerators reach."""
    at_peak = flops(run) / (accelerators * of.tflops * _TERA) / 3600
    return Hours(at_peak / share.high, at_peak / share.low)
