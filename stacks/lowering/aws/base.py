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
from trainyard.facts.aws.registry import address_of
from trainyard.facts.labels import encode_base
from trainyard.facts.origin import account_in
from trainyard.settings.base_aws import (
    AwsBase,
    AwsExistingKey,
    AwsExistingNetwork,
    AwsExistingRepository,
    AwsMadeKey,
    AwsMadeNetwork,
    AwsMadeRepository,
)


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
        """The word by which a data set is used: a bucket's name, a volume's id, what is mounted."""
        return str(self.outputs["data"][name]) if self.known else unknown()

    def key(self, region: str) -> pulumi.Input[str]:
        """The ARN of the key for what lies in a region."""
        return str(self.outputs["keys"][region]) if self.known else unknown()

    def repository(self, name: str) -> pulumi.Input[str]:
        """The ARN of a repository."""
        return str(self.outputs["repositories"][name]["arn"]) if self.known else unknown()


def tags(environment: Environment) -> dict[str, str]:
    """What everything of the base carries."""
    stack = environment.settings.stack
    return encode_base(environment.stack, stack.owner, stack.cost_center)


def base(environment: Environment, settings: AwsBase) -> dict[str, object]:
    """Register what the base has, or check what exists; ids only."""
    provider = account_provider(f"{environment.stack}-aws", environment.aws_account, settings.regions[0])
    options = pulumi.ResourceOptions(providers=[provider])
    keys = _keys(environment, settings, options)
    networks = _networks(environment, settings, keys, options)
    return {
        "networks": {
            region: {
                "vpc_id": network.vpc_id,
                "subnet_ids": dict(network.subnet_ids),
                "security_group_id": network.security_group_id,
            }
            for region, network in networks.items()
        },
        **({"keys": keys} if keys else {}),
        **_data(environment, settings, networks, keys, (options, pulumi.InvokeOptions(provider=provider))),
        **_repositories(environment, settings, keys, options),
    }


def _keys(environment: Environment, settings: AwsBase, options: pulumi.ResourceOptions) -> dict[str, pulumi.Input[str]]:
    """The ARN of each region's key."""
    found: dict[str, pulumi.Input[str]] = {}
    for region, key in settings.keys.items():
        match key:
            case AwsExistingKey(id=there):
                found[region] = rehearsed(environment, there)
            case AwsMadeKey() as made:
                from components.aws.key import Key, KeyArgs

                args = KeyArgs(
                    account=environment.aws_account,
                    region=region,
                    rotation_days=made.rotation_days,
                    tags=tags(environment),
                    protect=environment.settings.environment.protect,
                )
                found[region] = Key(f"{environment.stack}-{region}", args, options).arn
    return found


def _data(
    environment: Environment,
    settings: AwsBase,
    networks: Mapping[str, ExistingNetwork | Network],
    keys: Mapping[str, pulumi.Input[str]],
    options: tuple[pulumi.ResourceOptions, pulumi.InvokeOptions],
) -> dict[str, object]:
    if not settings.data:
        return {}
    from stacks.lowering.aws.base_data import DataPlace, data_set

    place = DataPlace(
        stack=environment.stack,
        account=environment.aws_account,
        networks=networks,
        tags=tags(environment),
        protect=environment.settings.environment.protect,
        key=keys.get,
        options=options[0],
        invoke_options=options[1],
    )
    return {"data": {name: data_set(place, name, data) for name, data in settings.data.items()}}


def _repositories(
    environment: Environment,
    settings: AwsBase,
    keys: Mapping[str, pulumi.Input[str]],
    options: pulumi.ResourceOptions,
) -> dict[str, object]:
    """By name the ARN of each repository, by which roles may pull, and what stands before an image's tag."""
    found: dict[str, object] = {}
    for name, repository in settings.repositories.items():
        match repository:
            case AwsExistingRepository(id=there):
                arn = rehearsed(environment, there)
                found[name] = {"arn": arn, "address": address_of(arn)}
            case AwsMadeRepository() as made:
                from components.aws.registry import Registry, RegistryArgs

                args = RegistryArgs(
                    account=environment.aws_account,
                    region=made.region,
                    immutable_tags=made.immutable_tags,
                    kms_key=keys.get(made.region),
                    tags=tags(environment),
                    protect=environment.settings.environment.protect,
                )
                registry = Registry(f"{environment.stack}-{name}", args, options)
                found[name] = {"arn": registry.arn, "address": registry.address}
    return {"repositories": found} if found else {}


def _networks(
    environment: Environment,
    settings: AwsBase,
    keys: Mapping[str, pulumi.Input[str]],
    options: pulumi.ResourceOptions,
) -> dict[str, ExistingNetwork | Network]:
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
                    kms_key=keys.get(region),
                    tags=tags(environment),
                    protect=environment.settings.environment.protect,
                )
                found[region] = Network(f"{environment.stack}-{region}", args, options)
    return found


def rehearsed(environment: Environment, arn: str) -> str:
    """An ARN with its account as this run may use it."""
    parts = arn.split(":")
    parts[4] = account_in(environment.sandbox, parts[4])
    return ":".join(parts)


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
