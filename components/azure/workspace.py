"""An Azure Machine Learning workspace with what it needs: an account, a vault, insights, and a network of its own."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_azure_native as azure

from components.azure.resource_name import check_location
from components.azure.storage_account import StorageAccount, StorageAccountArgs
from components.azure.vault import vault
from trainyard.facts.azure.storage import worldwide_name


@dataclass(frozen=True, kw_only=True)
class WorkspaceArgs:
    """Jobs and notebooks of one location; a deleted workspace keeps its name for 14 days."""

    subscription: str
    tenant: str
    resource_group: pulumi.Input[str]
    group_name: str  # the same, plain: names of all the world are made of it
    location: str
    name: str
    registry: pulumi.Input[str] | None = None  # full id; images come from there without keys
    recover: bool = False  # a vault of this workspace was deleted within the last 90 days
    tags: Mapping[str, str] = field(default_factory=dict)
    protect: bool = True  # as the environment says

    def __post_init__(self) -> None:
        """ValueError for a location that is none, or a name that no workspace has."""
        check_location(self.location)
        if not re.fullmatch(r"[a-zA-Z0-9][a-zA-Z0-9_-]{2,32}", self.name):
            message = (
                f"{self.name!r} is no name of a workspace; allowed are 3 to 33 letters, digits, '-' and '_', a letter "
                "or digit first."
            )
            raise ValueError(message)


class Workspace(pulumi.ComponentResource):
    workspace_id: pulumi.Output[str]
    account_id: pulumi.Output[str]  # its own storage account, where jobs' logs go

    def __init__(self, name: str, args: WorkspaceArgs, opts: pulumi.ResourceOptions | None = None):
        super().__init__("trainyard:azure:Workspace", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self, protect=args.protect, delete_before_replace=True)
        place: dict[str, Any] = {"resource_group_name": args.resource_group, "location": args.location, "opts": child}
        unique = worldwide_name(args.subscription, args.group_name, args.location, args.name)
        account = StorageAccount(
            f"{name}-own",
            StorageAccountArgs(
                resource_group=args.resource_group,
                location=args.location,
                name=unique,
                containers=(),
                keep_versions_days=0,
                # A compute instance mounts the workspace's file share with the account's key:
                # learn.microsoft.com/azure/machine-learning/how-to-create-compute-instance, Prerequisites.
                shared_key=True,
                tags=args.tags,
                protect=args.protect,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        kept = vault(
            f"{name}-vault", vault_name=unique, tenant=args.tenant, recover=args.recover, tags=args.tags, **place
        )
        logs = azure.operationalinsights.Workspace(
            f"{name}-logs",
            workspace_name=args.name,
            sku={"name": "PerGB2018"},
            retention_in_days=30,
            tags=args.tags,
            **place,
        )
        insights = azure.applicationinsights.Component(
            f"{name}-insights",
            resource_name_=args.name,
            kind="web",
            application_type="web",
            workspace_resource_id=logs.id,
            ingestion_mode="LogAnalytics",
            tags=args.tags,
            **place,
        )
        workspace = azure.machinelearningservices.Workspace(
            f"{name}-workspace",
            workspace_name=args.name,
            kind="Default",
            sku={"name": "Basic", "tier": azure.machinelearningservices.SkuTier.BASIC},
            identity={"type": "SystemAssigned"},
            storage_account=account.id,
            key_vault=kept.id,
            application_insights=insights.id,
            container_registry=args.registry,
            system_datastores_auth_mode="Identity",
            # Computes lie in a network that Azure keeps, without public addresses; nobody reaches in from outside it.
            managed_network={"isolation_mode": "AllowInternetOutbound"},
            public_network_access="Enabled",  # of its API and studio, behind Entra ID
            v1_legacy_mode=False,
            tags=args.tags,
            **place,
        )
        self.workspace_id, self.account_id = workspace.id, account.id
        self.register_outputs({"workspace_id": self.workspace_id, "account_id": self.account_id})
