"""How far the vendors' descriptions reach: of an SDK's properties, which they know, and which of those have a limit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from trainyard.sandbox.packages import installed
from trainyard.sandbox.schema import Field, Kind, Listing, Named, Object, resource_type
from trainyard.sandbox.values.description import Description, Said, described, description_of

PACKAGES: Final[Mapping[str, str]] = {"gcp": "gcp", "aws": "aws", "azure": "azure-native"}
_DEEPEST: Final = 12


@dataclass(frozen=True, kw_only=True)
class Property:
    path: str
    api: str  # "" where no description reaches
    limit: str  # "one of 3", "1 to 63"; "" for none


@dataclass(frozen=True, kw_only=True)
class Row:
    """One type, or the sum of several: how many properties there are, are reached, and carry a limit."""

    type: str
    of: str
    properties: int
    reached: int
    limited: int


def rows(cloud: str) -> tuple[Row, ...]:
    """Every type of a cloud that a description reaches; loads its SDK, which takes seconds."""
    package = PACKAGES[cloud]
    return tuple(row_of(package, token) for token in sorted(described(package)))


def total(cloud: str, found: Sequence[Row]) -> Row:
    """The sum, with how many of the SDK's types are described."""
    every = len(installed()[PACKAGES[cloud]].types)
    return Row(
        type=f"{cloud}: {len(found)} of {every} types",
        of="",
        properties=sum(row.properties for row in found),
        reached=sum(row.reached for row in found),
        limited=sum(row.limited for row in found),
    )


def row_of(package: str, token: str) -> Row:
    found = properties(package, token)
    description = description_of(package, token)
    return Row(
        type=token,
        of=", ".join(description.of) if description else "",
        properties=len(found),
        reached=sum(1 for one in found if one.api),
        limited=sum(1 for one in found if one.limit),
    )


def properties(package: str, token: str) -> tuple[Property, ...]:
    """Every property of the SDK's input tree, at any depth, and what is said of it or of its entries."""
    type = resource_type(package, token)
    description = description_of(package, token)
    return tuple(_property(path, description) for path in dict.fromkeys(_paths(type.inputs, "", ())))


def find(given: str) -> tuple[str, str] | None:
    """Package and token of a type by its token or the end of it: "compute/instance:Instance", "aws:ec2:Instance"."""
    for package in PACKAGES.values():
        tokens = installed()[package].types if package in installed() else {}
        same = [token for token in tokens if given in (token, token.partition(":")[2], _short(token))]
        if same:
            return package, same[0]
    return None


def as_json(found: Iterable[Row | Property]) -> list[dict[str, Any]]:
    return [asdict(row) for row in found]


def limit_of(said: Said) -> str:
    """The entry's limits in few words."""
    parts = ["none: the cloud decides it"] if said.decided else []
    if said.enum:
        choices = [str(one) for one in said.enum if one != ""]
        parts.append(f"one of {len(choices)}: {', '.join(choices)}")
    if said.pattern:
        parts.append(f"matches {said.pattern}")
    for least, most, unit in (
        (said.min, said.max, ""),
        (said.min_length, said.max_length, " characters"),
        (said.min_items, said.max_items, " entries"),
    ):
        if least is not None or most is not None:
            parts.append(f"{_number(least)} to {_number(most)}{unit}")
    return "; ".join([*parts, *([said.kind] if said.kind else [])])


def _property(path: str, description: Description | None) -> Property:
    said = [
        one
        for ending in ("", "[]", "{}", "[][]")
        if description and (one := description.properties.get(path + ending)) is not None
    ]
    return Property(
        path=path,
        api=said[0].api if said else "",
        limit="; ".join(limit for one in said if (limit := limit_of(one))),
    )


def _paths(given: Mapping[str, Field], path: str, above: tuple[type, ...]) -> Iterator[str]:
    for wire, field in given.items():
        at = f"{path}.{wire}" if path else wire
        yield at
        yield from _below(field.kind, at, above)


def _below(kind: Kind, path: str, above: tuple[type, ...]) -> Iterator[str]:
    if isinstance(kind, Listing | Named):
        yield from _below(kind.item, f"{path}[]" if isinstance(kind, Listing) else f"{path}{{}}", above)
    elif isinstance(kind, Object) and kind.of not in above and len(above) < _DEEPEST:
        yield from _paths(kind.fields, path, (*above, kind.of))


def _short(token: str) -> str:
    package, module, name = token.split(":")
    return f"{package}:{module.partition('/')[0]}:{name}"


def _number(value: float | None) -> str:
    return "…" if value is None else f"{value:g}" if abs(value) < 1e6 else f"{int(value)}"
