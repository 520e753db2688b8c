"""Names and labels that Google Cloud does not take, refused in its own words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from trainyard.sandbox.check import Problem
from trainyard.servicer.values import reveal

# cloud.google.com/compute/docs/naming-resources
_NAME: Final = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?")
# cloud.google.com/compute/docs/labeling-resources: lower-case letters of any script are allowed
_LABEL: Final = re.compile(r"[\w-]{0,63}")
_MOST_LABELS: Final = 64
_RULE: Final = (
    "can only contain lowercase letters, numeric characters, underscores and dashes. "
    "The {what} can be at most 63 characters long. International characters are allowed."
)


def check_name(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """The name of a Compute Engine thing."""
    name = reveal(inputs.get("name"))
    if isinstance(name, str) and not _NAME.fullmatch(name):
        regex = "(?:[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?)"
        text = f"Invalid value for field 'resource.name': '{name}'. Must be a match of regex '{regex}'"
        yield Problem("name", text)


def check_labels(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """Keys and values of labels, and how many there are."""
    labels = reveal(inputs.get("labels"))
    if not isinstance(labels, Mapping):
        return
    if len(labels) > _MOST_LABELS:
        yield Problem("labels", f"there are {len(labels)} labels; at most {_MOST_LABELS} are allowed")
    for key, value in labels.items():
        if not key or not key[0].isalpha() or not _holds(key):
            yield Problem(f"labels.{key}", _violates("key", key))
        if isinstance(value, str) and not _holds(value):
            yield Problem(f"labels.{key}", _violates("value", value))


def _holds(text: str) -> bool:
    return _LABEL.fullmatch(text) is not None and text == text.lower()


def _violates(what: str, given: str) -> str:
    start = f"Invalid value for field 'resource.labels': ''. Label {what} '{given}' violates format constraints."
    return f"{start} The {what} {_RULE.format(what=what)}"
