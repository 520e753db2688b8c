"""What happens to custom jobs by themselves, on the simulated clock.

QUEUED, PENDING while machines are made ready, RUNNING, then an end. Faults of the two calls that no client makes,
`aiplatform.customJobs.start` and `aiplatform.customJobs.run`, tell of a job that finds no room, or that fails.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from trainyard.sandbox import faults
from trainyard.sandbox.api.vertex.body import seconds
from trainyard.sandbox.faults import Fault
from trainyard.sandbox.store import Status, Store, Thing
from trainyard.sandbox.trouble import trouble

TYPE: Final = "gcp:vertex/customJob:CustomJob"
PERSISTENT: Final = "gcp:vertex/aiPersistentResource:AiPersistentResource"
START: Final = "aiplatform.customJobs.start"
RUN: Final = "aiplatform.customJobs.run"
ENDED: Final = frozenset(f"JOB_STATE_{word}" for word in ("SUCCEEDED", "FAILED", "CANCELLED", "EXPIRED"))
# Google names no figures; long enough to be seen between two commands of a rehearsal.
QUEUED_SECONDS: Final = 10.0
_READY_SECONDS: Final = 120.0
_RUN_SECONDS: Final = 3600.0
_FAIL_SECONDS: Final = 60.0
CANCEL_SECONDS: Final = 30.0
_NO_ROOM_SECONDS: Final = 1800.0  # after which a job that does not queue for room is given up
_DEFAULT_WAIT: Final = "86400s"  # aiplatform.v1 Scheduling.maxWaitDuration
_DEFAULT_TIMEOUT: Final = "604800s"
# In these states machines are held, and bill: "you don't pay for the time that the job is in a queue" (use-spot-vms).
_BILLING: Final = ("JOB_STATE_RUNNING", "JOB_STATE_CANCELLING")
_CODES: Final = {"quota": 8, "stockout": 8, "server-error": 14}  # google.rpc.Code
_ANY: Final = f"SELECT 1 FROM resources WHERE type='{TYPE}' AND status<>'deleted' LIMIT 1"  # noqa: S608 - a constant
_GONE: Final = {"code": 1, "message": "CANCELED: the persistent resource was deleted."}
_EXITED: Final = (
    "The replica workerpool0-0 exited with a non-zero status of 1. To find out more about why your job exited please "
    "check the logs"
)


def settle(store: Store) -> None:
    """Moves every job to where it stands now; called whenever the store is looked at."""
    if not store.rows(_ANY):
        return
    for job in store.list(type=TYPE):
        if (name := job.inputs["jobSpec"].get("persistentResourceId")) and state_of(job) not in ENDED:
            there = {each.name for each in store.list(type=PERSISTENT, project=job.project, place=job.place)}
            if name not in there:  # jobs are cancelled before their persistent resource is deleted
                job = store.put(becomes(job, "JOB_STATE_CANCELLED", store.now(), error=_GONE))
        if job.status == "stopped" and state_of(job) in _BILLING:
            job = store.put(_taken_back(job), job.changed)
        while (due := due_of(job)) is not None and due <= store.now():
            job = store.put(_step(store, job, due), due)


def _taken_back(job: Thing) -> Thing:
    """A spot job whose machine the cloud took: the whole job begins again where it says so, else it has failed."""
    scheduling = job.inputs["jobSpec"].get("scheduling", {})
    if scheduling.get("restartJobOnWorkerRestart") or not scheduling.get("disableRetries"):
        return becomes(job, "JOB_STATE_PENDING", job.changed, job.changed + _READY_SECONDS, then=None)
    error = {"code": 10, "message": "The replica workerpool0-0 was preempted."}
    return becomes(job, "JOB_STATE_FAILED", job.changed, error=error)


def state_of(job: Thing) -> str:
    """Its state in the API's own word."""
    return str(job.outputs["state"])


def due_of(job: Thing) -> float | None:
    """The simulated time of what happens to it next; None when nothing will."""
    due: float | None = job.outputs["due"]
    return due


