"""A base stack on Azure, and what a compute stack takes from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network
from typing import Any

import pulumi

from components.azure.network import ExistingNetwork, LocationRanges, Network, NetworkArgs
from components.azure.resource_group import ResourceGroup, ResourceGroupArgs
from components.azure.subscription import subscription_provider
from stacks.base_outputs import of_cloud, unknown
from stacks.environment import Environment
from trainyard.facts.labels import encode_base
from trainyard.facts.origin import subscription_in
from trainyard.settings.base_azure import (
    AzureBase,
    AzureExistingNetwork,
    AzureExistingWorkspace,
    AzureMadeNetwork,
    AzureMadeWorkspace,
)


@dataclass(frozen=True, kw_only=True)
class BaseIds:
    """What a compute stack takes from its base; unknown only where no base can be read."""

    known: bool
    subnets: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)  # by region; full ids
    bastions: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)  # by region; full ids
    outputs: Mapping[str, Any] = field(default_factory=dict)  # all that the base gives on Azure

    def subnet(self, region: str) -> pulumi.Input[str]:
        """The region's subnet for machines."""
        return self.subnets[region] if self.known else unknown()

    def bastion(self, region: str) -> pulumi.Input[str] | None:
        """The Bastion that serves the region's network, if it has one."""
        return self.bastions.get(region) if self.known else unknown()

    @property
    def workspace(self) -> pulumi.Input[str]:
        """Full id of the workspace for jobs and notebooks; RunError where the base that is up has none yet."""
        if not self.known:
            return unknown()
        if "workspace" not in self.outputs:
            message = "the base stack that is up has no workspace on Azure; its file has one now: `pulumi up` it first."
            raise pulumi.RunError(message)
        return str(self.outputs["workspace"]["id"])

    @property
    def workspace_account(self) -> pulumi.Input[str] | None:
        """Full id of the storage account that a workspace of the base's own keeps its logs in."""
        return self.outputs.get("workspace", {}).get("account_id") if self.known else unknown()

    def data_set(self, name: str) -> pulumi.Input[str]:
        """The word by which a data set is used."""
        return str(self.outputs["data"][name]) if self.known else unknown()

    def key(self, region: str) -> pulumi.Input[str]:
        """Full id of the disk encryption set for the disks of a region."""
        return str(self.outputs["keys"][region]) if self.known else unknown()

    @property
    def registry(self) -> pulumi.Input[str]:
        """Full id of the registry."""
        return str(self.outputs["registry"]["id"]) if self.known else unknown()


def tags(environment: Environment) -> dict[str, str]:
    """What everything of the base carries."""
    stack = environment.settings.stack
    return encode_base(environment.stack, stack.owner, stack.cost_center)


def rehearsed(environment: Environment, resource_id: str) -> str:
    """A full id with its subscription as this run may use it."""
    parts = resource_id.split("/")
    parts[2] = subscription_in(environment.sandbox, parts[2])
    return "/".join(parts)


def base(environment: Environment, settings: AzureBase) -> dict[str, object]:
    """Register what the base has, or check what exists; ids only."""
    provider = subscription_provider(
        f"{environment.stack}-azure", environment.azure_subscription, environment.azure.tenant
    )
    options = pulumi.ResourceOptions(providers=[provider])
    from stacks.lowering.azure.base_parts import keys, register_features, registry, say_namespaces

    say_namespaces(environment, settings)
    register_features(environment, settings, options)
    group = _resource_group(environment, settings, options)
    network = _network(environment, settings, group, options)
    held = keys(environment, settings, group, options)
    return {
        "resource_group": group,
        "subnet_ids": dict(network.subnet_ids),
        "bastion_ids": dict(network.bastion_ids),
        "file_system_subnet_ids": dict(network.file_system_subnet_ids),
        **({"keys": held} if held else {}),
        "data": _data(environment, settings, group, network, held, options),
        **registry(environment, settings, group, options),
        **_workspace(environment, settings, group, options),
    }


def _data(
    environment: Environment,
    settings: AzureBase,
    group: pulumi.Input[str],
    network: ExistingNetwork | Network,
    held: Mapping[str, pulumi.Input[str]],
    options: pulumi.ResourceOptions,
) -> dict[str, pulumi.Input[str]]:
    from stacks.lowering.azure.base_data import DataPlace, data_set

    place = DataPlace(
        stack=environment.stack,
        subscription=environment.azure_subscription,
        group=group,
        file_systems=network.file_system_subnet_ids,
        tags=tags(environment),
        protect=environment.settings.environment.protect,
        key=held.get,
        rehearsed=lambda full_id: rehearsed(environment, full_id),
        options=options,
    )
    return {name: data_set(place, name, data) for name, data in settings.data.items()}


def _workspace(
    environment: Environment, settings: AzureBase, group: pulumi.Input[str], options: pulumi.ResourceOptions
) -> dict[str, object]:
    match settings.workspace:
        case AzureExistingWorkspace(id=there):
            return {"workspace": {"id": rehearsed(environment, there)}}
        case AzureMadeWorkspace() as made:
            from stacks.lowering.azure.base_workspace import workspace  # its SDK modules, where a base has one

            return {"workspace": workspace(environment, group, tags(environment), made, options)}
        case None:
            return {}


def _resource_group(
    environment: Environment, settings: AzureBase, options: pulumi.ResourceOptions
) -> pulumi.Input[str]:
    if settings.resource_group is None:
        return environment.azure.resource_group
    args = ResourceGroupArgs(
        name=environment.azure.resource_group,
        location=settings.resource_group.region,
        tags=tags(environment),
        protect=environment.settings.environment.protect,
    )
    return ResourceGroup(environment.stack, args, options).name


def _network(
    environment: Environment, settings: AzureBase, group: pulumi.Input[str], options: pulumi.ResourceOptions
) -> ExistingNetwork | Network:
    match settings.network:
        case AzureExistingNetwork() as there:
            return ExistingNetwork(
                subnet_ids={region: rehearsed(environment, id_) for region, id_ in there.subnets.items()},
                bastion_ids={region: rehearsed(environment, id_) for region, id_ in there.bastions.items()},
                file_system_subnet_ids={
                    region: rehearsed(environment, id_) for region, id_ in there.file_system_subnets.items()
                },
            )
        case AzureMadeNetwork() as made:
            args = NetworkArgs(
                resource_group=group,
                locations={region: _ranges(made, cidr) for region, cidr in made.regions.items()},
                tags=tags(environment),
                protect=environment.settings.environment.protect,
            )
            return Network(environment.stack, args, options)


def _ranges(made: AzureMadeNetwork, cidr: str) -> LocationRanges:
    """Half for machines, a quarter for Bastion, a quarter for file systems: always the same parts."""
    nodes, rest = IPv4Network(cidr).subnets()
    file_systems, bastion = rest.subnets()
    return LocationRanges(
        nodes=str(nodes), bastion=str(bastion) if made.bastion else None, file_systems=str(file_systems)
    )


def base_ids(environment: Environment, outputs: Mapping[str, Any] | None) -> BaseIds:
    """The base stack's outputs, or unknown ids where there is no base; RunError when it has nothing here."""
    if outputs is None:
        return BaseIds(known=False)
    azure = of_cloud(environment, outputs, "azure")
    return BaseIds(known=True, subnets=azure["subnet_ids"], bastions=azure["bastion_ids"], outputs=azure)
