"""What happens by themselves to training jobs that SageMaker's API made, on the simulated clock.

Starting, Pending until there is room, Training, then an end. Faults of the two calls that no client makes,
`sagemaker.TrainingJob.start` and `sagemaker.TrainingJob.run`, tell of a job that finds no machine, or that fails.
Jobs of the provider's own type have no life of their own here: `sagemaker.py` counts their time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from trainyard.sandbox import faults
from trainyard.sandbox.api.aws.calls import HAPPENS
from trainyard.sandbox.faults import Fault
from trainyard.sandbox.store import Status, Store, Thing
from trainyard.sandbox.trouble import trouble
from trainyard.servicer.values import reveal

JOB: Final = "aws:sagemaker/trainingJob:TrainingJob"
START, RUN = HAPPENS
ENDED: Final = frozenset({"Completed", "Failed", "Stopped"})
# Amazon names no figures; long enough to be seen between two commands of a rehearsal.
READY_SECONDS: Final = 120.0
_RUN_SECONDS: Final = 3600.0
_FAIL_SECONDS: Final = 60.0
_NO_ROOM_SECONDS: Final = 1800.0  # after which a job that names no wait is given up
STOP_SECONDS: Final = 120.0  # API_StopTrainingJob: the algorithm has 120 seconds after SIGTERM
_LONGEST_SECONDS: Final = 86_400.0  # API_StoppingCondition: a day where none is given
# Machines are there, and bill.
_HOLDING: Final = frozenset({"Training", "Stopping"})
_EXITED: Final = (
    "AlgorithmError: the container ended with exit code 1; see the job's log group /aws/sagemaker/TrainingJobs"
)
_ANY: Final = f"SELECT 1 FROM resources WHERE type='{JOB}' AND status<>'deleted' LIMIT 1"  # noqa: S608 - a constant


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Where a job stands, in the API's own words."""

    status: str  # TrainingJobStatus
    second: str  # SecondaryStatus
    since: float  # simulated time
    due: float | None = None  # of what happens next
    then: tuple[str, str] | None = None  # the status and second one that it ends with
    reason: str = ""  # FailureReason of that end, or of this one
    started: float | None = None  # when it had its machines
    ended: float | None = None


def begun(now: float) -> Stage:
    """A job of this moment."""
    return Stage(status="InProgress", second="Starting", since=now, due=now + READY_SECONDS)


def stage(job: Thing) -> Stage | None:
    """None for a job that the provider's own type made."""
    told = reveal(job.outputs.get("stage"))
    if not isinstance(told, Mapping):
        return None
    return Stage(**{**told, "then": tuple(told["then"]) if told.get("then") else None})


def kept(at: Stage) -> dict[str, Any]:
    """A stage as it lies beside its job."""
    return asdict(at)


def stop(store: Store, job: Thing, at: Stage) -> None:
    """It ends when its container has."""
    now = store.now()
    _put(store, job, replace(at, status="Stopping", second="Stopping", since=now, due=now + STOP_SECONDS, then=None))


def settle(store: Store) -> None:
    """Moves every job to where it stands now; called whenever the store is looked at."""
    if not store.rows(_ANY):
        return
    for found in store.list(type=JOB):
        job, at = found, stage(found)
        if at is not None and at.second == "Training" and job.status == "stopped":
            # Spot machines were taken back: it waits for others, and goes on from its checkpoints.
            due = job.changed + READY_SECONDS
            at = replace(at, second="Interrupted", since=job.changed, due=due, then=None)
            job = _put(store, job, at)
        while at is not None and at.due is not None and at.due <= store.now():
            at = _next(store, job, at, at.due)
            job = _put(store, job, at)


def _put(store: Store, job: Thing, at: Stage) -> Thing:
    status: Status = "live" if at.second in _HOLDING and at.started is not None else "stopped"
    return store.put(replace(job, status=status, outputs={**job.outputs, "stage": kept(at)}), at.since)


def _next(store: Store, job: Thing, at: Stage, when: float) -> Stage:
    if at.status == "Stopping":
        return replace(at, status="Stopped", second="Stopped", since=when, due=None, ended=when)
    if at.then is not None:
        return replace(at, status=at.then[0], second=at.then[1], since=when, due=None, ended=when)
    if at.second in ("Pending", "Interrupted"):
        return _runs(store, job, at, when)
    return _starts(store, job, at, when)


def _starts(store: Store, job: Thing, at: Stage, when: float) -> Stage:
    fault = faults.take(store, START, _about(job))
    if fault is None:
        return _runs(store, job, at, when)
    waits = replace(at, second="Pending", since=when)
    if fault.kind in ("slow", "hang"):
        return replace(waits, due=when + fault.seconds)
    reason = _reason(fault, job)
    if fault.kind == "stockout":
        return replace(waits, reason=reason, **_gives_up(job))
    return replace(at, status="Failed", second="Failed", since=when, due=None, reason=reason, ended=when)


def _gives_up(job: Thing) -> dict[str, Any]:
    """When a job that finds no room ends, and how."""
    limits = _limits(job)
    if longest := limits.get("MaxWaitTimeInSeconds"):
        return {"due": job.created + longest, "then": ("Stopped", "MaxWaitTimeExceeded")}
    if longest := limits.get("MaxPendingTimeInSeconds"):  # no page says which second status it has then
        return {"due": job.created + longest, "then": ("Stopped", "Stopped")}
    return {"due": job.created + _NO_ROOM_SECONDS, "then": ("Failed", "Failed")}


def _runs(store: Store, job: Thing, at: Stage, when: float) -> Stage:
    fault = faults.take(store, RUN, _about(job))
    runs, then, reason = _RUN_SECONDS, ("Completed", "Completed"), ""
    if fault is not None and fault.kind in ("slow", "hang"):
        runs = fault.seconds
    elif fault is not None:
        runs, then, reason = fault.seconds or _FAIL_SECONDS, ("Failed", "Failed"), fault.message or _EXITED
    limits = _limits(job)
    longest = float(limits.get("MaxRuntimeInSeconds") or _LONGEST_SECONDS)
    if runs > longest:
        runs, then, reason = longest, ("Stopped", "MaxRuntimeExceeded"), ""
    waits = limits.get("MaxWaitTimeInSeconds")
    if waits and when + runs > job.created + waits:
        runs, then, reason = max(job.created + waits - when, 0.0), ("Stopped", "MaxWaitTimeExceeded"), ""
    return replace(at, second="Training", since=when, due=when + runs, then=then, reason=reason, started=when)


def _reason(fault: Fault, job: Thing) -> str:
    found = trouble(fault, "aws", _about(job), service="sagemaker")
    return f"{found.code}: {found.message}" if found.code else found.message


def _about(job: Thing) -> dict[str, str]:
    machine = str(_request(job).get("ResourceConfig", {}).get("InstanceType", ""))
    return {"name": job.name, "place": job.place, "project": job.project, "machine_type": machine}


def _limits(job: Thing) -> Mapping[str, Any]:
    found: Mapping[str, Any] = _request(job).get("StoppingCondition") or {}
    return found


def _request(job: Thing) -> Mapping[str, Any]:
    found: Mapping[str, Any] = reveal(job.outputs.get("request")) or {}
    return found
