"""The networks of a base stack on Azure, one for each location: made here, or ones that exist; nothing comes in."""

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_azure_native as azure

from components.azure.resource_name import check_location, check_name, parse_id

SUBNET_TYPE = "Microsoft.Network/virtualNetworks/subnets"
# https://learn.microsoft.com/azure/bastion/configuration-settings: this very name, and /26 or larger.
BASTION_SUBNET = "AzureBastionSubnet"
_BASTION_PREFIX = 26
# https://learn.microsoft.com/azure/azure-managed-lustre/amlfs-prerequisites: so large for the smallest one.
_FILE_SYSTEMS_PREFIX = 27


@dataclass(frozen=True, kw_only=True)
class LocationRanges:
    """The subnets of one location; Azure keeps five addresses of each for itself."""

    nodes: str  # "10.40.0.0/20"
    bastion: str | None = None  # a Bastion is made where it has a range; it bills by the hour
    file_systems: str | None = None  # Managed Lustre wants a subnet that nothing else is in

    def items(self) -> Iterator[tuple[str, str]]:
        """Role and range of each subnet."""
        yield "nodes", self.nodes
        if self.bastion is not None:
            yield "bastion", self.bastion
        if self.file_systems is not None:
            yield "file_systems", self.file_systems


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """`locations`: {"westeurope": LocationRanges(nodes="10.40.0.0/20")}; a virtual network lies in one location."""

    resource_group: pulumi.Input[str]  # its name
    locations: Mapping[str, LocationRanges]
    tags: Mapping[str, str] = field(default_factory=dict)
    protect: bool = True  # as the environment says

    def __post_init__(self) -> None:
        """ValueError for no location, a word that is none, a range no subnet can have or two that overlap."""
        if not self.locations:
            message = 'The network has no location; give one at least, for example {"westeurope": "10.40.0.0/20"}.'
            raise ValueError(message)
        seen: dict[str, ipaddress.IPv4Network] = {}
        for location, ranges in self.locations.items():
            check_location(location)
            for role, text in ranges.items():
                what = f"{location} {role}"
                cidr = _subnet_range(what, role, text)
                for other, other_cidr in seen.items():
                    if cidr.overlaps(other_cidr):
                        message = f"{what} {cidr} overlaps {other} {other_cidr}; give each subnet a range of its own."
                        raise ValueError(message)
                seen[what] = cidr


@dataclass(frozen=True, kw_only=True)
class ExistingNetwork:
    """Networks that others made, of other subscriptions too; nothing is registered, the outputs are `Network`'s."""

    subnet_ids: Mapping[str, str]  # location → full id of a subnet in it, which must have a way out (NAT, firewall)
    bastion_ids: Mapping[str, str] = field(default_factory=dict)
    file_system_subnet_ids: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """ValueError for an id that is no full id of its kind, or no subnet at all."""
        if not self.subnet_ids:
            message = "The network has no subnet; name one for each location that is used."
            raise ValueError(message)
        for location, subnet_id in (*self.subnet_ids.items(), *self.file_system_subnet_ids.items()):
            check_location(location)
            parse_id(subnet_id, SUBNET_TYPE)
        for location, bastion_id in self.bastion_ids.items():
            check_location(location)
            parse_id(bastion_id, "Microsoft.Network/bastionHosts")


