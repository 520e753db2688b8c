"""What every workload of a lease on Google Cloud is registered under."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi

from components.bootstrap.node_end import SoftEndObject
from components.gcp.persistent_resource import PersistentResource
from stacks.environment import Environment
from stacks.lowering.gcp.base import BaseIds
from trainyard.facts.expiry import Expiry, format_time
from trainyard.facts.labels import encode
from trainyard.facts.lease_id import group_name, machine_name
from trainyard.settings.base import ExistingRegistry, MadeRegistry
from trainyard.settings.data import DataSet


@dataclass(frozen=True, kw_only=True)
class Under:
    """One lease: its times, its base, its nodes' identity, its options for children."""

    environment: Environment
    expiry: Expiry
    ids: BaseIds
    soft_end: SoftEndObject | None
    service_account: pulumi.Input[str]  # email of the nodes' identity
    options: pulumi.ResourceOptions
    granted: tuple[pulumi.Resource, ...] = ()  # what the identity may do; a job that starts at once waits for it
    persistent_resources: dict[str, PersistentResource] = field(default_factory=dict)  # by workload, once registered

    @property
    def project(self) -> str:
        """The Google Cloud project."""
        return self.environment.gcp_project

    @property
    def data(self) -> Mapping[str, DataSet]:
        """The data sets of the base."""
        base = self.environment.settings.base_settings
        return base.gcp.data if base and base.gcp else {}

    def key(self, region: str) -> pulumi.Input[str] | None:
        """The base's key for what lies in the region, if it has one."""
        base = self.environment.settings.base_settings
        return self.ids.key(region) if base and base.gcp and region in base.gcp.keys else None

    @property
    def registry_hosts(self) -> tuple[str, ...]:
        """The host of the base's image registry, if it has one."""
        base = self.environment.settings.base_settings
        match base.gcp.registry if base and base.gcp else None:
            case MadeRegistry(location=location):
                return (f"{location}-docker.pkg.dev",)
            case ExistingRegistry(id=there):
                return (f"{there.split('/')[3]}-docker.pkg.dev",)
            case None:
                return ()

    @property
    def hard_end(self) -> str:
        """RFC 3339 in UTC."""
        return format_time(self.expiry.hard_end)

    def name(self, workload: str, node: int = 0) -> str:
        """The physical name of one of the workload's machines."""
        return machine_name(self.environment.lease_id, workload, node)

    def group_name(self, workload: str) -> str:
        """The physical name of the workload's group, and what its machines' names begin with."""
        return group_name(self.environment.lease_id, workload)

    def labels(self, workload: str) -> dict[str, str]:
        """What every resource of the workload carries."""
        return encode("gcp", self.environment.tags(workload, self.expiry))
