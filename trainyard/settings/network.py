"""A base stack's network: made here, or existing by id; a shared VPC is one of another project."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Network
from typing import Annotated

from pydantic import AfterValidator, Discriminator, Field, Tag, WithJsonSchema

from trainyard.settings.made import made_or_existing
from trainyard.settings.shape import Section
from trainyard.settings.values import UnfitError, matching

PROJECT = r"(?:[a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]"
_PRIVATE = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")))


def _cidr(value: str) -> str:
    try:
        network = IPv4Network(value)
    except ValueError as error:
        message = f'"{value}" is no IPv4 range ({error}); give one such as "10.10.0.0/20".'
        raise UnfitError(message) from error
    if not 8 <= network.prefixlen <= 29 or not any(network.subnet_of(private) for private in _PRIVATE):
        message = (
            f'"{value}" is no range for a subnetwork; give a private one (10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or '
            "100.64.0.0/10) between /8 and /29."
        )
        raise UnfitError(message)
    return value


Cidr = Annotated[str, AfterValidator(_cidr), WithJsonSchema({"type": "string", "pattern": r"^[0-9.]+/[0-9]+$"})]
NetworkId = Annotated[str, matching(rf"projects/{PROJECT}/global/networks/[a-z0-9-]+")]
SubnetworkId = Annotated[str, matching(rf"projects/{PROJECT}/regions/[a-z0-9-]+/subnetworks/[a-z0-9-]+")]


class MadeNetwork(Section):
    """A network of this stack's own, with one subnetwork a region."""

    regions: Annotated[
        Mapping[str, Cidr],
        Field(min_length=1, description="a mapping of region to private range: { europe-west4: 10.10.0.0/20 }"),
    ]
    private_services: Annotated[
        Cidr | None,
        Field(description="a private range, /24 or larger, for Filestore, Lustre and Vertex AI: 10.40.0.0/16"),
    ] = None


class ExistingNetwork(Section):
    """A network that others own."""

    id: Annotated[NetworkId, Field(description="the network's id: projects/<project>/global/networks/<name>")]
    subnetworks: Annotated[
        Mapping[str, SubnetworkId],
        Field(
            min_length=1,
            description="a mapping of region to id: "
            "{ europe-west4: projects/<project>/regions/europe-west4/subnetworks/<name> }",
        ),
    ]

    @property
    def host_project(self) -> str:
        """The project that owns it: another than the environment's for a shared VPC."""
        return self.id.split("/")[1]


Network = MadeNetwork | ExistingNetwork


Networks = Annotated[
    Annotated[MadeNetwork, Tag("(made)")] | Annotated[ExistingNetwork, Tag("(existing)")],
    Discriminator(made_or_existing("id", "subnetworks")),
    Field(description="made here, { regions: {…} }, or existing, { id: …, subnetworks: {…} }"),
]
