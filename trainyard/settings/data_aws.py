"""Data sets of a base stack on AWS: where each lies, made here or existing by id."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from trainyard.facts.aws.storage import LUSTRE_TYPES, VOLUME_TYPES
from trainyard.facts.places import region_of
from trainyard.settings.made import made_or_existing_of
from trainyard.settings.shape import Section
from trainyard.settings.values import Text, Whole, matching

ZONE_ID = matching(r"[a-z]{3,6}[0-9]-az[0-9]{1,2}")
_HEX = r"(?:[0-9a-f]{8}|[0-9a-f]{17})"
_Zone = Annotated[
    Annotated[str, ZONE_ID], Field(description="a zone's id, for example euc1-az2 (the same in every account)")
]
_Gib = Annotated[Whole, Field(description="a whole number of GiB")]


class AwsMadeBucket(Section):
    """An S3 bucket of this stack's own: never public."""

    kind: Annotated[Literal["bucket"], Field(description="bucket")]
    region: Annotated[Text, Field(description="a region, for example eu-central-1")]
    delete_after_days: Annotated[Whole | None, Field(description="a whole number of days an object lives")] = None


class AwsExistingBucket(Section):
    """An S3 bucket that others own."""

    kind: Annotated[Literal["bucket"], Field(description="bucket")]
    id: Annotated[
        Annotated[str, matching(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")],
        Field(description="a bucket's name, without s3://"),
    ]
    region: Annotated[Text, Field(description="the region that it lies in")]


class AwsMadeLustre(Section):
    """An FSx for Lustre of this stack's own, in one zone; all machines of its region reach it."""

    kind: Annotated[Literal["lustre"], Field(description="lustre")]
    zone: _Zone
    gib: _Gib
    type: Annotated[
        Literal["persistent-2", "persistent-1", "persistent-1-hdd", "scratch-2"],
        Field(description=", ".join(LUSTRE_TYPES)),
    ] = "persistent-2"
    mb_per_s_per_tib: Annotated[
        Whole | None, Field(description="a whole number of MB/s for each TiB, of those that its type has")
    ] = None
    backup_days: Annotated[
        int | None,
        Field(strict=True, ge=0, le=90, description="a whole number from 0 to 90: days to keep its daily backups"),
    ] = None


class AwsExistingLustre(Section):
    """An FSx for Lustre that others own; its security group must let the machines in."""

    kind: Annotated[Literal["lustre"], Field(description="lustre")]
    id: Annotated[Annotated[str, matching(rf"fs-{_HEX}")], Field(description="the file system's id: fs-…")]
    zone: _Zone
    mount_name: Annotated[
        Annotated[str, matching(r"[A-Za-z0-9_-]{1,8}")],
        Field(description="what FSx calls its MountName, for example abcdef"),
    ]


class AwsMadeDisk(Section):
    """An EBS volume of this stack's own, in one zone."""

    kind: Annotated[Literal["disk"], Field(description="disk")]
    zone: _Zone
    gib: _Gib
    type: Annotated[Literal["gp3", "io2", "st1"], Field(description=", ".join(VOLUME_TYPES))] = "gp3"
    iops: Annotated[Whole | None, Field(description="a whole number; io2 has as many as are asked for")] = None
    mib_per_s: Annotated[Whole | None, Field(description="a whole number of MiB/s, of gp3")] = None


class AwsExistingDisk(Section):
    """An EBS volume that others own."""

    kind: Annotated[Literal["disk"], Field(description="disk")]
    id: Annotated[Annotated[str, matching(rf"vol-{_HEX}")], Field(description="the volume's id: vol-…")]
    zone: _Zone


AwsDataSet = Annotated[
    Annotated[AwsMadeBucket, Tag("(made bucket)")]
    | Annotated[AwsExistingBucket, Tag("(existing bucket)")]
    | Annotated[AwsMadeLustre, Tag("(made lustre)")]
    | Annotated[AwsExistingLustre, Tag("(existing lustre)")]
    | Annotated[AwsMadeDisk, Tag("(made disk)")]
    | Annotated[AwsExistingDisk, Tag("(existing disk)")],
    Discriminator(made_or_existing_of("bucket", "lustre", "disk")),
    Field(
        description="made here, { kind: bucket, region: eu-central-1 }, or existing, { kind: bucket, id: …, region: … "
        "}; kinds are bucket, lustre and disk"
    ),
]


def region_of_data(data: AwsDataSet) -> str:
    """The region that a data set lies in."""
    match data:
        case AwsMadeBucket(region=region) | AwsExistingBucket(region=region):
            return region
        case _:
            return region_of("aws", data.zone)
