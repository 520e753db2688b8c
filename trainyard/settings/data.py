"""Data sets of a base stack: where each lies, made here or existing by id; workloads name them under `data`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from trainyard.facts.storage import DATA_DISKS_GIB, FILESTORE_TIERS, LUSTRE_STEPS_GIB
from trainyard.settings.made import made_or_existing_of
from trainyard.settings.network import PROJECT
from trainyard.settings.shape import Section
from trainyard.settings.values import Flag, Text, Whole, matching

_ADDRESS = r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}"
_ZONE = matching(r"[a-z]+-[a-z]+[0-9]+-[a-z]")
_Zone = Annotated[Annotated[str, _ZONE], Field(description="a zone, for example europe-west4-a")]
_Gib = Annotated[Whole, Field(description="a whole number of GiB")]


class MadeBucket(Section):
    """A bucket of this stack's own: never public."""

    kind: Annotated[Literal["bucket"], Field(description="bucket")]
    location: Annotated[Text, Field(description="a region, or eu, us or asia")]
    hierarchical: Annotated[Flag, Field(description="true or false: real folders, without versions")] = False
    keep_versions: Annotated[int, Field(strict=True, ge=0, description="a whole number: older versions to keep")] = 3
    soft_delete_days: Annotated[int, Field(strict=True, ge=0, le=90, description="0, or 7 to 90 days")] = 7
    delete_after_days: Annotated[Whole | None, Field(description="a whole number of days an object lives")] = None


class ExistingBucket(Section):
    """A bucket that others own."""

    kind: Annotated[Literal["bucket"], Field(description="bucket")]
    id: Annotated[
        Annotated[str, matching(r"[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]")],
        Field(description="a bucket's name, without gs://"),
    ]


class MadeDisk(Section):
    """A Hyperdisk of this stack's own, in one zone."""

    kind: Annotated[Literal["disk"], Field(description="disk")]
    zone: _Zone
    gib: _Gib
    type: Annotated[
        Literal["hyperdisk-balanced", "hyperdisk-ml", "hyperdisk-throughput"],
        Field(description=", ".join(DATA_DISKS_GIB)),
    ] = "hyperdisk-balanced"


class ExistingDisk(Section):
    """A disk that others own."""

    kind: Annotated[Literal["disk"], Field(description="disk")]
    id: Annotated[
        Annotated[str, matching(rf"projects/{PROJECT}/zones/[a-z0-9-]+/disks/[a-z0-9-]+")],
        Field(description="projects/<project>/zones/<zone>/disks/<name>"),
    ]


class MadeFilestore(Section):
    """Files over NFS."""

    kind: Annotated[Literal["filestore"], Field(description="filestore")]
    location: Annotated[Text, Field(description="a zone, or for tier regional a region")]
    tier: Annotated[
        Literal["basic-hdd", "basic-ssd", "zonal", "regional"], Field(description=", ".join(FILESTORE_TIERS))
    ] = "zonal"
    gib: _Gib


class ExistingFilestore(Section):
    """Files over NFS that others own."""

    kind: Annotated[Literal["filestore"], Field(description="filestore")]
    id: Annotated[
        Annotated[str, matching(rf"projects/{PROJECT}/locations/[a-z0-9-]+/instances/[a-z0-9-]+")],
        Field(description="projects/<project>/locations/<location>/instances/<name>"),
    ]
    mount: Annotated[
        Annotated[str, matching(rf"{_ADDRESS}:/\S+")], Field(description="what is mounted: 10.40.0.2:/share")
    ]


class MadeLustre(Section):
    """A parallel file system."""

    kind: Annotated[Literal["lustre"], Field(description="lustre")]
    zone: _Zone
    gib: _Gib
    mb_per_s_per_tib: Annotated[
        Literal[125, 250, 500, 1000],
        Field(description=", ".join(str(each) for each in sorted(LUSTRE_STEPS_GIB))),
    ] = 1000


class ExistingLustre(Section):
    """A parallel file system that others own."""

    kind: Annotated[Literal["lustre"], Field(description="lustre")]
    id: Annotated[
        Annotated[str, matching(rf"projects/{PROJECT}/locations/[a-z0-9-]+/instances/[a-z0-9-]+")],
        Field(description="projects/<project>/locations/<zone>/instances/<name>"),
    ]
    mount: Annotated[
        Annotated[str, matching(rf"{_ADDRESS}@tcp:/\S+")], Field(description="what is mounted: 10.40.1.2@tcp:/data")
    ]


DataSet = Annotated[
    Annotated[MadeBucket, Tag("(made bucket)")]
    | Annotated[ExistingBucket, Tag("(existing bucket)")]
    | Annotated[MadeDisk, Tag("(made disk)")]
    | Annotated[ExistingDisk, Tag("(existing disk)")]
    | Annotated[MadeFilestore, Tag("(made filestore)")]
    | Annotated[ExistingFilestore, Tag("(existing filestore)")]
    | Annotated[MadeLustre, Tag("(made lustre)")]
    | Annotated[ExistingLustre, Tag("(existing lustre)")],
    Discriminator(made_or_existing_of("bucket", "disk", "filestore", "lustre")),
    Field(
        description="made here, { kind: bucket, location: europe-west4 }, or existing, { kind: bucket, id: … }; kinds "
        "are bucket, disk, filestore and lustre"
    ),
]


def kind_of(data: DataSet) -> Literal["bucket", "disk", "filestore", "lustre"]:
    """The word by which the file tells what a data set is."""
    return data.kind


def place_of(data: DataSet) -> str | None:
    """The only zone in which it can be used; None where it is reached from elsewhere as well."""
    match data:
        case MadeDisk(zone=zone):
            return zone
        case ExistingDisk(id=disk):
            return disk.split("/")[3]
        case _:
            return None
