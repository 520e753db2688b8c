"""List prices in USD per hour; what is unknown is said, never guessed and never 0."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

_HOUR = timedelta(hours=1)
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, kw_only=True)
class Known:
    """A list price for the whole thing, without discounts."""

    usd_hour: Decimal
    date: date
    source: str


@dataclass(frozen=True, kw_only=True)
class AtLeast:
    """A list price that leaves out a part that bills as well."""

    usd_hour: Decimal
    date: date
    source: str
    lacks: str  # "32 bundled local SSDs"


@dataclass(frozen=True, kw_only=True)
class AtMost:
    """A list price that this way of buying never passes."""

    usd_hour: Decimal
    date: date
    source: str
    why: str  # "flex-start is a discount on it"


@dataclass(frozen=True, kw_only=True)
class Agreed:
    """A price out of a contract, as the stack file gives it."""

    usd_hour: Decimal


@dataclass(frozen=True, kw_only=True)
class Estimated:
    """A figure worked out from other prices."""

    usd_hour: Decimal
    date: date
    source: str
    how: str


@dataclass(frozen=True)
class Unknown:
    """No price; `reason` completes the sentence "the price is unknown: ..."."""

    reason: str


Price = Known | AtLeast | AtMost | Agreed | Estimated | Unknown


def usd(price: Price) -> Decimal | None:
    """USD per hour; the lower bound of an AtLeast; None when unknown."""
    return None if isinstance(price, Unknown) else price.usd_hour


def scaled(price: Price, factor: Decimal) -> Price:
    """The list price times a factor, such as an agreed discount (0.9); an agreed price holds as it is."""
    if isinstance(price, Unknown | Agreed) or factor == 1:
        return price
    return replace(price, usd_hour=price.usd_hour * factor)


def lacking(price: Price, fee: str) -> Price:
    """The price with a part said that is not known of it; an agreed price is whole."""
    match price:
        case Known(usd_hour=usd_hour, date=date, source=source):
            return AtLeast(usd_hour=usd_hour, date=date, source=source, lacks=fee)
        case AtLeast(lacks=lacks):
            return replace(price, lacks=f"{lacks} and {fee}")
        case Agreed() | Unknown():
            return price
        case _:
            return Unknown(f"{fee} is not known; give usd_hour beside the capacity's kind")


def times(price: Price, span: timedelta) -> Decimal | Unknown:
    """USD over a span, rounded to the cent; Unknown unless every part of the price is known."""
    if isinstance(price, Unknown):
        return price
    if isinstance(price, AtLeast):
        return Unknown(f"{price.usd_hour} USD/h leaves out {price.lacks}")
    return at_least(price, span)


def at_least(price: Price, span: timedelta) -> Decimal:
    """USD over a span that is certain to be spent, rounded to the cent; 0 when nothing is known."""
    per_hour = usd(price) or Decimal(0)
    # Microseconds are whole numbers, so no float comes near the money.
    return (per_hour * (span // _TICK) / (_HOUR // _TICK)).quantize(Decimal("0.01"))


def text(price: Price) -> str:
    """The price as people read it: "88.49 USD/h", "at least 41.66 USD/h", "unknown"."""
    match price:
        case Known():
            return f"{price.usd_hour:.2f} USD/h"
        case AtLeast():
            return f"at least {price.usd_hour:.2f} USD/h (without {price.lacks})"
        case AtMost():
            return f"at most {price.usd_hour:.2f} USD/h ({price.why})"
        case Agreed():
            return f"{price.usd_hour:.2f} USD/h (agreed)"
        case Estimated():
            return f"about {price.usd_hour:.2f} USD/h ({price.how})"
        case Unknown():
            return "unknown"
