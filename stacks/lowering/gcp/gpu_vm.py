"""`kind: gpu-vm` on Google Cloud."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pulumi

from components.gcp.gpu_vm import GpuVm
from components.gcp.gpu_vm_args import BootDisk, DataDiskUse, GpuVmArgs
from stacks.lowering.gcp.node import node_user_data
from stacks.lowering.gcp.under import Under
from stacks.placement import Placement
from trainyard.facts.capacity import Capacity, FlexStart
from trainyard.facts.ends import BOUND_GPU_VM
from trainyard.facts.expiry import Expiry
from trainyard.facts.images import DEFAULT_IMAGE, resolve_image, support_warning
from trainyard.facts.machine import BundledSsd, shape_of
from trainyard.settings.data import kind_of
from trainyard.settings.gpu_vm import GpuVm as GpuVmSettings


def gpu_vm(under: Under, placement: Placement, asked: GpuVmSettings) -> Mapping[str, Any]:
    """Register one machine, or a group of them."""
    args = _args(under, placement, asked)
    if placement.nodes > 1 or isinstance(args.capacity, FlexStart):
        from stacks.lowering.gcp.gpu_group import gpu_group

        return {**gpu_group(under, placement, args), **_ends(args)}
    vm = GpuVm(under.name(placement.workload), args, under.options)
    return {"instance": vm.instance_name, "login": vm.login_command, **_ends(args)}


def _ends(args: GpuVmArgs) -> Mapping[str, str]:
    return {"ends_as": BOUND_GPU_VM} if args.bound else {}


def _args(under: Under, placement: Placement, asked: GpuVmSettings) -> GpuVmArgs:
    offer = placement.candidate.offer
    shape = shape_of(offer.machine_type, offer.accelerator.chip, offer.accelerator_count)
    image = resolve_image(asked.image or DEFAULT_IMAGE)
    if warning := support_warning(image, under.environment.now.date()):
        pulumi.log.warn(f"{placement.workload}: {warning}")
    ssds = shape.local_ssd.count if isinstance(shape.local_ssd, BundledSsd) else asked.local_ssd or 0
    return GpuVmArgs(
        project=under.project,
        zone=offer.zone,
        machine_type=offer.machine_type,
        gpu_type=shape.gpu_type,
        gpus=shape.gpus,
        image=image,
        subnetwork=under.ids.subnetwork(offer.region),
        service_account=under.service_account,
        labels=under.labels(placement.workload),
        hard_end=under.hard_end,
        user_data=node_user_data(under, asked, gpus=shape.gpus, ssds=ssds),
        capacity=placement.candidate.capacity,
        run_seconds=_run_seconds(under.expiry, placement.candidate.capacity),
        boot_disk=BootDisk(gib=asked.boot_disk.gib, kind=asked.boot_disk.kind, kms_key=under.key(offer.region)),
        data_disks=tuple(
            DataDiskUse(name=name, disk=under.ids.data_set(name), write=use == "write")
            for name, use in asked.data.items()
            if kind_of(under.data[name]) == "disk"
        ),
        local_ssd=asked.local_ssd,
        access=asked.access,
    )


def _run_seconds(expiry: Expiry, capacity: Capacity) -> int | None:
    """How long flex-start runs: from the latest start to the hard end, so that waiting counts."""
    if not isinstance(capacity, FlexStart):
        return None
    return (expiry.extend_to - capacity.max_wait) // timedelta(seconds=1)
