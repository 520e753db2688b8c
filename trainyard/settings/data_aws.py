"""Data sets of a base stack on AWS: where each lies, made here or existing by id."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from trainyard.settings.made import made_or_existing_of
from trainyard.settings.shape import Section
from trainyard.settings.values import Text, Whole, matching


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


AwsDataSet = Annotated[
    Annotated[AwsMadeBucket, Tag("(made bucket)")] | Annotated[AwsExistingBucket, Tag("(existing bucket)")],
    Discriminator(made_or_existing_of("bucket")),
    Field(
        description="made here, { kind: bucket, region: eu-central-1 }, or existing, { kind: bucket, id: …, region: … }"
    ),
]
