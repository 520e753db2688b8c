"""One run of a container on SageMaker, as a Pulumi resource."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from trainyard.resources.wire import WireResource, inputs_of


@dataclass(frozen=True, kw_only=True)
class SagemakerTrainingJobArgs:
    """Only what another resource gives may be unknown in a preview: parts of `request`."""

    origin: str  # "sandbox" or "cloud"
    account: str
    region: str
    name: str  # the job is called <name>-<run>
    run: int  # raise it to run again: nothing else starts a second run, and nothing else may change with it unraised
    tags: Mapping[str, str]
    request: Mapping[str, Any]  # CreateTrainingJob, in its own words; without name, tags and StoppingCondition
    timeout_seconds: int
    max_wait_seconds: int
    hard_end: str  # RFC 3339, UTC; shortens the run of a job that begins later
    wait_for: str  # "submitted", "running" or "finished"


_OUTPUTS = ("job_name", "state", "error", "start_time", "end_time", "console_url", "reached")


class SagemakerTrainingJob(WireResource, args=SagemakerTrainingJobArgs, outputs=_OUTPUTS):
    """`plugins.providers` of Pulumi.yaml must name `trainyard/provider` for package `trainyard`."""

    job_name: pulumi.Output[str]
    state: pulumi.Output[str]  # queued, running, cancelling, succeeded, failed, cancelled, expired or deleted
    error: pulumi.Output[str | None]
    console_url: pulumi.Output[str]

    def __init__(self, name: str, args: SagemakerTrainingJobArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(
            "trainyard:aws:SagemakerTrainingJob", name, {**inputs_of(args), **dict.fromkeys(_OUTPUTS)}, opts
        )
