"""What a candidate brings beside its accelerators: two that cost alike may differ in disks, interfaces and image."""

from __future__ import annotations

from dataclasses import dataclass

from trainyard.facts import machine
from trainyard.facts.aws import images as aws_images
from trainyard.facts.aws import machine as aws_machine
from trainyard.facts.azure import images as azure_images
from trainyard.facts.azure.machine_types import SIZES
from trainyard.facts.capacity import name
from trainyard.facts.fabric import FABRICS
from trainyard.facts.images import DEFAULT_IMAGE
from trainyard.facts.machine_shape import LOCAL_SSD_GIB, BundledSsd
from trainyard.facts.offer import Offer
from trainyard.facts.selection import Candidate
from trainyard.facts.tpu_slice import cannot_stop as slice_cannot_stop
from trainyard.settings.gpu_vm import GpuVm
from trainyard.settings.kinds import Workload
from trainyard.settings.tpu_node import TpuNode
from trainyard.settings.training_job import TrainingJob

_SERVICE = "the service's own"
_NOT_KNOWN = "not known"


@dataclass(frozen=True, kw_only=True)
class Shape:
    """One machine of a candidate, as people read it."""

    accelerators: str  # "8 H100 of 80 GiB, sxm"
    vcpus: int | None  # None: a TPU slice, which is priced whole
    memory_gib: int | None
    boot_disk: str  # "200 GiB pd-balanced"
    boot_gib: int | None  # None: the service's own
    boot_kind: str | None
    local_disks: str
    interfaces: str
    image: str
    cannot_stop: str | None  # why `at_limit: stop` ends it instead


def shape(workload: Workload, candidate: Candidate) -> Shape:
    """Of facts alone; what a managed service decides is said to be its own."""
    offer = candidate.offer
    boot, local, interfaces, image = _parts(workload, offer)
    gib, kind = _disk(boot)
    return Shape(
        accelerators=_accelerators(offer),
        vcpus=offer.vcpus,
        memory_gib=offer.memory_gib,
        boot_disk=boot,
        boot_gib=gib,
        boot_kind=kind,
        local_disks=local,
        interfaces=interfaces,
        image=image,
        cannot_stop=_cannot_stop(workload, candidate),
    )


def _accelerators(offer: Offer) -> str:
    chip = offer.accelerator
    form = "" if chip.form in ("tpu", "unverified") else f", {chip.form}"
    return f"{offer.accelerator_count:g} {chip.chip} of {chip.memory_gib} GiB{form}"


def _disk(words: str) -> tuple[int | None, str | None]:
    """Size and kind of "200 GiB pd-balanced"; none of a service's own disk, whose size is not ours to say."""
    match words.split():
        case [size, "GiB", kind, *_]:
            return int(size), kind
        case _:
            return None, None


def _parts(workload: Workload, offer: Offer) -> tuple[str, str, str, str]:
    """Boot disk, local disks, interfaces, image."""
    if isinstance(workload, TrainingJob):
        return _SERVICE, _SERVICE, _SERVICE, workload.container
    if isinstance(workload, TpuNode):
        return _of_tpu(workload)
    if not isinstance(workload, GpuVm):
        return _SERVICE, _SERVICE, _SERVICE, _SERVICE
    match offer.cloud:
        case "gcp":
            return _on_gcp(workload, offer)
        case "aws":
            return _on_aws(workload, offer)
        case "azure":
            return _on_azure(workload, offer)
        case _:
            return _NOT_KNOWN, _NOT_KNOWN, _NOT_KNOWN, _NOT_KNOWN


def _of_tpu(node: TpuNode) -> tuple[str, str, str, str]:
    generation = node.slice.generation
    if not generation.boot_disks:
        return _SERVICE, "none", _SERVICE, node.runtime_version or generation.runtime or _SERVICE
    disk = node.boot_disk
    kind = (disk.kind if disk else None) or generation.boot_disks[0]
    hosts = "" if node.slice.hosts == 1 else f" on each of {node.slice.hosts} hosts"
    image = node.image or f"{generation.image_family}"
    return f"{disk.gib if disk else 200} GiB {kind}{hosts}", "none", f"1 GVNIC{hosts}", image


def _on_gcp(vm: GpuVm, offer: Offer) -> tuple[str, str, str, str]:
    found = machine.shape_of(offer.machine_type, offer.accelerator.chip, offer.accelerator_count)
    ssds = found.local_ssd.count if isinstance(found.local_ssd, BundledSsd) else vm.local_ssd or 0
    fabric = FABRICS.get(found.fabric) if vm.nodes > 1 and vm.fabric != "none" else None
    further = {kind: fabric.nic_types.count(kind) for kind in dict.fromkeys(fabric.nic_types)} if fabric else {}
    interfaces = [f"1 {found.nic_type}", *(f"{count} {kind} ({found.fabric})" for kind, count in further.items())]
    return (
        f"{vm.boot_disk.gib} GiB {vm.boot_disk.kind or found.boot_disks[0]}",
        f"{ssds} SSDs of {LOCAL_SSD_GIB} GiB" if ssds else "none",
        " + ".join(interfaces),
        vm.image or DEFAULT_IMAGE,
    )


def _on_aws(vm: GpuVm, offer: Offer) -> tuple[str, str, str, str]:
    found = aws_machine.shape(offer.machine_type)
    joined = vm.nodes > 1 and vm.fabric != "none"
    efas = f" + {len(found.fabric_cards)} EFA" if joined and found.fabric_cards else ""
    return (
        f"{vm.boot_disk.gib} GiB gp3",
        f"{found.stores} NVMe of {found.store_gb} GB" if found.stores else "none",
        f"1 ENA{efas}",
        vm.image or aws_images.default_image(found).name,
    )


def _on_azure(vm: GpuVm, offer: Offer) -> tuple[str, str, str, str]:
    found = SIZES[offer.machine_type]
    local = [f"{found.nvme} NVMe" if found.nvme else "", f"{found.temp_gib} GiB temporary" if found.temp_gib else ""]
    nic = "1 accelerated" if found.accelerated_networking else "1"
    joined = vm.nodes > 1 and found.infiniband and vm.fabric != "none"
    return (
        f"{vm.boot_disk.gib} GiB {vm.boot_disk.kind or 'Premium_LRS'}",
        " + ".join(each for each in local if each) or "none",
        f"{nic} + InfiniBand" if joined else nic,
        vm.image or azure_images.default_image(found),
    )


def _cannot_stop(workload: Workload, candidate: Candidate) -> str | None:
    offer = candidate.offer
    if workload.kind in ("training-job", "persistent-resource"):
        return f"a {workload.kind} cannot be stopped and go on, so it is ended"
    if isinstance(workload, TpuNode):
        return slice_cannot_stop(workload.slice, name(candidate.capacity))
    if offer.cloud == "aws":
        return aws_machine.cannot_stop(offer.machine_type)
    return machine.cannot_stop(offer.cloud, offer.machine_type)
