"""One run of a container on Vertex AI, as a Pulumi resource."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import pulumi


@dataclass(frozen=True, kw_only=True)
class VertexCustomJobArgs:
    """Only what another resource gives may be unknown in a preview: parts of `job_spec`, and the key."""

    origin: str  # "sandbox" or "cloud"
    project: str
    region: str
    name: str  # the job is called <name>-<run>
    run: int  # raise it to run again: nothing else starts a second run, and nothing else may change with it unraised
    labels: Mapping[str, str]
    job_spec: Mapping[str, Any]  # aiplatform.v1 CustomJobSpec, in its own words; timeout and maxWaitDuration always
    hard_end: str  # RFC 3339, UTC; shortens the timeout of a run that begins later
    wait_for: str  # "submitted", "running" or "finished"
    kms_key: pulumi.Input[str] | None = None


class VertexCustomJob(pulumi.CustomResource):
    """`plugins.providers` of Pulumi.yaml must name `trainyard/provider` for package `trainyard`."""

    display_name: pulumi.Output[str]
    state: pulumi.Output[str]  # queued, running, cancelling, paused, succeeded, failed, cancelled, expired or deleted
    error: pulumi.Output[str | None]
    console_url: pulumi.Output[str]

    def __init__(self, name: str, args: VertexCustomJobArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        inputs = {field.name: getattr(args, field.name) for field in fields(args)}
        super().__init__("trainyard:gcp:VertexCustomJob", name, {**inputs, **dict.fromkeys(_OUTPUTS)}, opts)

    def translate_input_property(self, prop: str) -> str:
        """The attributes of this class as the engine's camelCase names."""
        return _CAMEL.get(prop, prop)

    def translate_output_property(self, prop: str) -> str:
        """The engine's camelCase names as the attributes of this class."""
        return _SNAKE.get(prop, prop)


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)


_OUTPUTS = ("display_name", "state", "error", "start_time", "end_time", "console_url", "reached")
_CAMEL = {name: _camel(name) for name in (*(field.name for field in fields(VertexCustomJobArgs)), *_OUTPUTS)}
_SNAKE = {camel: snake for snake, camel in _CAMEL.items()}
