"""The job's inputs off the wire: each checked, and the body that Vertex AI gets."""

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

SPEC = ("project", "region", "name", "labels", "jobSpec", "kmsKey", "hardEnd")  # what a job cannot change
KEYS = ("origin", "run", "waitFor", *SPEC)
SPEC_KEY = "trainyard-spec"  # label: a digest of the inputs of SPEC, by which a job of another spec is told
_OPTIONAL = ("kmsKey",)
_STRATEGIES = ("STANDARD", "SPOT", "FLEX_START")
_SECONDS = re.compile(r"([1-9]\d*)s")
_LONGEST_NAME = 128
_SHORTEST_RUN = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """What the program gave."""

    origin: Origin
    project: str
    region: str
    name: str
    run: int
    labels: Mapping[str, str]
    job_spec: Mapping[str, Any]  # aiplatform.v1 CustomJobSpec
    kms_key: str | None
    hard_end: datetime
    wait_for: str

    @property
    def display_name(self) -> str:
        """The job's name; each run has its own."""
        return f"{self.name}-{self.run}"

    @property
    def lease_id(self) -> str:
        """Of its labels."""
        return self.labels[LEASE_KEY]

    @property
    def longest_wait(self) -> timedelta:
        """How long it may wait for room."""
        return _span(self.job_spec["scheduling"]["maxWaitDuration"])

    @property
    def timeout(self) -> timedelta:
        """How long it may run, as the program says."""
        return _span(self.job_spec["scheduling"]["timeout"])

    @property
    def digest(self) -> str:
        """Of all that a job cannot change."""
        spec = {
            "labels": dict(self.labels),
            "jobSpec": self.job_spec,
            "kmsKey": self.kms_key,
            "place": f"{self.project}/{self.region}",
        }
        return hashlib.sha256(json.dumps(plain(spec), sort_keys=True).encode()).hexdigest()[:16]

    def runs_for(self, now: datetime) -> timedelta:
        """Its timeout when it is made now: what the lease leaves of it, for a later run ends with the lease too."""
        waits = self.longest_wait if self.job_spec["scheduling"]["strategy"] == "FLEX_START" else timedelta()
        return min(self.timeout, self.hard_end - now - waits)

    def body(self, now: datetime) -> dict[str, Any]:
        """aiplatform.v1 CustomJob; ValueError when the lease leaves no time to run."""
        runs = self.runs_for(now)
        if runs < _SHORTEST_RUN:
            message = (
                f"the lease's hard end {self.hard_end:%Y-%m-%dT%H:%MZ} leaves no time for job {self.display_name}; "
                f"destroy the stack and begin a new lease, or wait less for room (flex-start's max_wait)."
            )
            raise ValueError(message)
        scheduling = {**self.job_spec["scheduling"], "timeout": f"{int(runs.total_seconds())}s"}
        body: dict[str, Any] = {
            "displayName": self.display_name,
            "labels": {**self.labels, SPEC_KEY: self.digest},
            "jobSpec": {**self.job_spec, "scheduling": scheduling},
        }
        return body | ({"encryptionSpec": {"kmsKeyName": self.kms_key}} if self.kms_key else {})


def problems(wire: Mapping[str, Any]) -> Iterator[Problem]:
    """What is wrong with the inputs, as far as they are known."""
    for key in wire:
        if key not in KEYS:
            near = difflib.get_close_matches(key, KEYS, 1)
            hint = f'; did you mean "{near[0]}"?' if near else f"; known are {', '.join(KEYS)}"
            yield Problem(key, f"is no input of a Vertex AI custom job{hint}")
    for key, check in _CHECKS.items():
        value = reveal(wire.get(key))
        if value is None:
            if key not in _OPTIONAL:
                yield Problem(key, "is required")
        elif isinstance(value, Unknown):
            if key not in ("kmsKey", "hardEnd"):
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
        project=wire["project"],
        region=wire["region"],
        name=wire["name"],
        run=wire["run"],
        labels=wire["labels"],
        job_spec=wire["jobSpec"],
        kms_key=wire.get("kmsKey"),
        hard_end=parse_time(wire["hardEnd"]),
        wait_for=wire["waitFor"],
    )


def _text(value: Any) -> Iterator[str]:
    if not isinstance(value, str) or not value:
        yield f"{value!r} given; give a text"


def _one_of(allowed: tuple[str, ...]) -> Callable[[Any], Iterator[str]]:
    def check(value: Any) -> Iterator[str]:
        if value not in allowed:
            yield f"{value!r} given; allowed: {', '.join(allowed)}"

    return check


def _name(value: Any) -> Iterator[str]:
    yield from _text(value)
    if isinstance(value, str) and len(value) > _LONGEST_NAME - 5:
        yield f"has {len(value)} characters; at most {_LONGEST_NAME - 5} leave room for the number of the run"


def _run(value: Any) -> Iterator[str]:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        yield f"{value!r} given; give a whole number from 1"


def _labels(value: Any) -> Iterator[str]:
    if not isinstance(value, Mapping) or not value.get(LEASE_KEY):
        yield f"must hold {LEASE_KEY}: a job without it is found by nobody, and bills on"


def _time(value: Any) -> Iterator[str]:
    try:
        parse_time(value)
    except (ValueError, TypeError):
        yield f'{value!r} given; give a time such as "2026-11-24T14:00:00Z"'


def _job_spec(value: Any) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield f"{value!r} given; give a CustomJobSpec of aiplatform.v1"
        return
    if not value.get("workerPoolSpecs"):
        yield "workerPoolSpecs is missing; give at least one pool of workers"
    if value.get("enableWebAccess"):
        yield "enableWebAccess opens a shell into the running job for whoever may see it; leave it out"
    scheduling = value.get("scheduling")
    if not isinstance(scheduling, Mapping):
        yield "scheduling is missing; give strategy, timeout and maxWaitDuration"
        return
    yield from (f"scheduling.strategy: {reason}" for reason in _one_of(_STRATEGIES)(scheduling.get("strategy")))
    for key in ("timeout", "maxWaitDuration"):
        given = scheduling.get(key)
        if not isinstance(given, str) or not _SECONDS.fullmatch(given):
            # Vertex AI takes a wait of 0, or none at all, and the job waits for ever or for a day.
            yield f'scheduling.{key} is {given!r}; give whole seconds above 0, for example "3600s"'


_CHECKS: Mapping[str, Callable[[Any], Iterator[str]]] = {
    "origin": _one_of(tuple(Origin)),
    "project": _text,
    "region": _text,
    "name": _name,
    "run": _run,
    "labels": _labels,
    "jobSpec": _job_spec,
    "kmsKey": _text,
    "hardEnd": _time,
    "waitFor": _one_of(WAIT_FOR),
}


def _span(seconds: str) -> timedelta:
    return timedelta(seconds=int(seconds.removesuffix("s")))
