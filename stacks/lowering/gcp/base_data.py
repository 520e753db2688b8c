"""A base stack's data sets on Google Cloud: each made, or taken as it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pulumi

from components.gcp.bucket import Bucket, BucketArgs
from components.gcp.data_disk import DataDisk, DataDiskArgs
from components.gcp.filestore import Filestore, FilestoreArgs
from components.gcp.lustre import Lustre, LustreArgs
from trainyard.settings.data import (
    DataSet,
    ExistingBucket,
    ExistingDisk,
    ExistingFilestore,
    ExistingLustre,
    MadeBucket,
    MadeDisk,
    MadeFilestore,
    MadeLustre,
)


@dataclass(frozen=True, kw_only=True)
class DataPlace:
    """What a base stack's data is made under."""

    stack: str
    project: str
    network: pulumi.Input[str]
    labels: dict[str, str]
    protect: bool
    key: Callable[[str], pulumi.Input[str] | None]  # location -> the key for what lies there
    rehearsed: Callable[[str], str]  # an id as this run may use it
    first: pulumi.ResourceOptions  # what any of it waits for
    reached: pulumi.ResourceOptions  # what is reached inside of the network waits for its connection as well


def data_set(place: DataPlace, name: str, data: DataSet) -> pulumi.Input[str]:
    """The one word by which workloads use it: a bucket's name, a disk's id, what is mounted."""
    full = f"{place.stack}-{name}"
    match data:
        case MadeBucket():
            return Bucket(full, _bucket(place, name, data), place.first).name
        case MadeDisk():
            args = DataDiskArgs(
                project=place.project,
                zone=data.zone,
                gib=data.gib,
                kind=data.type,
                kms_key=place.key(data.zone.rpartition("-")[0]),
                labels=place.labels,
                protect=place.protect,
            )
            return DataDisk(full, args, place.first).disk_id
        case MadeFilestore():
            return Filestore(full, _filestore(place, data), place.reached).mount
        case MadeLustre():
            lustre = LustreArgs(
                project=place.project,
                zone=data.zone,
                network=place.network,
                gib=data.gib,
                mb_per_s_per_tib=data.mb_per_s_per_tib,
                kms_key=place.key(data.zone.rpartition("-")[0]),
                labels=place.labels,
                protect=place.protect,
            )
            return Lustre(full, lustre, place.reached).mount
        case ExistingBucket(id=bucket):
            return bucket
        case ExistingDisk(id=disk):
            return place.rehearsed(disk)
        case ExistingFilestore(mount=mount) | ExistingLustre(mount=mount):
            return mount


def _bucket(place: DataPlace, name: str, data: MadeBucket) -> BucketArgs:
    return BucketArgs(
        project=place.project,
        name=f"{place.project}-{name}",  # a bucket's name is the world's: the project's own is taken by nobody else
        location=data.location,
        keep_versions=data.keep_versions,
        soft_delete_days=data.soft_delete_days,
        delete_after_days=data.delete_after_days,
        hierarchical=data.hierarchical,
        kms_key=place.key(data.location.lower()),
        labels=place.labels,
        protect=place.protect,
    )


def _filestore(place: DataPlace, data: MadeFilestore) -> FilestoreArgs:
    region = data.location.rpartition("-")[0] if data.location.count("-") == 2 else data.location
    return FilestoreArgs(
        project=place.project,
        location=data.location,
        network=place.network,
        tier=data.tier,
        gib=data.gib,
        kms_key=place.key(region),
        labels=place.labels,
        protect=place.protect,
    )
