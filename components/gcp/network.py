"""The network of a base stack on Google Cloud: made here, or a shared VPC that exists; opens nothing to the world."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_gcp as gcp
from pulumi_gcp.compute import FirewallAllowArgsDict

from components.gcp.resource_name import check_name, check_region, parse_network_id, parse_subnetwork_id

# Identity-Aware Proxy's forwarding addresses (https://cloud.google.com/iap/docs/using-tcp-forwarding).
IAP_RANGE = "35.235.240.0/20"


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """`regions` maps a region to its subnet's range: {"europe-west4": "10.10.0.0/20"}."""

    project: str
    regions: Mapping[str, str]
    protect: bool = True  # as the environment says

    def __post_init__(self) -> None:
        """ValueError for no region, a word that is no region, a range no subnet can have or two that overlap."""
        if not self.regions:
            message = 'The network has no region; give one at least, for example {"europe-west4": "10.10.0.0/20"}.'
            raise ValueError(message)
        seen: dict[str, ipaddress.IPv4Network] = {}
        for region, text in self.regions.items():
            check_region(region)
            cidr = _subnet_range(region, text)
            for other, other_cidr in seen.items():
                if cidr.overlaps(other_cidr):
                    message = f"{region} {cidr} overlaps {other} {other_cidr}; give each region a range of its own."
                    raise ValueError(message)
            seen[region] = cidr


@dataclass(frozen=True, kw_only=True)
class ExistingNetwork:
    """A network that others made, shared VPC too; nothing is registered, the outputs are those of `Network`."""

    network_id: str  # projects/<host project>/global/networks/<name>
    subnetwork_ids: Mapping[str, str]  # region → projects/<host project>/regions/<region>/subnetworks/<name>

    def __post_init__(self) -> None:
        """ValueError for an id that is no full id, another project or a subnetwork under another region's key."""
        project, _ = parse_network_id(self.network_id)
        if not self.subnetwork_ids:
            message = f"The network {self.network_id} has no subnetwork; name one for each region that is used."
            raise ValueError(message)
        for region, subnetwork_id in self.subnetwork_ids.items():
            check_region(region)
            owner, actual, _ = parse_subnetwork_id(subnetwork_id)
            if actual != region:
                message = f"The subnetwork under {region} lies in {actual}: {subnetwork_id}; put it under {actual}."
                raise ValueError(message)
            if owner != project:
                message = (
                    f"The subnetwork {subnetwork_id} is of project {owner}, its network of {project}; "
                    "a subnetwork lies in its network's own project."
                )
                raise ValueError(message)


@dataclass(frozen=True)
class _Ingress:
    role: str
    ranges: tuple[str, ...]
    allows: tuple[FirewallAllowArgsDict, ...]


class Network(pulumi.ComponentResource):
    network_id: pulumi.Output[str]
    subnetwork_ids: dict[str, pulumi.Output[str]]

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None):
        check_name("network", name)
        super().__init__("trainyard:gcp:Network", name, {}, opts)
        network = gcp.compute.Network(
            f"{name}-network",
            name=name,
            project=args.project,
            auto_create_subnetworks=False,
            # The default route stays: NAT sends by it, and Private Google Access needs it.
            delete_default_routes_on_create=False,
            opts=self._child(args),
        )
        self.network_id = network.id
        self.subnetwork_ids = {
            region: self._region(name, args, region, cidr, network) for region, cidr in args.regions.items()
        }
        self._ingress(
            name, args, network.id, _Ingress("iap-ssh", (IAP_RANGE,), ({"protocol": "tcp", "ports": ["22"]},))
        )
        within: tuple[FirewallAllowArgsDict, ...] = tuple({"protocol": text} for text in ("tcp", "udp", "icmp"))
        self._ingress(name, args, network.id, _Ingress("internal", tuple(args.regions.values()), within))
        self.register_outputs({"network_id": self.network_id, "subnetwork_ids": self.subnetwork_ids})

    def _region(
        self, name: str, args: NetworkArgs, region: str, cidr: str, network: gcp.compute.Network
    ) -> pulumi.Output[str]:
        place: dict[str, Any] = {"project": args.project, "region": region, "opts": self._child(args)}
        subnetwork = gcp.compute.Subnetwork(
            f"{name}-{region}-subnetwork",
            name=f"{name}-{region}",
            network=network.id,
            ip_cidr_range=cidr,
            private_ip_google_access=True,
            log_config={
                "aggregation_interval": "INTERVAL_1_MIN",
                "flow_sampling": 0.5,
                "metadata": "INCLUDE_ALL_METADATA",
            },
            **place,
        )
        router = gcp.compute.Router(f"{name}-{region}-router", name=f"{name}-{region}", network=network.id, **place)
        gcp.compute.RouterNat(
            f"{name}-{region}-nat",
            name=f"{name}-{region}",
            router=router.name,
            nat_ip_allocate_option="AUTO_ONLY",
            source_subnetwork_ip_ranges_to_nat="LIST_OF_SUBNETWORKS",
            subnetworks=[{"name": subnetwork.id, "source_ip_ranges_to_nats": ["PRIMARY_IP_RANGE"]}],
            log_config={"enable": True, "filter": "ERRORS_ONLY"},
            **place,
        )
        return subnetwork.id

    def _ingress(self, name: str, args: NetworkArgs, network_id: pulumi.Output[str], rule: _Ingress) -> None:
        gcp.compute.Firewall(
            f"{name}-{rule.role}-firewall",
            name=f"{name}-{rule.role}",
            project=args.project,
            network=network_id,
            direction="INGRESS",
            source_ranges=rule.ranges,
            allows=rule.allows,
            log_config={"metadata": "INCLUDE_ALL_METADATA"},
            opts=self._child(args),
        )

    def _child(self, args: NetworkArgs) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, protect=args.protect)


def _subnet_range(region: str, text: str) -> ipaddress.IPv4Network:
    try:
        cidr = ipaddress.IPv4Network(text)
    except ValueError as error:
        message = f'{region}: {text!r} is no IPv4 range ({error}); write for example "10.10.0.0/20".'
        raise ValueError(message) from None
    if not cidr.is_private or not 8 <= cidr.prefixlen <= 29:
        message = f"{region}: {cidr} is not allowed; give a private range between /8 and /29, for example 10.10.0.0/20."
        raise ValueError(message)
    return cidr
