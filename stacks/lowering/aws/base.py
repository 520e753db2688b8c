"""A base stack on AWS, and what a compute stack takes from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi

from components.aws.account import account_provider
from components.aws.network import ExistingNetwork, Network, NetworkArgs
from stacks.base_outputs import of_cloud, unknown
from stacks.environment import Environment
from trainyard.facts.labels import encode_base
from trainyard.settings.base_aws import AwsBase, AwsExistingNetwork, AwsMadeNetwork


@dataclass(frozen=True, kw_only=True)
class VpcIds:
    """One region's network."""

    vpc: pulumi.Input[str]
    security_group: pulumi.Input[str]  # of the machines
    subnets: Mapping[str, pulumi.Input[str]]  # by a zone's id


@dataclass(frozen=True, kw_only=True)
class BaseIds:
    """What a compute stack takes from its base; unknown only where no base can be read."""

    known: bool
    networks: Mapping[str, VpcIds] = field(default_factory=dict)  # by region
    outputs: Mapping[str, Any] = field(default_factory=dict)  # all that the base gives on AWS

    def vpc(self, region: str) -> pulumi.Input[str]:
        """The region's VPC."""
        return self.networks[region].vpc if self.known else unknown()

    def security_group(self, region: str) -> pulumi.Input[str]:
        """The machines' security group in the region."""
        return self.networks[region].security_group if self.known else unknown()

    def subnet(self, region: str, zone: str) -> pulumi.Input[str]:
        """The private subnet of a zone."""
        return self.networks[region].subnets[zone] if self.known else unknown()

    def data_set(self, name: str) -> pulumi.Input[str]:
        """The word by which a data set is used."""
        return str(self.outputs["data"][name]) if self.known else unknown()


def tags(environment: Environment) -> dict[str, str]:
    """What everything of the base carries."""
    stack = environment.settings.stack
    return encode_base(environment.stack, stack.owner, stack.cost_center)


def base(environment: Environment, settings: AwsBase) -> dict[str, object]:
    """Register what the base has, or check what exists; ids only."""
    provider = account_provider(f"{environment.stack}-aws", environment.aws_account, settings.regions[0])
    options = pulumi.ResourceOptions(providers=[provider])
    return {"networks": _networks(environment, settings, options), **_data(environment, settings, options)}


def _data(environment: Environment, settings: AwsBase, options: pulumi.ResourceOptions) -> dict[str, object]:
    if not settings.data:
        return {}
    from stacks.lowering.aws.base_data import data_sets

    protect = environment.settings.environment.protect
    made = data_sets(
        environment.stack, environment.aws_account, tags(environment), settings.data, options, protect=protect
    )
    return {"data": made}


def _networks(environment: Environment, settings: AwsBase, options: pulumi.ResourceOptions) -> dict[str, object]:
    found: dict[str, ExistingNetwork | Network] = {}
    match settings.network:
        case AwsExistingNetwork(vpcs=vpcs):
            for region, vpc in vpcs.items():
                found[region] = ExistingNetwork(
                    region=region, vpc_id=vpc.id, subnet_ids=vpc.subnets, security_group_id=vpc.security_group
                )
        case AwsMadeNetwork() as made:
            for region, cidr in made.regions.items():
                args = NetworkArgs(
                    region=region,
                    cidr=cidr,
                    zones=made.subnets[region],
                    egress=made.egress,
                    tags=tags(environment),
                    protect=environment.settings.environment.protect,
                )
                found[region] = Network(f"{environment.stack}-{region}", args, options)
    return {
        region: {
            "vpc_id": network.vpc_id,
            "subnet_ids": dict(network.subnet_ids),
            "security_group_id": network.security_group_id,
        }
        for region, network in found.items()
    }


def base_ids(environment: Environment, outputs: Mapping[str, Any] | None) -> BaseIds:
    """The base stack's outputs, or unknown ids where there is no base; RunError when it has nothing here."""
    if outputs is None:
        return BaseIds(known=False)
    aws = of_cloud(environment, outputs, "aws")
    networks = {
        region: VpcIds(vpc=each["vpc_id"], security_group=each["security_group_id"], subnets=each["subnet_ids"])
        for region, each in aws["networks"].items()
    }
    return BaseIds(known=True, networks=networks, outputs=aws)
