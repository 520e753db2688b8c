"""Google Cloud's GPU machine types: what each brings, allows and is sold as."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

LOCAL_SSD_GIB = 375
_PD = ("pd-balanced", "pd-ssd")
_PD_AND_HYPERDISK = (*_PD, "hyperdisk-balanced")
_HYPERDISK = ("hyperdisk-balanced",)
_ALL = ("on-demand", "spot", "flex-start", "reserved")
_NOT_ON_DEMAND = ("spot", "flex-start", "reserved")
_SMALL_A3 = ("spot", "flex-start")
_DISKS_UNVERIFIED = ("boot_disks",)
_SSD_UNVERIFIED = ("boot_disks", "local_ssd")
_FAMILY_PAGE = "Compute Engine docs, Accelerator-optimized machine family"
_SSD_PAGE = "Compute Engine docs, Add Local SSD disks: these series come with them"
_SOLD_PAGE = f"{_FAMILY_PAGE}, Consumption option availability by machine type, as dstackai/gpuhunt applies it"


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
    gpus: int
    local_ssd: BundledSsd | OptionalSsd
    boot_disks: tuple[str, ...]  # allowed kinds, the default first
    nics: int  # with the fabric's; one is enough without it
    capacities: tuple[str, ...]  # names of what it is sold as
    source: str
    unverified: tuple[str, ...] = ()  # fields that no stored vendor page confirmed
    built: bool = True  # whether Trainyard builds it yet
    nic_type: str = "GVNIC"
    architecture: str = "x86_64"
    on_host_maintenance: str = "TERMINATE"


def _g2() -> Iterable[Shape]:
    rows = ((4, 1, 1), (8, 1, 1), (12, 1, 1), (16, 1, 1), (24, 2, 2), (32, 1, 1), (48, 4, 4), (96, 8, 8))
    for vcpus, gpus, ssds in rows:
        yield Shape(
            machine_type=f"g2-standard-{vcpus}",
            family="g2",
            gpu_type="nvidia-l4",
            gpus=gpus,
            local_ssd=OptionalSsd(counts=(0, ssds)),
            boot_disks=_PD,
            nics=1,
            capacities=_ALL,
            source=_FAMILY_PAGE,
            unverified=_SSD_UNVERIFIED,
        )


def _a2() -> Iterable[Shape]:
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
            nics=1,
            capacities=_ALL,
            source=_FAMILY_PAGE,
            unverified=_SSD_UNVERIFIED,
        )
    for gpus in (1, 2, 4, 8):
        yield Shape(
            machine_type=f"a2-ultragpu-{gpus}g",
            family="a2-ultragpu",
            gpu_type="nvidia-a100-80gb",
            gpus=gpus,
            local_ssd=BundledSsd(count=gpus),
            boot_disks=_PD,
            nics=1,
            capacities=_ALL,
            source=_SSD_PAGE,
            unverified=_DISKS_UNVERIFIED,
        )


def _a3() -> Iterable[Shape]:
    for gpus in (1, 2, 4, 8):
        whole = gpus == 8
        yield Shape(
            machine_type=f"a3-highgpu-{gpus}g",
            family="a3-highgpu",
            gpu_type="nvidia-h100-80gb",
            gpus=gpus,
            local_ssd=BundledSsd(count=2 * gpus),
            boot_disks=_PD_AND_HYPERDISK,
            nics=5 if whole else 1,
            capacities=_ALL if whole else _SMALL_A3,
            source=_SOLD_PAGE,
            unverified=_DISKS_UNVERIFIED if whole else _SSD_UNVERIFIED,
        )
    yield Shape(
        machine_type="a3-megagpu-8g",
        family="a3-megagpu",
        gpu_type="nvidia-h100-mega-80gb",
        gpus=8,
        local_ssd=BundledSsd(count=16),
        boot_disks=_PD_AND_HYPERDISK,
        nics=9,
        capacities=_ALL,
        source=f"{_FAMILY_PAGE}; GoogleCloudPlatform/cluster-toolkit, disk_definitions and A3 Mega blueprints",
        unverified=_DISKS_UNVERIFIED,
    )


def _known_only() -> Iterable[Shape]:
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
            nics=10,
            capacities=_NOT_ON_DEMAND,
            source=_SOLD_PAGE,
            built=False,
        )


SHAPES: dict[str, Shape] = {
    shape.machine_type: shape for rows in (_g2(), _a2(), _a3(), _known_only()) for shape in rows
}


def shape(machine_type: str) -> Shape:
    """The facts of a Google Cloud machine type; ValueError when there are none."""
    if found := SHAPES.get(machine_type):
        return found
    message = f'"{machine_type}" is no GPU machine type that Trainyard knows; known are {", ".join(SHAPES)}.'
    raise ValueError(message)


def not_built(cloud: str, machine_type: str) -> str | None:
    """Why a gpu-vm of this type cannot be built yet; None when it can."""
    if cloud != "gcp":
        return f"gpu-vm is not built yet on {cloud}, only on gcp"
    found = SHAPES.get(machine_type)
    if found and found.built:
        return None
    return "this family is not built yet; G2, A2, A3 High and A3 Mega are"


def not_sold(cloud: str, machine_type: str, capacity: str) -> str | None:
    """Why the cloud does not sell this type as that capacity; None when it does or nothing is known against it."""
    found = SHAPES.get(machine_type) if cloud == "gcp" else None
    if found is None or capacity in found.capacities:
        return None
    return f"not sold as {capacity}, only as {', '.join(found.capacities)}"


def cannot_stop(cloud: str, machine_type: str) -> str | None:
    """Why `at_limit: stop` ends such a machine instead; None when it can be stopped and started again."""
    found = SHAPES.get(machine_type) if cloud == "gcp" else None
    if found and isinstance(found.local_ssd, BundledSsd):
        return f"{machine_type} loses its {found.local_ssd.count} bundled local SSDs at a stop, so it is ended"
    return None


def local_ssd_error(found: Shape, count: int) -> str | None:
    """None when this many local SSDs can be had, else the error."""
    match found.local_ssd:
        case BundledSsd(count=bundled):
            if count == bundled:
                return None
            return (
                f"{found.machine_type} always has {bundled} local SSDs of {LOCAL_SSD_GIB} GiB, {count} were asked for; "
                f"leave local_ssd out."
            )
        case OptionalSsd(counts=counts):
            if count in counts:
                return None
            allowed = ", ".join(str(number) for number in counts)
            return f"{found.machine_type} takes {allowed} local SSDs, {count} were asked for; give one of these counts."


def boot_disk_error(found: Shape, kind: str) -> str | None:
    """None when the machine type boots from this kind of disk, else the error."""
    if kind in found.boot_disks:
        return None
    return (
        f'{found.machine_type} cannot boot from "{kind}"; allowed are {", ".join(found.boot_disks)}; '
        f"leave the kind out for {found.boot_disks[0]}."
    )
