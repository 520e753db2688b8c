"""A JSON body against one of Google's descriptions: unknown fields, wrong types and words, what the API only tells."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

_ANY: Final = re.compile(r".*", re.DOTALL)
_TYPES: Final[Mapping[str, type | tuple[type, ...]]] = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "object": dict,
    "array": list,
}


@dataclass(frozen=True, kw_only=True)
class Described:
    """The schemas of an API by name; `formats` are those of texts that it holds a body to."""

    schemas: Mapping[str, Any]
    formats: Mapping[str, re.Pattern[str]] = field(default_factory=dict)

    def problems(self, schema: str, body: Mapping[str, Any], path: str = "") -> Iterator[str]:
        """All that the API would not parse; `path` is what the body itself is called, "" for nothing."""
        yield from self._problems(self.schemas[schema], body, path)

    def _problems(self, shape: Mapping[str, Any], value: Any, path: str) -> Iterator[str]:
        if "$ref" in shape:
            shape = self.schemas[shape["$ref"]]
        kind: str = shape["type"]
        if not isinstance(value, _TYPES[kind]) or (kind in ("integer", "number") and isinstance(value, bool)):
            yield f"Invalid value at '{path or 'body'}' ({kind}), {json.dumps(value)[:80]}"
        elif isinstance(value, list):
            for index, item in enumerate(value):
                yield from self._problems(shape["items"], item, f"{path}[{index}]")
        elif isinstance(value, dict):
            yield from self._of_object(shape, value, path)
        elif value not in shape.get("enum", [value]):
            yield f"Invalid value at '{path}', {json.dumps(value)}; allowed: {', '.join(shape['enum'])}"
        elif isinstance(value, str) and not self.formats.get(shape.get("format", ""), _ANY).fullmatch(value):
            yield f"Invalid value at '{path}' ({shape['format']}), {json.dumps(value)}"

    def _of_object(self, shape: Mapping[str, Any], value: Mapping[str, Any], path: str) -> Iterator[str]:
        for key, item in value.items():
            described = shape.get("properties", {}).get(key, shape.get("additionalProperties"))
            inside = f"{path}.{key}".lstrip(".")
            if described is None:
                at = f" at '{path}'" if path else ""
                yield f'Unknown name "{key}"{at}: Cannot find field.'
            elif described.get("readOnly"):
                # The real API drops what it only gives out; a program that sends it is wrong all the same.
                yield f"'{inside}' is output only and cannot be set"
            elif described.get("type") != "any":
                yield from self._problems(described, item, inside)
