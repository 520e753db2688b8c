"""A base stack on AWS: what lives long, each thing made here or existing by id."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from ipaddress import IPv4Network
from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from trainyard.facts.offer import load_offers
from trainyard.facts.places import region_of
from trainyard.settings.data_aws import ZONE_ID, AwsDataSet
from trainyard.settings.made import made_or_existing
from trainyard.settings.network import Cidr
from trainyard.settings.shape import Section
from trainyard.settings.values import Flag, Slug, Text, matching

_HEX = r"(?:[0-9a-f]{8}|[0-9a-f]{17})"
_PARTS = 8  # of a VPC: the zones by their numbers, and one that is kept free
LEAST_VPC = 25  # Amazon VPC docs, "VPC CIDR blocks": a subnet is /28 or larger
_PLACE = r"[a-z0-9-]+:[0-9]{12}"  # of an ARN: region and account
_KEY = rf"arn:aws:kms:{_PLACE}:key/(?:[0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}|mrk-[0-9a-f]{{32}})"
_REPOSITORY = rf"arn:aws:ecr:{_PLACE}:repository/[a-z0-9][a-z0-9._/-]{{1,255}}"


class AwsMadeNetwork(Section):
    """A VPC of this stack's own in each region, with a private subnet a zone."""

    regions: Annotated[
        Mapping[str, Cidr],
        Field(min_length=1, description="a mapping of region to private range: { eu-central-1: 10.40.0.0/16 }"),
    ]
    zones: Annotated[
        tuple[Annotated[str, ZONE_ID], ...],
        Field(
            description="a list of ids of the zones that get a subnet, [euc1-az2]; left out, all with accelerators "
            "(a zone's id is the same in every account, its name is not)"
        ),
    ] = ()
    egress: Annotated[
        Literal["nat", "endpoints"],
        Field(description="nat, or endpoints: no internet at all, only services of AWS"),
    ] = "nat"

    @property
    def subnets(self) -> Mapping[str, Mapping[str, str]]:
        """By region and zone's id the range of each private subnet: always the same part of the VPC's."""
        return {
            region: {zone: part for zone in self._zones(region) if (part := _part(zone, cidr))}
            for region, cidr in self.regions.items()
        }

    def _zones(self, region: str) -> tuple[str, ...]:
        asked = [zone for zone in self.zones if region_of("aws", zone) == region]
        return tuple(asked or sorted(zone for zone in _with_accelerators() if region_of("aws", zone) == region))


@cache
def _with_accelerators() -> frozenset[str]:
    """Zones of regions: the ids of local zones have three parts, and their machines another network."""
    return frozenset(offer.zone for offer in load_offers("aws") if offer.zone.count("-") == 1)


def _part(zone: str, cidr: str) -> str:
    """The eighth of a VPC that belongs to a zone by its number, so that none moves when another comes."""
    network = IPv4Network(cidr)
    number = int(zone.rpartition("-az")[2])
    if network.prefixlen > LEAST_VPC or number >= _PARTS:
        return ""  # refused by the checks
    return str(list(network.subnets(prefixlen_diff=3))[number])


class ExistingVpc(Section):
    """One region's VPC that others own."""

    id: Annotated[Annotated[str, matching(rf"vpc-{_HEX}")], Field(description="the VPC's id: vpc-…")]
    security_group: Annotated[
        Annotated[str, matching(rf"sg-{_HEX}")],
        Field(description="the id of the machines' security group, open to itself and to nothing else: sg-…"),
    ]
    subnets: Annotated[
        Mapping[Annotated[str, ZONE_ID], Annotated[str, matching(rf"subnet-{_HEX}")]],
        Field(min_length=1, description="a mapping of a zone's id to a private subnet: { euc1-az2: subnet-… }"),
    ]


class AwsExistingNetwork(Section):
    """VPCs that others own."""

    vpcs: Annotated[
        Mapping[str, ExistingVpc],
        Field(
            min_length=1,
            description="a mapping of region to VPC: "
            "{ eu-central-1: { id: vpc-…, security_group: sg-…, subnets: { euc1-az2: subnet-… } } }",
        ),
    ]


class AwsMadeKey(Section):
    """A key of KMS of this stack's own."""

    rotation_days: Annotated[
        int, Field(strict=True, ge=90, le=2560, description="a whole number of days from 90 to 2560")
    ] = 365


class AwsExistingKey(Section):
    """A key that others own; its policy must allow CloudWatch Logs and, for groups, Auto Scaling's role to use it."""

    id: Annotated[
        Annotated[str, matching(_KEY)], Field(description="the key's ARN: arn:aws:kms:<region>:<account>:key/<id>")
    ]


class AwsMadeRepository(Section):
    """A repository of ECR of this stack's own."""

    region: Annotated[Text, Field(description="a region, for example eu-central-1")]
    immutable_tags: Annotated[Flag, Field(description="true or false: whether a tag may never move")] = True


class AwsExistingRepository(Section):
    """A repository that others own, of another account too, whose policy must then let this one pull."""

    id: Annotated[
        Annotated[str, matching(_REPOSITORY)],
        Field(description="the repository's ARN: arn:aws:ecr:<region>:<account>:repository/<name>"),
    ]


AwsKey = Annotated[
    Annotated[AwsMadeKey, Tag("(made)")] | Annotated[AwsExistingKey, Tag("(existing)")],
    Discriminator(made_or_existing("id")),
    Field(description="made here, { rotation_days: 365 }, or existing, { id: arn:aws:kms:… }"),
]
AwsRepository = Annotated[
    Annotated[AwsMadeRepository, Tag("(made)")] | Annotated[AwsExistingRepository, Tag("(existing)")],
    Discriminator(made_or_existing("id")),
    Field(description="made here, { region: eu-central-1 }, or existing, { id: arn:aws:ecr:… }"),
]


class AwsBase(Section):
    """What a base stack holds on AWS."""

    network: Annotated[
        Annotated[
            Annotated[AwsMadeNetwork, Tag("(made)")] | Annotated[AwsExistingNetwork, Tag("(existing)")],
            Discriminator(made_or_existing("vpcs")),
        ],
        Field(description="made here, { regions: {…} }, or existing, { vpcs: {…} }"),
    ]
    keys: Annotated[
        Mapping[str, AwsKey],
        Field(
            description="a mapping of region to key, which encrypts what lies there: { eu-central-1: {…} }",
            default_factory=dict,
        ),
    ]
    data: Annotated[
        Mapping[Slug, AwsDataSet],
        Field(
            description="a mapping of data set to its place, of kind bucket, lustre or disk: "
            "{ checkpoints: { kind: bucket, region: eu-central-1 } }",
            default_factory=dict,
        ),
    ]
    repositories: Annotated[
        Mapping[Slug, AwsRepository],
        Field(
            description="a mapping of name to a repository of ECR: { train: { region: eu-central-1 } }",
            default_factory=dict,
        ),
    ]

    @property
    def regions(self) -> tuple[str, ...]:
        """The regions that have a VPC."""
        match self.network:
            case AwsMadeNetwork(regions=regions):
                return tuple(regions)
            case AwsExistingNetwork(vpcs=vpcs):
                return tuple(vpcs)

    @property
    def zones(self) -> tuple[str, ...]:
        """The ids of the zones that have a subnet."""
        match self.network:
            case AwsMadeNetwork():
                return tuple(zone for ranges in self.network.subnets.values() for zone in ranges)
            case AwsExistingNetwork(vpcs=vpcs):
                return tuple(zone for vpc in vpcs.values() for zone in vpc.subnets)
