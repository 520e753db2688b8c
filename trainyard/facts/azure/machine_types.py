"""Azure's GPU sizes: what each brings, allows and is sold as, and why one is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

_ALL = ("on-demand", "spot", "reserved")
# These sizes reach their remote disks by SCSI, so that every NVMe disk is a local one.
NVME_PATTERN = "/dev/nvme*n1"
# cloud-init and the agent mount the temporary disk there: learn.microsoft.com, Local temporary storage on Linux
TEMP_DISK = "/mnt"


@dataclass(frozen=True, kw_only=True)
class Size:
    """What one size fixes; none can migrate live for certain, so all may be stopped by maintenance."""

    machine_type: str  # "Standard_ND96isr_H100_v5"
    family: str  # the series' own name
    chip: str
    gpus: int
    driver: str  # what drives the GPUs: "cuda", "grid" (NVIDIA's guest driver for virtual GPUs) or "rocm"
    nvme: int = 0  # local disks that come with the size, blank at each start
    temp_gib: int = 0  # of the one temporary disk
    data_disks: int  # at most
    infiniband: bool = False
    first_generation: bool = False  # whether images of the first generation boot, too
    trusted_launch: bool = True
    accelerated_networking: bool = True
    architecture: str = "x86_64"
    capacities: tuple[str, ...] = _ALL
    unverified: tuple[str, ...] = ()  # fields that no stored vendor page confirmed
    source: str


_PAGE = "learn.microsoft.com/azure/virtual-machines/sizes/gpu-accelerated"
_TRUSTED_PAGE = "learn.microsoft.com/azure/virtual-machines/trusted-launch (2025-04-21), Virtual machines sizes"
# No page says which sizes are sold as spot or take capacity reservations; both are asked of a subscription.
_UNVERIFIED = ("capacities",)


def _t4() -> Iterator[Size]:
    for vcpus, gpus, temp_gib, disks in ((4, 1, 176, 8), (8, 1, 352, 16), (16, 1, 352, 32), (64, 4, 2816, 32)):
        yield Size(
            machine_type=f"Standard_NC{vcpus}as_T4_v3",
            family="NCasT4_v3",
            chip="T4",
            gpus=gpus,
            driver="cuda",
            temp_gib=temp_gib,
            data_disks=disks,
            first_generation=True,
            unverified=_UNVERIFIED,
            source=f"{_PAGE}/ncast4v3-series (2024-07-31)",
        )


def _a10() -> Iterator[Size]:
    rows = (("36ads", 1, 1440, 16), ("36adms", 1, 2880, 32), ("72ads", 2, 2880, 32))
    for name, gpus, temp_gib, disks in rows:
        yield Size(
            machine_type=f"Standard_NV{name}_A10_v5",
            family="NVadsA10_v5",
            chip="A10",
            gpus=gpus,
            driver="grid",
            temp_gib=temp_gib,
            data_disks=disks,
            first_generation=True,
            unverified=_UNVERIFIED,
            source=f"{_PAGE}/nvadsa10v5-series (2024-07-31); Azure/azhpc-extensions, Nvidia-GPU-Linux-Resources.json "
            "(2024-12-13): GRID is NVadsA10_v5's only category",
        )


def _a100() -> Iterator[Size]:
    for vcpus, gpus, temp_gib, disks in ((24, 1, 64, 8), (48, 2, 128, 16), (96, 4, 256, 32)):
        yield Size(
            machine_type=f"Standard_NC{vcpus}ads_A100_v4",
            family="NC_A100_v4",
            chip="A100",
            gpus=gpus,
            driver="cuda",
            temp_gib=temp_gib,
            data_disks=disks,
            unverified=_UNVERIFIED,
            source=f"{_PAGE}/nca100v4-series (2024-07-31): new capacity goes to its successor only",
        )
    rows = (
        ("Standard_ND96asr_v4", "NDasrA100_v4", True, 6000, "ndasra100v4-series", _UNVERIFIED),
        ("Standard_ND96amsr_A100_v4", "NDm_A100_v4", True, 6400, "ndma100v4-series", _UNVERIFIED),
        # the size without "r" stands on no page: its letters say that it has no RDMA
        ("Standard_ND96ams_A100_v4", "NDm_A100_v4", False, 6400, "ndma100v4-series", (*_UNVERIFIED, "temp_gib")),
    )
    for machine_type, family, infiniband, temp_gib, page, unverified in rows:
        yield Size(
            machine_type=machine_type,
            family=family,
            chip="A100",
            gpus=8,
            driver="cuda",
            temp_gib=temp_gib,
            data_disks=32,
            infiniband=infiniband,
            trusted_launch=False,
            unverified=unverified,
            source=f"{_PAGE}/{page} (2024-07-31); {_TRUSTED_PAGE}: currently not supported",
        )


def _h100() -> Iterator[Size]:
    for name, gpus, temp_gib, disks in (("40ads", 1, 3576, 8), ("80adis", 2, 7152, 16)):
        yield Size(
            machine_type=f"Standard_NC{name}_H100_v5",
            family="NCads_H100_v5",
            chip="H100",
            gpus=gpus,
            driver="cuda",
            temp_gib=temp_gib,
            data_disks=disks,
            unverified=_UNVERIFIED,
            source=f"{_PAGE}/ncadsh100v5-series (2024-07-31)",
        )
    rows = (
        ("Standard_ND96isr_H100_v5", "ND-H100-v5", "H100", True, 32, "ndh100v5-series", _UNVERIFIED),
        ("Standard_ND96is_H100_v5", "ND-H100-v5", "H100", False, 32, "ndh100v5-series", (*_UNVERIFIED, "nvme")),
        ("Standard_ND96isr_H200_v5", "ND-H200-v5", "H200", True, 16, "nd-h200-v5-series", _UNVERIFIED),
    )
    for machine_type, family, chip, infiniband, disks, page, unverified in rows:
        yield Size(
            machine_type=machine_type,
            family=family,
            chip=chip,
            gpus=8,
            driver="cuda",
            nvme=8,
            temp_gib=1024,
            data_disks=disks,
            infiniband=infiniband,
            unverified=unverified,
            source=f"{_PAGE}/{page} (2025-09-02)",
        )


def _others() -> Iterator[Size]:
    yield Size(
        machine_type="Standard_ND40rs_v2",
        family="NDv2",
        chip="V100",
        gpus=8,
        driver="cuda",
        temp_gib=2948,
        data_disks=32,
        infiniband=True,
        unverified=_UNVERIFIED,
        source=f"{_PAGE}/ndv2-series (2024-09-17)",
    )
    for letters, infiniband in (("isr", True), ("is", False)):
        yield Size(
            machine_type=f"Standard_ND96{letters}_MI300X_v5",
            family="ND-MI300X-v5",
            chip="MI300X",
            gpus=8,
            driver="rocm",
            nvme=8,
            temp_gib=1000,
            data_disks=16,
            infiniband=infiniband,
            unverified=_UNVERIFIED if infiniband else (*_UNVERIFIED, "nvme"),
            source=f"{_PAGE}/ndmi300xv5-series (2024-08-01)",
        )


SIZES: dict[str, Size] = {
    row.machine_type: row for rows in (_t4(), _a10(), _a100(), _h100(), _others()) for row in rows
}
_ARM = "is arm64 with Grace CPUs and needs another image and topology: it is not built"
REFUSED = {
    "Standard_ND128isr_NDR_GB200_v6": f"ND GB200 v6 {_ARM}; take Standard_ND96isr_H200_v5",
    "Standard_ND128isr_GB300_v6": f"ND GB300 v6 {_ARM}; take Standard_ND96isr_H200_v5",
    "Standard_NCC40ads_H100_v5": (
        "NCCads H100 v5 is a confidential machine, which boots confidential images with a driver of its own: it is "
        "not built; take Standard_NC40ads_H100_v5"
    ),
}
REFUSED_CHIPS = {
    "GB200": REFUSED["Standard_ND128isr_NDR_GB200_v6"],
    "GB300": REFUSED["Standard_ND128isr_GB300_v6"],
}


def size(machine_type: str) -> Size:
    """The facts of a size; ValueError when it is refused or not known."""
    if found := SIZES.get(machine_type):
        return found
    known = f'"{machine_type}" is no GPU size of Azure that Trainyard knows; known are {", ".join(SIZES)}.'
    reason = REFUSED.get(machine_type)
    raise ValueError(f"{reason}." if reason else known)


def not_built(machine_type: str) -> str | None:
    """Why a gpu-vm of this size cannot be built; None when it can."""
    if machine_type in SIZES:
        return None
    return REFUSED.get(machine_type, "this size has no GPUs that Trainyard knows; leave machine_type out")


def sold_as(machine_type: str) -> tuple[str, ...]:
    """The names of the capacities that the size is sold as; empty where that is not known."""
    found = SIZES.get(machine_type)
    return found.capacities if found else ()


def no_infiniband(machine_type: str) -> str | None:
    """Why machines of this size cannot be joined to a fabric, with the way out; None when they can."""
    found = size(machine_type)
    if found.infiniband:
        return None
    with_it = sorted(row.machine_type for row in SIZES.values() if row.infiniband)
    same = [row.machine_type for row in SIZES.values() if row.infiniband and row.chip == found.chip]
    return (
        f'{machine_type} has no InfiniBand, which only sizes with an "r" have; take {" or ".join(same or with_it)}, or '
        "one node"
    )
