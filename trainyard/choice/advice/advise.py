"""Advice for a run: what fits, ranked, with the nearest that would do where nothing does."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from trainyard.choice.advice.buying import BreakEven, Purchase, break_even, workstation
from trainyard.choice.advice.candidates import (
    TOO_SMALL,
    Candidate,
    Left,
    Way,
    candidates,
    placed,
    several,
)
from trainyard.choice.advice.memory import memory
from trainyard.choice.advice.run import Run
from trainyard.choice.advice.work import peak
from trainyard.choice.offers.query import Offered
from trainyard.facts.price import Known

_STEP = 1.05  # costs closer than this are equal: the ranges are far wider
_FAR = 512  # machines, to say how many would do
_LONGEST_HOURS = 3650 * 24  # the longest duration that is read
_VERDICTS = {"yes": 0, None: 0, "at best": 1, "no": 2}


@dataclass(frozen=True, kw_only=True)
class Advice:
    """All that is to be said of a run."""

    run: Run
    have: tuple[str, ...]
    ranked: tuple[Candidate, ...]  # the best of each way, cloud, chip and capacity, the best first
    left: tuple[Left, ...]
    purchase: Purchase
    bought: Candidate | Left | None
    break_even: BreakEven | None
    nearest: tuple[str, ...]  # where nothing does: what would, one sentence each

    @property
    def in_time(self) -> bool:
        """Whether something ends the run in time, if only at best."""
        return any(each.meets(self.run.deadline) != "no" for each in self.ranked if each.way != "buy")

    def best(self, way: Way) -> Candidate | None:
        """The best that is had in one way."""
        return next((each for each in self.ranked if each.way == way), None)


def advise(
    run: Run,
    rows: Sequence[Offered],
    *,
    purchase: Purchase,
    have: tuple[str, ...] = (),
    ways: tuple[Way, ...] = (),
    most_machines: int = 8,
    price_factors: Mapping[str, Decimal] | None = None,
) -> Advice:
    """The advice over offers that go up by price; `have`: clouds that one has already, which break ties.

    `ways`: those to look at; empty for all. Buying is always told beside them.
    `price_factors`: by cloud, as `candidates` takes them.
    """
    found = [
        each
        for each in candidates(run, rows, most_machines, price_factors or {})
        if not ways or isinstance(each, Left) or each.way in ways
    ]
    fitting = [each for each in found if isinstance(each, Candidate)]
    left = tuple(each for each in found if isinstance(each, Left))
    rented = _ranked(fitting, run, have)
    bought = workstation(run, purchase)
    reference = next((each for each in rented if each.usd is not None), None)
    even = break_even(bought, reference, purchase) if isinstance(bought, Candidate) and reference else None
    everything = [*rented, bought] if isinstance(bought, Candidate) else rented
    advice = Advice(
        run=run,
        have=have,
        ranked=tuple(sorted(everything, key=lambda each: _order(each, run, have))),
        left=left,
        purchase=purchase,
        bought=bought,
        break_even=even,
        nearest=(),
    )
    return advice if advice.in_time else replace(advice, nearest=tuple(_nearest(advice, most_machines)))


def _ranked(fitting: Iterable[Candidate], run: Run, have: tuple[str, ...]) -> list[Candidate]:
    """The best of each way, cloud, chip and capacity."""
    best: dict[tuple[object, ...], Candidate] = {}
    for each in sorted(fitting, key=lambda each: _order(each, run, have)):
        chip = each.offered.accelerator
        best.setdefault((each.way, each.offered.cloud, chip.chip, chip.memory_gib, each.offered.capacity), each)
    return list(best.values())


def _order(each: Candidate, run: Run, have: tuple[str, ...]) -> tuple[object, ...]:
    """In time before late, known before unknown prices, then by what it costs at most; one's own cloud breaks ties."""
    cost = each.usd
    bucket = 0 if cost is None else round(math.log(max(float(cost.most), 0.01)) / math.log(_STEP))
    return (
        _VERDICTS[each.meets(run.deadline)],
        cost is None,
        bucket,
        each.offered.cloud not in have,
        not isinstance(each.price, Known),
        each.machines,
        each.accelerators,
        cost.most if cost else 0,
        each.hours.most,
        each.offered.place,
        each.offered.machine_type,
    )


