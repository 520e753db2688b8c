"""What Azure's stores for data can be: names, sizes, steps, each with its source."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Final

# learn.microsoft.com/azure/azure-managed-lustre/create-file-system-portal, Throughput configurations:
# MB/s per TiB -> the least capacity and its step, which are the same, and the most, in TiB
LUSTRE_STEPS_TIB: Final = {40: (48, 768), 125: (16, 128), 250: (8, 128), 500: (4, 128)}
# …/azure-managed-lustre/amlfs-prerequisites, Network size requirements: up to so many TiB -> the longest prefix
_LUSTRE_SUBNETS: Final = ((16, 27), (40, 26), (92, 25), (196, 24), (400, 23))
# learn.microsoft.com/azure/storage/blobs/soft-delete-blob-overview
SOFT_DELETE_DAYS: Final = range(1, 366)
_ACCOUNT: Final = re.compile(r"[a-z0-9]{3,24}")
_CONTAINER: Final = re.compile(r"[a-z0-9](?:-?[a-z0-9]){2,62}")


@dataclass(frozen=True, kw_only=True)
class _PremiumV2:
    """learn.microsoft.com/azure/virtual-machines/disks-types, Premium SSD v2."""

    gib: range = range(1, 65537)
    least_iops: int = 3000
    most_iops: int = 80000
    iops_per_gib: int = 500
    least_mb_per_s: int = 125
    most_mb_per_s: int = 1200
    mb_per_s_per_iops: float = 0.25


PREMIUM_V2: Final = _PremiumV2()


def lustre_error(mb_per_s_per_tib: int, tib: int) -> str | None:
    """None when a file system of this throughput can be so big, else the error."""
    found = LUSTRE_STEPS_TIB.get(mb_per_s_per_tib)
    if found is None:
        allowed = ", ".join(str(each) for each in sorted(LUSTRE_STEPS_TIB))
        return f"Managed Lustre has no {mb_per_s_per_tib} MB/s per TiB; give one of {allowed}."
    step, most = found
    if step <= tib <= most and tib % step == 0:
        return None
    near = min(max(-(-tib // step) * step, step), most)
    return (
        f"with {mb_per_s_per_tib} MB/s per TiB a Managed Lustre has a multiple of {step} TiB up to {most}, {tib} were "
        f"asked for; give {near}."
    )


def lustre_prefix(tib: int) -> int:
    """The longest prefix of a subnet that holds a file system of so many TiB."""
    return next((prefix for most, prefix in _LUSTRE_SUBNETS if tib <= most), 22)


def data_disk_error(gib: int, iops: int | None, mb_per_s: int | None) -> str | None:
    """None when a Premium SSD v2 can be so, else the error."""
    disk = PREMIUM_V2
    if gib not in disk.gib:
        return f"A Premium SSD v2 has {disk.gib[0]} to {disk.gib[-1]} GiB, {gib} were asked for; give a size between."
    most = min(max(disk.least_iops, gib * disk.iops_per_gib), disk.most_iops)
    if iops is not None and not disk.least_iops <= iops <= most:
        return f"A Premium SSD v2 of {gib} GiB has {disk.least_iops} to {most} IOPS, {iops} were asked for."
    most = min(int((iops or disk.least_iops) * disk.mb_per_s_per_iops), disk.most_mb_per_s)
    if mb_per_s is not None and not disk.least_mb_per_s <= mb_per_s <= most:
        return (
            f"A Premium SSD v2 with {iops or disk.least_iops} IOPS has {disk.least_mb_per_s} to {most} MB/s, "
            f"{mb_per_s} were asked for; a quarter of its IOPS is the most."
        )
    return None


def worldwide_name(*words: str, longest: int = 24) -> str:
    """A name of letters and digits for what is named once in the world: readable first, then 8 hex of all words."""
    readable = re.sub(r"[^a-z0-9]", "", words[-1].lower())
    head = readable if readable[:1].isalpha() else f"a{readable}"
    return f"{head[: longest - 8]}{hashlib.sha256('/'.join(words).encode()).hexdigest()[:8]}"


def account_error(name: str) -> str | None:
    """None for a name that a storage account can have, else the error."""
    if _ACCOUNT.fullmatch(name):
        return None
    return f"{name!r} is no name of a storage account; allowed are 3 to 24 of a-z and 0-9."


def container_error(name: str) -> str | None:
    """None for a name that a container can have, else the error."""
    if _CONTAINER.fullmatch(name):
        return None
    return (
        f"{name!r} is no name of a container; allowed are 3 to 63 of a-z, 0-9 and single '-', a letter or digit first "
        "and last."
    )
