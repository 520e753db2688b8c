"""The data sets of a base stack on AWS, by name the word by which workloads use each: a bucket's name."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from components.aws.bucket import Bucket, BucketArgs
from trainyard.settings.data_aws import AwsDataSet, AwsExistingBucket, AwsMadeBucket


def data_sets(
    stack: str,
    account: str,
    tags: Mapping[str, str],
    data: Mapping[str, AwsDataSet],
    options: pulumi.ResourceOptions,
    *,
    protect: bool,
) -> dict[str, pulumi.Input[str]]:
    """Register those that are made here."""
    found: dict[str, pulumi.Input[str]] = {}
    for name, each in data.items():
        match each:
            case AwsExistingBucket(id=there):
                found[name] = there
            case AwsMadeBucket() as made:
                args = BucketArgs(
                    region=made.region,
                    name=f"{stack}-{name}-{account}",  # a bucket's name is of all the world
                    delete_after_days=made.delete_after_days,
                    tags=tags,
                    protect=protect,
                )
                found[name] = Bucket(f"{stack}-{name}", args, options).name
    return found
