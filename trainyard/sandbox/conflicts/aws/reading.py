"""How the rules read what a program gave: every known value with its path, places, and the tokens that they are for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from trainyard.sandbox.conflicts.conflict import Given, plain
from trainyard.sandbox.packages import installed
from trainyard.sandbox.schema import Kind, Listing, Named, Object
from trainyard.servicer.values import LATER


@dataclass(frozen=True)
class Leaf:
    """One known value that is no object; `name` is the property's, also within a list."""

    path: str
    name: str
    value: Any


@cache
def tokens(*services: str) -> frozenset[str]:
    """Every resource type of the SDK, or of some of its services."""
    package = installed().get("aws")
    known = package.types if package else {}
    return frozenset(token for token in known if not services or token.split(":")[1].split("/")[0] in services)


def leaves(given: Given) -> Iterator[Leaf]:
    """Every known plain value; what is under a free key, as in tags, is not a property and is left out."""
    for name, field in given.type.inputs.items():
        yield from _below(field.kind, given.inputs.get(name), name, name)


def known(value: Any) -> Any:
    """The value out of a secret; None when it is not known yet."""
    opened = plain(value)
    return None if isinstance(opened, LATER) else opened


def whole(value: Any) -> int | None:
    """A whole number, also one that was written as text; None for anything else."""
    opened = known(value)
    if isinstance(opened, bool):
        return None
    if isinstance(opened, int):
        return opened
    if isinstance(opened, float) and opened.is_integer():
        return int(opened)
    return int(opened) if isinstance(opened, str) and opened.lstrip("-").isdigit() else None


def number(given: Given, path: str) -> int | None:
    return whole(given.at(path))


def items(given: Given, path: str) -> list[Any]:
    """The known entries of a list; an unknown list has none."""
    value = given.at(path)
    return [one for one in map(known, value) if one is not None] if isinstance(value, list) else []


def there(given: Given, path: str) -> bool:
    """Whether something was given, known or not; the provider takes empty text and empty lists as nothing."""
    return given.unknown(path) or given.at(path) not in (None, "", [], {})


def has(given: Given, path: str) -> bool:
    """Whether something known was given; what is only known later may yet turn out to be nothing."""
    return not given.unknown(path) and there(given, path)


def repeated(given: Given, path: str, name: str) -> Iterator[tuple[str, str]]:
    """The known texts of one property that stand in an earlier entry of the list as well, each with its path."""
    seen: set[str] = set()
    for at, entry in given.each(path):
        text = known(entry.get(name))
        if isinstance(text, str):
            if text in seen:
                yield f"{at}.{name}", text
            seen.add(text)


def region_of(given: Given) -> str:
    """The region of the thing, as far as the program tells; "" when it does not."""
    zone = given.text("availabilityZone")
    configured = known(given.config.get("region"))
    return given.text("region") or zone[:-1] or (configured if isinstance(configured, str) else "")


def _below(kind: Kind, value: Any, path: str, name: str) -> Iterator[Leaf]:
    value = known(value)
    if value is None or isinstance(kind, Named):
        return
    if isinstance(kind, Listing) and isinstance(value, list):
        for place, item in enumerate(value):
            yield from _below(kind.item, item, f"{path}[{place}]", name)
    elif isinstance(kind, Object) and isinstance(value, Mapping):
        for key, field in kind.fields.items():
            yield from _below(field.kind, value.get(key), f"{path}.{key}", key)
    elif not isinstance(value, list | Mapping):
        yield Leaf(path, name, value)
