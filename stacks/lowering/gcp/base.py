"""A base stack on Google Cloud, and what a compute stack takes from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi

from stacks.base_outputs import of_cloud, unknown
from stacks.environment import Environment
from trainyard.facts.fabric import FABRICS
from trainyard.facts.labels import encode_base
from trainyard.facts.origin import project_in
from trainyard.settings.base import ExistingRegistry, ExistingTensorboard, GcpBase, MadeRegistry, MadeTensorboard
from trainyard.settings.network import ExistingNetwork, MadeNetwork


@dataclass(frozen=True, kw_only=True)
class BaseIds:
    """What a compute stack takes from its base; unknown only where no base can be read."""

    known: bool
    network: pulumi.Input[str] = ""
    subnetworks: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    data: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)  # bucket's name, disk's id, what is mounted
    registry: pulumi.Input[str] | None = None  # full id
    tensorboard: pulumi.Input[str] | None = None  # full id
    tensorboard_writer: pulumi.Input[str] | None = None  # full id of the role that a job writes to it by
    keys: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)  # by location
    fabrics: Mapping[str, Sequence[pulumi.Input[str]]] = field(default_factory=dict)  # "<kind> <place>": subnetworks

    def subnetwork(self, region: str) -> pulumi.Input[str]:
        """The region's subnetwork."""
        return self.subnetworks[region] if self.known else unknown()

    def fabric(self, kind: str, place: str) -> tuple[pulumi.Input[str], ...]:
        """The subnetworks of a fabric, in the order of a machine's further interfaces."""
        return tuple(self.fabrics[f"{kind} {place}"] if self.known else [unknown()] * FABRICS[kind].subnetworks)

    def network_id(self) -> pulumi.Input[str]:
        """The network."""
        return self.network if self.known else unknown()

    def key(self, location: str) -> pulumi.Input[str]:
        """The key for what lies in a location."""
        return self.keys[location] if self.known else unknown()

    def data_set(self, name: str) -> pulumi.Input[str]:
        """The word by which a data set is used."""
        return self.data[name] if self.known else unknown()


def base(environment: Environment, settings: GcpBase) -> dict[str, object]:
    """Register what the base has, or check what exists; ids only."""
    first = _first(environment, settings)
    network, subnetworks, reached = _network(environment, settings, first)
    keys = _keys(environment, settings, first)
    return {
        "network_id": network,
        "subnetwork_ids": subnetworks,
        **_fabrics(environment, settings, first),
        **({"keys": keys} if keys else {}),
        **_data(environment, settings, network, keys, (first, reached)),
        **_registry(environment, settings, keys, first),
        **_tensorboard(environment, settings, keys, first),
    }


def _first(environment: Environment, settings: GcpBase) -> pulumi.ResourceOptions:
    if not settings.services:
        return pulumi.ResourceOptions()
    from components.gcp.services import Services, ServicesArgs

    services = Services(environment.stack, ServicesArgs(project=environment.gcp_project, names=settings.services))
    return after(services)


def _network(
    environment: Environment, settings: GcpBase, first: pulumi.ResourceOptions
) -> tuple[pulumi.Input[str], dict[str, pulumi.Input[str]], pulumi.ResourceOptions]:
    """The network, its subnetworks, and what waits for its connection to Google's services."""
    from components.gcp.network import ExistingNetwork as Existing
    from components.gcp.network import Network, NetworkArgs

    match settings.network:
        case ExistingNetwork() as there:
            existing = Existing(
                network_id=_rehearsed(environment, there.id),
                subnetwork_ids={region: _rehearsed(environment, id_) for region, id_ in there.subnetworks.items()},
            )
            return existing.network_id, dict(existing.subnetwork_ids), first
        case MadeNetwork() as made:
            protect = environment.settings.environment.protect
            args = NetworkArgs(project=environment.gcp_project, regions=made.regions, protect=protect)
            network = Network(environment.stack, args, first)
            reached = first
            if made.private_services is not None:
                reached = _private_services(environment, network.network_id, made.private_services, first)
            return network.network_id, dict(network.subnetwork_ids), reached


def _fabrics(environment: Environment, settings: GcpBase, first: pulumi.ResourceOptions) -> dict[str, object]:
    if not settings.fabrics:
        return {}
    from stacks.lowering.gcp.base_fabrics import FabricPlace, fabrics

    place = FabricPlace(
        stack=environment.stack,
        project=environment.gcp_project,
        protect=environment.settings.environment.protect,
        rehearsed=lambda resource_id: _rehearsed(environment, resource_id),
        first=first,
    )
    return {"fabrics": fabrics(place, settings.fabrics)}


def _private_services(
    environment: Environment, network: pulumi.Output[str], cidr: str, first: pulumi.ResourceOptions
) -> pulumi.ResourceOptions:
    from components.gcp.private_services import PrivateServices, PrivateServicesArgs

    args = PrivateServicesArgs(
        project=environment.gcp_project,
        network=network,
        cidr=cidr,
        protect=environment.settings.environment.protect,
    )
    return after(PrivateServices(f"{environment.stack}-services", args, first))


