"""Filters of EC2's lists: names with values, of which one must fit; `*` and `?` stand for any text and character."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from trainyard.sandbox.api.aws.error import AwsError

Shown = Mapping[str, Any]
Field = Callable[[Shown], Iterable[Any]]
Test = Callable[[Shown], bool]
_MOST_VALUES: Final = 200


def compile_filters(given: Sequence[Mapping[str, Any]], fields: Mapping[str, Field]) -> Test:
    """A test for what a list shows; AwsError for a filter that the list does not have."""
    tests = [_one(str(entry.get("Name", "")), entry.get("Values") or (), fields) for entry in given]
    return lambda shown: all(test(shown) for test in tests)


def _one(name: str, values: Sequence[str], fields: Mapping[str, Field]) -> Test:
    if not values:
        text = f"The filter '{name}' needs at least one value" if name else "A filter needs a name"
        raise AwsError(400, "InvalidParameterValue", text)
    if len(values) > _MOST_VALUES:
        raise AwsError(400, "FilterLimitExceeded", f"The maximum length for filter values is {_MOST_VALUES}")
    field = fields.get(name)
    if name.startswith("tag:"):
        key = name.removeprefix("tag:")
        field = lambda shown: (tag["Value"] for tag in shown.get("Tags", ()) if tag["Key"] == key)  # noqa: E731
    elif name == "tag-key":
        field = lambda shown: (tag["Key"] for tag in shown.get("Tags", ()))  # noqa: E731
    if field is None:
        raise AwsError(400, "InvalidParameterValue", f"The filter '{name}' is invalid")
    plain = frozenset(value for value in values if not re.search(r"[*?\\]", value))
    patterns = [_pattern(value) for value in values if value not in plain]
    seek = field

    def fits(shown: Shown) -> bool:
        return any(
            text in plain or any(pattern.fullmatch(text) for pattern in patterns) for text in map(_text, seek(shown))
        )

    return fits


def _text(value: Any) -> str:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


def _pattern(value: str) -> re.Pattern[str]:
    parts = {"*": ".*", "?": "."}
    found = re.findall(r"\\.|.", value, re.DOTALL)
    return re.compile("".join(parts.get(part) or re.escape(part.removeprefix("\\")) for part in found), re.DOTALL)


def at(*path: str) -> Field:
    """The values at a path; lists on the way are gone through."""

    def seek(shown: Shown) -> Iterable[Any]:
        found: list[Any] = [shown]
        for name in path:
            inner = [value.get(name) for value in found if isinstance(value, Mapping)]
            found = [one for value in inner for one in (value if isinstance(value, list) else [value])]
        return [value for value in found if value is not None]

    return seek
