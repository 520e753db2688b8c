"""Walks the SDK's input classes beside Azure Resource Manager's types, and says what each property may hold."""

from __future__ import annotations

import collections.abc
import types
import typing
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final, get_args, get_origin

import pulumi
from pulumi._types import input_type_types, is_input_type

from trainyard.sandbox.schema import Choice, fields_of
from trainyard.sandbox.values.extract.azure_arm import Arm
from trainyard.sandbox.values.extract.azure_models import values_of

_DEEP: Final = 9
_PLAIN: Final = (str, int, float, bool)
_LISTS: Final = (list, collections.abc.Sequence)


@dataclass(kw_only=True)
class Walk:
    """`found` collects entries by path; a path that several shapes share collects one from each."""

    module: str  # of the SDK: "compute"
    open: frozenset[str]  # enum classes that are no limit: "compute.VirtualMachineSizeTypes"
    renamed: Mapping[str, str]
    found: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def object(self, of: type, arm: Arm | None, path: str, above: tuple[type, ...] = ()) -> None:
        """Every property of an input class; a class within itself is not entered again."""
        if of in above or len(above) > _DEEP:
            return
        for wire, hint in input_type_types(of).items():
            there = None if arm is None else _property(arm, self.renamed.get(wire, wire))
            name = f"{arm.name if arm else of.__name__.removesuffix('Args')}.{wire}"
            self.value(hint, there, f"{path}.{wire}" if path else wire, name, (*above, of))

    def value(self, hint: Any, arm: Arm | None, path: str, name: str, above: tuple[type, ...]) -> None:
        parts = list(_parts(hint))
        enums = [part for part in parts if isinstance(part, type) and issubclass(part, Enum)]
        shapes = [part for part in parts if isinstance(part, type) and is_input_type(part)]
        limits = {} if arm is None else arm.limits
        if enums or (str in parts and arm is not None and arm.literals):
            limits |= self._enum(enums, arm)
        if enums or limits or any(part in _PLAIN or get_origin(part) in _LISTS for part in parts):
            self.found.setdefault(path, []).append({"api": name, **limits})
        for part in parts:
            if get_origin(part) in _LISTS:
                self.value(get_args(part)[0], arm.item if arm else None, f"{path}[]", f"{name}[]", above)
            elif get_origin(part) in (dict, collections.abc.Mapping) and len(get_args(part)) == 2:
                self.value(get_args(part)[1], arm.item if arm else None, f"{path}{{}}", f"{name}{{}}", above)
        for shape in shapes:
            self.object(shape, _variant(shape, arm, alone=len(shapes) == 1), path, above)

    def _enum(self, enums: Iterable[type[Enum]], arm: Arm | None) -> dict[str, Any]:
        """The vendor's values of three sources together: an older list must not refuse what a newer one names."""
        if any(f"{self.module}.{enum.__name__}" in self.open for enum in enums):
            return {}
        values: dict[str, Any] = {}
        for one in [*(arm.literals if arm else ()), *(v for enum in enums for v in values_of(self.module, enum))]:
            values.setdefault(str(one).lower(), one)
        return {"enum": list(values.values()), "any_case": True} if values else {}


def _property(arm: Arm, wire: str) -> Arm | None:
    found = arm.below(wire)
    # the SDK names a part after its type where "properties" would clash: "jobBaseProperties"
    return arm.below("properties") if found is None and wire.endswith("Properties") else found


def _variant(shape: type, arm: Arm | None, *, alone: bool) -> Arm | None:
    if arm is None or not arm.variants:
        return arm if alone else None
    for one in fields_of(shape).values():
        if isinstance(one.kind, Choice) and len(one.kind.values) == 1:
            found = arm.variant(str(one.kind.values[0]))
            if found is not None:
                return found
    return None


def _parts(hint: Any) -> Iterator[Any]:
    origin = get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        for part in get_args(hint):
            yield from _parts(part)
    elif (
        hint is not type(None)
        and origin not in (collections.abc.Awaitable, pulumi.Output)
        and hint is not pulumi.Output
    ):
        yield hint


def merged(found: Mapping[str, list[dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    """One entry a path: where several shapes share it, only what all of them allow to be said."""
    return {path: _together(entries) for path, entries in found.items()}


def _together(entries: list[dict[str, Any]]) -> dict[str, Any]:
    first = entries[0]
    if all({**entry, "api": ""} == {**first, "api": ""} for entry in entries):
        return first
    enums = [entry.get("enum") for entry in entries]
    if all(enums):
        return {"api": first["api"], "enum": sorted({v for enum in enums for v in enum or ()}), "any_case": True}
    return {"api": first["api"]}
