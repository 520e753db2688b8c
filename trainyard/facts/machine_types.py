"""The rows: machine types that bring their GPUs along, and what an N1 machine takes of which GPU."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from trainyard.facts.machine_shape import BundledSsd, OptionalSsd, Shape

_PD = ("pd-balanced", "pd-ssd")
_PD_AND_HYPERDISK = (*_PD, "hyperdisk-balanced")
_HYPERDISK = ("hyperdisk-balanced",)
_ALL = ("on-demand", "spot", "flex-start", "reserved")
_NOT_ON_DEMAND = ("spot", "flex-start", "reserved")
_NO_FLEX = ("on-demand", "spot", "reserved")
_SMALL_A3 = ("spot", "flex-start")
_DISKS_UNVERIFIED = ("boot_disks",)
_SSD_UNVERIFIED = ("boot_disks", "local_ssd")
_FAMILY_PAGE = "Compute Engine docs, Accelerator-optimized machine family"
_SSD_PAGE = "Compute Engine docs, About Local SSD disks: Choose a valid number of Local SSD disks (2026-04-14)"
_SOLD_PAGE = f"{_FAMILY_PAGE}, Consumption option availability by machine type, as dstackai/gpuhunt applies it"
_TOOLKIT = "GoogleCloudPlatform/cluster-toolkit 10470803 (2026-06-25)"


def built_in() -> Iterator[Shape]:
    """Every machine type that brings its GPUs along."""
    for rows in (_g2(), _g4(), _a2(), _a3(), _rdma()):
        yield from rows


def _g2() -> Iterator[Shape]:
    rows = ((4, 1, 1), (8, 1, 1), (12, 1, 1), (16, 1, 1), (24, 2, 2), (32, 1, 1), (48, 4, 4), (96, 8, 8))
    for vcpus, gpus, ssds in rows:
        yield Shape(
            machine_type=f"g2-standard-{vcpus}",
            family="g2",
            gpu_type="nvidia-l4",
            gpus=gpus,
            local_ssd=OptionalSsd(counts=(0, ssds)),
            boot_disks=_PD,
            capacities=_ALL,
            source=f"{_FAMILY_PAGE}; {_SSD_PAGE}",
            unverified=_DISKS_UNVERIFIED,
        )


def _g4() -> Iterator[Shape]:
    rows = ((6, 1, ()), (12, 1, (1,)), (24, 1, (2,)), (48, 1, (4,)), (96, 2, (8,)), (192, 4, (16,)), (384, 8, (32,)))
    for vcpus, gpus, ssds in rows:
        yield Shape(
            machine_type=f"g4-standard-{vcpus}",
            family="g4",
            gpu_type="nvidia-rtx-pro-6000",
            gpus=gpus,
            local_ssd=OptionalSsd(counts=(0, *ssds)),
            boot_disks=_HYPERDISK,
            capacities=_NO_FLEX,
            source=f"{_FAMILY_PAGE}; {_SSD_PAGE}; Compute Engine docs, About Flex-start VMs: not on G4",
            share=vcpus < 48,
            unverified=_DISKS_UNVERIFIED,
        )


def _a2() -> Iterator[Shape]:
    rows = (
        ("a2-highgpu-1g", 1, (0, 1, 2, 4, 8)),
        ("a2-highgpu-2g", 2, (0, 2, 4, 8)),
        ("a2-highgpu-4g", 4, (0, 4, 8)),
        ("a2-highgpu-8g", 8, (0, 8)),
        ("a2-megagpu-16g", 16, (0, 8)),
    )
    for machine_type, gpus, counts in rows:
        yield Shape(
            machine_type=machine_type,
            family=machine_type.rpartition("-")[0],
            gpu_type="nvidia-tesla-a100",
            gpus=gpus,
            local_ssd=OptionalSsd(counts=counts),
            boot_disks=_PD,
            capacities=_ALL,
            source=f"{_FAMILY_PAGE}; {_SSD_PAGE}",
            unverified=_DISKS_UNVERIFIED,
        )
    for gpus in (1, 2, 4, 8):
        yield Shape(
            machine_type=f"a2-ultragpu-{gpus}g",
            family="a2-ultragpu",
            gpu_type="nvidia-a100-80gb",
            gpus=gpus,
            local_ssd=BundledSsd(count=gpus),
            boot_disks=_PD,
            capacities=_ALL,
            source=_SSD_PAGE,
            unverified=_DISKS_UNVERIFIED,
        )


def _a3() -> Iterator[Shape]:
    for gpus in (1, 2, 4, 8):
        whole = gpus == 8
        yield Shape(
            machine_type=f"a3-highgpu-{gpus}g",
            family="a3-highgpu",
            gpu_type="nvidia-h100-80gb",
            gpus=gpus,
            local_ssd=BundledSsd(count=2 * gpus),
            boot_disks=_PD_AND_HYPERDISK,
            capacities=_ALL if whole else _SMALL_A3,
            fabric="gpudirect-tcpx" if whole else "none",
            source=f"{_SOLD_PAGE}; {_SSD_PAGE}",
            unverified=_DISKS_UNVERIFIED,
        )
    yield Shape(
        machine_type="a3-megagpu-8g",
        family="a3-megagpu",
        gpu_type="nvidia-h100-mega-80gb",
        gpus=8,
        local_ssd=BundledSsd(count=16),
        boot_disks=_PD_AND_HYPERDISK,
        capacities=_ALL,
        fabric="gpudirect-tcpxo",
        source=f"{_FAMILY_PAGE}; {_SSD_PAGE}; {_TOOLKIT}, A3 Mega blueprints",
        unverified=_DISKS_UNVERIFIED,
    )


def _rdma() -> Iterator[Shape]:
    rows = (
        ("a3-ultragpu-8g", "a3-ultragpu", "nvidia-h200-141gb"),
        ("a4-highgpu-8g", "a4-highgpu", "nvidia-b200"),
    )
    for machine_type, family, gpu_type in rows:
        yield Shape(
            machine_type=machine_type,
            family=family,
            gpu_type=gpu_type,
            gpus=8,
            local_ssd=BundledSsd(count=32),
            boot_disks=_HYPERDISK,
            capacities=_NOT_ON_DEMAND,
            fabric="roce",
            bound=True,
            source=f"{_SOLD_PAGE}; {_SSD_PAGE}; {_TOOLKIT}, A3 Ultra and A4 blueprints: hyperdisk, reservation-bound",
        )


@dataclass(frozen=True, kw_only=True)
class Attachable:
    """A GPU that N1 machines take: how many, and the largest machine for each count."""

    gpu_type: str
    chip: str
    most: tuple[tuple[int, int, int], ...]  # GPUs, vCPUs at most, memory in GiB at most


_ATTACH_PAGE = "Compute Engine docs, GPU machine types: N1 general-purpose machine series"
# P4 and P100 stand on that page without an end of sale; no stored page names one.
ATTACHABLE: dict[str, Attachable] = {
    each.gpu_type: each
    for each in (
        Attachable(gpu_type="nvidia-tesla-t4", chip="T4", most=((1, 48, 312), (2, 48, 312), (4, 96, 624))),
        Attachable(gpu_type="nvidia-tesla-p4", chip="P4", most=((1, 24, 156), (2, 48, 312), (4, 96, 624))),
        Attachable(
            gpu_type="nvidia-tesla-v100", chip="V100", most=((1, 12, 78), (2, 24, 156), (4, 48, 312), (8, 96, 624))
        ),
        # Four P100 go with 96 vCPUs and 624 GiB in most zones, with 64 and 208 in three: the smaller holds in all.
        Attachable(gpu_type="nvidia-tesla-p100", chip="P100", most=((1, 16, 104), (2, 32, 208), (4, 64, 208))),
    )
}
N1_GIB_PER_VCPU = {"standard": 3.75, "highmem": 6.5, "highcpu": 0.9}
_N1_SSDS = (0, 1, 2, 3, 4, 5, 6, 7, 8, 16, 24)


def attached(machine_type: str, gpu_type: str, gpus: int) -> Shape:
    """An N1 machine with GPUs attached; `machine.attach_error` says whether there is such a one."""
    return Shape(
        machine_type=machine_type,
        family="n1",
        gpu_type=gpu_type,
        gpus=gpus,
        local_ssd=OptionalSsd(counts=_N1_SSDS),
        boot_disks=("pd-balanced", "pd-ssd", "pd-standard"),
        capacities=_NO_FLEX,
        source=f"{_ATTACH_PAGE}; {_SSD_PAGE}",
        attached=True,
        unverified=("capacities",),
    )
