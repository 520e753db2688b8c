"""Azure Resource Manager's own types, as https://github.com/Azure/bicep-types-az keeps them, a file a version.

The folder of a clone of it is told in BICEP_TYPES. Each file is a list in which `{"$ref": "#/7"}` points to entry 7.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_READ_ONLY = 2  # a flag of a property: a resource's own "type" is none that a program gives
_LIMITS = {
    "StringType": {"minLength": "min_length", "maxLength": "max_length", "pattern": "pattern"},
    "IntegerType": {"minValue": "min", "maxValue": "max"},
    "ArrayType": {"minLength": "min_items", "maxLength": "max_items"},
}


@dataclass(frozen=True)
class Arm:
    """One entry of a file."""

    file: tuple[Mapping[str, Any], ...]
    entry: Mapping[str, Any]

    def to(self, reference: Mapping[str, Any]) -> Arm:
        return Arm(self.file, self.file[int(reference["$ref"].removeprefix("#/"))])

    @property
    def name(self) -> str:
        return str(self.entry.get("name", ""))

    def below(self, name: str) -> Arm | None:
        """A property by its name in any case, also one that the SDK lifts out of `properties`."""
        own = {key.lower(): value for part in ("properties", "baseProperties") for key, value in self._part(part)}
        told = own.get(name.lower())
        if told is not None and (not told.get("flags", 0) & _READ_ONLY or name.lower() == "name"):
            return self.to(told["type"])
        if "properties" in own and name.lower() != "properties":
            inner = self.to(own["properties"]["type"])
            return inner.below(name) if inner.entry["$type"].endswith("ObjectType") else None
        return None

    def _part(self, part: str) -> Iterator[tuple[str, Any]]:
        yield from (self.entry.get(part) or {}).items()

    def variant(self, value: str) -> Arm | None:
        """The object that a discriminator's value stands for, as one object with the common properties."""
        found = {key.lower(): to for key, to in self._part("elements")}.get(value.lower()) if self.variants else None
        if found is None:
            return None
        own = self.to(found).entry
        common = self.entry.get("baseProperties") or {}
        return Arm(self.file, {**own, "properties": {**common, **(own.get("properties") or {})}})

    @property
    def variants(self) -> bool:
        return bool(self.entry["$type"] == "DiscriminatedObjectType")

    @property
    def item(self) -> Arm | None:
        """Of a list or a mapping with free keys."""
        found = self.entry.get("itemType") or self.entry.get("additionalProperties")
        return self.to(found) if found else None

    @property
    def literals(self) -> tuple[Any, ...]:
        """The texts of an enum; () for anything else."""
        if self.entry["$type"] == "StringLiteralType":
            return (self.entry["value"],)
        if self.entry["$type"] == "UnionType":
            return tuple(text for element in self.entry["elements"] for text in self.to(element).literals)
        return ()

    @property
    def limits(self) -> dict[str, Any]:
        """Bounds in the words of `Said`; patterns that Python does not read are left out."""
        names = _LIMITS.get(self.entry["$type"], {})
        found = {ours: self.entry[theirs] for theirs, ours in names.items() if self.entry.get(theirs) is not None}
        if "pattern" in found and not _readable(found["pattern"]):
            del found["pattern"]
        return found


def resource(kind: str, version: str) -> Arm | None:
    """The body of "Microsoft.Compute/disks" in an API version; None when the clone has none."""
    for path in _files(kind.partition("/")[0].lower(), version):
        for entry in _entries(path):
            if entry["$type"] == "ResourceType" and entry["name"].lower() == f"{kind}@{version}".lower():
                return Arm(_entries(path), {}).to(entry["body"])
    return None


def _files(namespace: str, version: str) -> list[Path]:
    return sorted(Path(os.environ["BICEP_TYPES"]).glob(f"generated/*/{namespace}/{version}/types.json"))


@cache
def _entries(path: Path) -> tuple[Mapping[str, Any], ...]:
    return tuple(json.loads(path.read_text(encoding="utf-8")))


def _readable(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True
