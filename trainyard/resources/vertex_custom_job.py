"""One run of a container on Vertex AI, as a Pulumi resource."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from trainyard.resources.wire import WireResource, inputs_of


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


_OUTPUTS = ("display_name", "state", "error", "start_time", "end_time", "console_url", "reached")


class VertexCustomJob(WireResource, args=VertexCustomJobArgs, outputs=_OUTPUTS):
    """`plugins.providers` of Pulumi.yaml must name `trainyard/provider` for package `trainyard`."""

    display_name: pulumi.Output[str]
    state: pulumi.Output[str]  # queued, running, cancelling, paused, succeeded, failed, cancelled, expired or deleted
    error: pulumi.Output[str | None]
    console_url: pulumi.Output[str]

    def __init__(self, name: str, args: VertexCustomJobArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("trainyard:gcp:VertexCustomJob", name, {**inputs_of(args), **dict.fromkeys(_OUTPUTS)}, opts)
