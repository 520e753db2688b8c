"""How resources of Trainyard's own provider are named on the wire: the engine's camelCase, Python's snake_case here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field, fields
from typing import Any, ClassVar, Protocol

import pulumi


class Args(Protocol):
    """Any dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


class WireResource(pulumi.CustomResource):
    """A resource whose inputs are the fields of a dataclass; `args` and `outputs` are given with the subclass.

    Only those names are translated, for the engine asks for the keys of nested mappings as well, such as labels.
    """

    _to_wire: Mapping[str, str]
    _from_wire: Mapping[str, str]

    def __init_subclass__(cls, *, args: type[Args], outputs: tuple[str, ...] = ()) -> None:
        super().__init_subclass__()
        cls._to_wire = {name: _camel(name) for name in (*(field.name for field in fields(args)), *outputs)}
        cls._from_wire = {camel: snake for snake, camel in cls._to_wire.items()}

    def translate_input_property(self, prop: str) -> str:
        """The attributes of this class as the engine's camelCase names."""
        return self._to_wire.get(prop, prop)

    def translate_output_property(self, prop: str) -> str:
        """The engine's camelCase names as the attributes of this class."""
        return self._from_wire.get(prop, prop)


def inputs_of(args: Args) -> dict[str, Any]:
    """The fields by name, none opened: an Output stays one."""
    return {field.name: getattr(args, field.name) for field in fields(args)}


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)