def becomes(job: Thing, state: str, when: float, due: float | None = None, **outputs: Any) -> Thing:
    """The job in another state from `when` on."""
    status: Status = "live" if state in _BILLING else "stopped"
    times = {"startTime": when} if state == "JOB_STATE_RUNNING" else {"endTime": when} if state in ENDED else {}
    outputs = {"state": state, "currentStatus": state, "due": due, "updateTime": when, **times, **outputs}
    return replace(job, status=status, outputs={**job.outputs, **outputs})


def _step(store: Store, job: Thing, when: float) -> Thing:
    match state_of(job):
        case "JOB_STATE_QUEUED":
            return _starts(store, job, when)
        case "JOB_STATE_PENDING" if job.outputs.get("then") is None:
            return _runs(store, job, when)
        case "JOB_STATE_CANCELLING":
            return becomes(job, "JOB_STATE_CANCELLED", when, error={"code": 1, "message": "CANCELED"})
        case _:
            end: Mapping[str, Any] = job.outputs["then"]
            return becomes(job, end["state"], when, error=end.get("error"))


def _starts(store: Store, job: Thing, when: float) -> Thing:
    fault = faults.take(store, START, _about(job))
    if fault is None:
        return becomes(job, "JOB_STATE_PENDING", when, when + _READY_SECONDS)
    match fault.kind:
        case "slow" | "hang":
            return becomes(job, "JOB_STATE_PENDING", when, when + _READY_SECONDS + fault.seconds)
        case "stockout":
            return _finds_no_room(job, fault, when)
        case _:
            return becomes(job, "JOB_STATE_FAILED", when, error=_error(fault, job))


def _finds_no_room(job: Thing, fault: Fault, when: float) -> Thing:
    scheduling = job.inputs["jobSpec"].get("scheduling", {})
    wait = _NO_ROOM_SECONDS
    if scheduling.get("strategy") == "FLEX_START":
        wait = seconds(scheduling.get("maxWaitDuration", _DEFAULT_WAIT))
    # With a wait of 0 it waits indefinitely.
    then = {"state": "JOB_STATE_FAILED", "error": _error(fault, job)}
    return becomes(job, "JOB_STATE_PENDING", when, job.created + wait if wait else None, then=then)


def _runs(store: Store, job: Thing, when: float) -> Thing:
    timeout = seconds(job.inputs["jobSpec"].get("scheduling", {}).get("timeout", _DEFAULT_TIMEOUT))
    fault = faults.take(store, RUN, _about(job))
    runs = _RUN_SECONDS
    then: dict[str, Any] = {"state": "JOB_STATE_SUCCEEDED"}
    if fault is not None and fault.kind in ("slow", "hang"):
        runs = fault.seconds
    elif fault is not None:
        error = {"code": 3, "message": fault.message or _EXITED}
        runs, then = fault.seconds or _FAIL_SECONDS, {"state": "JOB_STATE_FAILED", "error": error}
    if runs > timeout:
        error = {"code": 1, "message": f"The job was cancelled: it exceeded its timeout of {timeout:g} seconds."}
        runs, then = timeout, {"state": "JOB_STATE_CANCELLED", "error": error}
    return becomes(job, "JOB_STATE_RUNNING", when, when + runs, then=then)


def _error(fault: Fault, job: Thing) -> dict[str, Any]:
    found = trouble(fault, "gcp", _about(job), service="aiplatform")
    return {"code": _CODES.get(fault.kind, 3), "message": found.message}


def _about(job: Thing) -> dict[str, str]:
    machine = next(_machine_types(job.inputs), "")
    return {"name": job.name, "place": job.place, "project": job.project, "machine_type": machine}


def _machine_types(inputs: Mapping[str, Any]) -> Iterator[str]:
    for pool in inputs["jobSpec"]["workerPoolSpecs"]:
        yield str((pool.get("machineSpec") or {}).get("machineType", ""))
