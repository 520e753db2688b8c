"""`kind: gpu-vm` on AWS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from components.aws.gpu_vm import GpuVm
from components.aws.gpu_vm_args import DataDiskUse, GpuVmArgs, RootVolume
from stacks.lowering.aws.node import node_user_data
from stacks.lowering.aws.under import Under
from stacks.placement import Placement
from trainyard.facts.aws.images import default_image, resolve_image, support_warning
from trainyard.facts.aws.machine import shape
from trainyard.settings.gpu_vm import GpuVm as GpuVmSettings


def gpu_vm(under: Under, placement: Placement, asked: GpuVmSettings) -> Mapping[str, Any]:
    """Register one machine, or a group of them."""
    args = _args(under, placement, asked)
    if placement.nodes > 1:
        from stacks.lowering.aws.gpu_group import gpu_group

        return gpu_group(under, placement, args, joined=asked.fabric != "none")
    vm = GpuVm(under.name(placement.workload), args, under.options)
    return {"instance": vm.instance_id, "login": vm.login_command}


def _args(under: Under, placement: Placement, asked: GpuVmSettings) -> GpuVmArgs:
    offer = placement.candidate.offer
    found = shape(offer.machine_type)
    image = resolve_image(asked.image) if asked.image else default_image(found)
    if warning := support_warning(image, under.environment.now.date()):
        pulumi.log.warn(f"{placement.workload}: {warning}")
    return GpuVmArgs(
        account=under.account,
        region=offer.region,
        zone_id=offer.zone,
        machine_type=offer.machine_type,
        image=image,
        ami=under.ami(image, offer.region),
        subnet_id=under.ids.subnet(offer.region, offer.zone),
        security_group_ids=(under.ids.security_group(offer.region),),
        instance_profile=under.identity.instance_profile,
        tags=under.tags(placement.workload),
        hard_end=under.hard_end,
        ends=under.ends[offer.region],
        user_data_base64=node_user_data(under, asked, region=offer.region, gpus=found.gpus, stores=found.stores),
        capacity=placement.candidate.capacity,
        root_volume=RootVolume(gib=asked.boot_disk.gib, kms_key=under.key(offer.region)),
        data_disks=tuple(
            DataDiskUse(name=name, volume_id=under.ids.data_set(name), write=use == "write")
            for name, use in asked.data.items()
            if under.data[name].kind == "disk"
        ),
        access=asked.access,
    )
