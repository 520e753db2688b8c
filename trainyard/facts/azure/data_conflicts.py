"""What a workload on Azure cannot do with a data set: kind of data × kind of workload × place × number of machines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from trainyard.facts.conflict_row import Conflict


@dataclass(frozen=True, kw_only=True)
class Used:
    """One data set in one workload."""

    kind: str  # "bucket", "lustre" or "disk"
    workload: str  # "gpu-vm"
    region: str  # of the data set
    zone: int | None = None  # of a disk
    nodes: int = 1
    regions: tuple[str, ...] = ()  # where the workload may go
    zones: Mapping[str, int] = field(default_factory=dict)  # the workload's other disks
    others: tuple[str, ...] = ()  # workloads of the same lease that use it as well


_DATASTORES = (
    "learn.microsoft.com/azure/machine-learning/concept-data, Datastore: blobs, files and Data Lake, no disk and no "
    "Managed Lustre (read 2026-11-24)"
)
_ZONAL = (
    "learn.microsoft.com/azure/virtual-machines/disks-types, Premium SSD v2 limitations: attached to zonal machines of "
    "its own zone only (read 2026-11-24)"
)
_ONE = "learn.microsoft.com/rest/api/compute/disks, maxShares: one machine unless it says more (read 2026-11-24)"
_ATTACH = (
    "learn.microsoft.com/rest/api/compute/virtual-machine-scale-sets, VirtualMachineScaleSetDataDisk: Empty, FromImage "
    "and Restore, never Attach (read 2026-11-24)"
)
_NETWORK = (
    "learn.microsoft.com/azure/azure-managed-lustre/amlfs-prerequisites, Network: clients in its virtual network or a "
    "peered one (read 2026-11-24)"
)


def data_conflicts(used: Used) -> Iterator[Conflict]:
    """Every row that stands against it."""
    if used.kind == "bucket":
        return
    what = "disk" if used.kind == "disk" else "Managed Lustre"
    if used.workload != "gpu-vm":
        verb = "attaches" if used.kind == "disk" else "mounts"
        yield Conflict(
            name="machine-learning-mounts-blobs",
            key="data",
            text=f"is a {what}, which no {used.workload} of Azure Machine Learning {verb}; name a bucket, or take a "
            "gpu-vm.",
            source=_DATASTORES,
        )
        return
    if any(region != used.region for region in used.regions):
        yield Conflict(
            name="a-disk-or-file-system-has-one-region",
            key="data",
            text=f"is a {what} in {used.region}, which machines of other regions do not reach: give where: "
            f"[{{ cloud: azure, regions: [{used.region}] }}].",
            source=_ZONAL if used.kind == "disk" else _NETWORK,
        )
    if used.kind == "disk":
        yield from _of_disk(used)


def _of_disk(used: Used) -> Iterator[Conflict]:
    for other, zone in used.zones.items():
        if zone != used.zone:
            yield Conflict(
                name="a-machine-lies-in-one-zone",
                key="data",
                text=f"is a disk in zone {used.zone}, and {other} one in zone {zone}: a machine lies in one; leave one "
                "of them out, or copy it to a disk of the other's zone.",
                source=_ZONAL,
            )
            return
    if used.nodes > 1:
        yield Conflict(
            name="a-scale-set-attaches-no-disk",
            key="data",
            text=f"is a disk that one machine attaches, not {used.nodes}; name a bucket or a Managed Lustre.",
            source=_ATTACH,
        )
    elif used.others:
        yield Conflict(
            name="a-disk-has-one-machine",
            key="data",
            text=f"is a disk that one machine attaches, and {', '.join(used.others)} uses it as well; name a bucket or "
            "a Managed Lustre.",
            source=_ONE,
        )
