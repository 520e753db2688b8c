"""What a GPU machine type of Google Cloud fixes, as one row of facts."""

from __future__ import annotations

from dataclasses import dataclass

LOCAL_SSD_GIB = 375


@dataclass(frozen=True, kw_only=True)
class BundledSsd:
    """Local SSDs that come with the machine type: attached by the cloud itself, none more, none less."""

    count: int


@dataclass(frozen=True, kw_only=True)
class OptionalSsd:
    """Local SSDs that may be asked for, in these counts only; 0 is always one."""

    counts: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What a machine type fixes; every one ends at host maintenance, for GPUs cannot migrate."""

    machine_type: str
    family: str
    gpu_type: str  # the cloud's own name
    gpus: int  # devices that the machine sees; a share of one counts as 1
    local_ssd: BundledSsd | OptionalSsd
    boot_disks: tuple[str, ...]  # allowed kinds, the default first
    capacities: tuple[str, ...]  # names of what it is sold as
    source: str
    fabric: str = "none"  # between machines, in the words of `facts.fabric`
    attached: bool = False  # the GPUs are attached to a general machine type instead of coming with it
    share: bool = False  # a part of one GPU, as a vGPU with NVIDIA's guest driver
    bound: bool = False  # reserved means reservation-bound: the machine ends with its reservation
    unverified: tuple[str, ...] = ()  # fields that no stored vendor page confirmed
    nic_type: str = "GVNIC"
    architecture: str = "x86_64"
    on_host_maintenance: str = "TERMINATE"
