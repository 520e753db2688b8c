"""When nothing fits: the one demand which, relaxed by so much, would let something in; else the fewest together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from trainyard.choice.offers.ask import Ask
from trainyard.choice.offers.index import Catalogue
from trainyard.choice.offers.query import Offered, search
from trainyard.facts.price import text

_MOST_TOGETHER = 3


@dataclass(frozen=True, kw_only=True)
class Relaxed:
    """One way to an answer."""

    demands: tuple[str, ...]  # fields of the ask
    words: str  # "max_usd_hour from 30 to 44.12 USD/h"
    lets_in: Offered
    count: int


def nearest(ask: Ask, catalogue: Catalogue) -> list[Relaxed]:
    """Each way with the fewest demands relaxed, in the order of what it costs; empty where no three would do."""
    given = [name for name in _OPEN if getattr(ask, name) not in (None, ())]
    for together in range(1, _MOST_TOGETHER + 1):
        ways = [way for names in combinations(given, together) if (way := _relaxed(ask, names, catalogue))]
        if ways:
            return sorted(ways, key=_cost)
    return []


# In the order in which people part with them: money and place before what the program needs.
_OPEN = (
    "max_usd_hour",
    "zones",
    "capacities",
    "regions",
    "clouds",
    "fabric",
    "form",
    "vcpus",
    "memory_gib",
    "count",
    "most",
    "accelerator_memory_gib",
    "wanted",
    "machine_type",
)


def _relaxed(ask: Ask, names: tuple[str, ...], catalogue: Catalogue) -> Relaxed | None:
    if "wanted" in names and "machine_type" in names:
        return None  # what is left asks for anything
    opened: dict[str, Any] = {name: () if isinstance(getattr(ask, name), tuple) else None for name in names}
    wider = replace(ask, **opened)
    rows = search(wider, catalogue).rows
    if not rows:
        return None
    best = min(rows, key=lambda row: tuple(_distance(ask, name, row) for name in names))
    return Relaxed(
        demands=names, words=" and ".join(_words(ask, name, best) for name in names), lets_in=best, count=len(rows)
    )


def _distance(ask: Ask, name: str, row: Offered) -> float:
    """How far a row is from a demand that is a number; 0 for the others, where the cheapest row counts."""
    asked, has = getattr(ask, name), _has(row, name)
    if not isinstance(asked, (int, float)) or not isinstance(has, (int, float)):
        return 0.0 if name not in ("vcpus", "memory_gib") or has is not None else float("inf")
    return abs(has - asked)


def _has(row: Offered, name: str) -> object:
    match name:
        case "count" | "most":
            return row.count
        case "accelerator_memory_gib":
            return row.count * row.accelerator.memory_gib
        case "vcpus":
            return row.vcpus
        case "memory_gib":
            return row.memory_gib
        case _:
            return None


def _words(ask: Ask, name: str, row: Offered) -> str:
    match name:
        case "max_usd_hour":
            price = "unknown" if row.price_usd_hour is None else f"{row.price_usd_hour:f} USD/h"
            return f"max_usd_hour from {ask.max_usd_hour:f} to {price}"
        case "count" | "most" | "accelerator_memory_gib" | "vcpus" | "memory_gib":
            has = _has(row, name)
            return f"{name} from {getattr(ask, name):g} to {'unknown' if has is None else f'{has:g}'}"
        case "wanted":
            return f"the accelerator from {ask.chip} to {row.accelerator.chip} ({row.accelerator.memory_gib} GB)"
        case "capacities" | "regions" | "clouds" | "zones":
            has = {"capacities": row.capacity, "regions": row.region, "clouds": row.cloud, "zones": row.place}[name]
            return f"{name} from {', '.join(getattr(ask, name))} to {has}"
        case "machine_type":
            return f"the machine type from {ask.machine_type} to {row.machine_type}"
        case "form":
            return f"form from {ask.form} to {row.accelerator.form}"
        case _:
            return f"fabric from {ask.fabric} to {row.accelerator.fabric}"


def _cost(way: Relaxed) -> tuple[int, ...]:
    return tuple(_OPEN.index(name) for name in way.demands)


def sentences(ask: Ask, catalogue: Catalogue) -> Iterator[str]:
    """What a person reads: that nothing fits, and each way to something."""
    ways = nearest(ask, catalogue)
    if not ways:
        yield f"nothing fits, and no {_MOST_TOGETHER} demands let go together let anything in; ask for less."
        return
    yield "nothing fits; this would let something in:"
    for way in ways:
        row = way.lets_in
        more = f" and {way.count - 1} more" if way.count > 1 else ""
        yield f"  {way.words}: {row.machine_type} in {row.place} ({row.cloud}), {row.capacity}, {text(row.price)}{more}"
