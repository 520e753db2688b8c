"""What a resource type takes and gives, read from the SDK's own class: names on the wire, types, required, choices."""

from __future__ import annotations

import collections.abc
import inspect
import re
import sys
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache, cached_property
from typing import Any, Final, Literal, get_args, get_origin

import pulumi
from pulumi._types import (
    _py_properties as getters_of,
)
from pulumi._types import (
    input_type_py_to_pulumi_names,
    input_type_types,
    is_input_type,
    resource_py_to_pulumi_names,
    resource_types,
)

from trainyard.sandbox.packages import Package, installed

_ARGS_CLASS: Final = re.compile(r"__props__ = (\w+)\.__new__\(")
_ALIAS: Final = re.compile(r'type_="([^"]+)"')
_SECRETS: Final = re.compile(r"additional_secret_outputs=\[([^\]]*)\]")
_REPLACERS: Final = re.compile(r"replace_on_changes=\[([^\]]*)\]")
_QUOTED: Final = re.compile(r'"([^"]+)"')
# The vendors' generated descriptions close a strict list exactly so; a looser sentence is prose and binds nothing.
_OF_TWO: Final = "A common public repository base for Yum."  # the SDK says it of Apt's as well, which has others
_CHOICES: Final = re.compile(r"Possible values are: ((?:`[^`\s]+`(?:, )?)+)\.\s*(?:\n|$)")
_CONSTANT: Final = re.compile(r"^\s*Expected value is '([^']+)'\.", re.MULTILINE)
_FORCES_NEW: Final = re.compile(
    r"forces? (a )?new (resource|\w+ to be created)|forces? (re-?creation|replacement)|must be recreated to modify"
    r"|\b(changing|changes to) (this|it|the)( \w+){0,3} (will )?(forces?|recreates?|destroys?) (a )?(new|the|re)",
    re.IGNORECASE,
)

Plain = Literal["text", "whole number", "number", "bool"]
_PLAIN: Final[Mapping[Any, Plain]] = {str: "text", int: "whole number", float: "number", bool: "bool"}


@dataclass(frozen=True)
class Scalar:
    plain: Plain


@dataclass(frozen=True)
class Choice:
    values: tuple[Any, ...]
    any_case: bool = False  # Azure Resource Manager compares its enums so


@dataclass(frozen=True)
class Listing:
    item: Kind


@dataclass(frozen=True)
class Named:
    """A mapping with free keys."""

    item: Kind


@dataclass(frozen=True)
class Object:
    """A nested input of its own class; its fields are read when they are first needed."""

    of: type

    @property
    def fields(self) -> Mapping[str, Field]:
        return fields_of(self.of)


@dataclass(frozen=True)
class Either:
    options: tuple[Kind, ...]


@dataclass(frozen=True)
class File:
    """An asset or an archive."""


@dataclass(frozen=True)
class Anything:
    """The SDK tells no type."""


Kind = Scalar | Choice | Listing | Named | Object | Either | File | Anything


@dataclass(frozen=True, kw_only=True)
class Field:
    """One property: its name on the wire and in Python."""

    wire: str
    python: str
    kind: Kind
    required: bool
    forces_new: bool


class ResourceType:
    """One resource type of an SDK; loading it imports the SDK's module."""

    def __init__(self, package: Package, token: str) -> None:
        self.package = package.name
        self.token = token
        self.open = False  # whether it takes properties that it does not name
        self._class = package.load(token)

    @cached_property
    def _source(self) -> str:
        return inspect.getsource(vars(self._class).get("_internal_init", self._class))

    @cached_property
    def remote(self) -> bool:
        """Whether it is a component whose parts its released plugin makes."""
        return issubclass(self._class, pulumi.ComponentResource)

    @cached_property
    def args(self) -> type | None:
        named = _ARGS_CLASS.search(self._source)
        found: type | None = getattr(sys.modules[self._class.__module__], named.group(1), None) if named else None
        return found

    @cached_property
    def inputs(self) -> Mapping[str, Field]:
        return {} if self.args is None else fields_of(self.args)

    @cached_property
    def outputs(self) -> Mapping[str, Kind]:
        """Wire name to type of everything that the resource tells, its inputs included."""
        return {name: kind_of(hint) for name, hint in resource_types(self._class).items() if name not in ("id", "urn")}

    @cached_property
    def secret_outputs(self) -> frozenset[str]:
        found = _SECRETS.search(self._source)
        return frozenset(_QUOTED.findall(found.group(1))) if found else frozenset()

    @cached_property
    def replacers(self) -> frozenset[str]:
        """Inputs whose change makes a new one, as far as the SDK says."""
        found = _REPLACERS.search(self._source)
        named = {name.removesuffix("[*]") for name in _QUOTED.findall(found.group(1))} if found else set()
        return frozenset(named | {name for name, field in self.inputs.items() if field.forces_new})

    @cached_property
    def aliases(self) -> frozenset[str]:
        return frozenset(_ALIAS.findall(self._source))

    @cached_property
    def python_names(self) -> Mapping[str, str]:
        """Wire name of an output to its Python name."""
        return {wire: python for python, wire in resource_py_to_pulumi_names(self._class).items()}


