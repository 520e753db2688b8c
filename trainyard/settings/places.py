"""Where a workload may run: ordered places, each cloud in its own words."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from trainyard.settings.shape import Section
from trainyard.settings.values import Text

CloudName = Literal["gcp", "aws", "azure", "coreweave", "lambda", "paperspace", "ssh"]


class Where(Section):
    """One cloud's regions, or its zones."""

    cloud: Annotated[CloudName, Field(description="a cloud: gcp, aws, azure, coreweave, lambda, paperspace or ssh")]
    regions: Annotated[
        tuple[Text, ...],
        Field(description="a list of the cloud's regions in order of preference, for example [europe-west4]"),
    ] = ()
    zones: Annotated[
        tuple[Text, ...],
        Field(description="a list of the cloud's zones in order of preference, for example [europe-west4-a]"),
    ] = ()


Places = Annotated[
    tuple[Where, ...],
    Field(min_length=1, description="a list of places in order: [{ cloud: gcp, regions: [europe-west4] }]"),
]
