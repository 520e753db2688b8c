"""What Google Cloud's stores for data can be: sizes, steps and places, each with its source."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class FilestoreTier:
    """A service tier of Filestore; capacities in GiB."""

    name: str  # as stack files write it
    api: str  # as the API does
    least_gib: int
    most_gib: int
    step_gib: int = 1
    step_from_gib: int = 0  # from here on only whole steps
    regional: bool = False
    source: str = "pulumi-gcp 10.2.0, filestore Instance.fileShares.capacityGb; Filestore docs, Service tiers"


_TIERS = (
    FilestoreTier(name="basic-hdd", api="BASIC_HDD", least_gib=1024, most_gib=65433),
    FilestoreTier(name="basic-ssd", api="BASIC_SSD", least_gib=2560, most_gib=65433),
    FilestoreTier(name="zonal", api="ZONAL", least_gib=1024, most_gib=102400, step_gib=2560, step_from_gib=10240),
    FilestoreTier(
        name="regional",
        api="REGIONAL",
        least_gib=1024,
        most_gib=102400,
        step_gib=2560,
        step_from_gib=10240,
        regional=True,
    ),
)
FILESTORE_TIERS = {tier.name: tier for tier in _TIERS}

# Managed Lustre docs, Performance tiers: MB/s per TiB -> the least capacity and its step in GiB, which are the same.
LUSTRE_STEPS_GIB = {1000: 9000, 500: 18000, 250: 36000, 125: 72000}
LUSTRE_MOST_GIB = 954_000  # pulumi-gcp speaks of 7,632,000 with the lowest throughput; the smaller bound holds for all

# Compute Engine docs, Hyperdisk size limits, in GiB. Persistent Disk is left to boot disks.
DATA_DISKS_GIB = {
    "hyperdisk-balanced": (4, 65536),
    "hyperdisk-ml": (4, 65536),
    "hyperdisk-throughput": (2048, 32768),
}

# Cloud Storage docs: soft-deleted objects are kept for 7 to 90 days, or not at all.
SOFT_DELETE_DAYS = range(7, 91)


def filestore_error(tier: FilestoreTier, location: str, gib: int) -> str | None:
    """None when an instance of this tier can be had there and so big, else the error."""
    zonal = location.count("-") == 2
    if tier.regional and zonal:
        return f'{tier.name} lies in a region; give location "{location.rpartition("-")[0]}".'
    if not tier.regional and not zonal:
        return f'{tier.name} lies in a zone; give a zone of {location}, for example "{location}-b".'
    if not tier.least_gib <= gib <= tier.most_gib:
        return f"{tier.name} has {tier.least_gib} to {tier.most_gib} GiB, {gib} were asked for; give a size between."
    if gib >= tier.step_from_gib > 0 and gib % tier.step_gib:
        above = -(-gib // tier.step_gib) * tier.step_gib
        return f"{tier.name} grows by {tier.step_gib} GiB from {tier.step_from_gib} on, {gib} is no step; give {above}."
    return None


def lustre_error(throughput: int, gib: int) -> str | None:
    """None when a file system of this throughput (MB/s per TiB) can be so big, else the error."""
    step = LUSTRE_STEPS_GIB.get(throughput)
    if step is None:
        allowed = ", ".join(str(each) for each in sorted(LUSTRE_STEPS_GIB))
        return f"Managed Lustre has no {throughput} MB/s per TiB; give one of {allowed}."
    if not step <= gib <= LUSTRE_MOST_GIB or gib % step:
        near = min(max(-(-gib // step) * step, step), LUSTRE_MOST_GIB // step * step)
        return (
            f"with {throughput} MB/s per TiB a Managed Lustre has a multiple of {step} GiB up to {LUSTRE_MOST_GIB}, "
            f"{gib} were asked for; give {near}."
        )
    return None


def data_disk_error(kind: str, gib: int) -> str | None:
    """None when a data disk of this kind can be so big, else the error."""
    if kind not in DATA_DISKS_GIB:
        return f'"{kind}" is no kind of data disk; give one of {", ".join(DATA_DISKS_GIB)}.'
    least, most = DATA_DISKS_GIB[kind]
    if not least <= gib <= most:
        return f"{kind} has {least} to {most} GiB, {gib} were asked for; give a size between."
    return None
