"""Which of its cloud's quotas a machine counts in: spot in others than on-demand, managed services in their own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from trainyard.facts.machine import shape_of
from trainyard.facts.offer import Offer
from trainyard.facts.tpu import of_slice_name


@dataclass(frozen=True, kw_only=True)
class Quota:
    """A limit as the cloud tells it."""

    limit: float
    used: float | None  # None: the cloud's call does not tell


@dataclass(frozen=True, kw_only=True)
class QuotaNeed:
    """What one candidate takes of one quota."""

    service: str  # "gcp", "aws", "sagemaker", "azure", "azure-ml", or one whose quotas no call of ours reads
    metric: str  # as the cloud names it; on Azure "family" stands for the size's own
    place: str  # a region; "" where the quota is the project's
    amount: float
    machine_type: str
    code: str = ""  # Amazon's own
    unread: str | None = None  # why no call of ours reads it; None: one does


# Compute Engine API, Quota.metric (compute.v1, revision 20261106), by the name of the GPU type. Those with None have no
# metric there: Compute Engine docs, Allocation quotas, GPU quota: newer GPUs count by family, in gpus_per_gpu_family.
_GOOGLE: Mapping[str, str] = {
    "nvidia-l4": "NVIDIA_L4_GPUS",
    "nvidia-tesla-a100": "NVIDIA_A100_GPUS",
    "nvidia-a100-80gb": "NVIDIA_A100_80GB_GPUS",
    "nvidia-tesla-t4": "NVIDIA_T4_GPUS",
    "nvidia-tesla-p4": "NVIDIA_P4_GPUS",
    "nvidia-tesla-p100": "NVIDIA_P100_GPUS",
    "nvidia-tesla-v100": "NVIDIA_V100_GPUS",
}
_GOOGLE_FAMILIES: Mapping[str, str] = {
    "nvidia-h100-80gb": "NVIDIA_H100",
    "nvidia-h100-mega-80gb": "NVIDIA_H100_MEGA",
    "nvidia-h200-141gb": "NVIDIA_H200",
    "nvidia-b200": "NVIDIA_B200",
    "nvidia-rtx-pro-6000": "NVIDIA_RTX_PRO_6000",
}
_PREEMPTIBLE_ONLY = {"nvidia-h100-80gb": "PREEMPTIBLE_NVIDIA_H100_GPUS"}
_BY_FAMILY = "Compute Engine counts this GPU by its family, and its regions.get does not tell that quota"
_VERTEX = "Vertex AI counts its jobs in quotas of its own, which only Cloud Quotas tells"
_TPUS = "TPUs count by family or in the Cloud TPU API's own quotas, which regions.get does not tell"
# EC2 User Guide, EC2 instance type quotas: vCPUs by bucket; the codes as public lists of quotas have them (read
# 2026-11-24). In which spot quota P6 counts, those lists disagree.
_AMAZON: Mapping[str, tuple[str, str]] = {
    "g": ("L-DB2E81BA", "Running On-Demand G and VT instances"),
    "p": ("L-417A185B", "Running On-Demand P instances"),
}
_AMAZON_SPOT: Mapping[str, tuple[str, str]] = {
    "g": ("L-3819A6DF", "All G and VT Spot Instance Requests"),
    "p4": ("L-7212CCBC", "All P4, P3 and P2 Spot Instance Requests"),
    "p5": ("L-C4BD4855", "All P5 Spot Instance Requests"),
}
_AMAZON_P6_SPOT = "public lists disagree in which spot quota P6 counts"


def needs(kind: str, offer: Offer, way: str, nodes: int) -> tuple[QuotaNeed, ...]:
    """What `nodes` machines of an offer take, bought in one `way`; none for what is paid and counted in advance.

    A reservation or block took its quota when it was made.
    """
    if way in ("reserved", "block"):
        return ()
    match offer.cloud:
        case "gcp":
            return tuple(_google(kind, offer, way, nodes))
        case "aws":
            return tuple(_amazon(kind, offer, way, nodes))
        case "azure":
            return tuple(_azure(kind, offer, way, nodes))
        case _:
            return ()


def _google(kind: str, offer: Offer, way: str, nodes: int) -> Iterator[QuotaNeed]:
    """Spot and flex-start count as preemptible: Compute Engine docs, Allocation quotas, "Quotas for Spot VMs"."""
    apart = way in ("spot", "flex-start")
    if kind in ("training-job", "persistent-resource"):
        words = "custom_model_training_preemptible_*" if apart else "custom_model_training_*"
        yield _need(offer, "vertex", words, offer.accelerator_count * nodes, unread=_VERTEX)
        return
    if of_slice_name(offer.machine_type) is not None:
        yield _need(offer, "tpu", "tpus_per_tpu_family", offer.accelerator_count, unread=_TPUS)
        return
    found = shape_of(offer.machine_type, offer.accelerator.chip, offer.accelerator_count)
    amount = float(found.gpus * nodes)
    if not apart:
        yield _need(offer, "gcp", "GPUS_ALL_REGIONS", amount, place="")
    if metric := _GOOGLE.get(found.gpu_type):
        yield _need(offer, "gcp", f"PREEMPTIBLE_{metric}" if apart else metric, amount)
    elif apart and (only := _PREEMPTIBLE_ONLY.get(found.gpu_type)):
        yield _need(offer, "gcp", only, amount)
    else:
        family = _GOOGLE_FAMILIES.get(found.gpu_type, found.gpu_type)
        prefix = "preemptible_" if apart else ""
        yield _need(offer, "gcp", f"{prefix}gpus_per_gpu_family ({family})", amount, unread=_BY_FAMILY)


def _amazon(kind: str, offer: Offer, way: str, nodes: int) -> Iterator[QuotaNeed]:
    if kind != "gpu-vm":
        use = "notebook instance usage" if kind == "notebook" else "training job usage"
        spot = "spot " if way == "spot" else ""
        yield _need(offer, "sagemaker", f"ml.{offer.machine_type} for {spot}{use}", float(nodes))
        return
    series = re.match(r"[a-z]+\d?", offer.machine_type)
    first, number = (series[0][0], series[0][-1]) if series else ("", "")
    amount = float((offer.vcpus or 0) * nodes)
    if way != "spot":
        code, name = _AMAZON.get(first, ("", "Running On-Demand instances"))
        yield _need(offer, "aws", name, amount, code=code, unread=None if code else "its code is not known")
        return
    of_p = "p5" if number == "5" else "p4" if number in "234" else ""
    code, name = _AMAZON_SPOT.get(of_p if first == "p" else first, ("", "Spot Instance Requests"))
    yield _need(offer, "aws", name, amount, code=code, unread=None if code else _AMAZON_P6_SPOT)


def _azure(kind: str, offer: Offer, way: str, nodes: int) -> Iterator[QuotaNeed]:
    """Spot cores are one pool; Azure Machine Learning counts apart from machines: Azure ML docs, Manage quotas."""
    service = "azure" if kind == "gpu-vm" else "azure-ml"
    amount = float((offer.vcpus or 0) * nodes)
    if way == "spot":
        yield _need(offer, service, "lowPriorityCores", amount)
        return
    yield _need(offer, service, "cores", amount)
    yield _need(offer, service, "family", amount)


def _need(
    offer: Offer,
    service: str,
    metric: str,
    amount: float,
    *,
    place: str | None = None,
    code: str = "",
    unread: str | None = None,
) -> QuotaNeed:
    return QuotaNeed(
        service=service,
        metric=metric,
        place=offer.region if place is None else place,
        amount=amount,
        machine_type=offer.machine_type,
        code=code,
        unread=unread,
    )
