"""What AWS's stores for data can be: sizes, steps and speeds, each with its source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class LustreType:
    """One way to have FSx for Lustre: what the file system lies on, its speeds and its sizes."""

    deployment: str  # "PERSISTENT_2"
    storage: str  # "SSD"
    throughputs: tuple[int, ...]  # MB/s per TiB; empty: it has one of its own, which is not asked for
    usual: int | None  # of them, where none is given
    sizes: Mapping[
        int | None, tuple[int, int]
    ]  # by throughput, None any other: the smallest in GiB, then its multiples
    backups: bool
    own_key: bool  # whether it can be encrypted with a key of one's own

    def size(self, throughput: int | None) -> tuple[int, int]:
        """The smallest size in GiB, and of how many GiB it has a multiple above."""
        return self.sizes.get(throughput, self.sizes[None])


# FSx API, CreateFileSystem, StorageCapacity: "For SCRATCH_2, PERSISTENT_2, and PERSISTENT_1 deployment types using SSD
# storage type, the valid values are 1200 GiB, 2400 GiB, and increments of 2400 GiB. For PERSISTENT_1 HDD file systems,
# valid values are increments of 6000 GiB for 12 MB/s/TiB file systems and increments of 1800 GiB for 40 MB/s/TiB";
# CreateFileSystemLustreConfiguration, PerUnitStorageThroughput. FSx for Lustre User Guide, "Encrypting data at rest":
# a persistent one takes a key, a scratch one has keys that FSx manages; "Working with backups": none of scratch ones.
_SSD: Final[Mapping[int | None, tuple[int, int]]] = {None: (1200, 2400)}
LUSTRE_TYPES: Final[Mapping[str, LustreType]] = {
    "persistent-2": LustreType(
        deployment="PERSISTENT_2",
        storage="SSD",
        throughputs=(125, 250, 500, 1000),
        usual=250,
        backups=True,
        own_key=True,
        sizes=_SSD,
    ),
    "persistent-1": LustreType(
        deployment="PERSISTENT_1",
        storage="SSD",
        throughputs=(50, 100, 200),
        usual=200,
        backups=True,
        own_key=True,
        sizes=_SSD,
    ),
    "persistent-1-hdd": LustreType(
        deployment="PERSISTENT_1",
        storage="HDD",
        throughputs=(12, 40),
        usual=40,
        sizes={12: (6000, 6000), None: (1800, 1800)},
        backups=True,
        own_key=True,
    ),
    "scratch-2": LustreType(
        deployment="SCRATCH_2", storage="SSD", throughputs=(), usual=None, backups=False, own_key=False, sizes=_SSD
    ),
}


def lustre_error(name: str, throughput: int | None, gib: int) -> str | None:
    """None when FSx for Lustre can be of this type, with this throughput (MB/s per TiB; None: the usual) and size."""
    kind = LUSTRE_TYPES.get(name)
    if kind is None:
        return f"FSx for Lustre has no {name}; give one of {', '.join(LUSTRE_TYPES)}."
    if throughput is not None and not kind.throughputs:
        return f"FSx for Lustre {name} has a throughput of its own, 200 MB/s per TiB; leave it out."
    throughput = kind.usual if throughput is None else throughput
    if throughput is not None and throughput not in kind.throughputs:
        allowed = ", ".join(map(str, kind.throughputs))
        return f"FSx for Lustre {name} has no {throughput} MB/s per TiB; give one of {allowed}."
    least, step = kind.size(throughput)
    if gib < least:
        return f"FSx for Lustre {name} has {least} GiB or more, {gib} were asked for; give {least}."
    if gib != least and gib % step:
        above = -(-gib // step) * step
        sizes = f"a multiple of {step}" if least == step else f"{least} GiB or a multiple of {step}"
        return f"FSx for Lustre {name} has {sizes}, {gib} were asked for; give {above}."
    return None


@dataclass(frozen=True, kw_only=True)
class VolumeType:
    """An EBS volume type; least and most of each, None where it is not chosen."""

    gib: tuple[int, int]
    iops: tuple[int, int] | None = None
    iops_per_gib: int = 0
    mib_per_s: tuple[int, int] | None = None
    needs_iops: bool = False


# EC2 API, CreateVolume: Size, Iops, Throughput; EBS User Guide, "Amazon EBS volume types" (read 2026-11-24).
VOLUME_TYPES: Final[Mapping[str, VolumeType]] = {
    "gp3": VolumeType(gib=(1, 65536), iops=(3000, 80000), iops_per_gib=500, mib_per_s=(125, 2000)),
    "io2": VolumeType(gib=(4, 65536), iops=(100, 256000), iops_per_gib=1000, needs_iops=True),
    "st1": VolumeType(gib=(125, 16384)),
}
_GP3_IOPS = 3000  # where none are given
_IOPS_PER_MIB = 4  # EBS User Guide, gp3: 0.25 MiB/s for each IOPS at most


def volume_error(name: str, gib: int, iops: int | None = None, mib_per_s: int | None = None) -> tuple[str, str] | None:
    """None when EBS has such a volume, else which of "gib", "iops" and "mib_per_s" is wrong, and why."""
    kind = VOLUME_TYPES[name]
    if not kind.gib[0] <= gib <= kind.gib[1]:
        return "gib", f"{name} has {kind.gib[0]} to {kind.gib[1]} GiB, {gib} were asked for; give a size between."
    if iops is None and kind.needs_iops:
        return (
            "iops",
            f"is missing: {name} has as many as are asked for; give {kind.iops[0] if kind.iops else 0} or more.",
        )
    for key, given, allowed in (("iops", iops, kind.iops), ("mib_per_s", mib_per_s, kind.mib_per_s)):
        if given is None:
            continue
        if allowed is None:
            return key, f"is not chosen with {name}; leave it out, or give type: gp3."
        if not allowed[0] <= given <= allowed[1]:
            return key, f"{name} has {allowed[0]} to {allowed[1]}, {given} were asked for; give a number between."
    if iops is not None and kind.iops and iops > max(kind.iops[0], gib * kind.iops_per_gib):
        most = max(kind.iops[0], gib * kind.iops_per_gib)
        return "iops", f"{name} of {gib} GiB has {most} at most, {iops} were asked for; give less, or more gib."
    if mib_per_s is not None and mib_per_s * _IOPS_PER_MIB > (iops or _GP3_IOPS):
        needed = mib_per_s * _IOPS_PER_MIB
        return "mib_per_s", f"{mib_per_s} need {needed} IOPS, there are {iops or _GP3_IOPS}; give iops: {needed}."
    return None
