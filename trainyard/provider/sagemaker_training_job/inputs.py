"""The job's inputs off the wire: each checked, and the request that SageMaker gets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from trainyard.facts.expiry import parse_time
from trainyard.facts.origin import Origin
from trainyard.provider import job_inputs
from trainyard.provider.job import WAIT_FOR, digest
from trainyard.provider.resource import Problem

# What a job cannot change.
SPEC = ("account", "region", "name", "tags", "request", "timeoutSeconds", "maxWaitSeconds", "hardEnd")
KEYS = ("origin", "run", "waitFor", *SPEC)
SPEC_KEY = "trainyard-spec"  # tag: a digest of the inputs of SPEC, by which a job of another spec is told
_OWN = ("TrainingJobName", "StoppingCondition", "Tags")  # what this resource writes into the request
_NAME = re.compile(r"[a-zA-Z0-9](?:-*[a-zA-Z0-9])*")  # sagemaker, TrainingJobName
_LONGEST_NAME = 63
_SHORTEST_RUN = timedelta(minutes=1)
_LEAST_PENDING_SECONDS = 1800  # sagemaker, MaxPendingTimeInSeconds


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """What the program gave."""

    origin: Origin
    account: str
    region: str
    name: str
    run: int
    tags: Mapping[str, str]
    request: Mapping[str, Any]  # CreateTrainingJob, without what this resource writes
    timeout: timedelta
    longest_wait: timedelta
    hard_end: datetime
    wait_for: str

    @property
    def job_name(self) -> str:
        """The job's name; each run has its own, and an account and region know it once."""
        return f"{self.name}-{self.run}"

    @property
    def digest(self) -> str:
        """Of all that a job cannot change."""
        spec = {
            "tags": dict(self.tags),
            "request": self.request,
            "times": [self.timeout.total_seconds(), self.longest_wait.total_seconds()],
            "place": f"{self.account}/{self.region}",
        }
        return digest(spec)

    def body(self, now: datetime) -> dict[str, Any]:
        """CreateTrainingJob's request; ValueError when the lease leaves no time to run.

        A spot job's longest wait holds its run too, so it ends by the hard end however long it waits; the time that
        another one waits counts in no limit of its run, and is taken off.
        """
        left = self.hard_end - now
        spot = self.request.get("EnableManagedSpotTraining") is True
        runs = min(self.timeout, left if spot else left - self.longest_wait)
        if runs < _SHORTEST_RUN:
            message = (
                f"the lease's hard end {self.hard_end:%Y-%m-%dT%H:%MZ} leaves no time for job {self.job_name}; destroy "
                f"the stack and begin a new lease, or wait less for room (max_wait)."
            )
            raise ValueError(message)
        limits = {"MaxRuntimeInSeconds": int(runs.total_seconds())}
        if spot:
            limits["MaxWaitTimeInSeconds"] = int(min(runs + self.longest_wait, left).total_seconds())
        else:
            limits["MaxPendingTimeInSeconds"] = int(self.longest_wait.total_seconds())
        tags = {**self.tags, SPEC_KEY: self.digest}
        return {
            "TrainingJobName": self.job_name,
            **self.request,
            "StoppingCondition": limits,
            "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
        }


def problems(wire: Mapping[str, Any]) -> Iterator[Problem]:
    """What is wrong with the inputs, as far as they are known."""
    return job_inputs.problems(wire, "SageMaker training job", KEYS, _CHECKS, later=("hardEnd",))


def parse(wire: Mapping[str, Any]) -> Inputs:
    """The inputs; ValueError for any that is wrong. Nothing may be unknown."""
    wire = job_inputs.opened(wire, problems)
    return Inputs(
        origin=Origin(wire["origin"]),
        account=wire["account"],
        region=wire["region"],
        name=wire["name"],
        run=wire["run"],
        tags=wire["tags"],
        request=_whole(wire["request"]),
        timeout=timedelta(seconds=wire["timeoutSeconds"]),
        longest_wait=timedelta(seconds=wire["maxWaitSeconds"]),
        hard_end=parse_time(wire["hardEnd"]),
        wait_for=wire["waitFor"],
    )


def _whole(value: Any) -> Any:
    """Numbers come off the wire as floats, and botocore takes whole ones only."""
    if isinstance(value, Mapping):
        return {key: _whole(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_whole(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _name(value: Any) -> Iterator[str]:
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        yield f"{value!r} given; allowed are a-z, A-Z, 0-9 and '-', a letter or digit first and last"
    else:
        yield from job_inputs.room_for_run(value, _LONGEST_NAME)


def _request(value: Any) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield f"{value!r} given; give CreateTrainingJob's request"
        return
    for key in _OWN:
        if key in value:
            yield f"{key} is written from the other inputs; leave it out"
    if value.get("EnableManagedSpotTraining") is True and not value.get("CheckpointConfig"):
        yield "managed spot training without CheckpointConfig begins anew after each interruption; give a place in S3"
    resources = value.get("ResourceConfig")
    if isinstance(resources, Mapping) and resources.get("KeepAlivePeriodInSeconds"):
        yield "ResourceConfig.KeepAlivePeriodInSeconds keeps machines that nobody uses billing; leave it out"


_CHECKS: Mapping[str, job_inputs.Check] = {
    "origin": job_inputs.one_of(tuple(Origin)),
    "account": job_inputs.text,
    "region": job_inputs.text,
    "name": _name,
    "run": job_inputs.whole_from(1),
    "tags": job_inputs.of_a_lease,
    "request": _request,
    "timeoutSeconds": job_inputs.whole_from(60),
    "maxWaitSeconds": job_inputs.whole_from(_LEAST_PENDING_SECONDS),
    "hardEnd": job_inputs.time,
    "waitFor": job_inputs.one_of(WAIT_FOR),
}
