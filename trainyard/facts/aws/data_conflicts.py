"""What a workload on AWS cannot do with a data set: kind of data × kind of workload × place × number of machines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from trainyard.facts.conflict_row import Conflict


@dataclass(frozen=True, kw_only=True)
class Used:
    """One data set in one workload."""

    kind: str  # "bucket", "lustre" or "disk"
    workload: str  # "gpu-vm"
    region: str  # of the data set
    zone: str | None = None  # its id, where it lies in one
    nodes: int = 1
    regions: tuple[str, ...] = ()  # where the workload may go
    zones: tuple[str, ...] = ()  # where its places name zones only
    others: tuple[str, ...] = ()  # workloads of the same lease that use it as well


_CHANNELS = (
    "SageMaker API, DataSource: S3DataSource, FileSystemDataSource (FSx for Lustre, EFS), and no volume of EBS "
    "(read 2026-11-24)"
)
_ATTACH = "EC2 API, AttachVolume: instance and volume in one Availability Zone (read 2026-11-24)"
_ONE = "EC2 API, AttachVolume: VolumeInUse; EBS User Guide, Multi-Attach: io1 and io2 alone (read 2026-11-24)"
_VPC = (
    "FSx for Lustre User Guide, File System Access Control with Amazon VPC: its VPC, and those peered with it (read "
    "2026-11-24)"
)


_REGION = (
    "SageMaker Developer Guide, Setting up training jobs to access datasets: data in the job's own Region (read "
    "2026-11-24)"
)


def data_conflicts(used: Used) -> Iterator[Conflict]:
    """Every row that stands against it."""
    match used.kind:
        case "disk":
            yield from _of_disk(used)
        case "lustre":
            yield from _of_file_system(used)
        case _:
            yield from _of_bucket(used)


def _of_bucket(used: Used) -> Iterator[Conflict]:
    if used.workload == "training-job" and any(region != used.region for region in used.regions):
        yield Conflict(
            name="a-job-has-data-of-its-region",
            key="data",
            text=f"is a bucket in {used.region}, and SageMaker's jobs have data of their own region only: give where: "
            f"[{{ cloud: aws, regions: [{used.region}] }}].",
            source=_REGION,
        )


def _of_file_system(used: Used) -> Iterator[Conflict]:
    if used.workload == "notebook":
        yield Conflict(
            name="no-file-system-in-a-notebook",
            key="data",
            text="is an FSx for Lustre, which no notebook here mounts; name a bucket, or take a gpu-vm.",
            source="SageMaker API, CreateNotebookInstance: no file system among its arguments (read 2026-11-24)",
        )
    elif any(region != used.region for region in used.regions):
        yield Conflict(
            name="a-file-system-has-one-vpc",
            key="data",
            text=f"is an FSx for Lustre in {used.region}, which machines of other regions do not reach: give where: "
            f"[{{ cloud: aws, regions: [{used.region}] }}].",
            source=_VPC,
        )


def _of_disk(used: Used) -> Iterator[Conflict]:
    if used.workload != "gpu-vm":
        yield Conflict(
            name="sagemaker-attaches-no-volume",
            key="data",
            text=f"is a disk, which no {used.workload} attaches; name a bucket or an FSx for Lustre.",
            source=_CHANNELS,
        )
        return
    if used.zones != (used.zone,):
        yield Conflict(
            name="a-volume-lies-in-one-zone",
            key="data",
            text=f"is a disk in {used.zone}; only machines there attach it: give where: "
            f"[{{ cloud: aws, zones: [{used.zone}] }}].",
            source=_ATTACH,
        )
    if used.nodes > 1 or used.others:
        by = f"and {', '.join(used.others)} uses it as well" if used.others else f"not {used.nodes}"
        yield Conflict(
            name="a-volume-has-one-machine",
            key="data",
            text=f"is a disk that one machine attaches, {by}; name a bucket or an FSx for Lustre.",
            source=_ONE,
        )