@cache
def resource_type(package: str, token: str) -> ResourceType:
    """The type as its installed SDK describes it; read once."""
    return ResourceType(installed()[package], token)


@cache
def fields_of(args: type) -> Mapping[str, Field]:
    """The properties of an SDK's input class, by their names on the wire."""
    python_names = {wire: python for python, wire in input_type_py_to_pulumi_names(args).items()}
    parameters = inspect.signature(args.__init__).parameters  # type: ignore[misc]  # the class of an instance is not meant
    docs = {wire: prop.fget.__doc__ or "" for _, wire, prop in getters_of(args) if prop.fget is not None}
    return {
        wire: Field(
            wire=wire,
            python=python_names[wire],
            kind=_narrowed(kind_of(hint), docs.get(wire, "")),
            required=_is_required(parameters.get(python_names[wire])),
            forces_new=_FORCES_NEW.search(docs.get(wire, "")) is not None,
        )
        for wire, hint in input_type_types(args).items()
    }


def kind_of(hint: Any) -> Kind:
    """The kind that a type hint of an SDK stands for; hints that tell nothing are Anything."""
    origin = get_origin(hint)
    if hint in _PLAIN:
        return Scalar(_PLAIN[hint])
    if origin in (typing.Union, types.UnionType):
        return _either(tuple(part for part in get_args(hint) if not _is_plumbing(part)))
    if origin is Literal:
        return Choice(get_args(hint))
    if origin in (list, collections.abc.Sequence):
        return Listing(kind_of(get_args(hint)[0]) if get_args(hint) else Anything())
    if origin in (dict, collections.abc.Mapping):
        return Named(kind_of(get_args(hint)[1]) if get_args(hint) else Anything())
    return _kind_of_class(hint) if isinstance(hint, type) else Anything()


def _kind_of_class(hint: type) -> Kind:
    if issubclass(hint, pulumi.Asset | pulumi.Archive):
        return File()
    if issubclass(hint, Enum):
        any_case = hint.__module__.startswith("pulumi_azure_native.")
        return Choice(tuple(member.value for member in hint), any_case)
    return Object(hint) if is_input_type(hint) else Anything()


def _either(parts: tuple[Any, ...]) -> Kind:
    kinds = tuple(dict.fromkeys(kind_of(part) for part in parts))
    if Anything() in kinds or not kinds:
        return Anything()
    if Scalar("text") in kinds:  # an enum that the vendor may add to: any text is taken
        kinds = tuple(kind for kind in kinds if not isinstance(kind, Choice))
    return kinds[0] if len(kinds) == 1 else Either(kinds)


def _is_plumbing(part: Any) -> bool:
    return part is type(None) or get_origin(part) in (collections.abc.Awaitable, pulumi.Output) or part is pulumi.Output


def _narrowed(kind: Kind, doc: str) -> Kind:
    if kind != Scalar("text"):
        return kind
    constant = _CONSTANT.search(doc)
    if constant:
        return Choice((constant.group(1),))
    listed = _CHOICES.search(doc)
    if listed is None or _OF_TWO in doc:
        return kind
    # Google's provider takes an empty text wherever a choice may be left out (verify.ValidateEnum).
    return Choice((*re.findall(r"`([^`]+)`", listed.group(1)), ""))


def _is_required(parameter: inspect.Parameter | None) -> bool:
    return parameter is not None and parameter.default is inspect.Parameter.empty
