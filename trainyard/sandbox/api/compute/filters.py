"""The `filter` of list calls: comparisons of one field with one value, joined by AND."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from trainyard.sandbox.api.google_error import GoogleError

Test = Callable[[Mapping[str, Any]], bool]
_COMPARISON: Final = re.compile(
    r"""(?P<field>[A-Za-z][\w.-]*)\s*(?P<operator>!=|=|:|\s(?:eq|ne)\s)\s*(?P<value>"[^"]*"|'[^']*'|[^\s()"']+)"""
)


def compile_filter(text: str) -> Test:
    """True for what the filter lets through; GoogleError for one that is wrong, or that the sandbox does not know."""
    tests = [_comparison(part, text) for part in _parts(text)]
    return lambda thing: all(test(thing) for test in tests)


def _parts(text: str) -> list[str]:
    parts = [part.strip() for part in re.split(r"\s+AND\s+|(?<=\))\s*(?=\()", text.strip())] if text.strip() else []
    return [part[1:-1].strip() if part.startswith("(") and part.endswith(")") else part for part in parts]


def _comparison(part: str, whole: str) -> Test:
    match = _COMPARISON.fullmatch(part)
    if match is None:
        message = (
            f"Invalid value for field 'filter': '{whole}'. Invalid list filter expression. "
            "(The sandbox knows FIELD=VALUE, !=, eq, ne and FIELD:VALUE, joined by AND.)"
        )
        raise GoogleError(400, message)
    path, operator, value = match["field"].split("."), match["operator"].strip(), match["value"].strip("\"'")
    if operator in ("eq", "ne"):
        pattern = re.compile(value)
        return lambda thing: any(pattern.fullmatch(found) for found in _values(thing, path)) == (operator == "eq")
    if operator == ":":
        return lambda thing: any(_has(found, value) for found in _values(thing, path))
    return lambda thing: (value in _values(thing, path)) == (operator == "=")


def _has(found: str, wanted: str) -> bool:
    if wanted == "*":
        return True
    return found.startswith(wanted[:-1]) if wanted.endswith("*") else wanted.lower() in found.lower()


def _values(thing: Any, path: list[str]) -> list[str]:
    if not path:
        return [_text(thing)] if not isinstance(thing, (Mapping, list)) else []
    if isinstance(thing, list):
        return [value for one in thing for value in _values(one, path)]
    if isinstance(thing, Mapping) and path[0] in thing:
        return _values(thing[path[0]], path[1:])
    return []


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
