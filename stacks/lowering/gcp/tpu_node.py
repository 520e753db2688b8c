"""`kind: tpu-node` on Google Cloud: a host or slice of Compute Engine, or a node of the Cloud TPU API or its queue."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pulumi

from components.bootstrap.startup_script import startup_script
from components.gcp.gpu_vm_args import BootDisk, DataDiskUse
from components.gcp.tpu_machine_args import TpuMachineArgs
from components.gcp.tpu_node import TpuNode
from components.gcp.tpu_slice import TpuSlice
from components.gcp.tpu_vm import TpuVm, TpuVmArgs, accelerator, login_command, metadata
from stacks.base_outputs import unknown
from stacks.lowering.gcp.node import node_fragments, node_user_data
from stacks.lowering.gcp.under import Under
from stacks.placement import Placement
from trainyard.facts.capacity import Capacity, FlexStart, Queued, Reserved
from trainyard.facts.ends import CLOUD_TPU_NODE
from trainyard.facts.expiry import Expiry, format_time
from trainyard.facts.tpu_images import tpu_image
from trainyard.resources import QueuedTpu, QueuedTpuArgs
from trainyard.settings.data import kind_of
from trainyard.settings.tpu_node import TpuNode as TpuNodeSettings


def tpu_node(under: Under, placement: Placement, asked: TpuNodeSettings) -> Mapping[str, Any]:
    """Register the slice in whichever form its generation and capacity have."""
    capacity = placement.candidate.capacity
    if not asked.by_cloud_tpu(capacity):
        return _of_compute_engine(under, placement, asked)
    if isinstance(capacity, Queued):
        return _queued(under, placement, asked, capacity)
    if isinstance(capacity, Reserved):
        text = f"{placement.workload}: the Cloud TPU API takes no reservation's name; it uses the zone's own"
        pulumi.log.warn(f"{text}, not {capacity.id} by name.")
    return _node(under, placement, asked)


def _of_compute_engine(under: Under, placement: Placement, asked: TpuNodeSettings) -> Mapping[str, Any]:
    args = _machine_args(under, placement, asked)
    if args.slice.hosts > 1:
        group = TpuSlice(under.group_name(placement.workload), args, under.options)
        return {"group": group.group_name, "list": group.list_command, "login": group.login_command}
    host = TpuNode(under.name(placement.workload), args, under.options)
    return {"instance": host.instance_name, "login": host.login_command}


def _machine_args(under: Under, placement: Placement, asked: TpuNodeSettings) -> TpuMachineArgs:
    offer, capacity = placement.candidate.offer, placement.candidate.capacity
    return TpuMachineArgs(
        project=under.project,
        zone=offer.zone,
        slice=asked.slice,
        image=tpu_image(asked.slice.generation, asked.image),
        subnetwork=under.ids.subnetwork(offer.region),
        service_account=under.service_account,
        labels=under.labels(placement.workload),
        hard_end=under.hard_end,
        user_data=node_user_data(under, asked, chips=asked.slice.chips_per_host),
        capacity=capacity,
        run_seconds=_run_seconds(under.expiry, capacity),
        boot_disk=_boot_disk(under, asked, offer.region),
        data_disks=tuple(
            DataDiskUse(name=name, disk=under.ids.data_set(name), write=use == "write")
            for name, use in asked.data.items()
            if kind_of(under.data[name]) == "disk"
        ),
        access=asked.access,
    )


def _boot_disk(under: Under, asked: TpuNodeSettings, region: str) -> BootDisk:
    key, disk = under.key(region), asked.boot_disk
    return BootDisk(gib=disk.gib, kind=disk.kind, kms_key=key) if disk else BootDisk(kms_key=key)


def _node(under: Under, placement: Placement, asked: TpuNodeSettings) -> Mapping[str, Any]:
    offer = placement.candidate.offer
    args = TpuVmArgs(
        project=under.project,
        zone=offer.zone,
        slice=asked.slice,
        network=under.ids.network_id(),
        subnetwork=under.ids.subnetwork(offer.region),
        service_account=under.service_account,
        labels=under.labels(placement.workload),
        startup_script=_startup_script(under, asked),
        runtime_version=asked.runtime_version,
        capacity=placement.candidate.capacity,
    )
    node = TpuVm(under.name(placement.workload), args, under.options)
    return {"node": node.node_name, "state": node.state, "login": node.login_command, "ends_as": CLOUD_TPU_NODE}


def _queued(under: Under, placement: Placement, asked: TpuNodeSettings, capacity: Queued) -> Mapping[str, Any]:
    offer, of = placement.candidate.offer, asked.slice.generation
    own = under.name(placement.workload)
    queued = QueuedTpu(
        own,
        QueuedTpuArgs(
            project=under.project,
            zone=offer.zone,
            queued_resource_id=own,
            node_id=own,
            runtime_version=asked.runtime_version or of.runtime or "",
            network=under.ids.network_id(),
            subnetwork=under.ids.subnetwork(offer.region),
            service_account=under.service_account,
            labels=under.labels(placement.workload),
            metadata=metadata(_startup_script(under, asked)),
            spot=capacity.spot,
            guaranteed=not capacity.spot,
            reservation=capacity.reservation,
            # From the lease's start, which never moves: the same in every preview.
            valid_until=format_time(under.expiry.start + capacity.valid_until),
            **accelerator(asked.slice),
        ),
        under.options,
    )
    return {
        "queued": queued.id,
        "state": queued.state,
        "ends_as": CLOUD_TPU_NODE,
        "login": f"{login_command(under.project, offer.zone, own)} (once it is ACTIVE: pulumi refresh)",
    }


def _startup_script(under: Under, asked: TpuNodeSettings) -> pulumi.Input[str]:
    fragments = node_fragments(under, asked, chips=asked.slice.chips_per_host)
    return unknown() if fragments is None else startup_script(fragments)


def _run_seconds(expiry: Expiry, capacity: Capacity) -> int | None:
    """How long flex-start runs: from the latest start to the hard end, so that waiting counts."""
    if not isinstance(capacity, FlexStart):
        return None
    return (expiry.extend_to - capacity.max_wait) // timedelta(seconds=1)
