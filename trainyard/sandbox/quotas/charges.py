"""What a thing uses of which quota, in the clouds' own names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from trainyard.sandbox.money.meter import Metered, metered
from trainyard.sandbox.money.prices import offers_of
from trainyard.servicer.values import reveal

if TYPE_CHECKING:
    from trainyard.sandbox.store import Thing

# cloud.google.com/compute/resource-usage: metric names of GPU quotas; attached ones first
_GOOGLE_CHIPS: Final[Mapping[str, str]] = {
    "nvidia-tesla-t4": "NVIDIA_T4_GPUS",
    "nvidia-tesla-p4": "NVIDIA_P4_GPUS",
    "nvidia-tesla-p100": "NVIDIA_P100_GPUS",
    "nvidia-tesla-v100": "NVIDIA_V100_GPUS",
    "a2-highgpu": "NVIDIA_A100_GPUS",
    "a2-megagpu": "NVIDIA_A100_GPUS",
    "a2-ultragpu": "NVIDIA_A100_80GB_GPUS",
    "a3-highgpu": "NVIDIA_H100_GPUS",
    "a3-megagpu": "NVIDIA_H100_MEGA_GPUS",
    "a3-ultragpu": "NVIDIA_H200_GPUS",
    "a4-highgpu": "NVIDIA_B200_GPUS",
    "g2-standard": "NVIDIA_L4_GPUS",
    "g4-standard": "NVIDIA_RTX_PRO_6000_GPUS",
}
# docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-quotas: vCPU quotas by bucket of instance types
_AMAZON_BUCKETS: Final[Mapping[str, str]] = {
    "p": "P",
    "g": "G and VT",
    "vt": "G and VT",
    "trn": "Trn",
    "inf": "Inf",
    "dl": "DL",
    "f": "F",
    "x": "X",
    "u": "High Memory",
}
_STANDARD: Final = "Standard (A, C, D, H, I, M, R, T, Z)"
_AMAZON_SIZES: Final[Mapping[str, int]] = {"nano": 1, "micro": 1, "small": 1, "medium": 1, "large": 2, "xlarge": 4}
# The portal's names of vCPU quotas by GPU family (recalled, not read on a vendor's page)
_AZURE_FAMILIES: Final[Mapping[str, str]] = {
    r"Standard_NC\d+as_T4_v3": "Standard NCASv3_T4 Family vCPUs",
    r"Standard_NC\d+ads_A100_v4": "Standard NCADS_A100_v4 Family vCPUs",
    r"Standard_NC\d+adi?s_H100_v5": "Standard NCadsH100v5 Family vCPUs",
    r"Standard_ND96am?sr?_A100_v4|Standard_ND96asr_v4": "Standard NDASv4_A100 Family vCPUs",
    r"Standard_ND96isr?_H100_v5": "Standard NDSH100v5 Family vCPUs",
    r"Standard_ND96isr_H200_v5": "Standard NDSH200v5 Family vCPUs",
    r"Standard_ND96isr?_MI300X_v5": "Standard NDISRMI300XV5 Family vCPUs",
    r"Standard_NV\d+adm?s_A10_v5": "Standard NVADSA10v5 Family vCPUs",
}


@dataclass(frozen=True, kw_only=True)
class Charge:
    cloud: str  # "gcp", "aws", "sagemaker", "azure", "azure-ml"
    metric: str
    place: str  # region or location; "" where the quota is the whole cloud's
    amount: float


def charges(thing: Thing) -> Iterator[Charge]:
    """What the thing uses while it is not gone, stopped or not."""
    what = metered(thing.type, thing.inputs)
    if what is None:
        return
    inputs = reveal(dict(thing.inputs))
    match thing.package:
        case "gcp":
            yield from _google(thing, what, inputs)
        case "aws":
            yield from _amazon(thing, what, inputs)
        case "azure-native":
            yield from _azure(thing, what, inputs)


def _google(thing: Thing, what: Metered, inputs: Mapping[str, Any]) -> Iterator[Charge]:
    region = thing.place.rpartition("-")[0] if thing.place.count("-") > 1 else thing.place

    def charge(metric: str, amount: float, place: str = region) -> Charge:
        return Charge(cloud="gcp", metric=metric, place=place, amount=amount)

    if what.kind == "disk":
        solid = what.shape.endswith(("pd-ssd", "pd-balanced"))
        size = inputs.get("size")
        yield charge("SSD_TOTAL_GB" if solid else "DISKS_TOTAL_GB", float(size) if isinstance(size, int | float) else 0)
    elif what.kind == "address":
        yield charge("STATIC_ADDRESSES", 1)
    elif what.kind == "machine" and thing.status != "stopped":
        # Spot and flex-start count as preemptible: cloud.google.com/compute/resource-usage, "Quotas for Spot VMs"
        apart = what.capacity in ("spot", "flex-start")
        prefix = "PREEMPTIBLE_" if apart else ""
        yield charge("INSTANCES", 1)
        for chip, count in _google_chips(what.shape, inputs):
            yield charge(prefix + chip, count)
            if not apart:
                yield charge("GPUS_ALL_REGIONS", count, "")


def _google_chips(machine_type: str, inputs: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    offers = offers_of("gcp", machine_type)
    family = _GOOGLE_CHIPS.get(machine_type.rpartition("-")[0])
    if family and offers:
        yield family, max(1.0, float(offers[0].accelerator_count))
        return
    for one in inputs.get("guestAccelerators") or ():
        chip = _GOOGLE_CHIPS.get(str(one.get("type", "")).rpartition("/")[2])
        if chip:
            yield chip, float(one.get("count") or 0)


def _amazon(thing: Thing, what: Metered, inputs: Mapping[str, Any]) -> Iterator[Charge]:
    region = re.sub(r"[a-z]$", "", thing.place)
    if what.kind == "managed machine":
        use = "notebook instance usage" if "notebook" in thing.type else "training job usage"
        use = f"spot {use}" if what.capacity == "spot" else use
        yield Charge(cloud="sagemaker", metric=f"{what.shape} for {use}", place=region, amount=what.count)
    elif what.kind == "machine" and thing.status != "stopped" and what.capacity != "reserved":
        family = re.match(r"[a-z]+", what.shape)
        bucket = _AMAZON_BUCKETS.get(family.group() if family else "", _STANDARD)
        spot = f"All {_spot_bucket(bucket, what.shape)} Spot Instance Requests"
        name = spot if what.capacity == "spot" else f"Running On-Demand {bucket} instances"
        yield Charge(cloud="aws", metric=name, place=region, amount=vcpus("aws", what.shape))


def _spot_bucket(bucket: str, machine_type: str) -> str:
    """Spot has P5 apart; which quota P6 counts in, no page that was read tells, so it stays with P5 here."""
    if bucket != "P":
        return bucket
    return "P4, P3 and P2" if machine_type.startswith(("p2", "p3", "p4")) else "P5"


def _azure(thing: Thing, what: Metered, inputs: Mapping[str, Any]) -> Iterator[Charge]:
    place = thing.place.replace(" ", "").lower()
    if what.kind not in ("machine", "managed machine") or thing.status == "stopped":
        return
    cloud = "azure-ml" if what.kind == "managed machine" else "azure"
    cores = vcpus("azure", what.shape)
    if what.capacity == "spot":
        yield Charge(cloud=cloud, metric="Total Regional Low-priority vCPUs", place=place, amount=cores)
        return
    yield Charge(cloud=cloud, metric="Total Regional vCPUs", place=place, amount=cores)
    if known := family(what.shape):
        yield Charge(cloud=cloud, metric=known, place=place, amount=cores)


def family(machine_type: str) -> str | None:
    """The quota of an Azure size's family; None where none is known."""
    for pattern, name in _AZURE_FAMILIES.items():
        if re.fullmatch(pattern, machine_type, re.IGNORECASE):
            return name
    return None


