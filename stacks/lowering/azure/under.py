"""What every workload of a lease on Azure is registered under."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.azure.identity import NodeIdentity, identity_name
from components.bootstrap.soft_end_azure import SoftEndBlob
from stacks.environment import Environment
from stacks.lowering.azure.base import BaseIds
from stacks.lowering.azure.images import registry_host
from trainyard.facts.expiry import Expiry, format_time
from trainyard.facts.labels import encode
from trainyard.facts.lease_id import group_name, machine_name
from trainyard.settings.base_azure import AzureBase
from trainyard.settings.data_azure import AzureDataSet


@dataclass(frozen=True, kw_only=True)
class Under:
    """One lease: its times, its base, its nodes' identity, its options for children."""

    environment: Environment
    expiry: Expiry
    ids: BaseIds
    soft_end: SoftEndBlob | None
    identity: NodeIdentity
    options: pulumi.ResourceOptions
    granted: tuple[pulumi.Resource, ...] = ()  # what the identity may do; a job that starts at once waits for it

    @property
    def subscription(self) -> str:
        """The subscription."""
        return self.environment.azure_subscription

    @property
    def resource_group(self) -> str:
        """The name of the group that the base is in, and the lease too."""
        return self.environment.azure.resource_group

    @property
    def identity_id(self) -> str:
        """The full id of the nodes' identity, plain: it stands in user data."""
        group = f"/subscriptions/{self.subscription}/resourceGroups/{self.resource_group}"
        name = identity_name(self.environment.lease_id)
        return f"{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{name}"

    @property
    def base(self) -> AzureBase | None:
        """What the base stack says of Azure."""
        base = self.environment.settings.base_settings
        return base.azure if base else None

    @property
    def data(self) -> Mapping[str, AzureDataSet]:
        """The data sets of the base."""
        return self.base.data if self.base else {}

    def key(self, region: str) -> pulumi.Input[str] | None:
        """The base's key for the disks of the region, if it has one."""
        return self.ids.key(region) if self.base and region in self.base.keys else None

    @property
    def registry_hosts(self) -> tuple[str, ...]:
        """The host of the base's registry, plain: it stands in user data."""
        if self.base is None or self.base.registry is None:
            return ()
        return (registry_host(self.subscription, self.environment.settings.environment.base, self.base.registry),)

    @property
    def hard_end(self) -> str:
        """RFC 3339 in UTC."""
        return format_time(self.expiry.hard_end)

    def name(self, workload: str, node: int = 0) -> str:
        """The name of one of the workload's machines."""
        return machine_name(self.environment.lease_id, workload, node)

    def group_name(self, workload: str) -> str:
        """The name of the workload's scale set."""
        return group_name(self.environment.lease_id, workload)

    def tags(self, workload: str) -> dict[str, str]:
        """What every resource of the workload carries."""
        return encode("azure", self.environment.tags(workload, self.expiry))
