"""Values and groups of arguments that one line tells: `limits.json`, with the source of each type's entry."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from trainyard.sandbox.check import Problem
from trainyard.sandbox.conflicts.aws.reading import has, known, there, whole
from trainyard.sandbox.conflicts.conflict import Conflict, Given

_DATA: Final = Path(__file__).parent / "limits.json"
_SHOWN: Final = 80


def _values(given: Given) -> Iterator[Problem]:
    for path, limit in _entry(given).get("values", {}).items():
        for at, value in _each(given.inputs, path.split("."), ""):
            reason = _reason(limit, value)
            if reason:
                yield Problem(at, f"{limit.get('code', 'ValidationError')}: {reason}")


def _reason(limit: Mapping[str, Any], value: Any) -> str | None:
    shown = f'"{value[:_SHOWN]}"' if isinstance(value, str) else value
    if "choices" in limit and not isinstance(value, list) and value not in limit["choices"]:
        return f"{shown} is none of {', '.join(map(str, limit['choices']))}"
    if "pattern" in limit and isinstance(value, str) and value and not re.search(limit["pattern"], value):
        return f"{shown} is not as it must be: {limit['says']}"
    if "longest" in limit and isinstance(value, str) and len(value) > limit["longest"]:
        return f"{len(value)} characters; at most {limit['longest']} are taken"
    number = whole(value)
    if "least" in limit and number is not None and not limit["least"] <= number <= limit.get("most", number):
        return f"{number}; " + (
            f"{limit['least']} to {limit['most']}" if "most" in limit else f"{limit['least']} or more"
        )
    if "step" in limit and number is not None and number % limit["step"]:
        return f"{number} is no multiple of {limit['step']}"
    if isinstance(value, list | Mapping):
        if len(value) < limit.get("fewest", 0):
            return f"{len(value)} given; at least {limit['fewest']} are needed"
        if len(value) > limit.get("entries", len(value)):
            return f"{len(value)} given; at most {limit['entries']} are taken"
    return None


def _each(value: Any, steps: list[str], at: str) -> Iterator[tuple[str, Any]]:
    """Every known value at the steps, with its path; `name[]` are the entries of a list."""
    head, rest = steps[0], steps[1:]
    name, listed = head.removesuffix("[]"), head.endswith("[]")
    below = known(value.get(name)) if isinstance(value, Mapping) else None
    path = f"{at}.{name}" if at else name
    entries = [(path, below)]
    if listed:
        entries = [(f"{path}[{n}]", known(one)) for n, one in enumerate(below if isinstance(below, list) else ())]
    for place, one in entries:
        if one is None:
            continue
        if rest:
            yield from _each(one, rest, place)
        else:
            yield place, one


def _apart(given: Given) -> Iterator[Problem]:
    for group in _entry(given).get("apart", ()):
        set_ = [path for path in group if has(given, path) and given.at(path) is not False]
        if len(set_) > 1:
            yield Problem(set_[1], f'Conflicting configuration arguments: "{set_[1]}": conflicts with {set_[0]}')


def _some(given: Given) -> Iterator[Problem]:
    for group in _entry(given).get("some", ()):
        if not any(there(given, path) for path in group):
            yield Problem(
                group[0], f'Missing required argument: "{group[0]}": one of `{",".join(group)}` must be specified'
            )


def _along(given: Given) -> Iterator[Problem]:
    for path, needs in _entry(given).get("along", {}).items():
        lacking = [name for name in needs if not there(given, name)]
        if lacking and has(given, path) and given.at(path) not in (False, 0):
            yield Problem(lacking[0], f'Missing required argument: "{path}": `{lacking[0]}` must be specified as well')


def _entry(given: Given) -> Mapping[str, Any]:
    return _table()[given.type.token]


@cache
def _table() -> Mapping[str, Mapping[str, Any]]:
    told: dict[str, Any] = json.loads(_DATA.read_text(encoding="utf-8"))["types"]
    return {token: entry for tokens, entry in told.items() for token in tokens.split()}


def _with(kind: str) -> frozenset[str]:
    return frozenset(token for token, entry in _table().items() if kind in entry)


_SOURCE: Final = "limits.json, of each type: the service's API reference, or hashicorp/terraform-provider-aws"

CONFLICTS: Final = (
    Conflict(
        name="value-in-its-limits",
        types=_with("values"),
        says="Choices, lengths, forms and ranges that the SDK does not tell.",
        source=_SOURCE,
        find=_values,
    ),
    Conflict(
        name="not-together", types=_with("apart"), says="Of these only one is given.", source=_SOURCE, find=_apart
    ),
    Conflict(
        name="one-of-them", types=_with("some"), says="Of these at least one is given.", source=_SOURCE, find=_some
    ),
    Conflict(name="only-along-with", types=_with("along"), says="One needs the other.", source=_SOURCE, find=_along),
)
