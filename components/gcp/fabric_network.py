"""The networks between GPU machines, of a base stack on Google Cloud: no way to or from anywhere else."""

import ipaddress
from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp

from components.gcp.resource_name import check_name, check_region, check_zone
from trainyard.facts.fabric import FABRICS, Fabric, network_profile

_PARTS = 4  # bits: a fabric's range is cut into 16 equal ones, for its interfaces may not overlap
_LONGEST_PREFIX = 25  # parts of /29, the smallest subnetwork


@dataclass(frozen=True, kw_only=True)
class FabricNetworkArgs:
    """`place` is a region, or for RoCE a zone; `cidr` is cut up for all of its subnetworks."""

    project: str
    fabric: str  # "gpudirect-tcpxo"
    place: str
    cidr: str
    protect: bool = True  # as the environment says

    def __post_init__(self) -> None:
        """ValueError for an unknown fabric, a place of the other kind or a range that is too small."""
        if self.fabric not in FABRICS:
            message = f'"{self.fabric}" is no fabric of Google Cloud; give one of {", ".join(FABRICS)}.'
            raise ValueError(message)
        if self.facts.zonal:
            check_zone(self.place)
        else:
            check_region(self.place)
        if ipaddress.IPv4Network(self.cidr).prefixlen > _LONGEST_PREFIX:
            message = (
                f"{self.cidr} is too small for a fabric; give /{_LONGEST_PREFIX} or larger, such as 10.128.0.0/16."
            )
            raise ValueError(message)

    @property
    def facts(self) -> Fabric:
        """What the fabric asks for."""
        return FABRICS[self.fabric]

    @property
    def region(self) -> str:
        """Where its subnetworks lie."""
        return check_zone(self.place) if self.facts.zonal else self.place

    def part(self, number: int) -> str:
        """The range of the subnetwork of that number."""
        return str(list(ipaddress.IPv4Network(self.cidr).subnets(prefixlen_diff=_PARTS))[number])


class FabricNetwork(pulumi.ComponentResource):
    subnetwork_ids: list[pulumi.Output[str]]  # in the order of the machines' further interfaces

    def __init__(self, name: str, args: FabricNetworkArgs, opts: pulumi.ResourceOptions | None = None):
        check_name("network", f"{name}-{args.facts.subnetworks}")
        super().__init__("trainyard:gcp:FabricNetwork", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self, protect=args.protect)
        gvnics = [self._gvnic(f"{name}-{number}", number, args, child) for number in range(args.facts.gvnics)]
        self.subnetwork_ids = [*gvnics, *(self._rdma(f"{name}-rdma", args, child) if args.facts.rdma_nics else [])]
        self.register_outputs({"subnetwork_ids": self.subnetwork_ids})

    def _gvnic(
        self, name: str, number: int, args: FabricNetworkArgs, opts: pulumi.ResourceOptions
    ) -> pulumi.Output[str]:
        """A network with one subnetwork, open within itself."""
        network = gcp.compute.Network(
            f"{name}-network",
            name=name,
            project=args.project,
            auto_create_subnetworks=False,
            delete_default_routes_on_create=True,
            mtu=args.facts.mtu,
            opts=opts,
        )
        gcp.compute.Firewall(
            f"{name}-firewall",
            name=name,
            project=args.project,
            network=network.id,
            direction="INGRESS",
            source_ranges=[args.part(number)],
            allows=[{"protocol": "tcp"}, {"protocol": "udp"}, {"protocol": "icmp"}],
            opts=opts,
        )
        return self._subnetwork(name, args.part(number), args, network, opts)

    def _rdma(self, name: str, args: FabricNetworkArgs, opts: pulumi.ResourceOptions) -> list[pulumi.Output[str]]:
        """One network of the zone's RDMA profile, which has no firewall rules and no routes of one's own."""
        network = gcp.compute.Network(
            f"{name}-network",
            name=name,
            project=args.project,
            auto_create_subnetworks=False,
            mtu=args.facts.mtu,
            network_profile=network_profile(args.project, args.place),
            opts=opts,
        )
        first = args.facts.gvnics
        return [
            self._subnetwork(f"{name}-{number}", args.part(first + number), args, network, opts)
            for number in range(args.facts.rdma_nics)
        ]

    def _subnetwork(
        self, name: str, cidr: str, args: FabricNetworkArgs, network: gcp.compute.Network, opts: pulumi.ResourceOptions
    ) -> pulumi.Output[str]:
        subnetwork = gcp.compute.Subnetwork(
            f"{name}-subnetwork",
            name=name,
            project=args.project,
            region=args.region,
            network=network.id,
            ip_cidr_range=cidr,
            opts=opts,
        )
        return subnetwork.id
