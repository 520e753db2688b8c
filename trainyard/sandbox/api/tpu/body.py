"""Request bodies against Google's description of tpu.v2: unknown fields, wrong types and words, what it only tells."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from trainyard.sandbox.api.described import Described
from trainyard.sandbox.api.google_error import GoogleError


@cache
def schemas() -> Mapping[str, Any]:
    """The schemas of tpu.v2 by name."""
    document = files("googleapiclient.discovery_cache") / "documents" / "tpu.v2.json"
    schemas: Mapping[str, Any] = json.loads(document.read_bytes())["schemas"]
    return schemas


def check_body(schema: str, body: Mapping[str, Any]) -> None:
    """GoogleError 400 with all that the API would not parse."""
    if problems := list(Described(schemas=schemas()).problems(schema, body)):
        raise GoogleError(400, "\n".join(["Invalid JSON payload received.", *problems]))
