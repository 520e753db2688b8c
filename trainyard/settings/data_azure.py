"""Data sets of a base stack on Azure: where each lies, made here or existing by id."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from trainyard.facts.azure.storage import LUSTRE_STEPS_TIB
from trainyard.settings.azure_ids import IN_GROUP
from trainyard.settings.made import made_or_existing_of
from trainyard.settings.shape import Section
from trainyard.settings.values import Text, Whole, matching

_Region = Annotated[Text, Field(description="a region, for example westeurope")]
# The number is the subscription's own: another one may call the same building by another.
_Zone = Annotated[Whole, Field(le=3, description="a zone of the region by its number: 1, 2 or 3")]


class AzureMadeBucket(Section):
    """A container in a storage account of this stack's own: never public."""

    kind: Annotated[Literal["bucket"], Field(description="bucket")]
    region: _Region
    delete_after_days: Annotated[Whole | None, Field(description="a whole number of days an object lives")] = None


class AzureExistingBucket(Section):
    """A container that others own."""

    kind: Annotated[Literal["bucket"], Field(description="bucket")]
    id: Annotated[
        Annotated[str, matching(r"[a-z0-9]{3,24}/[a-z0-9](?:-?[a-z0-9]){2,62}")],
        Field(description="<storage account>/<container>"),
    ]
    region: Annotated[Text, Field(description="the region that its storage account lies in")]


class AzureMadeLustre(Section):
    """A Managed Lustre of this stack's own, in one zone; all machines of its region reach it."""

    kind: Annotated[Literal["lustre"], Field(description="lustre")]
    region: _Region
    zone: _Zone
    tib: Annotated[Whole, Field(description="a whole number of TiB, in the steps of its throughput")]
    mb_per_s_per_tib: Annotated[
        Whole, Field(description=f"MB/s for each TiB: {', '.join(str(each) for each in LUSTRE_STEPS_TIB)}")
    ] = 250


class AzureExistingLustre(Section):
    """A Managed Lustre that others own, whose subnet the region's machines must reach."""

    kind: Annotated[Literal["lustre"], Field(description="lustre")]
    id: Annotated[
        Annotated[str, matching(rf"{IN_GROUP}/Microsoft\.StorageCache/amlFilesystems/[^/\s]+")],
        Field(description="the full id of the file system: az amlfs show --query id"),
    ]
    region: Annotated[Text, Field(description="the region that it lies in")]
    address: Annotated[
        Annotated[str, matching(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}")],
        Field(description="its MGS address: az amlfs show --query clientInfo.mgsAddress"),
    ]


class AzureMadeDisk(Section):
    """A Premium SSD v2 of this stack's own, in one zone."""

    kind: Annotated[Literal["disk"], Field(description="disk")]
    region: _Region
    zone: _Zone
    gib: Annotated[Whole, Field(description="a whole number of GiB")]
    iops: Annotated[Whole | None, Field(description="a whole number, 3000 or more")] = None
    mb_per_s: Annotated[Whole | None, Field(description="a whole number of MB/s, 125 or more")] = None


class AzureExistingDisk(Section):
    """A managed disk that others own."""

    kind: Annotated[Literal["disk"], Field(description="disk")]
    id: Annotated[
        Annotated[str, matching(rf"{IN_GROUP}/Microsoft\.Compute/disks/[^/\s]+")],
        Field(description="the full id of the disk: az disk show --query id"),
    ]
    region: Annotated[Text, Field(description="the region that it lies in")]
    zone: _Zone


AzureDataSet = Annotated[
    Annotated[AzureMadeBucket, Tag("(made bucket)")]
    | Annotated[AzureExistingBucket, Tag("(existing bucket)")]
    | Annotated[AzureMadeLustre, Tag("(made lustre)")]
    | Annotated[AzureExistingLustre, Tag("(existing lustre)")]
    | Annotated[AzureMadeDisk, Tag("(made disk)")]
    | Annotated[AzureExistingDisk, Tag("(existing disk)")],
    Discriminator(made_or_existing_of("bucket", "lustre", "disk")),
    Field(
        description="made here, { kind: bucket, region: westeurope }, or existing, { kind: bucket, id: …, region: … }; "
        "kinds are bucket, lustre and disk"
    ),
]


def zone_of_data(data: AzureDataSet) -> int | None:
    """The number of the zone that a disk lies in, and its machine with it; None for what a whole region reaches."""
    match data:
        case AzureMadeDisk(zone=zone) | AzureExistingDisk(zone=zone):
            return zone
        case _:
            return None
