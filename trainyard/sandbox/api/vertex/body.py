"""A custom job's body against Google's description of aiplatform.v1: what the API would not parse, or lacks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

from trainyard.sandbox.api.google_error import GoogleError

_JOB: Final = "GoogleCloudAiplatformV1CustomJob"
_ANY: Final = re.compile(r".*", re.DOTALL)
_FORMATS: Final = {"google-duration": re.compile(r"-?\d+(\.\d{1,9})?s"), "int64": re.compile(r"-?\d+")}
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
    """The schemas that a custom job reaches, by name; the whole description takes 2.9 MB."""
    document = files("googleapiclient.discovery_cache") / "documents" / "aiplatform.v1.json"
    all_of_them = json.loads(document.read_bytes())["schemas"]
    reached: dict[str, Any] = {}
    waiting = [_JOB]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached[name] = all_of_them[name]
            waiting += re.findall(r'"\$ref": "(\w+)"', json.dumps(all_of_them[name]))
    return reached


def check_job(body: Mapping[str, Any]) -> None:
    """GoogleError 400 with all that Google's description refuses."""
    if problems := list(_problems(schemas()[_JOB], body, "custom_job")):
        raise GoogleError(400, "\n".join(["Invalid JSON payload received.", *problems]))
    if missing := list(_missing(schemas()[_JOB], body, "custom_job")):
        raise GoogleError(400, "\n".join(f"Required field is not set: {path}" for path in missing))


def seconds(duration: str) -> float:
    """Of "3600s"."""
    return float(duration.removesuffix("s"))


def _problems(shape: Mapping[str, Any], value: Any, path: str) -> Iterator[str]:
    if "$ref" in shape:
        shape = schemas()[shape["$ref"]]
    kind: str = shape["type"]
    if not isinstance(value, _TYPES[kind]) or (kind in ("integer", "number") and isinstance(value, bool)):
        yield f"Invalid value at '{path}' ({kind}), {json.dumps(value)[:80]}"
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _problems(shape["items"], item, f"{path}[{index}]")
    elif isinstance(value, dict):
        yield from _of_object(shape, value, path)
    elif value not in shape.get("enum", [value]):
        yield f"Invalid value at '{path}', {json.dumps(value)}; allowed: {', '.join(shape['enum'])}"
    elif isinstance(value, str) and not _FORMATS.get(shape.get("format", ""), _ANY).fullmatch(value):
        yield f"Invalid value at '{path}' ({shape['format']}), {json.dumps(value)}"


def _of_object(shape: Mapping[str, Any], value: Mapping[str, Any], path: str) -> Iterator[str]:
    for key, item in value.items():
        field = shape.get("properties", {}).get(key, shape.get("additionalProperties"))
        inside = f"{path}.{key}"
        if field is None:
            yield f"Unknown name \"{key}\" at '{path}': Cannot find field."
        elif field.get("readOnly"):
            # The real API drops what it only gives out; a program that sends it is wrong all the same.
            yield f"'{inside}' is output only and cannot be set"
        elif field.get("type") != "any":
            yield from _problems(field, item, inside)


def _missing(shape: Mapping[str, Any], value: Any, path: str) -> Iterator[str]:
    """Google tells what is required in the description's first word only."""
    if "$ref" in shape:
        shape = schemas()[shape["$ref"]]
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _missing(shape["items"], item, f"{path}[{index}]")
        return
    for key, field in shape.get("properties", {}).items():
        given = value.get(key) if isinstance(value, dict) else None
        if given in (None, "", [], {}) and field.get("description", "").startswith("Required."):
            yield f"{path}.{key}"
        elif given is not None:
            yield from _missing(field, given, f"{path}.{key}")
