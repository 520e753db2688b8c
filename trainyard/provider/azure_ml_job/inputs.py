"""The job's inputs off the wire: each checked, and the properties that Resource Manager gets."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from trainyard.facts.expiry import format_time, parse_time
from trainyard.facts.origin import Origin
from trainyard.provider import job_inputs
from trainyard.provider.job import WAIT_FOR, digest
from trainyard.provider.resource import Problem

# What a job cannot change.
SPEC = ("workspace", "name", "tags", "job", "hardEnd")
KEYS = ("origin", "run", "waitFor", *SPEC)
SPEC_KEY = "trainyard-spec"  # tag: a digest of the inputs of SPEC, by which a job of another spec is told
_OWN = ("tags", "status", "services")  # what this resource or Azure writes
_GUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
WORKSPACE = re.compile(
    rf"/subscriptions/{_GUID}/resourceGroups/[^/]+/providers/Microsoft\.MachineLearningServices/workspaces/[^/]+",
    re.IGNORECASE,
)
_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_-]*")  # the ARM description of jobs
_LONGEST_NAME = 255
_SPAN = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
_SHORTEST_RUN = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """What the program gave."""

    origin: Origin
    workspace: str  # full id
    name: str
    run: int
    tags: Mapping[str, str]
    job: Mapping[str, Any]  # CommandJob, without what this resource writes
    hard_end: datetime
    wait_for: str

    @property
    def job_name(self) -> str:
        """The job's name, of a run of one lease alone: that of a deleted job never comes free."""
        return f"{self.name}-{self.run}-{hashlib.sha256(format_time(self.hard_end).encode()).hexdigest()[:6]}"

    @property
    def timeout(self) -> timedelta:
        """How long it may run at most."""
        return span(self.job["limits"]["timeout"]) or timedelta()

    @property
    def digest(self) -> str:
        """Of all that a job cannot change."""
        return digest({"tags": dict(self.tags), "job": self.job, "place": self.workspace.lower()})

    def properties(self, now: datetime) -> dict[str, Any]:
        """The job's properties; ValueError when the lease leaves no time to run."""
        runs = min(self.timeout, self.hard_end - now)
        if runs < _SHORTEST_RUN:
            message = (
                f"the lease's hard end {self.hard_end:%Y-%m-%dT%H:%MZ} leaves no time for job {self.job_name}; destroy "
                "the stack and begin a new lease."
            )
            raise ValueError(message)
        limits = {**self.job["limits"], "timeout": f"PT{int(runs.total_seconds())}S"}
        return {**self.job, "limits": limits, "tags": {**self.tags, SPEC_KEY: self.digest}}


def problems(wire: Mapping[str, Any]) -> Iterator[Problem]:
    """What is wrong with the inputs, as far as they are known."""
    return job_inputs.problems(wire, "job of Azure Machine Learning", KEYS, _CHECKS, later=("workspace", "hardEnd"))


def parse(wire: Mapping[str, Any]) -> Inputs:
    """The inputs; ValueError for any that is wrong. Nothing may be unknown."""
    wire = job_inputs.opened(wire, problems)
    return Inputs(
        origin=Origin(wire["origin"]),
        workspace=wire["workspace"],
        name=wire["name"],
        run=wire["run"],
        tags=wire["tags"],
        job=_whole(wire["job"]),
        hard_end=parse_time(wire["hardEnd"]),
        wait_for=wire["waitFor"],
    )


def span(text: Any) -> timedelta | None:
    """An ISO 8601 span such as "PT12H"; None for what is none."""
    found = _SPAN.fullmatch(text) if isinstance(text, str) else None
    if found is None or not any(found.groups()):
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def _whole(value: Any) -> Any:
    """Numbers come off the wire as floats, and Resource Manager counts in whole ones."""
    if isinstance(value, Mapping):
        return {key: _whole(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_whole(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _workspace(value: Any) -> Iterator[str]:
    if not isinstance(value, str) or not WORKSPACE.fullmatch(value):
        yield (
            f"{value!r} given; give a workspace's full id, /subscriptions/<subscription>/resourceGroups/<group>"
            "/providers/Microsoft.MachineLearningServices/workspaces/<name>"
        )


def _name(value: Any) -> Iterator[str]:
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        yield f"{value!r} given; allowed are a-z, A-Z, 0-9, '_' and '-', a letter or digit first"
    else:
        yield from job_inputs.room_for_run(value, _LONGEST_NAME - 7)


def _job(value: Any) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield f"{value!r} given; give the properties of a CommandJob"
        return
    for key in _OWN:
        if key in value:
            yield f"{key} is written from the other inputs, or by Azure; leave it out"
    if value.get("jobType") != "Command":
        yield f"jobType is {value.get('jobType')!r}; only jobs of type Command are made here"
    limits = value.get("limits")
    timeout = span(limits.get("timeout")) if isinstance(limits, Mapping) else None
    if timeout is None or timeout < _SHORTEST_RUN:
        yield 'limits.timeout is missing or no time; a job without one runs for weeks: give one such as "PT12H"'
    if not value.get("computeId"):
        yield "computeId is missing: a job without a cluster takes machines that nobody's tags are on; give a cluster"


_CHECKS: Mapping[str, job_inputs.Check] = {
    "origin": job_inputs.one_of(tuple(Origin)),
    "workspace": _workspace,
    "name": _name,
    "run": job_inputs.whole_from(1),
    "tags": job_inputs.of_a_lease,
    "job": _job,
    "hardEnd": job_inputs.time,
    "waitFor": job_inputs.one_of(WAIT_FOR),
}
