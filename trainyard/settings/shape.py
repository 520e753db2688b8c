"""What every section of a settings file shares: closed, frozen, and able to say what it takes at a path."""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Tag
from pydantic.fields import FieldInfo

from trainyard.settings.problem import Path


class Section(BaseModel):
    """A mapping in a settings file; the `description` of each field completes "expected …" in an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


def keys(section: type[Section]) -> dict[str, FieldInfo]:
    """The section's fields by the key that stands in the file."""
    return {field.alias or name: field for name, field in section.model_fields.items()}


def section_at(section: type[Section], path: Path) -> type[Section] | None:
    """The section that a path leads to; None where it leads to something else."""
    current: object = section
    for part in path:
        current = _step(current, part)
    return _section(current)


def field_at(section: type[Section], path: Path) -> FieldInfo | None:
    """The field that holds the value at a path: its own, or for an item of a list or mapping the list's."""
    for depth in range(len(path), 0, -1):
        owner = section_at(section, path[: depth - 1])
        found = keys(owner).get(str(path[depth - 1])) if owner else None
        if found is not None:
            return found
    return None


def is_tag(part: str | int) -> bool:
    """Whether a part of pydantic's path is the tag of a union's arm, which is not in the file."""
    return isinstance(part, str) and part.startswith("(")


def choices(annotation: object) -> tuple[str, ...]:
    """The words of a Literal, also inside of a list or an optional; empty for anything else."""
    if get_origin(annotation) is Literal:
        return tuple(word for word in get_args(annotation) if isinstance(word, str))
    return tuple(word for part in get_args(annotation) for word in choices(part))


def _step(annotation: object, part: str | int) -> object:
    if is_tag(part):
        return _tagged(annotation, Tag(str(part)))
    owner = _section(annotation)
    if owner is not None:
        found = keys(owner).get(str(part))
        return found.annotation if found else None
    for arm in _arms(annotation):
        origin, arguments = get_origin(arm), get_args(arm)
        if origin is tuple and isinstance(part, int):
            return arguments[0]
        if origin in (dict, Mapping) and isinstance(part, str):
            return arguments[1]
    return None


def _tagged(annotation: object, tag: Tag) -> object:
    """The arm with the tag, in a union that may be optional or annotated."""
    if tag in getattr(annotation, "__metadata__", ()):
        return annotation
    found = (
        _tagged(arm, tag) for arm in get_args(annotation) if get_origin(arm) in (Annotated, Union, types.UnionType)
    )
    return next((arm for arm in found if arm is not None), None)


def _section(annotation: object) -> type[Section] | None:
    return next((arm for arm in _arms(annotation) if isinstance(arm, type) and issubclass(arm, Section)), None)


def _arms(annotation: object) -> tuple[Any, ...]:
    """The annotation without Annotated, and the arms of a union."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _arms(get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        return tuple(inner for arm in get_args(annotation) for inner in _arms(arm))
    return (annotation,)
