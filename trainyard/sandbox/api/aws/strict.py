"""A request held against Amazon's own model of it: names, types, required members, sizes, patterns and words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

from trainyard.sandbox.api.aws.error import AwsError

_TYPES: Final[Mapping[str, type | tuple[type, ...]]] = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "long": int,
    "float": (int, float),
    "double": (int, float),
    "structure": Mapping,
    "map": Mapping,
    "list": list,
}


def check(operation: OperationModel, given: Mapping[str, Any]) -> None:
    """AwsError that names everything that the model does not take, as SageMaker words it."""
    shape = operation.input_shape
    found = list(_wrong(shape, given, "")) if shape is not None else []
    if found:
        count = f"{len(found)} validation error{'s' if len(found) > 1 else ''} detected"
        raise AwsError(400, "ValidationException", f"{count}: {'; '.join(found)}")


def _wrong(shape: Shape, value: Any, path: str) -> Iterator[str]:
    if _is_another(shape, value):
        yield f"Value '{value}' at '{path}' is no {shape.type_name}"
    elif isinstance(shape, StructureShape):
        yield from _members(shape, value, path)
    elif isinstance(shape, ListShape):
        yield from _size(shape, len(value), f"{len(value)} members", path)
        for index, item in enumerate(value):
            yield from _wrong(shape.member, item, f"{path}.{index + 1}.member")
    elif isinstance(shape, MapShape):
        yield from _size(shape, len(value), f"{len(value)} members", path)
        for key, item in value.items():
            yield from _wrong(shape.key, key, f"{path}.key")
            yield from _wrong(shape.value, item, f"{path}.{key}")
    else:
        yield from _plain(shape, value, path)


def _is_another(shape: Shape, value: Any) -> bool:
    if isinstance(value, bool):
        return bool(shape.type_name != "boolean")
    return not isinstance(value, _TYPES.get(shape.type_name, object))


def _members(shape: StructureShape, value: Mapping[str, Any], path: str) -> Iterator[str]:
    for name in shape.required_members:
        if value.get(name) is None:
            yield f"Value null at '{_under(path, name)}' failed to satisfy constraint: Member must not be null"
    for name, item in value.items():
        if name not in shape.members:
            yield f"'{_under(path, name)}' is no member of {shape.name}"
        elif item is not None:
            yield from _wrong(shape.members[name], item, _under(path, name))


def _plain(shape: Shape, value: Any, path: str) -> Iterator[str]:
    failed = f"Value '{value}' at '{path}' failed to satisfy constraint"
    words = shape.metadata.get("enum")
    if words and value not in words:
        yield f"{failed}: Member must satisfy enum value set: [{', '.join(words)}]"
    if isinstance(value, str):
        yield from _size(shape, len(value), f"{len(value)} characters", path)
        pattern = shape.metadata.get("pattern")
        if pattern and not _compiled(pattern).fullmatch(value):
            yield f"{failed}: Member must satisfy regular expression pattern: {pattern}"
    elif not isinstance(value, bool):
        yield from _size(shape, value, str(value), path)


def _size(shape: Shape, size: float, told: str, path: str) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if (least is not None and size < least) or (most is not None and size > most):
        yield f"'{path}' has {told}, and must have {least if least is not None else 0} to {most or 'any number'}"


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Java's classes of characters in Python's words."""
    for java, python in ((r"\p{L}", "a-zA-Z"), (r"\p{Z}", r"\s"), (r"\p{N}", "0-9"), (r"\p{Alnum}", "a-zA-Z0-9")):
        pattern = pattern.replace(java, python)
    return re.compile(pattern, re.DOTALL)


def _under(path: str, name: str) -> str:
    own = name[0].lower() + name[1:]
    return f"{path}.{own}" if path else own
