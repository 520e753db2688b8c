"""The data sets of a base stack on AWS: each made, or taken as it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pulumi

from components.aws.bucket import Bucket, BucketArgs
from components.aws.data_disk import DataDisk, DataDiskArgs
from components.aws.lustre import Lustre, LustreArgs, mount_of
from components.aws.network import ExistingNetwork, Network
from components.aws.zone_name import zone_name
from trainyard.facts.places import region_of
from trainyard.settings.data_aws import (
    AwsDataSet,
    AwsExistingBucket,
    AwsExistingDisk,
    AwsExistingLustre,
    AwsMadeBucket,
    AwsMadeDisk,
    AwsMadeLustre,
)


@dataclass(frozen=True, kw_only=True)
class DataPlace:
    """What a base stack's data is made under."""

    stack: str
    account: str
    networks: Mapping[str, ExistingNetwork | Network]  # by region
    tags: Mapping[str, str]
    protect: bool
    key: Callable[[str], pulumi.Input[str] | None]  # region -> the key for what lies there
    options: pulumi.ResourceOptions
    invoke_options: pulumi.InvokeOptions


def data_set(place: DataPlace, name: str, data: AwsDataSet) -> pulumi.Input[str]:
    """The one word by which workloads use it: a bucket's name, a volume's id, what is mounted."""
    full = f"{place.stack}-{name}"
    match data:
        case AwsMadeBucket():
            bucket = BucketArgs(
                region=data.region,
                name=f"{full}-{place.account}",  # a bucket's name is of all the world
                delete_after_days=data.delete_after_days,
                kms_key=place.key(data.region),
                tags=place.tags,
                protect=place.protect,
            )
            return Bucket(full, bucket, place.options).name
        case AwsMadeLustre():
            return Lustre(full, _lustre(place, data), place.options).mount
        case AwsMadeDisk():
            return DataDisk(full, _disk(place, data), place.options).volume_id
        case AwsExistingBucket(id=there) | AwsExistingDisk(id=there):
            return there
        case AwsExistingLustre(id=there, zone=zone, mount_name=mount_name):
            return mount_of(there, region_of("aws", zone), mount_name)


def _lustre(place: DataPlace, data: AwsMadeLustre) -> LustreArgs:
    region = region_of("aws", data.zone)
    network = place.networks[region]
    return LustreArgs(
        region=region,
        subnet_id=network.subnet_ids[data.zone],
        vpc_id=network.vpc_id,
        machines=network.security_group_id,
        gib=data.gib,
        kind=data.type,
        mb_per_s_per_tib=data.mb_per_s_per_tib,
        backup_days=data.backup_days,
        kms_key=place.key(region),
        tags=place.tags,
        protect=place.protect,
    )


def _disk(place: DataPlace, data: AwsMadeDisk) -> DataDiskArgs:
    region = region_of("aws", data.zone)
    return DataDiskArgs(
        region=region,
        zone_id=data.zone,
        zone=zone_name(data.zone, region, place.invoke_options),
        gib=data.gib,
        kind=data.type,
        iops=data.iops,
        mib_per_s=data.mib_per_s,
        kms_key=place.key(region),
        tags=place.tags,
        protect=place.protect,
    )
