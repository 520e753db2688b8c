"""Private service access: the range by which Filestore, Lustre and Vertex AI are reached inside of the network."""

import ipaddress
from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp

from components.gcp.resource_name import check_name


@dataclass(frozen=True, kw_only=True)
class PrivateServicesArgs:
    """`cidr` must not overlap a subnetwork; Google takes addresses from it as services are made."""

    project: str
    network: pulumi.Input[str]  # full id
    cidr: str
    protect: bool = True  # as the environment says

    def __post_init__(self) -> None:
        """ValueError for text that is no private range of /8 to /24."""
        try:
            network = ipaddress.IPv4Network(self.cidr)
        except ValueError as error:
            message = f'{self.cidr!r} is no IPv4 range ({error}); write for example "10.40.0.0/16".'
            raise ValueError(message) from None
        if not network.is_private or not 8 <= network.prefixlen <= 24:
            message = f"{self.cidr} is not allowed; give a private range between /8 and /24, for example 10.40.0.0/16."
            raise ValueError(message)


class PrivateServices(pulumi.ComponentResource):
    connection: gcp.servicenetworking.Connection

    def __init__(self, name: str, args: PrivateServicesArgs, opts: pulumi.ResourceOptions | None = None):
        check_name("address", name)
        super().__init__("trainyard:gcp:PrivateServices", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self, protect=args.protect)
        start, _, length = args.cidr.partition("/")
        reserved = gcp.compute.GlobalAddress(
            f"{name}-range",
            name=name,
            project=args.project,
            network=args.network,
            purpose="VPC_PEERING",
            address_type="INTERNAL",
            address=start,
            prefix_length=int(length),
            opts=child,
        )
        self.connection = gcp.servicenetworking.Connection(
            f"{name}-connection",
            network=args.network,
            service="servicenetworking.googleapis.com",
            reserved_peering_ranges=[reserved.name],
            opts=child,
        )
        self.register_outputs({})
