"""What runs on every node of AWS that people log in to: its own end first, then what serves the workload."""

from __future__ import annotations

from functools import cache

import pulumi

from components.bootstrap.container_runtime import container_runtime
from components.bootstrap.data_mounts_aws import DataMount, data_mounts
from components.bootstrap.driver_check import driver_check
from components.bootstrap.fragment import Fragment
from components.bootstrap.heartbeat_aws import heartbeat
from components.bootstrap.node_end import node_end
from components.bootstrap.preemption_watch_aws import preemption_watch
from components.bootstrap.scratch_disks import AWS_INSTANCE_STORE, AWS_MADE_BY_IMAGE, scratch_disks
from components.bootstrap.scratch_disks import MOUNT_POINT as SCRATCH
from components.bootstrap.secret_files_aws import secret_files
from components.bootstrap.soft_end_aws import SoftEndObject
from components.bootstrap.user_data_aws import user_data_base64
from stacks.base_outputs import unknown
from stacks.lowering.aws.under import Under
from trainyard.settings.gpu_vm import GpuVm


def node_user_data(under: Under, asked: GpuVm, *, region: str, gpus: int, stores: int) -> pulumi.Input[str]:
    """The node's cloud-init document, compressed; unknown where its data's places are, in a preview without base."""
    if asked.data and not under.ids.known:
        return unknown()
    lease = under.environment.settings.lease
    hook = lease.hook if lease else None
    fragments = _fragments(
        hard_end=under.hard_end,
        soft_end=under.soft_end,
        checkpoint_seconds=int(hook.checkpoint.total_seconds()) if hook else 0,
        lease=under.environment.lease_id,
        region=region,
        mounts=tuple(
            DataMount(name=name, kind=under.data[name].kind, source=str(under.ids.data_set(name)), write=use == "write")
            for name, use in asked.data.items()
        ),
        secrets=tuple(asked.secrets.items()),
        registries=under.registry_hosts,
        gpus=gpus,
        stores=stores,
    )
    return user_data_base64(fragments)


@cache  # most machines of a lease are alike
def _fragments(  # noqa: PLR0913 - one word a concern
    *,
    hard_end: str,
    soft_end: SoftEndObject | None,
    checkpoint_seconds: int,
    lease: str,
    region: str,
    mounts: tuple[DataMount, ...],
    secrets: tuple[tuple[str, str], ...],
    registries: tuple[str, ...],
    gpus: int,
    stores: int,
) -> tuple[Fragment, ...]:
    return (
        # The node's end comes first: nothing that fails on a node may keep it from ending.
        node_end(hard_end=hard_end, soft_end=soft_end, checkpoint_seconds=checkpoint_seconds),
        preemption_watch(),
        heartbeat(lease=lease, region=region),
        driver_check(accelerator_count=gpus),
        *([scratch_disks(count=stores, pattern=AWS_INSTANCE_STORE, made_by_image=AWS_MADE_BY_IMAGE)] if stores else []),
        *([data_mounts(mounts, cache_folder=f"{SCRATCH}/data-cache" if stores else None)] if mounts else []),
        *([secret_files(dict(secrets))] if secrets else []),
        container_runtime(gpus=True, registries=registries),
    )
