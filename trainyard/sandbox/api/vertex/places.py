"""What all calls of Vertex AI share: the endpoint that serves a region, times, and long-running operations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from trainyard.sandbox.api.call import Call
from trainyard.sandbox.api.compute.inventory import check_project
from trainyard.sandbox.api.compute.names import number
from trainyard.sandbox.api.google_error import GoogleError


def check_place(call: Call) -> None:
    """GoogleError for a project that is not there, or a region that another endpoint serves."""
    if not call.project.isdecimal():  # a name that the API gave out has the project's number
        check_project(call)
    endpoint, region = call.places["endpoint"], call.places["location"]
    if endpoint != region:
        text = (
            f"The location {region} of the request is not served by {endpoint}-aiplatform.googleapis.com; "
            f"use {region}-aiplatform.googleapis.com."
        )
        raise GoogleError(400, text)


def moment(seconds: float) -> str:
    """RFC 3339."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def operation(call: Call, of: str, metadata: str, response: Mapping[str, Any]) -> dict[str, Any]:
    """One that is not done in this answer, and is when it is asked for."""
    counted = call.scene.operations.next_number()
    at = f"projects/{call.project}/locations/{call.places['location']}"
    name = f"{at}/operations/{number('operation', of, counted)}"
    begun: dict[str, Any] = {
        "name": name,
        "metadata": {"@type": f"type.googleapis.com/google.cloud.aiplatform.v1.{metadata}"},
    }
    call.scene.operations.keep(at, {**begun, "done": True, "response": dict(response)})
    return begun


def get_operation(call: Call) -> dict[str, Any]:
    at = f"projects/{call.project}/locations/{call.places['location']}"
    name = f"{at}/operations/{call.places['operation']}"
    found = call.scene.operations.get(at, name)
    if found is None:
        raise GoogleError(404, f"Operation {name} not found.")
    return found
