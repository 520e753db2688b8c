"""How things that bill are told: name, place, price, and the command that ends each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from trainyard.facts import price
from trainyard.facts.billable import Billable
from trainyard.facts.price import Unknown

_DAY = timedelta(days=1)


def line(thing: Billable) -> str:
    """One thing in one line."""
    what = f", {thing.machine_type}" if thing.machine_type else ""
    return f"{thing.kind} {thing.name} in {thing.place} ({thing.scope}): {thing.status}{what}, {_money(thing)}"


def lines(things: Iterable[Billable]) -> str:
    """An indented line for each thing."""
    return "".join(f"\n  {line(thing)}" for thing in things)


def _money(thing: Billable) -> str:
    if isinstance(thing.price, Unknown):
        return f"price unknown ({thing.price.reason})"
    hourly = price.text(thing.price)
    if thing.kind == "machine":
        return hourly
    return f"{hourly}, {price.at_least(thing.price, _DAY)} USD per day"
