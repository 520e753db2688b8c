"""`kind: gpu-vm` on Azure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pulumi

from components.azure.gpu_vm import GpuVm
from components.azure.gpu_vm_args import BootDisk, DataDiskUse, GpuVmArgs
from stacks.lowering.azure.node import node_user_data
from stacks.lowering.azure.under import Under
from stacks.placement import Placement
from trainyard.facts.azure.images import default_image, resolve_image, support_warning
from trainyard.facts.azure.machine_types import size
from trainyard.settings.data_azure import zone_of_data
from trainyard.settings.gpu_vm import GpuVm as GpuVmSettings


def gpu_vm(under: Under, placement: Placement, asked: GpuVmSettings) -> Mapping[str, Any]:
    """Register one machine, or a group of them."""
    args = _args(under, placement, asked)
    if placement.nodes > 1:
        from stacks.lowering.azure.gpu_group import gpu_group

        return gpu_group(under, placement, args)
    vm = GpuVm(under.name(placement.workload), args, under.options)
    return {"instance": vm.instance_name, "login": vm.login_command}


def _args(under: Under, placement: Placement, asked: GpuVmSettings) -> GpuVmArgs:
    offer = placement.candidate.offer
    machine = size(offer.machine_type)
    image = resolve_image(asked.image or default_image(machine))
    if warning := support_warning(image, under.environment.now.date()):
        pulumi.log.warn(f"{placement.workload}: {warning}")
    azure = under.environment.azure
    disk, key = asked.boot_disk, under.key(offer.region)
    disks = [(name, use) for name, use in asked.data.items() if under.data[name].kind == "disk"] if asked.data else []
    zone = zone_of_data(under.data[disks[0][0]]) if disks else None
    return GpuVmArgs(
        subscription=under.subscription,
        resource_group=under.resource_group,
        location=offer.region,
        zone=None if zone is None else str(zone),  # a disk's machine lies in the disk's zone
        machine_type=offer.machine_type,
        image=image,
        subnet=under.ids.subnet(offer.region),
        identity=under.identity.id,
        ending_role=under.identity.ending_role,
        tags=under.tags(placement.workload),
        hard_end=under.hard_end,
        user_data=node_user_data(under, asked, machine),
        capacity=placement.candidate.capacity,
        boot_disk=BootDisk(gib=disk.gib, kind=disk.kind or BootDisk.kind, encryption_set=key),
        data_disks=tuple(
            DataDiskUse(name=name, disk=under.ids.data_set(name), write=use == "write") for name, use in disks
        ),
        encryption_at_host=azure.encryption_at_host,
        ssh_public_key=azure.ssh_key,
        access=asked.access,
        bastion=under.ids.bastion(offer.region),
        within_a_day=under.expiry.extend_to < timedelta(days=1),
    )