def _nearest(advice: Advice, most_machines: int) -> Iterable[str]:
    run = advice.run
    rented = [each for each in advice.ranked if each.way != "buy"]
    if not rented:
        yield from _nearest_memory(advice, most_machines)
        return
    soonest = min(rented, key=lambda each: each.hours.least)
    least, most = math.ceil(soonest.hours.least), math.ceil(soonest.hours.most)
    would = f"; --deadline {least}h would do at best, {most}h in any case" if most <= _LONGEST_HOURS else ""
    yield f"the soonest is {what(soonest)}, which takes {least:,} to {most:,} hours{would}."
    for each in rented:
        if (more := _more_machines(run, each)) is not None:
            surely = "" if more.meets(run.deadline) == "yes" else ", at best"
            yield f"{what(more)} would end in time{surely}; give --max-machines {more.machines}."
            return


def _more_machines(run: Run, each: Candidate) -> Candidate | None:
    """The same in a number that ends in time, where several can be one cluster."""
    if not several(each.offered):
        return None
    found = placed(run, each.way, each.offered, each.price, each.peak, _FAR)
    return found if isinstance(found, Candidate) and found.meets(run.deadline) != "no" else None


def _nearest_memory(advice: Advice, most_machines: int) -> Iterable[str]:
    run = advice.run
    small = [each.offered for each in advice.left if each.why == TOO_SMALL]
    if not small:
        yield "no offer is left to look at; leave --region, --capacity or --cloud out."
        return

    def lacks(row: Offered) -> float:
        machines = most_machines if several(row) else 1
        return memory(run, machines * int(row.count)).needed_gb / row.accelerator.memory_gib

    nearest = min(small, key=lacks)
    machines = most_machines if several(nearest) else 1
    needed = memory(run, machines * int(nearest.count)).needed_gb
    yield (
        f"nothing holds it: nearest is {machines} × {nearest.machine_type} of {nearest.cloud}, whose chips need "
        f"{needed:.0f} GB each and have {nearest.accelerator.memory_gib}."
    )
    for words, other in _smaller(run):
        found = [each for each in candidates(other, small, most_machines) if isinstance(each, Candidate)]
        if found:
            yield f"it fits with {words}: {what(found[0])}."
            return
    for row in small:
        of = peak(row.accelerator)
        if several(row) and of is not None:
            found_more = placed(replace(run, deadline=None), "VM", row, row.price, of, _FAR)
            if isinstance(found_more, Candidate):
                yield f"{what(found_more)} would hold it; give --max-machines {found_more.machines}."
                return


def _smaller(run: Run) -> Iterable[tuple[str, Run]]:
    run = replace(run, deadline=None)
    if run.checkpointing != "full":
        yield "--checkpointing full", replace(run, checkpointing="full")
    if run.micro_batch > 1:
        yield "--micro-batch 1", replace(run, micro_batch=1)
    if run.zero < 3:
        yield "--zero 3", replace(run, zero=3)
    if run.method == "full":
        yield "--method lora", replace(run, method="lora")
    if run.method != "qlora":
        yield "--method qlora", replace(run, method="qlora")


def what(each: Candidate) -> str:
    """Machines, chips and place in a few words."""
    row = each.offered
    chips = f"{each.accelerators} {row.accelerator.chip} {row.accelerator.memory_gib} GB"
    if each.way == "buy":
        return f"a workstation with {chips}"
    return f"{each.machines} × {row.machine_type} ({chips}) in {row.cloud} {row.place}, {row.capacity}"


def deadline_hours(run: Run) -> float | None:
    """The deadline in hours; None for none."""
    return None if run.deadline is None else run.deadline / timedelta(hours=1)
