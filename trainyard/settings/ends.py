"""Which row of the table of ends a candidate falls under, and what a person is told first where too few ends hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from trainyard.facts.capacity import Reserved, name
from trainyard.facts.ends import BOUND_GPU_VM, CLOUD_TPU_NODE, independent_ends, late_end
from trainyard.facts.machine import SHAPES
from trainyard.facts.selection import Candidate
from trainyard.settings.kinds import Workload
from trainyard.settings.tpu_node import TpuNode
from trainyard.settings.training_job import TrainingJob

_WHY: Mapping[str, str] = {
    "persistent-resource": "A persistent resource bills while no job runs, holds no end in time, and nothing of ours "
    "runs on its machines: only the guard or `pulumi destroy` ends it.",
    "training-job": "The service itself ends it at its timeout; nothing of ours runs on its machines.",
    CLOUD_TPU_NODE: "The Cloud TPU API holds no hard end, and whether the node's own shutdown ends its billing is not "
    "proven: destroy the stack in time.",
    BOUND_GPU_VM: "The cloud ends it with its reservation, not with the lease: destroy the stack in time.",
}
_ONLY_US = "and only the guard or `pulumi destroy` ends it."
_NOTEBOOKS: Mapping[str, str] = {
    "gcp": f"Workbench holds no hard end: idleness and the node's own shutdown stop it, {_ONLY_US}",
    "aws": f"SageMaker holds no hard end of a notebook: idleness stops it, {_ONLY_US}",
    "azure": f"Azure Machine Learning holds no hard end of a compute instance: idleness stops it, {_ONLY_US}",
}
_ELSE = "Destroy the stack in time."


def ends_as(workload: Workload, candidate: Candidate) -> str:
    """The kind under which `facts.ends` tells how the candidate ends."""
    if isinstance(workload, TpuNode) and workload.by_cloud_tpu(candidate.capacity):
        return CLOUD_TPU_NODE
    if workload.kind == "gpu-vm" and candidate.offer.cloud == "gcp" and isinstance(candidate.capacity, Reserved):
        shape = SHAPES.get(candidate.offer.machine_type)
        if candidate.capacity.bound or (shape is not None and shape.bound):
            return BOUND_GPU_VM
    return workload.kind


def few_ends(named: str, workload: Workload, candidate: Candidate) -> Iterator[str]:
    """A line where fewer than two ends hold with neither guard nor pipeline alive, and one where an end comes late."""
    if isinstance(workload, TrainingJob) and workload.runs_on is not None:
        return  # it bills nothing: the machines are the persistent resource's, which is told itself
    kind, cloud, way = ends_as(workload, candidate), candidate.offer.cloud, name(candidate.capacity)
    count = independent_ends(kind, cloud, way)
    if count < 2:
        why = _NOTEBOOKS.get(cloud) if kind == "notebook" else _WHY.get(kind)
        yield f"{named}: {count} of 2 independent ends. {why or _ELSE}"
    if late := late_end(kind, cloud, way):
        yield f"{named}: {late}."
