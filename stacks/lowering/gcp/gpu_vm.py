"""`kind: gpu-vm` on Google Cloud."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from components.bootstrap.driver_check import driver_check
from components.bootstrap.fragment import Fragment
from components.bootstrap.node_end import SoftEndObject, node_end
from components.bootstrap.scratch_disks import scratch_disks
from components.bootstrap.user_data import user_data
from components.gcp.gpu_vm import GpuVm
from components.gcp.gpu_vm_args import BootDisk, GpuVmArgs
from stacks.lowering.gcp.under import Under
from stacks.placement import Placement
from trainyard.facts.images import DEFAULT_IMAGE, resolve_image
from trainyard.facts.machine import BundledSsd, shape_of
from trainyard.settings.gpu_vm import GpuVm as GpuVmSettings


def gpu_vm(under: Under, placement: Placement, asked: GpuVmSettings) -> Mapping[str, Any]:
    """Register one machine."""
    vm = GpuVm(under.name(placement.workload), _args(under, placement, asked), under.options)
    return {"instance": vm.instance_name, "login": vm.login_command}


def _args(under: Under, placement: Placement, asked: GpuVmSettings) -> GpuVmArgs:
    offer = placement.candidate.offer
    shape = shape_of(offer.machine_type, offer.accelerator.chip, offer.accelerator_count)
    ssds = shape.local_ssd.count if isinstance(shape.local_ssd, BundledSsd) else asked.local_ssd or 0
    return GpuVmArgs(
        project=under.project,
        zone=offer.zone,
        machine_type=offer.machine_type,
        gpu_type=shape.gpu_type,
        gpus=shape.gpus,
        image=resolve_image(asked.image or DEFAULT_IMAGE),
        subnetwork=under.ids.subnetwork(offer.region),
        service_account=under.service_account,
        labels=under.labels(placement.workload),
        hard_end=under.hard_end,
        user_data=user_data(_fragments(under.hard_end, under.soft_end, shape.gpus, ssds)),
        capacity=placement.candidate.capacity,
        boot_disk=BootDisk(gib=asked.boot_disk.gib, kind=asked.boot_disk.kind),
        local_ssd=asked.local_ssd,
        access=asked.access,
    )


@cache
def _fragments(hard_end: str, soft_end: SoftEndObject | None, gpus: int, ssds: int) -> tuple[Fragment, ...]:
    scratch = (scratch_disks(count=ssds),) if ssds else ()
    # The node's end comes first: nothing that fails on a node may keep it from ending.
    return (node_end(hard_end=hard_end, soft_end=soft_end), driver_check(accelerator_count=gpus), *scratch)