class Network(pulumi.ComponentResource):
    network_ids: dict[str, pulumi.Output[str]]  # each by location
    subnet_ids: dict[str, pulumi.Output[str]]
    bastion_ids: dict[str, pulumi.Output[str]]
    file_system_subnet_ids: dict[str, pulumi.Output[str]]

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None):
        check_name("network", name, longest=50)
        super().__init__("trainyard:azure:Network", name, {}, opts)
        self.network_ids, self.subnet_ids, self.bastion_ids, self.file_system_subnet_ids = {}, {}, {}, {}
        for location, ranges in args.locations.items():
            self._location(f"{name}-{location}", args, location, ranges)
        outputs = ("network_ids", "subnet_ids", "bastion_ids", "file_system_subnet_ids")
        self.register_outputs({output: getattr(self, output) for output in outputs})

    def _location(self, name: str, args: NetworkArgs, location: str, ranges: LocationRanges) -> None:
        place = self._place(args, location)
        guard = azure.network.NetworkSecurityGroup(
            f"{name}-guard", network_security_group_name=name, security_rules=_rules(ranges), **place
        )
        nat = azure.network.NatGateway(
            f"{name}-nat",
            nat_gateway_name=name,
            sku={"name": "Standard"},
            public_ip_addresses=[{"id": self._address(f"{name}-nat", place)}],
            **place,
        )
        network = azure.network.VirtualNetwork(
            f"{name}-network",
            virtual_network_name=name,
            address_space={"address_prefixes": [text for _, text in ranges.items()]},
            **place,
        )
        inside: dict[str, Any] = {
            "resource_group_name": args.resource_group,
            "virtual_network_name": network.name,
            # Without it a machine reaches out by an address that Azure picks and may take back.
            "default_outbound_access": False,
        }
        nodes = azure.network.Subnet(
            f"{name}-nodes-subnet",
            subnet_name="nodes",
            address_prefix=ranges.nodes,
            network_security_group={"id": guard.id},
            nat_gateway={"id": nat.id},
            # Data comes by Azure's own network, which NAT would bill by the gigabyte.
            service_endpoints=[{"service": "Microsoft.Storage"}],
            opts=self._child(args),
            **inside,
        )
        self.network_ids[location], self.subnet_ids[location] = network.id, nodes.id
        # A network takes one change at a time, so each subnet waits for the one before it.
        last = nodes
        if ranges.file_systems is not None:
            last = azure.network.Subnet(
                f"{name}-file-systems-subnet",
                subnet_name="file-systems",
                address_prefix=ranges.file_systems,
                nat_gateway={"id": nat.id},
                opts=self._child(args, after=last),
                **inside,
            )
            self.file_system_subnet_ids[location] = last.id
        if ranges.bastion is not None:
            last = azure.network.Subnet(
                f"{name}-bastion-subnet",
                subnet_name=BASTION_SUBNET,
                address_prefix=ranges.bastion,
                opts=self._child(args, after=last),
                **inside,
            )
            self.bastion_ids[location] = self._bastion(name, last, place)

    def _bastion(self, name: str, subnet: azure.network.Subnet, place: dict[str, Any]) -> pulumi.Output[str]:
        return azure.network.BastionHost(
            f"{name}-bastion",
            bastion_host_name=name,
            sku={"name": "Standard"},  # Basic has no tunnel for one's own SSH client
            enable_tunneling=True,
            enable_ip_connect=False,
            enable_shareable_link=False,
            scale_units=2,
            ip_configurations=[
                {
                    "name": "bastion",
                    "subnet": {"id": subnet.id},
                    "public_ip_address": {"id": self._address(f"{name}-bastion", place)},
                    "private_ip_allocation_method": "Dynamic",
                }
            ],
            **place,
        ).id

    def _address(self, name: str, place: dict[str, Any]) -> pulumi.Output[str]:
        return azure.network.PublicIPAddress(
            f"{name}-address",
            public_ip_address_name=name,
            sku={"name": "Standard"},
            public_ip_allocation_method="Static",
            public_ip_address_version="IPv4",
            **place,
        ).id

    def _place(self, args: NetworkArgs, location: str) -> dict[str, Any]:
        return {
            "resource_group_name": args.resource_group,
            "location": location,
            "tags": args.tags,
            "opts": self._child(args),
        }

    def _child(self, args: NetworkArgs, after: pulumi.Resource | None = None) -> pulumi.ResourceOptions:
        # A name is its resource's: a second one of that name cannot stand beside the first.
        return pulumi.ResourceOptions(
            parent=self, protect=args.protect, delete_before_replace=True, depends_on=[after] if after else None
        )


def _rules(ranges: LocationRanges) -> Any:
    """What may reach a node: its own subnet's machines, and SSH from Bastion; the rest is denied, peered nets too."""
    rules = [_rule("nodes", 1000, ranges.nodes, "*", "Allow")]
    if ranges.bastion is not None:
        rules.append(_rule("bastion-ssh", 1010, ranges.bastion, "22", "Allow"))
    return [*rules, _rule("nothing-else", 4096, "*", "*", "Deny")]


def _rule(name: str, priority: int, source: str, port: str, access: str) -> dict[str, Any]:
    return {
        "name": name,
        "priority": priority,
        "direction": "Inbound",
        "access": access,
        "protocol": "Tcp" if port == "22" else "*",
        "source_address_prefix": source,
        "source_port_range": "*",
        "destination_address_prefix": "*",
        "destination_port_range": port,
    }


def _subnet_range(what: str, role: str, text: str) -> ipaddress.IPv4Network:
    try:
        cidr = ipaddress.IPv4Network(text)
    except ValueError as error:
        message = f'{what}: {text!r} is no IPv4 range ({error}); write for example "10.40.0.0/20".'
        raise ValueError(message) from None
    longest = {"bastion": _BASTION_PREFIX, "file_systems": _FILE_SYSTEMS_PREFIX}.get(role, 29)
    if not cidr.is_private or not 8 <= cidr.prefixlen <= longest:
        message = (
            f"{what}: {cidr} is not allowed; give a private range between /8 and /{longest}, for example 10.40.0.0/20."
        )
        raise ValueError(message)
    return cidr
