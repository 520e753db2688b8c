"""How a workload's machines may be bought, in order: words, or mappings where the kind needs more."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Annotated

from pydantic import Field, PlainValidator, WithJsonSchema

from trainyard.facts.capacity import Block, Capacity, FlexStart, OnDemand, Queued, Reserved, Spot
from trainyard.facts.conflicts import conflict
from trainyard.facts.expiry import parse_duration
from trainyard.settings.problem import listed, near, shown
from trainyard.settings.values import UnfitError, money

_WORDS = ("on-demand", "spot", "flex-start", "reserved", "queued", "block")
_KEYS = {
    "on-demand": ("usd_hour",),
    "spot": ("usd_hour",),
    "flex-start": ("max_wait", "usd_hour"),
    "reserved": ("id", "bound", "usd_hour"),
    "queued": ("valid_until", "spot", "reservation"),
    "block": ("id", "usd_hour"),
}
# Keys that would ask for two capacities at once; the table of conflicts says why not.
_CONFLICTS = {
    ("flex-start", "id"): "flex-start-uses-no-reservation",
    ("spot", "id"): "spot-uses-no-reservation",
    ("flex-start", "preemptible"): "flex-start-is-not-spot",
}
_FORMS = (
    "on-demand, spot, flex-start, { kind: flex-start, max_wait: 2h }, { kind: reserved, id: … }, for TPUs "
    "{ kind: queued, valid_until: 6h }, or on AWS { kind: block, id: cr-… }"
)


def _capacity(value: object) -> Capacity:
    match value:
        case str():
            return _of_kind(value, {})
        case {"kind": str() as kind, **other}:
            rest = {str(key): each for key, each in other.items()}
            own = ("kind", *_KEYS.get(kind, ()))
            for key in rest:
                if key not in own:
                    raise UnfitError(_no_key(kind, key, own))
            return _of_kind(kind, rest)
        case _:
            message = f"{shown(value)} is no capacity; give {_FORMS}."
            raise UnfitError(message)


def _no_key(kind: str, key: str, own: tuple[str, ...]) -> str:
    if name := _CONFLICTS.get((kind, key)):
        return f'"{key}" is no key of {kind}: {conflict(name).text}'
    return f'"{key}" is no key of {kind}; allowed are {listed(own)}.{near(key, own)}'


def _of_kind(kind: str, given: Mapping[str, object]) -> Capacity:
    usd_hour = money(given["usd_hour"]) if "usd_hour" in given else None
    match kind:
        case "on-demand":
            return OnDemand(usd_hour=usd_hour)
        case "spot":
            return Spot(usd_hour=usd_hour)
        case "flex-start" if "max_wait" in given:
            return FlexStart(max_wait=_wait(given["max_wait"]), usd_hour=usd_hour)
        case "flex-start":
            return FlexStart(usd_hour=usd_hour)
        case "reserved":
            return _reserved(given, usd_hour)
        case "queued":
            return _queued(given)
        case "block":
            id_ = given.get("id")
            if not isinstance(id_, str) or not id_:
                message = "block needs the id of its reservation; give { kind: block, id: cr-… }."
                raise UnfitError(message)
            return Block(id=id_, usd_hour=usd_hour)
        case _:
            message = f'"{kind}" is no capacity; give {_FORMS}.{near(kind, _WORDS)}'
            raise UnfitError(message)


def _reserved(given: Mapping[str, object], usd_hour: Decimal | None) -> Reserved:
    id_, bound = given.get("id"), given.get("bound", False)
    if not isinstance(id_, str) or not id_:
        message = "reserved needs the reservation's id; give { kind: reserved, id: … }."
        raise UnfitError(message)
    if not isinstance(bound, bool):
        message = f"bound {shown(bound)} is neither true nor false; give true for a calendar or future reservation."
        raise UnfitError(message)
    return Reserved(id=id_, bound=bound, usd_hour=usd_hour)


def _queued(given: Mapping[str, object]) -> Queued:
    if "valid_until" not in given:
        message = "queued needs the time until which it waits; give { kind: queued, valid_until: 6h }."
        raise UnfitError(message)
    spot = given.get("spot", False)
    if not isinstance(spot, bool):
        message = f"spot {shown(spot)} is neither true nor false; give true for a node that the cloud may take back."
        raise UnfitError(message)
    reservation = given.get("reservation")
    if reservation is not None and (not isinstance(reservation, str) or not reservation or spot):
        message = f"reservation {shown(reservation)} is no name, or stands beside spot; give a name, and no spot."
        raise UnfitError(message)
    return Queued(valid_until=_wait(given["valid_until"], "valid_until"), spot=spot, reservation=reservation)


def _wait(value: object, key: str = "max_wait") -> timedelta:
    if not isinstance(value, str):
        message = f"{key} {shown(value)} has no unit; give a duration, for example 2h."
        raise UnfitError(message)
    return parse_duration(value)


_USD_HOUR = {"type": "number", "exclusiveMinimum": 0, "description": "the price that was agreed for one machine"}


def _schema(kind: str, required: tuple[str, ...] = (), **properties: object) -> dict[str, object]:
    return {
        "type": "object",
        "properties": {"kind": {"const": kind}, **properties, "usd_hour": _USD_HOUR},
        "required": ["kind", *required],
        "additionalProperties": False,
    }


_SCHEMA = {
    "anyOf": [
        {"enum": ["on-demand", "spot", "flex-start"]},
        _schema("on-demand"),
        _schema("spot"),
        _schema("flex-start", max_wait={"type": "string"}),
        _schema("reserved", ("id",), id={"type": "string"}, bound={"type": "boolean"}),
        _schema("block", ("id",), id={"type": "string"}),
        {
            "type": "object",
            "properties": {
                "kind": {"const": "queued"},
                "valid_until": {"type": "string", "description": "a duration from the lease's start on, such as 6h"},
                "spot": {"type": "boolean"},
                "reservation": {"type": "string"},
            },
            "required": ["kind", "valid_until"],
            "additionalProperties": False,
        },
    ]
}

Capacities = Annotated[
    tuple[Annotated[Capacity, PlainValidator(_capacity), WithJsonSchema(_SCHEMA)], ...],
    Field(min_length=1, description=f"a list in order of preference, of {_FORMS}"),
]
