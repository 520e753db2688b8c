"""Data sets of a base stack on Azure: where each lies, made here or existing by id."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from trainyard.settings.made import made_or_existing_of
from trainyard.settings.shape import Section
from trainyard.settings.values import Text, Whole, matching


class AzureMadeBucket(Section):
    """A container in a storage account of this stack's own: never public."""

    kind: Annotated[Literal["bucket"], Field(description="bucket")]
    region: Annotated[Text, Field(description="a region, for example westeurope")]
    delete_after_days: Annotated[Whole | None, Field(description="a whole number of days an object lives")] = None


class AzureExistingBucket(Section):
    """A container that others own."""

    kind: Annotated[Literal["bucket"], Field(description="bucket")]
    id: Annotated[
        Annotated[str, matching(r"[a-z0-9]{3,24}/[a-z0-9](?:-?[a-z0-9]){2,62}")],
        Field(description="<storage account>/<container>"),
    ]
    region: Annotated[Text, Field(description="the region that its storage account lies in")]


AzureDataSet = Annotated[
    Annotated[AzureMadeBucket, Tag("(made bucket)")] | Annotated[AzureExistingBucket, Tag("(existing bucket)")],
    Discriminator(made_or_existing_of("bucket")),
    Field(
        description="made here, { kind: bucket, region: westeurope }, or existing, { kind: bucket, id: …, region: … }"
    ),
]