def vcpus(cloud: str, machine_type: str) -> int:
    """Of a machine type, by the offers or by what its name says."""
    offers = offers_of(cloud, machine_type)
    if offers and offers[0].vcpus:
        return offers[0].vcpus
    size = machine_type.rpartition(".")[2]
    many = re.fullmatch(r"(\d+)xlarge", size)
    if many:
        return 4 * int(many.group(1))
    named = re.match(r"[A-Za-z]+_[A-Za-z]+(\d+)", machine_type)
    return _AMAZON_SIZES.get(size) or (int(named.group(1)) if named else 1)


def metrics(cloud: str) -> tuple[str, ...]:
    """The quota names that are known of a cloud; SageMaker's are open: "<type> for training job usage"."""
    match cloud:
        case "gcp":
            chips = sorted(set(_GOOGLE_CHIPS.values()))
            both = [*chips, *(f"PREEMPTIBLE_{chip}" for chip in chips)]
            return (*both, "GPUS_ALL_REGIONS", "INSTANCES", "SSD_TOTAL_GB", "DISKS_TOTAL_GB", "STATIC_ADDRESSES")
        case "aws":
            buckets = sorted({*_AMAZON_BUCKETS.values(), _STANDARD})
            running = (f"Running On-Demand {bucket} instances" for bucket in buckets)
            spot = (each for bucket in buckets for each in (("P4, P3 and P2", "P5") if bucket == "P" else (bucket,)))
            return (*running, *(f"All {bucket} Spot Instance Requests" for bucket in spot))
        case "azure" | "azure-ml":
            total = ("Total Regional vCPUs", "Total Regional Low-priority vCPUs")
            return (*total, *dict.fromkeys(_AZURE_FAMILIES.values()))
        case _:
            return ()


CLOUDS: Final = ("gcp", "aws", "sagemaker", "azure", "azure-ml")
