"""Bodies against Google's description of aiplatform.v1: what the API would not parse, or lacks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

from trainyard.sandbox.api.described import Described
from trainyard.sandbox.api.google_error import GoogleError

_JOB: Final = "GoogleCloudAiplatformV1CustomJob"
_RESOURCE: Final = "GoogleCloudAiplatformV1PersistentResource"
_FORMATS: Final = {"google-duration": re.compile(r"-?\d+(\.\d{1,9})?s"), "int64": re.compile(r"-?\d+")}


@cache
def schemas() -> Mapping[str, Any]:
    """The schemas that they reach, by name; the whole description takes 2.9 MB."""
    document = files("googleapiclient.discovery_cache") / "documents" / "aiplatform.v1.json"
    all_of_them = json.loads(document.read_bytes())["schemas"]
    reached: dict[str, Any] = {}
    waiting = [_JOB, _RESOURCE]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached[name] = all_of_them[name]
            waiting += re.findall(r'"\$ref": "(\w+)"', json.dumps(all_of_them[name]))
    return reached


def check_job(body: Mapping[str, Any]) -> None:
    """GoogleError 400 with all that Google's description refuses."""
    _check(_JOB, body, "custom_job")


def check_persistent_resource(body: Mapping[str, Any]) -> None:
    """GoogleError 400 with all that Google's description refuses."""
    _check(_RESOURCE, body, "persistent_resource")


def seconds(duration: str) -> float:
    """Of "3600s"."""
    return float(duration.removesuffix("s"))


def _check(schema: str, body: Mapping[str, Any], path: str) -> None:
    if problems := list(Described(schemas=schemas(), formats=_FORMATS).problems(schema, body, path)):
        raise GoogleError(400, "\n".join(["Invalid JSON payload received.", *problems]))
    if missing := list(_missing(schemas()[schema], body, path)):
        raise GoogleError(400, "\n".join(f"Required field is not set: {each}" for each in missing))


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
