"""What happens by themselves to jobs of Azure Machine Learning and to the clusters they run on, on the simulated clock.

NotStarted, Queued until the cluster has nodes, Preparing while the image is pulled, Running, Finalizing, then an end.
Faults of the two calls that no client makes, `….jobs.start` and `….jobs.run`, tell of a job that finds no nodes, or
that fails. How far a job is lies beside it, for the provider's own type tells nothing of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from trainyard.sandbox import faults
from trainyard.sandbox.api.azure.kinds import COMPUTE, JOB
from trainyard.sandbox.store import Store, Thing
from trainyard.servicer.values import reveal

START: Final = "Microsoft.MachineLearningServices/workspaces/jobs.start"
RUN: Final = "Microsoft.MachineLearningServices/workspaces/jobs.run"
ENDED: Final = frozenset({"Completed", "Failed", "Canceled"})
# Microsoft names no figures; long enough to be seen between two commands of a rehearsal.
_NEW_SECONDS: Final = 10.0
_NODES_SECONDS: Final = 120.0
_PREPARING_SECONDS: Final = 60.0
_RUN_SECONDS: Final = 3600.0
_FAIL_SECONDS: Final = 60.0
_FINALIZING_SECONDS: Final = 30.0
CANCEL_SECONDS: Final = 30.0
_IDLE_SECONDS: Final = 120.0  # of a cluster that says nothing: rest/api/azureml/compute, nodeIdleTimeBeforeScaleDown
# In these states a job has its nodes, and they bill.
_HOLDING: Final = frozenset({"Preparing", "Running", "Finalizing", "CancelRequested"})
_ANY: Final = f"SELECT 1 FROM resources WHERE type IN ('{JOB}', '{COMPUTE}') AND status<>'deleted' LIMIT 1"  # noqa: S608
_SPAN: Final = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Where a job stands."""

    state: str  # JobStatus of the API
    since: float  # simulated time
    due: float | None = None  # of what happens next; None when nothing will
    then: str = ""  # what it ends as, once it runs
    started: float | None = None


def stage(store: Store, job: Thing) -> Stage | None:
    """None for a job that nothing has happened to yet."""
    told = store.meta(_key(job))
    return Stage(**json.loads(told)) if told else None


def cancel(store: Store, job: Thing) -> None:
    """It ends: at once where it has no nodes, else when its container has."""
    now, before = store.now(), stage(store, job)
    if before is None or before.state not in _HOLDING:
        _keep(store, job, Stage(state="Canceled", since=now))
    elif before.state != "CancelRequested":
        _keep(store, job, replace(before, state="CancelRequested", since=now, due=now + CANCEL_SECONDS))


def settle(store: Store) -> None:
    """Moves every job and cluster to where it stands now; called whenever the store is looked at."""
    if not store.rows(_ANY):
        return
    computes = store.list(type=COMPUTE)
    clusters = {each.id.lower(): each for each in computes if _scales_to_none(each)}
    there = {"", *(each.id.lower() for each in computes)}
    jobs = store.list(type=JOB)
    for job in jobs:
        _age(store, job, clusters, there)
    for cluster in clusters.values():
        _scale_down(store, cluster, jobs)


def nodes(store: Store, cluster: Thing) -> int:
    """How many machines a cluster has now."""
    scale = _inside(cluster).get("scaleSettings") or {}
    least = int(scale.get("minNodeCount") or 0)
    if least or cluster.status != "live":
        return least
    on = [job for job in store.list(type=JOB, project=cluster.project) if _cluster_of(job) == cluster.id.lower()]
    holding = [job for job in on if (at := stage(store, job)) and at.state in _HOLDING]
    idle = [job for job in on if (at := stage(store, job)) and at.started is not None]
    return sum(_count(job) for job in holding) or max((_count(job) for job in idle), default=0)


def _age(store: Store, job: Thing, clusters: dict[str, Thing], there: set[str]) -> None:
    at = stage(store, job)
    if at is None:
        at = Stage(state="NotStarted", since=job.created, due=job.created + _NEW_SECONDS)
        _keep(store, job, at)
    if _cluster_of(job) not in there and at.state not in ENDED:
        at = Stage(state="Failed", since=store.now())  # its cluster was deleted under it
        _keep(store, job, at)
    cluster = clusters.get(_cluster_of(job))
    if cluster is not None and cluster.status == "stopped" and at.state in _HOLDING - {"CancelRequested"}:
        # Low-priority machines were taken back: the job waits for others, and begins anew.
        at = Stage(state="Queued", since=cluster.changed, due=cluster.changed + _NODES_SECONDS)
        _keep(store, job, at)
    while at.due is not None and at.due <= store.now():
        at = _next(store, job, at, at.due)
        _keep(store, job, at)
        if at.state == "Preparing" and cluster is not None and cluster.status == "stopped":
            clusters[cluster.id.lower()] = cluster = store.put(replace(cluster, status="live"), at.since)


