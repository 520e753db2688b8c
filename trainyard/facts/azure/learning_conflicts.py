"""What a training job or a notebook on Azure Machine Learning cannot be at once: capacity × data × nodes × people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from trainyard.facts.azure.learning import MOST_NODES
from trainyard.facts.conflict_row import Conflict

_SCHEMA = "learn.microsoft.com/azure/machine-learning/reference-yaml-job-command"
_QUOTAS = "learn.microsoft.com/azure/machine-learning/how-to-manage-quotas (2026-01-27), Azure Machine Learning compute"
_LOW = "learn.microsoft.com/azure/machine-learning/how-to-use-low-priority-batch: machines may be preempted at any time"
_INSTANCE = "learn.microsoft.com/azure/machine-learning/how-to-create-compute-instance (2024-08-21)"
_CONCEPT = "learn.microsoft.com/azure/machine-learning/concept-compute-instance: a compute instance cannot be shared"


@dataclass(frozen=True, kw_only=True)
class JobAsked:
    """One job, bought one way."""

    capacity: str  # "spot"
    nodes: int = 1
    command: bool = True
    writes: bool = False  # to a data set
    retries: bool = False  # on_preemption
    runs_on: bool = False
    wanted_fabric: str | None = None  # what the workload says of it
    tensorboard: bool = False


@dataclass(frozen=True, kw_only=True)
class NotebookAsked:
    """One notebook."""

    people: int  # "user:<object id>" that may log in
    others: int = 0  # groups and programs
    idle: bool = True
    idle_ends: bool = False
    image: bool = False
    data: bool = False


def job_conflicts(asked: JobAsked) -> Iterator[Conflict]:
    """Every row that stands against it."""
    if not asked.command:
        yield Conflict(
            name="a-job-has-a-command",
            key="command",
            text="is missing: Azure Machine Learning runs a command in the container, never its own; give "
            "command: [python, train.py].",
            source=_SCHEMA,
        )
    if asked.nodes > MOST_NODES:
        yield Conflict(
            name="a-run-has-100-nodes",
            key="nodes",
            text=f"a job of Azure Machine Learning has at most {MOST_NODES} nodes, {asked.nodes} were asked for.",
            source=_QUOTAS,
        )
    if asked.nodes > 1 and asked.wanted_fabric == "none":
        yield Conflict(
            name="nodes-that-want-no-fabric",
            key="fabric",
            text="several nodes of a job on Azure are joined by InfiniBand; leave fabric out, or give one node.",
            source="learn.microsoft.com/azure/machine-learning/how-to-train-distributed-gpu, InfiniBand",
        )
    if asked.capacity == "spot" and not asked.writes:
        yield Conflict(
            name="low-priority-work-is-written",
            key="capacity",
            text="a spot job may end at any moment, and this one writes to no data set; give "
            "data: { checkpoints: write }, or another capacity.",
            source=_LOW,
        )
    if asked.retries:
        yield Conflict(
            name="no-count-of-retries",
            key="on_preemption",
            text="Azure Machine Learning queues a job anew whose low-priority machines were taken, as often as that "
            "happens within its timeout, and takes no number; remove the key.",
            source=f"{_LOW}; {_SCHEMA}: no retries",
        )
    if asked.runs_on:
        yield Conflict(
            name="a-job-has-a-cluster-of-its-own",
            key="runs_on",
            text="a job on Azure has a cluster of its own, which is empty while nothing runs; remove the key.",
            source=_SCHEMA,
        )
    if asked.tensorboard:
        yield Conflict(
            name="no-tensorboard-of-the-base",
            key="tensorboard",
            text="jobs on Azure write to no TensorBoard of the base; remove the key.",
            source=_SCHEMA,
        )


def notebook_conflicts(asked: NotebookAsked) -> Iterator[Conflict]:
    """Every row that stands against it."""
    if not asked.idle:
        yield Conflict(
            name="an-instance-without-idle-control",
            key="idle",
            text="is missing: a notebook that nobody works in bills on; give idle: { after: 1h, then: stop }.",
            source=f"{_INSTANCE}, Configure idle shutdown",
        )
    if asked.idle_ends:
        yield Conflict(
            name="an-idle-instance-is-stopped",
            key="idle",
            text="a compute instance that is idle is stopped and keeps its disk; give then: stop.",
            source=f"{_INSTANCE}, Configure idle shutdown",
        )
    if asked.people != 1 or asked.others:
        yield Conflict(
            name="an-instance-is-one-persons",
            key="access",
            text="a compute instance is one person's and cannot be shared; give access: [user:<object id>], and each "
            "other person a notebook of their own.",
            source=_CONCEPT,
        )
    if asked.image:
        yield Conflict(
            name="an-instance-has-its-own-image",
            key="image",
            text="compute instances start from Azure Machine Learning's own image; remove the key.",
            source=_INSTANCE,
        )
    if asked.data:
        yield Conflict(
            name="its-user-reads-data-as-themselves",
            key="data",
            text="a compute instance with an identity of its own would not stop when it is idle, so its user reads "
            "data as themselves: grant them the container, and remove the key.",
            source=f"{_INSTANCE}, Configure idle shutdown and Assign managed identity",
        )
