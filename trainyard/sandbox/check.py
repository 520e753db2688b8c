"""Checks what a program gave against what its SDK takes, at any depth, and tells everything that is wrong at once."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from trainyard.sandbox.schema import (
    Anything,
    Choice,
    Either,
    Field,
    File,
    Kind,
    Listing,
    Named,
    Object,
    ResourceType,
    Scalar,
)
from trainyard.servicer.values import LATER, Archive, Asset, Secret

_NAMES_SHOWN: Final = 40
# Their providers come from Terraform's by a bridge, which writes a number or a bool as text where text is due;
# Terraform reads numbers and bools out of text (pulumi-terraform-bridge, pkg/tfbridge/schema.go, makeTerraformInput).
_BRIDGED: Final = frozenset({"gcp", "aws"})
_WHOLE: Final = re.compile(r"[-+]?\d+")
_NUMBER: Final = re.compile(r"[-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?")
_TRUE_OR_FALSE: Final = frozenset({"1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"})
# Azure's SubnetArgs fill these in; where only an id is asked for, what the SDK itself added is no mistake.
_FILLED_IN: Final = frozenset({"privateEndpointNetworkPolicies", "privateLinkServiceNetworkPolicies"})
_CLOSE: Final = 0.55


@dataclass(frozen=True)
class Problem:
    """One wrong property, with its path on the wire, such as `networkInterfaces[0].subnetwork`."""

    path: str
    reason: str
    bridged: bool = field(default=False, compare=False)  # of a value that Terraform's bridge makes right


def check_inputs(type: ResourceType, given: Mapping[str, Any]) -> Iterator[Problem]:
    """Problems of what a program gave for a resource."""
    known = {name: value for name, value in given.items() if name in type.inputs} if type.open else given
    for problem in check_object(type.inputs, known):
        if type.package not in _BRIDGED or not problem.bridged:
            yield problem


def check_object(fields: Mapping[str, Field], given: Mapping[str, Any], path: str = "") -> Iterator[Problem]:
    """Problems of a property bag: unknown and missing properties, then wrong values."""
    for name, value in given.items():
        if name.startswith("__") or (name in _FILLED_IN and set(fields) == {"id"}):
            continue
        field = fields.get(name)
        if field is None:
            yield Problem(_join(path, name), _unknown(name, fields, given))
        else:
            yield from check_value(field.kind, value, _join(path, name))
    for name, field in fields.items():
        if field.required and given.get(name) is None:
            yield Problem(_join(path, name), f"required and missing: give {_both(field)}")


def check_value(kind: Kind, value: Any, path: str) -> Iterator[Problem]:
    """Problems of one value; what is not known yet, and nothing at all, is right."""
    hidden = isinstance(value, Secret)
    if isinstance(value, Secret):
        value = value.value
    if value is None or isinstance(value, LATER):
        return
    match kind:
        case Anything():
            return
        case Object():
            yield from _check_nested(kind, value, path)
        case Listing(item):
            yield from _check_list(item, value, path)
        case Named(item):
            yield from _check_mapping(item, value, path)
        case Either(options):
            yield from _check_either(options, value, path)
        case Scalar() | Choice() | File():
            reason = _plain_reason(kind, value, hidden=hidden)
            if reason:
                yield Problem(path, reason, bridged=isinstance(kind, Scalar) and _bridged(kind, value))


def nearest(given: str, known: Sequence[str]) -> str | None:
    """The known name that was most likely meant."""
    folded = {re.sub(r"[^a-z0-9]", "", name.lower()): name for name in known}
    same = folded.get(re.sub(r"[^a-z0-9]", "", given.lower()))
    close = [same] if same else difflib.get_close_matches(given, known, n=1, cutoff=_CLOSE)
    return close[0] if close else None


def _check_nested(kind: Object, value: Any, path: str) -> Iterator[Problem]:
    if isinstance(value, dict):
        yield from check_object(kind.fields, value, path)
    else:
        names = ", ".join(list(kind.fields)[:_NAMES_SHOWN])
        yield Problem(path, f"is {_shown(value)}; an object is needed, with {names}")


def _check_list(item: Kind, value: Any, path: str) -> Iterator[Problem]:
    if not isinstance(value, list):
        yield Problem(path, f"is {_shown(value)}; a list is needed")
        return
    for number, part in enumerate(value):
        yield from check_value(item, part, f"{path}[{number}]")


def _check_mapping(item: Kind, value: Any, path: str) -> Iterator[Problem]:
    if not isinstance(value, Mapping):
        yield Problem(path, f"is {_shown(value)}; a mapping is needed")
        return
    for key, part in value.items():
        yield from check_value(item, part, _join(path, key))


def _check_either(options: Sequence[Kind], value: Any, path: str) -> Iterator[Problem]:
    found = [list(check_value(option, value, path)) for option in options]
    if [] not in found:
        # Of several shapes the one that fits best was meant.
        yield from min(found, key=lambda problems: (any(problem.path == path for problem in problems), len(problems)))


def _plain_reason(kind: Scalar | Choice | File, value: Any, *, hidden: bool) -> str | None:
    if isinstance(kind, Scalar) and _fits(kind, value):
        return None
    shown = "a secret" if hidden else _shown(value)
    if isinstance(kind, File):
        return None if isinstance(value, Asset | Archive) else f"is {shown}; an asset or archive is needed"
    if isinstance(kind, Scalar):
        return f"is {shown}; {_needed(kind)} is needed"
    if value in kind.values and isinstance(value, bool) == isinstance(kind.values[0], bool):
        return None
    if kind.any_case and isinstance(value, str) and value.lower() in {str(one).lower() for one in kind.values}:
        return None
    shown_ones = [str(choice) for choice in kind.values if choice != ""]
    near = nearest(str(value), shown_ones)
    allowed = ", ".join(f'"{choice}"' for choice in shown_ones)
    return f"is {shown}; allowed: {allowed}" + (f'; did you mean "{near}"?' if near and not hidden else "")


def _fits(kind: Scalar, value: Any) -> bool:
    if kind.plain == "text":
        return isinstance(value, str)
    if kind.plain == "bool":
        return isinstance(value, bool)
    number = isinstance(value, int) or (kind.plain == "number" and isinstance(value, float))
    return number and not isinstance(value, bool)


def _bridged(kind: Scalar, value: Any) -> bool:
    """Whether the bridge makes the value one of the kind."""
    if kind.plain == "text":
        return isinstance(value, bool | int | float)
    if not isinstance(value, str):
        return False
    if kind.plain == "bool":
        return value in _TRUE_OR_FALSE
    return (_NUMBER if kind.plain == "number" else _WHOLE).fullmatch(value) is not None


def _needed(kind: Scalar) -> str:
    return {"text": "text", "bool": "true or false"}.get(kind.plain, f"a {kind.plain}")


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return f'the text "{value}"' if len(value) <= 80 else f'the text "{value[:77]}…"'
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"the number {value}"
    if isinstance(value, list):
        return "a list"
    return "an object" if isinstance(value, Mapping) else f"a {type(value).__name__.lower()}"


def _unknown(name: str, fields: Mapping[str, Field], given: Mapping[str, Any]) -> str:
    names = {field.python: field for field in fields.values()} | dict(fields)
    free = [known for known, field in names.items() if given.get(field.wire) is None]
    near = nearest(name, free)
    if near is not None:
        return f"unknown property; did you mean {_both(names[near])}?"
    shown = list(fields)[:_NAMES_SHOWN]
    more = f" and {len(fields) - len(shown)} more" if len(fields) > len(shown) else ""
    return f"unknown property; known are {', '.join(shown)}{more}"


def _both(field: Field) -> str:
    return f'"{field.wire}"' if field.wire == field.python else f'"{field.wire}" ({field.python} in Python)'


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
