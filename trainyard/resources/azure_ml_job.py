"""One run of a container on Azure Machine Learning, as a Pulumi resource."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from trainyard.resources.wire import WireResource, inputs_of


@dataclass(frozen=True, kw_only=True)
class AzureMlJobArgs:
    """Only what another resource gives may be unknown in a preview: parts of `job`, and the workspace."""

    origin: str  # "sandbox" or "cloud"
    workspace: pulumi.Input[str]  # full id
    name: str  # the job is called <name>-<run>-<6 hex of the hard end>: a deleted job's name never comes free
    run: int  # raise it to run again: nothing else starts a second run, and nothing else may change with it unraised
    tags: Mapping[str, str]
    job: Mapping[str, Any]  # ARM's CommandJob, in its own words, without tags; limits.timeout always
    hard_end: str  # RFC 3339, UTC; shortens the timeout of a run that begins later
    wait_for: str  # "submitted", "running" or "finished"


_OUTPUTS = ("job_name", "state", "error", "console_url", "reached")


class AzureMlJob(WireResource, args=AzureMlJobArgs, outputs=_OUTPUTS):
    """`plugins.providers` of Pulumi.yaml must name `trainyard/provider` for package `trainyard`."""

    job_name: pulumi.Output[str]
    state: pulumi.Output[str]  # queued, running, cancelling, paused, succeeded, failed, cancelled or deleted
    error: pulumi.Output[str | None]
    console_url: pulumi.Output[str]

    def __init__(self, name: str, args: AzureMlJobArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("trainyard:azure:MlJob", name, {**inputs_of(args), **dict.fromkeys(_OUTPUTS)}, opts)
