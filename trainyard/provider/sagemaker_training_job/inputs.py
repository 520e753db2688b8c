"""The job's inputs off the wire: each checked, and the request that SageMaker gets."""

from __future__ import annotations

import difflib
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from trainyard.facts.expiry import parse_time
from trainyard.facts.labels import LEASE_KEY
from trainyard.facts.origin import Origin
from trainyard.provider.job import WAIT_FOR, plain
from trainyard.provider.resource import Problem
from trainyard.servicer import Unknown, has_unknown, reveal

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
        return hashlib.sha256(json.dumps(plain(spec), sort_keys=True).encode()).hexdigest()[:16]

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
    for key in wire:
        if key not in KEYS:
            near = difflib.get_close_matches(key, KEYS, 1)
            hint = f'; did you mean "{near[0]}"?' if near else f"; known are {', '.join(KEYS)}"
            yield Problem(key, f"is no input of a SageMaker training job{hint}")
    for key, check in _CHECKS.items():
        value = reveal(wire.get(key))
        if value is None:
            yield Problem(key, "is required")
        elif isinstance(value, Unknown):
            if key != "hardEnd":
                yield Problem(key, "must be known in every preview; give a plain value")
        else:
            for reason in check(value):
                yield Problem(key, reason)


def parse(wire: Mapping[str, Any]) -> Inputs:
    """The inputs; ValueError for any that is wrong. Nothing may be unknown."""
    wire = reveal(wire)
    if wrong := list(problems(wire)):
        message = "; ".join(f"{problem.key}: {problem.reason}" for problem in wrong)
        raise ValueError(message)
    if has_unknown(wire):
        message = "a value is not known yet"
        raise ValueError(message)
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


def _text(value: Any) -> Iterator[str]:
    if not isinstance(value, str) or not value:
        yield f"{value!r} given; give a text"


def _one_of(allowed: tuple[str, ...]) -> Callable[[Any], Iterator[str]]:
    def check(value: Any) -> Iterator[str]:
        if value not in allowed:
            yield f"{value!r} given; allowed: {', '.join(allowed)}"

    return check


def _name(value: Any) -> Iterator[str]:
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        yield f"{value!r} given; allowed are a-z, A-Z, 0-9 and '-', a letter or digit first and last"
    elif len(value) > _LONGEST_NAME - 5:
        yield f"has {len(value)} characters; at most {_LONGEST_NAME - 5} leave room for the number of the run"


def _from(least: int) -> Callable[[Any], Iterator[str]]:
    def check(value: Any) -> Iterator[str]:
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            yield f"{value!r} given; give a whole number from {least}"

    return check


def _tags(value: Any) -> Iterator[str]:
    if not isinstance(value, Mapping) or not value.get(LEASE_KEY):
        yield f"must hold {LEASE_KEY}: a job without it is found by nobody, and bills on"


def _time(value: Any) -> Iterator[str]:
    try:
        parse_time(value)
    except (ValueError, TypeError):
        yield f'{value!r} given; give a time such as "2026-11-24T14:00:00Z"'


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


_CHECKS: Mapping[str, Callable[[Any], Iterator[str]]] = {
    "origin": _one_of(tuple(Origin)),
    "account": _text,
    "region": _text,
    "name": _name,
    "run": _from(1),
    "tags": _tags,
    "request": _request,
    "timeoutSeconds": _from(60),
    "maxWaitSeconds": _from(_LEAST_PENDING_SECONDS),
    "hardEnd": _time,
    "waitFor": _one_of(WAIT_FOR),
}
