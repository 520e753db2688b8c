"""Whether a value only grew: a disk's size, a network's range."""

from __future__ import annotations

import ipaddress
from typing import Any


def grown(how: str, old: Any, new: Any) -> bool:
    """Whether a change from `old` to `new` is one that `how` ("number" or "range") takes in place."""
    if how == "number":
        return _number(old) is not None and _number(new) is not None and _number(new) >= _number(old)  # type: ignore[operator]
    try:
        before, after = (ipaddress.ip_network(value, strict=False) for value in (old, new))
    except ValueError:
        return False
    return before.version == after.version and before.subnet_of(after)  # type: ignore[arg-type]


def _number(value: Any) -> float | None:
    try:
        return None if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        return None
