"""Data sets of a base stack on Azure: where each lies, made here or existing by id."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

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


_EXISTING = (AzureExistingBucket,)


def _which(value: object) -> str | None:
    if isinstance(value, dict):
        kind, there = value.get("kind"), "id" in value
    else:
        kind, there = getattr(value, "kind", None), isinstance(value, _EXISTING)
    return f"({'existing' if there else 'made'} {kind})" if kind in ("bucket",) else None


AzureDataSet = Annotated[
    Annotated[AzureMadeBucket, Tag("(made bucket)")] | Annotated[AzureExistingBucket, Tag("(existing bucket)")],
    Discriminator(_which),
    Field(
        description="made here, { kind: bucket, region: westeurope }, or existing, { kind: bucket, id: …, region: … }"
    ),
]
