"""The data sets of a base stack on Azure: each made, or taken as it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pulumi

from trainyard.facts.azure.storage import worldwide_name
from trainyard.settings.data_azure import (
    AzureDataSet,
    AzureExistingBucket,
    AzureExistingDisk,
    AzureExistingLustre,
    AzureMadeBucket,
    AzureMadeDisk,
    AzureMadeLustre,
)

_CONTAINER = "data"  # soft delete and versions are an account's, so each data set has an account of its own


@dataclass(frozen=True, kw_only=True)
class DataPlace:
    """What a base stack's data is made under."""

    stack: str
    subscription: str
    group: pulumi.Input[str]
    file_systems: Mapping[str, pulumi.Input[str]]  # by region: full id of the subnet for file systems
    tags: Mapping[str, str]
    protect: bool
    key: Callable[[str], pulumi.Input[str] | None]  # region -> full id of the disk encryption set there
    rehearsed: Callable[[str], str]  # an id as this run may use it
    options: pulumi.ResourceOptions


def data_set(place: DataPlace, name: str, data: AzureDataSet) -> pulumi.Input[str]:
    """The one word by which workloads use it: "<account>/<container>", a disk's full id, what is mounted."""
    match data:
        case AzureMadeBucket():
            return _bucket(place, name, data)
        case AzureMadeLustre():
            return _lustre(place, name, data)
        case AzureMadeDisk():
            return _disk(place, name, data)
        case AzureExistingBucket(id=there):
            return there
        case AzureExistingDisk(id=there):
            return place.rehearsed(there)
        case AzureExistingLustre(address=address):
            from components.azure.lustre import mount_of

            return mount_of(address)


def _bucket(place: DataPlace, name: str, data: AzureMadeBucket) -> pulumi.Output[str]:
    from components.azure.storage_account import StorageAccount, StorageAccountArgs

    args = StorageAccountArgs(
        resource_group=place.group,
        location=data.region,
        name=worldwide_name(place.subscription, place.stack, name),
        containers=(_CONTAINER,),
        delete_after_days=data.delete_after_days,
        tags=place.tags,
        protect=place.protect,
    )
    account = StorageAccount(f"{place.stack}-{name}", args, place.options)
    # Known once its container is.
    there_is = pulumi.Output.all(account.name, account.container_ids[_CONTAINER])
    return there_is.apply(lambda both: f"{both[0]}/{_CONTAINER}")


def _lustre(place: DataPlace, name: str, data: AzureMadeLustre) -> pulumi.Output[str]:
    from components.azure.lustre import Lustre, LustreArgs

    args = LustreArgs(
        resource_group=place.group,
        location=data.region,
        zone=str(data.zone),
        subnet=place.file_systems[data.region],
        tib=data.tib,
        mb_per_s_per_tib=data.mb_per_s_per_tib,
        tags=place.tags,
        protect=place.protect,
    )
    return Lustre(f"{place.stack}-{name}", args, place.options).mount


def _disk(place: DataPlace, name: str, data: AzureMadeDisk) -> pulumi.Output[str]:
    from components.azure.data_disk import DataDisk, DataDiskArgs

    args = DataDiskArgs(
        resource_group=place.group,
        location=data.region,
        zone=str(data.zone),
        gib=data.gib,
        iops=data.iops,
        mb_per_s=data.mb_per_s,
        disk_encryption_set=place.key(data.region),
        tags=place.tags,
        protect=place.protect,
    )
    return DataDisk(f"{place.stack}-{name}", args, place.options).disk_id
