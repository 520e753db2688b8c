"""Operations of the Cloud TPU API: not done in the answer, done when asked again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from trainyard.sandbox.api.call import Call
from trainyard.sandbox.api.google_error import GoogleError
from trainyard.sandbox.provider.order import rfc3339

_TYPE: Final = "type.googleapis.com/google.cloud.tpu.v2."


def begun(call: Call, verb: str, target: str, response: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The operation that a call answers with; `response` is what it will hold, nothing for a delete."""
    now = rfc3339(call.store.now())
    at = f"projects/{call.project}/locations/{call.places['location']}"
    name = f"{at}/operations/operation-{int(call.store.now() * 1000)}-{call.scene.operations.next_number()}"
    metadata = {
        "@type": f"{_TYPE}OperationMetadata",
        "createTime": now,
        "target": target,
        "verb": verb,
        "cancelRequested": False,
        "apiVersion": "v2",
    }
    answer = {"@type": "type.googleapis.com/google.protobuf.Empty"} if response is None else dict(response)
    done = {"name": name, "metadata": {**metadata, "endTime": now}, "done": True, "response": answer}
    call.scene.operations.keep(at, done)
    return {"name": name, "metadata": metadata, "done": False}


def get(call: Call) -> dict[str, Any]:
    """The operation by name."""
    at = f"projects/{call.project}/locations/{call.places['location']}"
    name = f"{at}/operations/{call.places['operation']}"
    found = call.scene.operations.get(at, name)
    if found is None:
        raise GoogleError(404, f"Resource '{name}' was not found")
    return found
