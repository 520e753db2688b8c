"""What Vertex AI's custom jobs run on: machines with their accelerators in the API's words, how bought, at which price.

Sources, as stored 2026: cloud.google.com/vertex-ai/docs/training (configure-compute, schedule-jobs-dws, use-spot-vms,
use-reservations) and Google's description of aiplatform.v1 (revision 20261106), whose list of accelerators ends with
TPU v5e: newer TPUs cannot be told to a job.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from trainyard.facts import machine
from trainyard.facts.price import Price, lacking
from trainyard.facts.tpu import of_slice_name

LACKS_FEE = "Vertex AI's own fee"
STRATEGIES: Mapping[str, str] = {  # by the name of a capacity
    "on-demand": "STANDARD",
    "spot": "SPOT",
    "flex-start": "FLEX_START",
    "reserved": "STANDARD",  # with the reservation named by the machine
}
_GPUS: Mapping[str, str] = {  # by machine family and size, or by the GPU attached to an N1
    "a2-highgpu": "NVIDIA_TESLA_A100",
    "a2-megagpu": "NVIDIA_TESLA_A100",
    "a2-ultragpu": "NVIDIA_A100_80GB",
    "a3-highgpu": "NVIDIA_H100_80GB",
    "a3-megagpu": "NVIDIA_H100_MEGA_80GB",
    "a3-ultragpu": "NVIDIA_H200_141GB",
    "a4-highgpu": "NVIDIA_B200",
    "g2-standard": "NVIDIA_L4",
    "nvidia-tesla-t4": "NVIDIA_TESLA_T4",
    "nvidia-tesla-v100": "NVIDIA_TESLA_V100",
    "nvidia-tesla-p100": "NVIDIA_TESLA_P100",
    "nvidia-tesla-p4": "NVIDIA_TESLA_P4",
}
# schedule-jobs-dws: "L4, A100, H100, H200, or B200 GPUs"
_FLEX = frozenset(_GPUS[family] for family in _GPUS if family.startswith(("a2-", "a3-", "a4-", "g2-")))
_V5E: Mapping[str, tuple[str, str]] = {
    "v5litepod-1": ("ct5lp-hightpu-1t", "1x1"),
    "v5litepod-4": ("ct5lp-hightpu-4t", "2x2"),
    "v5litepod-8": ("ct5lp-hightpu-8t", "2x4"),
}
_OLD_TPUS: Mapping[str, str] = {"v2-8": "TPU_V2", "v3-8": "TPU_V3"}  # on the machine type cloud-tpu, by cores


@dataclass(frozen=True, kw_only=True)
class JobMachine:
    """One replica's machine, as aiplatform.v1 MachineSpec tells it."""

    machine_type: str
    accelerator_type: str | None
    accelerator_count: int | None
    tpu_topology: str | None = None

    @property
    def is_tpu(self) -> bool:
        """Whether its accelerators are TPUs."""
        return self.tpu_topology is not None or (self.accelerator_type or "").startswith("TPU")


def job_machine(offered: str, gpu_type: str = "", gpus: int = 0) -> JobMachine:
    """The machine of an offer: "a3-highgpu-8g", "n1-standard-8" with its GPUs, "v5litepod-8"; ValueError for none."""
    if reason := not_built("gcp", offered):
        message = f"{offered}: {reason}."
        raise ValueError(message)
    if offered in _V5E:
        machine_type, topology = _V5E[offered]
        return JobMachine(
            machine_type=machine_type, accelerator_type=None, accelerator_count=None, tpu_topology=topology
        )
    if offered in _OLD_TPUS:
        return JobMachine(machine_type="cloud-tpu", accelerator_type=_OLD_TPUS[offered], accelerator_count=8)
    shape = machine.shape(offered, gpu_type, gpus)
    chip = _GPUS.get(offered.rpartition("-")[0]) or _GPUS[shape.gpu_type]
    return JobMachine(machine_type=offered, accelerator_type=chip, accelerator_count=shape.gpus)


def not_built(cloud: str, offered: str) -> str | None:
    """Why no job can run on this machine type or TPU slice; None when one can."""
    if cloud != "gcp":
        return f"training-job is not built yet on {cloud}, only on gcp"
    if offered in _V5E or offered in _OLD_TPUS:
        return None
    if generation := of_slice_name(offered):
        if generation.chip in ("v2", "v3", "v5e"):
            return f"a job on Vertex AI gets {generation.chip} on one host only: {', '.join((*_OLD_TPUS, *_V5E))}"
        if generation.chip == "v4":
            return "Google does not tell which machine type brings a job TPU v4 (kind tpu-node has it)"
        return f"Vertex AI's jobs cannot ask for TPU {generation.chip}: its API ends with v5e (kind tpu-node has it)"
    if offered.startswith("g4-"):
        return "no page of Google's says that Vertex AI's jobs run on G4 (kind gpu-vm has it)"
    return machine.not_built(cloud, offered)


def not_sold(offered: str, capacity: str) -> str | None:
    """Why a job on this type is not had as that capacity; None when it is, or nothing is known against it."""
    if capacity not in STRATEGIES:
        return f"Vertex AI's jobs are had as {', '.join(STRATEGIES)} only"
    if offered in _V5E or offered in _OLD_TPUS:
        if capacity == "on-demand":
            return None
        return f"Vertex AI's jobs have TPUs as on-demand only, not as {capacity}"
    family = offered.rpartition("-")[0]
    if capacity == "flex-start" and _GPUS.get(family) not in _FLEX:
        return "Vertex AI's jobs have flex-start for L4, A100, H100, H200 and B200 only"
    return machine.not_sold("gcp", offered, capacity)


def sold_as(offered: str) -> tuple[str, ...]:
    """The names of the capacities that a job on this type is had as."""
    return tuple(capacity for capacity in STRATEGIES if not_sold(offered, capacity) is None)


def with_fee(price: Price) -> Price:
    """Compute Engine's price as a job's, with what is not known of it said; an agreed price is whole."""
    return lacking(price, LACKS_FEE)
