"""A thing of a type that nobody described: its inputs, an id, and plausible values for what it tells."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from trainyard.sandbox.provider.names import name_property
from trainyard.sandbox.provider.order import Made, Order, digits, hexadecimal, rfc3339
from trainyard.sandbox.schema import Kind, Listing, Named, Scalar

_WORD: Final = re.compile(r"(?<!^)(?=[A-Z])")


def make(order: Order) -> Made:
    """Any type: the name is its id."""
    name = own_name(order)
    return Made(id=name, name=name, outputs=plausible(order, name), labels=labels_in(order))


def own_name(order: Order) -> str:
    """The name that the thing has in its cloud; the program's name where it has none."""
    wire = name_property(order.type) or "name"
    return order.text(wire) or _prefixed(order, wire) or order.text("name", order.name)


def _prefixed(order: Order, wire: str) -> str:
    """A prefix, the moment and a number: 26 characters more (Terraform's plugin SDK, PrefixedUniqueId)."""
    prefix = order.text(f"{wire}Prefix")
    moment = datetime.fromtimestamp(order.now, UTC)
    made = f"{prefix}{moment:%Y%m%d%H%M%S}{moment.microsecond // 100:04}{order.lot}"
    return str(order.keep(wire, lambda: made)) if prefix else ""


def labels_in(order: Order) -> dict[str, str]:
    """Labels or tags as text, where the type has any."""
    for name in ("labels", "tags"):
        value = order.plain(name)
        if isinstance(value, Mapping):
            return {key: str(item) for key, item in value.items() if isinstance(item, str)}
    return {}


def plausible(order: Order, id: str) -> dict[str, Any]:
    """Values for outputs that are no inputs; what has no plausible value is left out."""
    made: dict[str, Any] = {}
    for name, kind in order.type.outputs.items():
        if order.inputs.get(name) is None:
            value = order.keep(name, partial(_value, name, kind, id, order.now))
            if value is not None:
                made[name] = value
    return made


def _value(name: str, kind: Kind, id: str, now: float) -> Any:
    if isinstance(kind, Listing):
        return []
    if isinstance(kind, Named):
        return {}
    if kind == Scalar("bool"):
        return False
    if kind == Scalar("text"):
        return _text(name, id, now)
    return None


def _text(name: str, id: str, now: float) -> str | None:
    words = {word.lower() for word in _WORD.split(name)}
    if words & {"timestamp", "time", "date"} and words & {"creation", "create", "created", "creat", "update", "last"}:
        return rfc3339(now)
    if words & {"etag", "fingerprint", "checksum"}:
        return hexadecimal(12)
    if name in ("uid", "uniqueId", "numericId", "generatedId"):
        return digits(19)
    if name == "name":
        return id.rpartition("/")[2]
    return {"state": "ACTIVE", "status": "ACTIVE", "provisioningState": "Succeeded"}.get(name)
