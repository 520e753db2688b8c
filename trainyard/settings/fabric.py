"""A base stack's networks between GPU machines: made here, or existing by the ids of their subnetworks."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from trainyard.settings.made import made_or_existing
from trainyard.settings.network import Cidr, SubnetworkId
from trainyard.settings.shape import Section
from trainyard.settings.values import Text

Kind = Annotated[
    Literal["gpudirect-tcpx", "gpudirect-tcpxo", "roce"], Field(description="gpudirect-tcpx, gpudirect-tcpxo or roce")
]
Place = Annotated[Text, Field(description="a region, or for roce a zone: us-central1")]


class MadeFabric(Section):
    """Networks of this stack's own."""

    kind: Kind
    place: Place
    range: Annotated[Cidr, Field(description="a private range of /25 or larger, cut up for its subnetworks")]


class ExistingFabric(Section):
    """Networks that others own."""

    kind: Kind
    place: Place
    subnetworks: Annotated[
        tuple[SubnetworkId, ...],
        Field(description="a list of ids, one for each further interface: [projects/…/subnetworks/gpu-0, …]"),
    ]


Fabrics = Annotated[
    tuple[
        Annotated[
            Annotated[MadeFabric, Tag("(made)")] | Annotated[ExistingFabric, Tag("(existing)")],
            Discriminator(made_or_existing("subnetworks")),
        ],
        ...,
    ],
    Field(
        description="a list of networks between GPU machines: "
        "[{ kind: gpudirect-tcpxo, place: us-central1, range: 10.128.0.0/16 }]"
    ),
]
