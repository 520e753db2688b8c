"""A base stack: what lives long, each thing made here or existing by id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Discriminator, Field, Tag

from trainyard.settings.base_aws import AwsBase
from trainyard.settings.base_azure import AzureBase
from trainyard.settings.data import DataSet
from trainyard.settings.data_aws import AwsDataSet
from trainyard.settings.data_azure import AzureDataSet
from trainyard.settings.fabric import Fabrics
from trainyard.settings.made import made_or_existing
from trainyard.settings.network import PROJECT, ExistingNetwork, MadeNetwork, Networks
from trainyard.settings.shape import Section
from trainyard.settings.values import Flag, Slug, Text, Whole, matching

_LOCATION = matching(r"[a-z]+(?:-[a-z]+[0-9]+)?")
_KEY = rf"projects/{PROJECT}/locations/[a-z0-9-]+/keyRings/[A-Za-z0-9_-]+/cryptoKeys/[A-Za-z0-9_-]+"
_REPOSITORY = rf"projects/{PROJECT}/locations/[a-z0-9-]+/repositories/[a-z0-9-]+"
_TENSORBOARD = rf"projects/(?:{PROJECT}|[0-9]+)/locations/[a-z0-9-]+/tensorboards/[0-9]+"


class MadeKey(Section):
    """A key of this stack's own."""

    rotation_days: Annotated[Whole, Field(le=3650, description="a whole number of days from 1 to 3650")] = 90


class ExistingKey(Section):
    """A key that others own; Google's service agents must be allowed to use it."""

    id: Annotated[
        Annotated[str, matching(_KEY)],
        Field(description="projects/<project>/locations/<location>/keyRings/<ring>/cryptoKeys/<key>"),
    ]


class MadeRegistry(Section):
    """A Docker repository of this stack's own."""

    location: Annotated[Annotated[str, _LOCATION], Field(description="a region, or europe, us or asia")]
    immutable_tags: Annotated[Flag, Field(description="true or false: whether a tag may move")] = True


class ExistingRegistry(Section):
    """A Docker repository that others own."""

    id: Annotated[
        Annotated[str, matching(_REPOSITORY)],
        Field(description="projects/<project>/locations/<location>/repositories/<name>"),
    ]


class MadeTensorboard(Section):
    """A TensorBoard of this stack's own."""

    region: Annotated[Text, Field(description="a region, for example europe-west4")]


class ExistingTensorboard(Section):
    """A TensorBoard that others own."""

    id: Annotated[
        Annotated[str, matching(_TENSORBOARD)],
        Field(description="projects/<project>/locations/<region>/tensorboards/<number>"),
    ]


class ExistingIdentity(Section):
    """A service account that others own; what it may do is theirs to grant."""

    id: Annotated[
        Annotated[
            str, matching(r"[a-z][a-z0-9-]{4,28}[a-z0-9]@[a-z][a-z0-9-]{4,28}[a-z0-9]\.iam\.gserviceaccount\.com")
        ],
        Field(description="<name>@<project>.iam.gserviceaccount.com"),
    ]


Key = Annotated[
    Annotated[MadeKey, Tag("(made)")] | Annotated[ExistingKey, Tag("(existing)")],
    Discriminator(made_or_existing("id")),
    Field(description="made here, { rotation_days: 90 }, or existing, { id: projects/… }"),
]


class GcpBase(Section):
    """What a base stack holds on Google Cloud."""

    services: Annotated[
        tuple[Annotated[str, matching(r"[a-z][a-z0-9-]*(?:\.[a-z0-9-]+)*\.googleapis\.com")], ...],
        Field(description="a list of APIs to enable: [compute.googleapis.com, aiplatform.googleapis.com]"),
    ] = ()
    network: Networks
    fabrics: Fabrics = ()
    keys: Annotated[
        Mapping[Annotated[str, _LOCATION], Key],
        Field(
            description="a mapping of location to key, which encrypts what lies there: { europe-west4: {…} }",
            default_factory=dict,
        ),
    ]
    data: Annotated[
        Mapping[Slug, DataSet],
        Field(
            description="a mapping of data set to its place, of kind bucket, disk, filestore or lustre: "
            "{ checkpoints: { kind: bucket, location: europe-west4 } }",
            default_factory=dict,
        ),
    ]
    registry: Annotated[
        Annotated[
            Annotated[MadeRegistry, Tag("(made)")] | Annotated[ExistingRegistry, Tag("(existing)")],
            Discriminator(made_or_existing("id")),
        ]
        | None,
        Field(description="made here, { location: europe }, or existing, { id: projects/… }"),
    ] = None
    tensorboard: Annotated[
        Annotated[
            Annotated[MadeTensorboard, Tag("(made)")] | Annotated[ExistingTensorboard, Tag("(existing)")],
            Discriminator(made_or_existing("id")),
        ]
        | None,
        Field(description="made here, { region: europe-west4 }, or existing, { id: projects/… }"),
    ] = None

    node_identity: Annotated[
        ExistingIdentity | None,
        Field(
            description="existing, { id: <name>@<project>.iam.gserviceaccount.com }: who all machines and jobs are; "
            "left out, each lease makes its own"
        ),
    ] = None

    @property
    def regions(self) -> tuple[str, ...]:
        """The regions that have a subnetwork."""
        match self.network:
            case MadeNetwork(regions=regions):
                return tuple(regions)
            case ExistingNetwork(subnetworks=subnetworks):
                return tuple(subnetworks)


class Base(Section):
    """What a base stack holds, by cloud."""

    gcp: Annotated[GcpBase | None, Field(description="{ network: { regions: { europe-west4: 10.10.0.0/20 } } }")] = None
    aws: Annotated[AwsBase | None, Field(description="{ network: { regions: { eu-central-1: 10.40.0.0/16 } } }")] = None
    azure: Annotated[AzureBase | None, Field(description="{ network: { regions: { westeurope: 10.60.0.0/16 } } }")] = (
        None
    )

    def at(self, cloud: str) -> GcpBase | AwsBase | AzureBase | None:
        """What it holds on one cloud."""
        found: GcpBase | AwsBase | AzureBase | None
        found = {"gcp": self.gcp, "aws": self.aws, "azure": self.azure}.get(cloud)
        return found

    @property
    def clouds(self) -> tuple[str, ...]:
        """The clouds that it holds something on."""
        return tuple(cloud for cloud in ("gcp", "aws", "azure") if self.at(cloud) is not None)

    def data(self, cloud: str) -> Mapping[str, DataSet | AwsDataSet | AzureDataSet]:
        """Its data sets on one cloud."""
        held = self.at(cloud)
        return held.data if held else {}

    def regions(self, cloud: str) -> tuple[str, ...]:
        """The regions of a cloud that it has a network in."""
        held = self.at(cloud)
        return held.regions if held else ()

    def zones(self, cloud: str) -> tuple[str, ...]:
        """The zones that have a subnet, where subnets are zonal; else none."""
        return self.aws.zones if cloud == "aws" and self.aws else ()
