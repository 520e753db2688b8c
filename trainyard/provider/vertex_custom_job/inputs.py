"""The job's inputs off the wire: each checked, and the body that Vertex AI gets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from trainyard.facts.expiry import parse_time
from trainyard.facts.labels import LEASE_KEY
from trainyard.facts.origin import Origin
from trainyard.provider import job_inputs
from trainyard.provider.job import WAIT_FOR, digest
from trainyard.provider.resource import Problem

SPEC = ("project", "region", "name", "labels", "jobSpec", "kmsKey", "hardEnd")  # what a job cannot change
KEYS = ("origin", "run", "waitFor", *SPEC)
SPEC_KEY = "trainyard-spec"  # label: a digest of the inputs of SPEC, by which a job of another spec is told
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
        return digest(spec)

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
    return job_inputs.problems(
        wire, "Vertex AI custom job", KEYS, _CHECKS, optional=("kmsKey",), later=("kmsKey", "hardEnd")
    )


def parse(wire: Mapping[str, Any]) -> Inputs:
    """The inputs; ValueError for any that is wrong. Nothing may be unknown."""
    wire = job_inputs.opened(wire, problems)
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


def _name(value: Any) -> Iterator[str]:
    yield from job_inputs.text(value)
    if isinstance(value, str):
        yield from job_inputs.room_for_run(value, _LONGEST_NAME)


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
    yield from (
        f"scheduling.strategy: {reason}" for reason in job_inputs.one_of(_STRATEGIES)(scheduling.get("strategy"))
    )
    for key in ("timeout", "maxWaitDuration"):
        given = scheduling.get(key)
        if not isinstance(given, str) or not _SECONDS.fullmatch(given):
            # Vertex AI takes a wait of 0, or none at all, and the job waits for ever or for a day.
            yield f'scheduling.{key} is {given!r}; give whole seconds above 0, for example "3600s"'


_CHECKS: Mapping[str, job_inputs.Check] = {
    "origin": job_inputs.one_of(tuple(Origin)),
    "project": job_inputs.text,
    "region": job_inputs.text,
    "name": _name,
    "run": job_inputs.whole_from(1),
    "labels": job_inputs.of_a_lease,
    "jobSpec": _job_spec,
    "kmsKey": job_inputs.text,
    "hardEnd": job_inputs.time,
    "waitFor": job_inputs.one_of(WAIT_FOR),
}


def _span(seconds: str) -> timedelta:
    return timedelta(seconds=int(seconds.removesuffix("s")))
