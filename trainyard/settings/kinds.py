"""The kinds of workload: which there are, and what all of them have."""

from __future__ import annotations

from collections.abc import Mapping

from trainyard.settings.gpu_vm import GpuVm
from trainyard.settings.notebook import Notebook
from trainyard.settings.pool import Pool
from trainyard.settings.tpu_node import TpuNode
from trainyard.settings.training_job import TrainingJob

Workload = GpuVm | TrainingJob | TpuNode | Notebook | Pool

KINDS: Mapping[str, type[Workload]] = {
    "gpu-vm": GpuVm,
    "training-job": TrainingJob,
    "tpu-node": TpuNode,
    "notebook": Notebook,
    "pool": Pool,
}
BUILT_KINDS = ("gpu-vm", "training-job", "tpu-node", "notebook")


def nodes(workload: Workload) -> int:
    """How many machines of its offer the workload is."""
    match workload:
        case GpuVm() | TrainingJob() | Pool():
            return workload.nodes
        case TpuNode() | Notebook():
            return 1


def access(workload: Workload) -> tuple[str, ...]:
    """Who may log in."""
    match workload:
        case GpuVm() | TpuNode() | Notebook():
            return workload.access
        case TrainingJob() | Pool():
            return ()


def secrets(workload: Workload) -> Mapping[str, str]:
    """Environment variables whose values are secrets, by reference."""
    match workload:
        case GpuVm() | TpuNode() | TrainingJob():
            return workload.secrets
        case Notebook() | Pool():
            return {}


def data_of(workload: Workload) -> Mapping[str, str]:
    """The data sets that it uses, each with read or write."""
    match workload:
        case GpuVm() | TpuNode() | TrainingJob() | Notebook():
            return workload.data
        case Pool():
            return {}
