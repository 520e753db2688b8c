"""Refuses values that the vendor's description does not allow."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from trainyard.sandbox.check import Problem, nearest
from trainyard.sandbox.schema import ResourceType
from trainyard.sandbox.values.description import Node, Said, description_of
from trainyard.sandbox.values.kinds import wrong_kind
from trainyard.servicer.values import LATER, Secret

_SHOWN = 40


def check_values(type: ResourceType, inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """Problems of the values that a program gave, as far as a vendor describes them; unknown ones are right."""
    description = description_of(type.package, type.token)
    if description is None:
        return
    yield from _below(description.tree, inputs, "")
    for path in description.required:
        yield from _missing(inputs, path.split("."), "")


def _below(node: Node, value: Any, path: str) -> Iterator[Problem]:
    hidden = isinstance(value, Secret)
    if isinstance(value, Secret):
        value = value.value
    if value is None or isinstance(value, LATER):
        return
    if node.said is not None:
        reason = refusal(node.said, value)
        if reason:
            shown = "a secret" if hidden else f"{value!r}" if not isinstance(value, str) else f"'{value}'"
            yield Problem(path, f"Invalid value for field '{path}': {shown}. {reason} ({node.said.api})")
            return
    if isinstance(value, list) and "[]" in node.parts:
        for number, item in enumerate(value):
            yield from _below(node.parts["[]"], item, f"{path}[{number}]")
    elif isinstance(value, dict):
        for key, item in value.items():
            part = node.parts.get(key) or node.parts.get("{}")
            if part is not None:
                yield from _below(part, item, f"{path}.{key}" if path else key)


def refusal(said: Said, value: Any) -> str | None:
    """Why the vendor does not take the value; None when it does, and for a wrong type, which the SDK's own tells."""
    if said.decided:
        return "Value for unconfigurable attribute: the cloud decides it; leave it out"
    if said.enum and isinstance(value, str | int | float) and not _in_enum(said, value):
        return _not_one_of(said, value)
    if isinstance(value, str):
        return _text(said, value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _between(value, said.min, said.max, "a number")
    if isinstance(value, list):
        return _between(len(value), said.min_items, said.max_items, "a count of entries")
    return None


def _in_enum(said: Said, value: Any) -> bool:
    if said.any_case and isinstance(value, str):
        return _folded(value) in {_folded(one) for one in said.enum if isinstance(one, str)}
    return any(value == one and isinstance(value, bool) == isinstance(one, bool) for one in said.enum)


def _folded(text: str) -> str:
    return text.replace(" ", "").lower()


def _not_one_of(said: Said, value: Any) -> str:
    choices = [str(one) for one in said.enum if one != ""]
    near = nearest(str(value), choices)
    more = f" and {len(choices) - _SHOWN} more" if len(choices) > _SHOWN else ""
    hint = f'; did you mean "{near}"?' if near else ""
    return f"Allowed: {', '.join(choices[:_SHOWN])}{more}{hint}"


def _text(said: Said, value: str) -> str | None:
    if said.pattern and not _compiled(said.pattern).search(value):
        return f"Must be a match of regex '{said.pattern}'"
    if said.min is not None or said.max is not None:
        try:
            return _between(float(value), said.min, said.max, "a number")
        except ValueError:
            return "It is no number"
    return _between(len(value), said.min_length, said.max_length, "a length of") or wrong_kind(said.kind, value)


def _between(number: float, least: float | None, most: float | None, what: str) -> str | None:
    if (least is None or number >= least) and (most is None or number <= most):
        return None
    if least is not None and most is not None:
        wanted = f"from {least:g} to {most:g}"
    else:
        wanted = f"of at least {least:g}" if least is not None else f"of at most {most:g}"
    return f"It is {number:g}; {what} {wanted} is needed"


def _missing(value: Any, steps: list[str], path: str) -> Iterator[Problem]:
    """Problems where a property that the vendor needs is not there, though what holds it is."""
    if isinstance(value, Secret):
        value = value.value
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from _missing(item, steps, f"{path}[{number}]")
    elif isinstance(value, Mapping):
        head, rest = steps[0].removesuffix("[]").removesuffix("{}"), steps[1:]
        at = f"{path}.{head}" if path else head
        if value.get(head) is None:
            if not rest:
                yield Problem(at, "required and missing: the cloud does not take it without")
        elif rest:
            yield from _missing(value[head], rest, at)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
