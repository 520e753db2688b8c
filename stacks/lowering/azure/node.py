"""What runs on every node that people log in to on Azure: its own end first, then what serves the workload."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pulumi

from components.bootstrap.container_runtime import container_runtime
from components.bootstrap.data_mounts_azure import DataMount, data_mounts
from components.bootstrap.driver_check import driver_check
from components.bootstrap.fragment import Fragment
from components.bootstrap.heartbeat_azure import heartbeat
from components.bootstrap.node_end_azure import node_end
from components.bootstrap.preemption_watch_azure import preemption_watch
from components.bootstrap.registry_login_azure import registry_login
from components.bootstrap.scratch_disks import MOUNT_POINT as SCRATCH
from components.bootstrap.scratch_disks import scratch_disks
from components.bootstrap.secret_files_azure import secret_files
from components.bootstrap.soft_end_azure import SoftEndBlob
from components.bootstrap.user_data import user_data
from stacks.base_outputs import unknown
from stacks.lowering.azure.under import Under
from trainyard.facts.azure.machine_types import NVME_PATTERN, Size
from trainyard.settings.gpu_vm import GpuVm


def node_user_data(under: Under, asked: GpuVm, machine: Size) -> pulumi.Input[str]:
    """The node's cloud-init document; unknown where its data's places are, in a preview without base."""
    if asked.data and not under.ids.known:
        return unknown()
    lease = under.environment.settings.lease
    hook = lease.hook if lease else None
    return user_data(
        _fragments(
            hard_end=under.hard_end,
            soft_end=under.soft_end,
            identity=under.identity_id,
            checkpoint_seconds=int(hook.checkpoint.total_seconds()) if hook else 0,
            lease=under.environment.lease_id,
            mounts=tuple(_mounts(under, asked)),
            secrets=tuple(asked.secrets.items()),
            registries=under.registry_hosts,
            machine=machine,
        )
    )


def _mounts(under: Under, asked: GpuVm) -> Iterator[DataMount]:
    """A disk is found by its place among those that are attached, in the order of the settings."""
    places = iter(range(len(asked.data)))
    for name, use in asked.data.items():
        write = use == "write"
        match under.data[name].kind:
            case "bucket":
                yield DataMount(name=name, kind="blob", source=str(under.ids.data_set(name)), write=write)
            case "lustre":
                yield DataMount(name=name, kind="lustre", source=str(under.ids.data_set(name)), write=write)
            case "disk":
                yield DataMount(name=name, kind="disk", source=str(next(places)), write=write)


@cache  # most machines of a lease are alike
def _fragments(  # noqa: PLR0913 - one word a concern
    *,
    hard_end: str,
    soft_end: SoftEndBlob | None,
    identity: str,
    checkpoint_seconds: int,
    lease: str,
    mounts: tuple[DataMount, ...],
    secrets: tuple[tuple[str, str], ...],
    registries: tuple[str, ...],
    machine: Size,
) -> tuple[Fragment, ...]:
    nvidia = machine.driver != "rocm"
    # Without NVMe disks the folder lies on the temporary disk, which every size here has, mounted on /mnt.
    cache_folder = f"{SCRATCH}/data-cache"
    return (
        # The node's end comes first: nothing that fails on a node may keep it from ending.
        node_end(hard_end=hard_end, identity=identity, soft_end=soft_end, checkpoint_seconds=checkpoint_seconds),
        preemption_watch(),
        heartbeat(lease=lease),
        driver_check(accelerator_count=machine.gpus, wait_seconds=1800, maker="nvidia" if nvidia else "amd"),
        *([scratch_disks(count=machine.nvme, pattern=NVME_PATTERN)] if machine.nvme else []),
        *([data_mounts(mounts, identity=identity, cache_folder=cache_folder)] if mounts else []),
        *([secret_files(dict(secrets), identity=identity)] if secrets else []),
        *([registry_login(identity=identity)] if registries else []),
        container_runtime(gpus=nvidia, registries=registries),
    )