def _keys(
    environment: Environment, settings: GcpBase, first: pulumi.ResourceOptions
) -> Mapping[str, pulumi.Input[str]]:
    if not settings.keys:
        return {}
    from stacks.lowering.gcp.base_keys import KeyPlace, keys

    place = KeyPlace(
        stack=environment.stack,
        project=environment.gcp_project,
        settings=settings,
        protect=environment.settings.environment.protect,
        first=first,
    )
    made = keys(place)
    return {location: _rehearsed(environment, key) if isinstance(key, str) else key for location, key in made.items()}


def _data(
    environment: Environment,
    settings: GcpBase,
    network: pulumi.Input[str],
    keys: Mapping[str, pulumi.Input[str]],
    waits: tuple[pulumi.ResourceOptions, pulumi.ResourceOptions],
) -> dict[str, object]:
    if not settings.data:
        return {}
    from stacks.lowering.gcp.base_data import DataPlace, data_set

    place = DataPlace(
        stack=environment.stack,
        project=environment.gcp_project,
        network=network,
        labels=_labels(environment),
        protect=environment.settings.environment.protect,
        key=keys.get,
        rehearsed=lambda resource_id: _rehearsed(environment, resource_id),
        first=waits[0],
        reached=waits[1],
    )
    return {"data": {name: data_set(place, name, data) for name, data in settings.data.items()}}


def _registry(
    environment: Environment,
    settings: GcpBase,
    keys: Mapping[str, pulumi.Input[str]],
    first: pulumi.ResourceOptions,
) -> dict[str, object]:
    match settings.registry:
        case None:
            return {}
        case ExistingRegistry(id=there):
            return {"registry_id": _rehearsed(environment, there)}
        case MadeRegistry() as made:
            from components.gcp.registry import Registry, RegistryArgs

            args = RegistryArgs(
                project=environment.gcp_project,
                location=made.location,
                immutable_tags=made.immutable_tags,
                kms_key=keys.get(made.location),
                labels=_labels(environment),
                protect=environment.settings.environment.protect,
            )
            registry = Registry(environment.stack, args, first)
            return {"registry_id": registry.repository_id, "registry_address": registry.address}


def _tensorboard(
    environment: Environment,
    settings: GcpBase,
    keys: Mapping[str, pulumi.Input[str]],
    first: pulumi.ResourceOptions,
) -> dict[str, object]:
    match settings.tensorboard:
        case None:
            return {}
        case ExistingTensorboard(id=there):
            there = _rehearsed(environment, there)
            return {"tensorboard_id": there, **_writer(environment, there.split("/")[1], first)}
        case MadeTensorboard() as made:
            from components.gcp.tensorboard import Tensorboard, TensorboardArgs

            args = TensorboardArgs(
                project=environment.gcp_project,
                region=made.region,
                kms_key=keys.get(made.region),
                labels=_labels(environment),
                protect=environment.settings.environment.protect,
            )
            board = Tensorboard(environment.stack, args, first)
            return {"tensorboard_id": board.tensorboard_id, **_writer(environment, environment.gcp_project, first)}


def _writer(environment: Environment, project: str, first: pulumi.ResourceOptions) -> dict[str, object]:
    from components.gcp.tensorboard import TensorboardWriter, TensorboardWriterArgs

    args = TensorboardWriterArgs(project=project, protect=environment.settings.environment.protect)
    return {"tensorboard_writer_id": TensorboardWriter(environment.stack, args, first).role_id}


def base_ids(environment: Environment, outputs: Mapping[str, Any] | None) -> BaseIds:
    """The base stack's outputs, or unknown ids where there is no base; RunError when it has nothing here."""
    if outputs is None:
        return BaseIds(known=False)
    gcp = of_cloud(environment, outputs, "gcp")
    return BaseIds(
        known=True,
        network=gcp["network_id"],
        subnetworks=gcp["subnetwork_ids"],
        data=gcp.get("data", {}),
        registry=gcp.get("registry_id"),
        tensorboard=gcp.get("tensorboard_id"),
        tensorboard_writer=gcp.get("tensorboard_writer_id"),
        keys=gcp.get("keys", {}),
        fabrics=gcp.get("fabrics", {}),
    )


def after(*things: pulumi.Resource) -> pulumi.ResourceOptions:
    """Options by which a component waits for the things, with all its children: the SDK hands no `depends_on` down."""

    def waits(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult:
        later = pulumi.ResourceOptions.merge(args.opts, pulumi.ResourceOptions(depends_on=list(things)))
        return pulumi.ResourceTransformationResult(props=args.props, opts=later)

    return pulumi.ResourceOptions(transformations=[waits])


def _labels(environment: Environment) -> dict[str, str]:
    stack = environment.settings.stack
    return encode_base(environment.stack, stack.owner, stack.cost_center)


def _rehearsed(environment: Environment, resource_id: str) -> str:
    """A full id with its project as this run may use it."""
    parts = resource_id.split("/")
    if not parts[1].isdecimal():  # a project's number stands where Google gave the id out
        parts[1] = project_in(environment.sandbox, parts[1])
    return "/".join(parts)