def _next(store: Store, job: Thing, at: Stage, when: float) -> Stage:
    match at.state:
        case "NotStarted":
            return _queued(store, job, when)
        case "Queued":
            return Stage(state="Preparing", since=when, due=when + _PREPARING_SECONDS)
        case "Preparing":
            return _running(store, job, when)
        case "Running" if at.then == "Completed":
            return replace(at, state="Finalizing", since=when, due=when + _FINALIZING_SECONDS)
        case "CancelRequested":
            return replace(at, state="Canceled", since=when, due=None)
        case _:
            return replace(at, state=at.then, since=when, due=None)


def _queued(store: Store, job: Thing, when: float) -> Stage:
    fault = faults.take(store, START, _about(store, job))
    queued = Stage(state="Queued", since=when, due=when + _NODES_SECONDS)
    if fault is None:
        return queued
    match fault.kind:
        case "slow" | "hang":
            return replace(queued, due=when + _NODES_SECONDS + fault.seconds)
        case "stockout" | "quota":
            return replace(queued, due=None)  # limits.timeout bounds the run, and nothing the wait for nodes
        case _:
            return Stage(state="Failed", since=when)


def _running(store: Store, job: Thing, when: float) -> Stage:
    fault = faults.take(store, RUN, _about(store, job))
    runs, then = _RUN_SECONDS, "Completed"
    if fault is not None and fault.kind in ("slow", "hang"):
        runs = fault.seconds
    elif fault is not None:
        runs, then = fault.seconds or _FAIL_SECONDS, "Failed"
    longest = seconds((_properties(job).get("limits") or {}).get("timeout"))
    if longest is not None and runs > longest:
        runs, then = longest, "Canceled"
    return Stage(state="Running", since=when, due=when + runs, then=then, started=when)


def _scale_down(store: Store, cluster: Thing, jobs: Sequence[Thing]) -> None:
    """A cluster whose least is none loses its machines when they had no job for as long as it says."""
    if cluster.status != "live":
        return
    stages = [at for job in jobs if _cluster_of(job) == cluster.id.lower() and (at := stage(store, job))]
    if any(at.state in _HOLDING for at in stages):
        return
    scale = _inside(cluster).get("scaleSettings") or {}
    idle = seconds(scale.get("nodeIdleTimeBeforeScaleDown")) or _IDLE_SECONDS
    last = max((at.since for at in stages if at.started is not None), default=None)
    when = cluster.changed if last is None else max(last + idle, cluster.changed)
    if when <= store.now():
        store.put(replace(cluster, status="stopped"), when)


def _scales_to_none(compute: Thing) -> bool:
    given = reveal(compute.outputs.get("properties")) or {}
    scale = _inside(compute).get("scaleSettings")
    return given.get("computeType") == "AmlCompute" and not (scale or {}).get("minNodeCount")


def seconds(text: object) -> float | None:
    """An ISO 8601 span; None for what is none."""
    found = _SPAN.fullmatch(text) if isinstance(text, str) else None
    if found is None or not any(found.groups()):
        return None
    days, hours, minutes, rest = (int(part or 0) for part in found.groups())
    return float(((days * 24 + hours) * 60 + minutes) * 60 + rest)


def _about(store: Store, job: Thing) -> dict[str, str]:
    cluster = next((one for one in store.list(type=COMPUTE) if one.id.lower() == _cluster_of(job)), None)
    size = str(_inside(cluster).get("vmSize", "")) if cluster else ""
    return {"name": job.name, "place": job.place, "project": job.project, "machine_type": size}


def _cluster_of(job: Thing) -> str:
    return str(_properties(job).get("computeId", "")).lower()


def _count(job: Thing) -> int:
    return int((_properties(job).get("resources") or {}).get("instanceCount") or 1)


def _properties(job: Thing) -> Mapping[str, Any]:
    found: Mapping[str, Any] = reveal(job.outputs.get("properties")) or {}
    return found


def _inside(compute: Thing) -> Mapping[str, Any]:
    outer = reveal(compute.outputs.get("properties")) or {}
    found: Mapping[str, Any] = outer.get("properties") or {}
    return found


def _keep(store: Store, job: Thing, at: Stage) -> None:
    store.set_meta(_key(job), json.dumps(at.__dict__))


def _key(job: Thing) -> str:
    return f"azure job {job.id.lower()} {job.created!r}"
