"""How a workload's machines may be bought, in order: words, or mappings where the kind needs more."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import Field, PlainValidator, WithJsonSchema

from trainyard.facts.capacity import Capacity, FlexStart, OnDemand, Reserved, Spot
from trainyard.facts.expiry import parse_duration
from trainyard.settings.problem import listed, near, shown
from trainyard.settings.values import UnfitError

_WORDS = ("on-demand", "spot", "flex-start", "reserved")
_LATER = {"queued": "queued is for TPUs", "block": "block is AWS's"}
_OWN_KEYS = {"flex-start": "max_wait", "reserved": "id"}
_FORMS = "on-demand, spot, flex-start, { kind: flex-start, max_wait: 2h } or { kind: reserved, id: … }"


def _capacity(value: object) -> Capacity:
    match value:
        case str():
            return _of_kind(value, None)
        case {"kind": str() as kind, **rest}:
            own = _OWN_KEYS.get(kind)
            for key in rest:
                if key != own:
                    allowed = listed(["kind", *([own] if own else [])])
                    message = f'"{key}" is no key of {kind}; allowed are {allowed}.{near(key, [own or "kind"])}'
                    raise UnfitError(message)
            return _of_kind(kind, rest.get(own))
        case _:
            message = f"{shown(value)} is no capacity; give {_FORMS}."
            raise UnfitError(message)


def _of_kind(kind: str, detail: object) -> Capacity:
    match kind:
        case "on-demand":
            return OnDemand()
        case "spot":
            return Spot()
        case "flex-start":
            return FlexStart() if detail is None else FlexStart(max_wait=_wait(detail))
        case "reserved":
            if not isinstance(detail, str) or not detail:
                message = "reserved needs the reservation's id; give { kind: reserved, id: … }."
                raise UnfitError(message)
            return Reserved(id=detail)
        case "queued" | "block":
            message = f"{_LATER[kind]} and not built yet; give {_FORMS}."
            raise UnfitError(message)
        case _:
            message = f'"{kind}" is no capacity; give {_FORMS}.{near(kind, _WORDS)}'
            raise UnfitError(message)


def _wait(value: object) -> timedelta:
    if not isinstance(value, str):
        message = f"max_wait {shown(value)} has no unit; give a duration, for example 2h."
        raise UnfitError(message)
    return parse_duration(value)


_SCHEMA = {
    "anyOf": [
        {"enum": ["on-demand", "spot", "flex-start"]},
        {
            "type": "object",
            "properties": {"kind": {"const": "flex-start"}, "max_wait": {"type": "string"}},
            "required": ["kind"],
            "additionalProperties": False,
        },
        {
            "type": "object",
            "properties": {"kind": {"const": "reserved"}, "id": {"type": "string"}},
            "required": ["kind", "id"],
            "additionalProperties": False,
        },
    ]
}

Capacities = Annotated[
    tuple[Annotated[Capacity, PlainValidator(_capacity), WithJsonSchema(_SCHEMA)], ...],
    Field(min_length=1, description=f"a list in order of preference, of {_FORMS}"),
]
