"""The kinds of workload: which there are, and what all of them have."""

from __future__ import annotations

from collections.abc import Mapping

from trainyard.settings.gpu_vm import GpuVm
from trainyard.settings.notebook import Notebook
from trainyard.settings.persistent_resource import PersistentResource
from trainyard.settings.pool import Pool
from trainyard.settings.tpu_node import TpuNode
from trainyard.settings.training_job import TrainingJob

Workload = GpuVm | TrainingJob | PersistentResource | TpuNode | Notebook | Pool

KINDS: Mapping[str, type[Workload]] = {
    "gpu-vm": GpuVm,
    "training-job": TrainingJob,
    "persistent-resource": PersistentResource,
    "tpu-node": TpuNode,
    "notebook": Notebook,
    "pool": Pool,
}
# On which clouds each kind is built; what is not here is refused by name.
_BUILT: Mapping[str, tuple[str, ...]] = {
    "gpu-vm": ("gcp", "aws", "azure"),
    "training-job": ("gcp", "aws", "azure"),
    "persistent-resource": ("gcp",),
    "tpu-node": ("gcp",),
    "notebook": ("gcp", "aws", "azure"),
}
_BUILT_GROUPS = ("gcp", "aws", "azure")  # of gpu-vm with nodes > 1
BUILT_KINDS = tuple(_BUILT)
BUILT_BASES = ("gcp", "aws", "azure")  # clouds whose base sections are built


def built_on(workload: Workload) -> tuple[str, ...]:
    """The clouds that such a workload is built on; none where its kind is built nowhere."""
    if isinstance(workload, GpuVm) and workload.nodes > 1:
        return _BUILT_GROUPS
    return _BUILT.get(workload.kind, ())


def nodes(workload: Workload) -> int:
    """How many machines of its offer the workload is."""
    match workload:
        case GpuVm() | TrainingJob() | Pool():
            return workload.nodes
        case PersistentResource():
            return workload.most_nodes
        case TpuNode() | Notebook():
            return 1


def access(workload: Workload) -> tuple[str, ...]:
    """Who may log in."""
    match workload:
        case GpuVm() | TpuNode() | Notebook():
            return workload.access
        case TrainingJob() | PersistentResource() | Pool():
            return ()


def secrets(workload: Workload) -> Mapping[str, str]:
    """Environment variables whose values are secrets, by reference."""
    match workload:
        case GpuVm() | TpuNode() | TrainingJob():
            return workload.secrets
        case Notebook() | PersistentResource() | Pool():
            return {}


def data_of(workload: Workload) -> Mapping[str, str]:
    """The data sets that it uses, each with read or write."""
    match workload:
        case GpuVm() | TpuNode() | TrainingJob() | Notebook():
            return workload.data
        case PersistentResource() | Pool():
            return {}


def egress(workload: Workload) -> str:
    """Whether its machines may read data from another region: "allowed" or "refused"."""
    match workload:
        case GpuVm() | TpuNode() | TrainingJob() | Notebook():
            return workload.egress
        case PersistentResource() | Pool():
            return "refused"
