"""The kinds of text and number that settings hold, each checked by the fact that decides it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, Field, PlainValidator, Strict, WithJsonSchema

from trainyard.facts import accelerator as accelerators
from trainyard.facts.expiry import parse_duration
from trainyard.facts.labels import check_slug
from trainyard.settings.problem import shown

Whole = Annotated[int, Strict(), Field(ge=1)]
Flag = Annotated[bool, Strict()]
Text = Annotated[str, Field(min_length=1)]

_MOST_USD = 10**9


class UnfitError(ValueError):
    """A value that its field does not take; the text is a whole sentence about it."""


def matching(pattern: str) -> Any:
    """A constraint on text: all of it matches the pattern."""
    return Field(pattern=rf"^(?:{pattern})$")


def _duration(value: object) -> timedelta:
    if not isinstance(value, str):
        hint = f", for example {value}h or {value}d" if isinstance(value, int) and value > 0 else ""
        message = f"{shown(value)} is no duration; give a whole number with its unit{hint}."
        raise UnfitError(message)
    return parse_duration(value)


def money(value: object) -> Decimal:
    """An amount in US dollars, to the cent; UnfitError for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= _MOST_USD:
        message = f"{shown(value)} is no amount; give a number of US dollars over 0, without sign or unit."
        raise UnfitError(message)
    amount = Decimal(str(value))
    if amount != amount.quantize(Decimal("0.01")):
        message = f"{value} is finer than a cent; give at most two decimals."
        raise UnfitError(message)
    return amount


def _slug(value: str) -> str:
    if error := check_slug(value):
        raise UnfitError(error)
    return value


def _factor(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 2:
        message = f"{shown(value)} is no price factor; give a number over 0 and at most 2, for example 0.9."
        raise UnfitError(message)
    return Decimal(str(value))


def _share(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1:
        message = f"{shown(value)} is no share; give a number over 0 and at most 1, for example 0.8."
        raise UnfitError(message)
    return Decimal(str(value))


@dataclass(frozen=True, kw_only=True, slots=True)
class AcceleratorCount:
    """What `H100:8` says: a chip or an alias of one, and how many a node has."""

    name: str
    count: float  # whole, but for a share of one chip

    @property
    def wanted(self) -> accelerators.Wanted:
        """What the name asks for; an alias narrows memory, form or fabric."""
        return accelerators.resolve(self.name)


def _accelerator(value: object) -> AcceleratorCount:
    if not isinstance(value, str):
        message = f'{shown(value)} is no accelerator; give chip:count, for example "H100:8".'
        raise UnfitError(message)
    name, count = accelerators.parse(value)
    return AcceleratorCount(name=name, count=count)


def _plain(check: Callable[[object], object], **schema: object) -> tuple[PlainValidator, WithJsonSchema]:
    return PlainValidator(check), WithJsonSchema(dict(schema))


Duration = Annotated[
    timedelta, *_plain(_duration, type="string", pattern="^[1-9][0-9]{0,7}[mhd]$", examples=["12h", "14d"])
]
Usd = Annotated[Decimal, *_plain(money, type="number", exclusiveMinimum=0)]
Factor = Annotated[Decimal, *_plain(_factor, type="number", exclusiveMinimum=0, maximum=2)]
Share = Annotated[Decimal, *_plain(_share, type="number", exclusiveMinimum=0, maximum=1)]
Chips = Annotated[
    AcceleratorCount,
    *_plain(
        _accelerator, type="string", pattern=r"^[A-Za-z0-9-]+(:([1-9][0-9]*|0\.(125|25|5)))?$", examples=["H100:8"]
    ),
    Field(description="chip:count for one node, for example H100:8"),
]
Slug = Annotated[
    str, AfterValidator(_slug), WithJsonSchema({"type": "string", "pattern": "^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$"})
]
