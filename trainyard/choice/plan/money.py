"""What a candidate costs over a span, as a range: what is certain to be spent, and what it can come to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from trainyard.facts.price import AtMost, Price, Unknown, at_least, times


@dataclass(frozen=True, kw_only=True)
class Range:
    """USD over a span."""

    low: Decimal
    high: Decimal | Unknown  # Unknown: some part of it has no known price


def over(price: Price, span: timedelta, nodes: int = 1) -> Range:
    """Of so many machines; an AtMost may cost nothing as far as is known, an AtLeast anything above its figure."""
    high = times(price, span)
    low = Decimal("0.00") if isinstance(price, AtMost) else at_least(price, span)
    return Range(low=low * nodes, high=high if isinstance(high, Unknown) else high * nodes)


def either(ranges: Iterable[Range]) -> Range:
    """One of them, whichever it comes to be; ValueError when there is none."""
    found = list(ranges)
    unknown = next((each.high for each in found if isinstance(each.high, Unknown)), None)
    high = unknown or max(each.high for each in found if isinstance(each.high, Decimal))
    return Range(low=min(each.low for each in found), high=high)


def together(ranges: Iterable[Range]) -> Range:
    """All of them."""
    found = list(ranges)
    unknown = next((each.high for each in found if isinstance(each.high, Unknown)), None)
    total = sum((each.high for each in found if isinstance(each.high, Decimal)), Decimal(0))
    return Range(low=sum((each.low for each in found), Decimal(0)), high=unknown or total)
