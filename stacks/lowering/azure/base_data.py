"""The data sets of a base stack on Azure, by name the word by which workloads use each: "<account>/<container>"."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from components.azure.storage_account import StorageAccount, StorageAccountArgs
from stacks.environment import Environment
from trainyard.facts.azure.storage import worldwide_name
from trainyard.settings.data_azure import AzureDataSet, AzureExistingBucket, AzureMadeBucket

_CONTAINER = "data"  # soft delete and versions are an account's, so each data set has an account of its own


def data_sets(
    environment: Environment,
    group: pulumi.Input[str],
    tags: Mapping[str, str],
    data: Mapping[str, AzureDataSet],
    options: pulumi.ResourceOptions,
) -> dict[str, pulumi.Input[str]]:
    """Register those that are made here."""
    found: dict[str, pulumi.Input[str]] = {}
    for name, each in data.items():
        match each:
            case AzureExistingBucket(id=there):
                found[name] = there
            case AzureMadeBucket() as made:
                args = StorageAccountArgs(
                    resource_group=group,
                    location=made.region,
                    name=worldwide_name(environment.azure_subscription, environment.stack, name),
                    containers=(_CONTAINER,),
                    delete_after_days=made.delete_after_days,
                    tags=tags,
                    protect=environment.settings.environment.protect,
                )
                account = StorageAccount(f"{environment.stack}-{name}", args, options)
                # Known once its container is.
                there_is = pulumi.Output.all(account.name, account.container_ids[_CONTAINER])
                found[name] = there_is.apply(lambda both: f"{both[0]}/{_CONTAINER}")
    return found
