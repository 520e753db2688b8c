"""Values that Google's own pages limit and its API descriptions do not: numbers, lists, spans, formats; `limits.json`.

A row is [path, limit, says]. A limit: `min`, `max` and `over` (a number), `of` (choices), `match` (a whole text),
`is` (one of `_FORMATS`), `seconds` (the span of a text such as "600s"), `longest` (characters), `least` and `most`
(entries). An empty text stands for the default.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final
from zoneinfo import available_timezones

from trainyard.sandbox.check import Problem
from trainyard.sandbox.conflicts.conflict import Conflict, Given, plain
from trainyard.sandbox.provider.gcp_places import regions
from trainyard.servicer.values import LATER, Secret

_DATA: Final = Path(__file__).with_name("limits.json")
_SECONDS: Final = re.compile(r"^(\d+(?:\.\d+)?)s$")
_KEY: Final = re.compile(r"^(?:\S*/)?projects/[^/]+/locations/[^/]+/keyRings/[^/]+/cryptoKeys/[^/]+(?:/\S+)?$")


def _find(given: Given) -> Iterator[Problem]:
    for steps, limit, says in _limits(given.type.token):
        if steps[0] not in given.inputs:
            continue
        for at, value, hidden in values_at(given.inputs, steps):
            if not keeps(limit, value):
                shown = (
                    "a secret" if hidden else f"'{value}'" if not isinstance(value, list) else f"{len(value)} entries"
                )
                yield Problem(at, f"Invalid value for field '{at}': {shown}. {says}")


@cache
def _limits(token: str) -> tuple[tuple[list[str], Mapping[str, Any], str], ...]:
    """The type's rows, each path in steps."""
    rows = _table()["types"][token]
    return tuple((path.replace("[]", ".[]").split("."), limit, says) for path, limit, says in rows)


def values_at(value: Any, steps: list[str], path: str = "", *, hidden: bool = False) -> Iterator[tuple[str, Any, bool]]:
    """(path, value, whether it is secret) of every known value at the steps; "[]" goes into a list."""
    hidden = hidden or isinstance(value, Secret)
    value = plain(value)
    if value is None or isinstance(value, LATER):
        return
    if not steps:
        yield path, value, hidden
    elif steps[0] == "[]":
        for number, item in enumerate(value if isinstance(value, list) else ()):
            yield from values_at(item, steps[1:], f"{path}[{number}]", hidden=hidden)
    elif isinstance(value, dict):
        below = f"{path}.{steps[0]}" if path else steps[0]
        yield from values_at(value.get(steps[0]), steps[1:], below, hidden=hidden)


def keeps(limit: Mapping[str, Any], value: Any) -> bool:
    """Whether a value keeps its limit; what is of another kind than the limit is not held against it."""
    if not isinstance(value, list | str | bool | int | float):
        return True
    if isinstance(value, list):
        return bool(limit.get("least", 0) <= len(value) <= limit.get("most", len(value)))
    if "of" in limit:
        return bool(value in limit["of"])
    if isinstance(value, str) and not re.fullmatch(r"-?\d+", value):
        return value == "" or _text_keeps(limit, value)
    if "match" in limit:
        return re.fullmatch(limit["match"], str(value)) is not None
    if isinstance(value, bool):
        return True
    number = float(value)
    low = number >= limit.get("min", number) and ("over" not in limit or number > limit["over"])
    return bool(low and number <= limit.get("max", number))


def _text_keeps(limit: Mapping[str, Any], text: str) -> bool:
    if "match" in limit:
        return re.fullmatch(limit["match"], text) is not None
    if "is" in limit:
        return _FORMATS[limit["is"]](text)
    if "seconds" in limit:
        found = _SECONDS.match(text)
        return found is None or bool(limit["seconds"][0] <= float(found[1]) <= limit["seconds"][1])
    return bool(len(text) <= limit.get("longest", len(text)))


def _address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _range(text: str) -> bool:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return "/" in text


def _moment(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return "T" in text.upper()


def _time_zone(text: str) -> bool:
    known = _time_zones()
    return not known or text in known


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones())


_FORMATS: Final[Mapping[str, Callable[[str], bool]]] = {
    "address": _address,
    "range": _range,
    "moment": _moment,
    "time-zone": _time_zone,
    "region": lambda text: text in regions(),
    "store": lambda text: text.lower() in ({"us", "eu", "asia"} | set(regions())),
    "key": lambda text: _KEY.match(text) is not None,
}


@cache
def _table() -> Mapping[str, Any]:
    table: Mapping[str, Any] = json.loads(_DATA.read_text(encoding="utf-8"))
    return table


def conflicts() -> tuple[Conflict, ...]:
    return (
        Conflict(
            name="limits",
            types=frozenset(_table()["types"]),
            says="a value keeps the limits of Google's pages",
            source="; ".join(_table()["source"]),
            find=_find,
        ),
    )
