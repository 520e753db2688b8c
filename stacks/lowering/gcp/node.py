"""What runs on every node that people log in to: its own end first, then what serves the workload."""

from __future__ import annotations

from functools import cache

import pulumi

from components.bootstrap.container_runtime import container_runtime
from components.bootstrap.data_mounts import DataMount, data_mounts
from components.bootstrap.driver_check import driver_check
from components.bootstrap.fragment import Fragment
from components.bootstrap.heartbeat import heartbeat
from components.bootstrap.node_end import SoftEndObject, node_end
from components.bootstrap.preemption_watch import preemption_watch
from components.bootstrap.scratch_disks import MOUNT_POINT as SCRATCH
from components.bootstrap.scratch_disks import scratch_disks
from components.bootstrap.secret_files import secret_files
from components.bootstrap.tpu_check import tpu_check
from components.bootstrap.user_data import user_data
from stacks.base_outputs import unknown
from stacks.lowering.gcp.under import Under
from trainyard.settings.data import kind_of
from trainyard.settings.gpu_vm import GpuVm
from trainyard.settings.notebook import Notebook
from trainyard.settings.tpu_node import TpuNode


def node_user_data(
    under: Under, asked: GpuVm | TpuNode, *, gpus: int = 0, ssds: int = 0, chips: int = 0
) -> pulumi.Input[str]:
    """The node's cloud-init document; unknown where its data's places are, in a preview without base."""
    fragments = node_fragments(under, asked, gpus=gpus, ssds=ssds, chips=chips)
    return unknown() if fragments is None else user_data(fragments)


def node_fragments(
    under: Under, asked: GpuVm | TpuNode, *, gpus: int = 0, ssds: int = 0, chips: int = 0
) -> tuple[Fragment, ...] | None:
    """`gpus` and TPU `chips` of the host, `ssds` to stripe; None where the places of its data are not known."""
    mounts = mounts_of(under, asked)
    if mounts is None:
        return None
    lease = under.environment.settings.lease
    hook = lease.hook if lease else None
    return _fragments(
        hard_end=under.hard_end,
        soft_end=under.soft_end,
        checkpoint_seconds=int(hook.checkpoint.total_seconds()) if hook else 0,
        lease=under.environment.lease_id,
        mounts=mounts,
        secrets=tuple(asked.secrets.items()),
        registries=under.registry_hosts,
        gpus=gpus,
        ssds=ssds,
        chips=chips,
    )


@cache  # most machines of a lease are alike
def _fragments(  # noqa: PLR0913 - one word a concern
    *,
    hard_end: str,
    soft_end: SoftEndObject | None,
    checkpoint_seconds: int,
    lease: str,
    mounts: tuple[DataMount, ...],
    secrets: tuple[tuple[str, str], ...],
    registries: tuple[str, ...],
    gpus: int,
    ssds: int,
    chips: int,
) -> tuple[Fragment, ...]:
    return (
        # The node's end comes first: nothing that fails on a node may keep it from ending.
        node_end(hard_end=hard_end, soft_end=soft_end, checkpoint_seconds=checkpoint_seconds),
        preemption_watch(),
        heartbeat(lease=lease),
        *([driver_check(accelerator_count=gpus)] if gpus else []),
        *([tpu_check(chips=chips)] if chips else []),
        *([scratch_disks(count=ssds)] if ssds else []),
        *([data_mounts(mounts, cache_folder=f"{SCRATCH}/data-cache" if ssds else None)] if mounts else []),
        *([secret_files(dict(secrets))] if secrets else []),
        container_runtime(gpus=gpus > 0, registries=registries),
    )


def mounts_of(under: Under, asked: GpuVm | TpuNode | Notebook) -> tuple[DataMount, ...] | None:
    """The workload's data sets as folders; None where their places are not known."""
    if asked.data and not under.ids.known:
        return None
    return tuple(_mount(under, name, use) for name, use in asked.data.items())


def _mount(under: Under, name: str, use: str) -> DataMount:
    kind = kind_of(under.data[name])
    source = name if kind == "disk" else str(under.ids.data[name])  # a disk is attached under its data set's name
    return DataMount(name=name, kind=kind, source=source, write=use == "write")
