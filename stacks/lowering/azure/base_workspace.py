"""The workspace of Azure Machine Learning of a base stack, for training jobs and notebooks."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from components.azure.workspace import Workspace, WorkspaceArgs
from stacks.environment import Environment
from trainyard.settings.base_azure import AzureMadeWorkspace

_LONGEST_NAME = 33


def workspace(
    environment: Environment,
    group: pulumi.Input[str],
    tags: Mapping[str, str],
    made: AzureMadeWorkspace,
    options: pulumi.ResourceOptions,
) -> dict[str, pulumi.Input[str]]:
    """Register it with what it needs: its id, and that of the account that its jobs write their logs to."""
    azure = environment.azure
    if azure.tenant is None:
        message = "A workspace without a directory; the settings should have refused it."
        raise AssertionError(message)
    args = WorkspaceArgs(
        subscription=environment.azure_subscription,
        tenant=azure.tenant,
        resource_group=group,
        group_name=azure.resource_group,
        location=made.region,
        name=environment.stack[:_LONGEST_NAME],
        recover=made.recover,
        tags=tags,
        protect=environment.settings.environment.protect,
    )
    there = Workspace(f"{environment.stack}-learning", args, options)
    return {"id": there.workspace_id, "account_id": there.account_id}
