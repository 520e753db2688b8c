"""The shapes that Google publishes for its API, as they come with Google's own client."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

Convert = Callable[[Any], Any]


@cache
def schemas() -> Mapping[str, Any]:
    """The schemas of compute.v1 by name."""
    document = files("googleapiclient.discovery_cache") / "documents" / "compute.v1.json"
    schemas: Mapping[str, Any] = json.loads(document.read_bytes())["schemas"]
    return schemas


def fit(schema: str, value: Mapping[str, Any]) -> dict[str, Any]:
    """What of `value` the schema knows, in the schema's types: 64-bit numbers as text, nested values likewise."""
    known = _properties(schema)
    return {
        key: convert(item)
        for key, item in value.items()
        if item is not None and (convert := known.get(key)) is not None
    }


@cache
def _properties(schema: str) -> dict[str, Convert]:
    return {name: _convert(shape) for name, shape in schemas()[schema]["properties"].items()}


def _convert(shape: Mapping[str, Any]) -> Convert:
    if "$ref" in shape:
        schema = str(shape["$ref"])
        return lambda value: fit(schema, value)
    kind = shape["type"]
    if kind == "array":
        item = _convert(shape["items"])
        return lambda value: [item(one) for one in value]
    if kind == "object" and "properties" in shape:
        inner = {name: _convert(one) for name, one in shape["properties"].items()}
        return lambda value: {key: inner[key](one) for key, one in value.items() if key in inner}
    if kind == "object":
        return lambda value: {str(key): str(one) for key, one in value.items()}
    scalar: dict[str, Convert] = {"string": _text, "integer": int, "number": float, "boolean": bool}
    return lambda value: scalar[kind](value)


def _text(value: Any) -> str:
    # Whole numbers cross the engine as doubles.
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
