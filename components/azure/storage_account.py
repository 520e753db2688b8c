"""A storage account with its containers: never public, opened by identities only, with versions and soft delete."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_azure_native as azure

from components.azure.resource_name import check_location
from trainyard.facts.azure.storage import SOFT_DELETE_DAYS, account_error, container_error


@dataclass(frozen=True, kw_only=True)
class StorageAccountArgs:
    """`subnets`: full ids; where some are given, only they and Azure's own services reach the account."""

    resource_group: pulumi.Input[str]
    location: str
    name: str  # of all the world: facts.azure.storage.worldwide_name
    containers: tuple[str, ...]
    keep_versions_days: int = 30  # older versions of a blob; 0 keeps none. Folders (`hierarchical`) have no versions
    soft_delete_days: int = 7  # 0: gone at once
    delete_after_days: int | None = None
    hierarchical: bool = False  # real folders: renames at once, for checkpoints
    zone_redundant: bool = False
    subnets: tuple[pulumi.Input[str], ...] = ()
    shared_key: bool = False  # only a workspace's own account needs it
    tags: Mapping[str, str] = field(default_factory=dict)
    protect: bool = True  # as the environment says

    def __post_init__(self) -> None:
        """ValueError for a location that is none, a name that no account or container has, or a number of no days."""
        check_location(self.location)
        for error in (account_error(self.name), *(container_error(name) for name in self.containers)):
            if error:
                raise ValueError(error)
        if self.soft_delete_days and self.soft_delete_days not in SOFT_DELETE_DAYS:
            message = (
                f"Deleted blobs cannot be kept for {self.soft_delete_days} days; give {SOFT_DELETE_DAYS[0]} to "
                f"{SOFT_DELETE_DAYS[-1]}, or 0."
            )
            raise ValueError(message)
        if self.keep_versions_days < 0 or (self.delete_after_days is not None and self.delete_after_days < 1):
            message = (
                f"keep_versions_days={self.keep_versions_days}, delete_after_days={self.delete_after_days}: versions "
                "are kept 0 days or more, blobs 1 or more."
            )
            raise ValueError(message)


class StorageAccount(pulumi.ComponentResource):
    id: pulumi.Output[str]
    name: pulumi.Output[str]
    container_ids: dict[str, pulumi.Output[str]]

    def __init__(self, name: str, args: StorageAccountArgs, opts: pulumi.ResourceOptions | None = None):
        super().__init__("trainyard:azure:StorageAccount", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self, protect=args.protect, delete_before_replace=True)
        versions = args.keep_versions_days > 0 and not args.hierarchical
        account = azure.storage.StorageAccount(
            f"{name}-account",
            account_name=args.name,
            resource_group_name=args.resource_group,
            location=args.location,
            kind="StorageV2",
            sku={"name": "Standard_ZRS" if args.zone_redundant else "Standard_LRS"},
            access_tier=azure.storage.AccessTier.HOT,
            is_hns_enabled=args.hierarchical,
            minimum_tls_version="TLS1_2",
            enable_https_traffic_only=True,
            allow_blob_public_access=False,
            allow_shared_key_access=args.shared_key,
            allow_cross_tenant_replication=False,
            allowed_copy_scope="AAD",
            default_to_o_auth_authentication=True,
            is_local_user_enabled=False,
            is_sftp_enabled=False,
            public_network_access="Enabled",
            network_rule_set=_network(args),
            tags=args.tags,
            opts=child,
        )
        inside: dict[str, Any] = {"account_name": account.name, "resource_group_name": args.resource_group}
        kept: Any = {"enabled": args.soft_delete_days > 0}
        if args.soft_delete_days:
            kept["days"] = args.soft_delete_days
        service = azure.storage.BlobServiceProperties(
            f"{name}-blobs",
            blob_services_name="default",
            is_versioning_enabled=versions,
            delete_retention_policy=kept,
            container_delete_retention_policy=kept,
            opts=child,
            **inside,
        )
        if rules := _rules(args, versions=versions):
            azure.storage.ManagementPolicy(
                f"{name}-lifecycle",
                management_policy_name="default",
                policy={"rules": rules},
                # A rule for versions is refused before they are switched on.
                opts=pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(depends_on=[service])),
                **inside,
            )
        self.id, self.name = account.id, account.name
        self.container_ids = {
            container: azure.storage.BlobContainer(
                f"{name}-{container}",
                container_name=container,
                public_access=azure.storage.PublicAccess.NONE,
                opts=child,
                **inside,
            ).id
            for container in args.containers
        }
        self.register_outputs({"id": self.id, "name": self.name, "container_ids": self.container_ids})


def _network(args: StorageAccountArgs) -> Any:
    if not args.subnets:
        return {"default_action": "Allow", "bypass": "AzureServices"}
    rules = [{"virtual_network_resource_id": subnet, "action": "Allow"} for subnet in args.subnets]
    return {"default_action": "Deny", "bypass": "AzureServices", "virtual_network_rules": rules}


def _rules(args: StorageAccountArgs, *, versions: bool) -> Any:
    actions: dict[str, dict[str, Any]] = {}
    if versions:
        actions["old-versions"] = {
            "version": {"delete": {"days_after_creation_greater_than": args.keep_versions_days}},
        }
    if args.delete_after_days is not None:
        actions["old-blobs"] = {
            "base_blob": {"delete": {"days_after_modification_greater_than": args.delete_after_days}},
        }
    return [
        {
            "name": name,
            "type": "Lifecycle",
            "enabled": True,
            "definition": {"actions": action, "filters": {"blob_types": ["blockBlob"]}},
        }
        for name, action in actions.items()
    ]
