"""What a preview and `trainyard check` say first: whose machines nothing but the guard or a destroy may end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from stacks.placement import Placement
from trainyard.facts.capacity import name
from trainyard.facts.ends import CLOUD_TPU_NODE, independent_ends, late_end
from trainyard.settings.kinds import Workload
from trainyard.settings.tpu_node import TpuNode
from trainyard.settings.training_job import TrainingJob

_WHY: Mapping[str, str] = {
    "notebook": "Workbench holds no hard end: idleness and the node's own shutdown stop it, and only the guard or "
    "`pulumi destroy` ends it.",
    "persistent-resource": "A persistent resource bills while no job runs, holds no end in time, and nothing of ours "
    "runs on its machines: only the guard or `pulumi destroy` ends it.",
    "training-job": "The service itself ends it at its timeout; nothing of ours runs on its machines.",
    CLOUD_TPU_NODE: "The Cloud TPU API holds no hard end, and whether the node's own shutdown ends its billing is not "
    "proven: destroy the stack in time.",
}
_ELSE = "Destroy the stack in time."


def few_ends(workloads: Mapping[str, Workload], placements: Sequence[Placement]) -> Iterator[str]:
    """Which workloads have fewer than two ends that hold with neither guard nor pipeline alive, or a late one."""
    for each in placements:
        workload, capacity = workloads[each.workload], each.candidate.capacity
        if isinstance(workload, TrainingJob) and workload.runs_on is not None:
            continue  # it bills nothing: the machines are the persistent resource's, which is told itself
        kind = CLOUD_TPU_NODE if isinstance(workload, TpuNode) and workload.by_cloud_tpu(capacity) else workload.kind
        count = independent_ends(kind, each.candidate.offer.cloud, name(capacity))
        if count < 2:
            yield f"{each.workload}: {count} of 2 independent ends. {_WHY.get(kind, _ELSE)}"
        if late := late_end(kind, each.candidate.offer.cloud, name(capacity)):
            yield f"{each.workload}: {late}."
