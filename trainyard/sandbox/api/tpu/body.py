"""Request bodies against Google's description of tpu.v2: unknown fields, wrong types and words, what it only tells."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

from trainyard.sandbox.api.google_error import GoogleError

_TYPES: Final[Mapping[str, type | tuple[type, ...]]] = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "object": dict,
    "array": list,
}


@cache
def schemas() -> Mapping[str, Any]:
    """The schemas of tpu.v2 by name."""
    document = files("googleapiclient.discovery_cache") / "documents" / "tpu.v2.json"
    schemas: Mapping[str, Any] = json.loads(document.read_bytes())["schemas"]
    return schemas


def check_body(schema: str, body: Mapping[str, Any]) -> None:
    """GoogleError 400 with all that the API would not parse."""
    if problems := list(_problems(schemas()[schema], body, "")):
        raise GoogleError(400, "\n".join(["Invalid JSON payload received.", *problems]))


def _problems(shape: Mapping[str, Any], value: Any, path: str) -> Iterator[str]:
    if "$ref" in shape:
        shape = schemas()[shape["$ref"]]
    kind: str = shape["type"]
    if not isinstance(value, _TYPES[kind]) or (kind in ("integer", "number") and isinstance(value, bool)):
        yield f"Invalid value at '{path or 'body'}' ({kind}), {json.dumps(value)[:80]}"
        return
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _problems(shape["items"], item, f"{path}[{index}]")
    elif isinstance(value, dict):
        yield from _of_object(shape, value, path)
    elif value not in shape.get("enum", [value]):
        yield f"Invalid value at '{path}', {json.dumps(value)}; allowed: {', '.join(shape['enum'])}"


def _of_object(shape: Mapping[str, Any], value: Mapping[str, Any], path: str) -> Iterator[str]:
    for key, item in value.items():
        field = shape.get("properties", {}).get(key, shape.get("additionalProperties"))
        inside = f"{path}.{key}".lstrip(".")
        if field is None:
            at = f" at '{path}'" if path else ""
            yield f'Unknown name "{key}"{at}: Cannot find field.'
        elif field.get("readOnly"):
            # The real API drops what it only gives out; a program that sends it is wrong all the same.
            yield f"'{inside}' is output only and cannot be set"
        else:
            yield from _problems(field, item, inside)
