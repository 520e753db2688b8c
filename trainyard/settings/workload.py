"""Parts that several kinds of workload have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from trainyard.facts.aws.images import IMAGES as AWS_IMAGES
from trainyard.facts.aws.images import resolve_image as on_aws
from trainyard.facts.azure.images import IMAGES as AZURE_IMAGES
from trainyard.facts.azure.images import resolve_image as on_azure
from trainyard.facts.images import IMAGES, resolve_image
from trainyard.settings.shape import Section
from trainyard.settings.values import Duration, Slug, Whole, matching

MemoryGib = Annotated[Whole | None, Field(description="the memory of one chip in GiB, for example 80")]
Form = Annotated[
    Literal["sxm", "pcie", "nvl", "oam", "superchip"] | None,
    Field(description="how the chip is built in: sxm, pcie, nvl, oam or superchip"),
]
Fabric = Annotated[
    Literal["gpudirect-tcpx", "gpudirect-tcpxo", "roce", "efa", "infiniband", "none"] | None,
    Field(description="the network between nodes: gpudirect-tcpx, gpudirect-tcpxo, roce, efa, infiniband or none"),
]
Nodes = Annotated[Whole, Field(description="a whole number from 1 on: machines in one fabric")]
Reference = Annotated[str, matching(r"(?:gcp|aws|azure)-secret://[^\s]+")]
Secrets = Annotated[
    Mapping[str, Reference],
    Field(
        description="a mapping of name to reference, never a secret: { HF_TOKEN: gcp-secret://<project>/<name> }",
        default_factory=dict,
    ),
]
DataUse = Annotated[
    Mapping[Slug, Literal["read", "write"]],
    Field(description="a mapping of data set to read or write: { training-corpus: read }", default_factory=dict),
]
# By cloud, who may be granted a login: a mail address, an object id of Entra ID, a name of the account's IAM.
PRINCIPALS: Mapping[str, str] = {
    "gcp": r"(?:group|user|serviceAccount):[^@\s]+@[^@\s]+",
    "aws": r"iam-(?:role|group|user):[\w+=,.@-]{1,64}",
    "azure": r"(?:group|user|servicePrincipal):[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
}
Access = Annotated[
    tuple[Annotated[str, matching("|".join(f"(?:{pattern})" for pattern in PRINCIPALS.values()))], ...],
    Field(
        description='a list of who may log in, each in its cloud\'s words: ["group:ml-research@acme.example", '
        '"iam-role:ml-research", "group:3fa85f64-5717-4562-b3fc-2c963f66afa6"]'
    ),
]
Egress = Annotated[
    Literal["allowed", "refused"],
    Field(
        description="allowed or refused: whether a machine may run in a region that reads its data from another one, "
        "which bills by the GiB"
    ),
]
RESOLVE = {"gcp": resolve_image, "aws": on_aws, "azure": on_azure}


def _image(value: str) -> str:
    """As it is, where it is an image of any cloud; of which one, the checks say."""
    for resolve in (on_aws, on_azure):
        try:
            resolve(value)
        except ValueError:
            continue
        return value
    resolve_image(value)
    return value


Image = Annotated[
    Annotated[str, AfterValidator(_image)] | None,
    Field(
        description="a machine image in its cloud's words, left out for each cloud's own: on Google Cloud an alias "
        f"({', '.join(IMAGES)}) or projects/<project>/global/images/<name>; on AWS {', '.join(AWS_IMAGES)}, ami-… or "
        f"ssm:<parameter>; on Azure {', '.join(AZURE_IMAGES)}, publisher:offer:sku:version or a gallery's full id"
    ),
]


class Idle(Section):
    """When a machine counts as idle, and what then happens to it."""

    after: Annotated[Duration, Field(description="a duration such as 30m")]
    accelerator_below_percent: Annotated[Whole, Field(le=100, description="a whole number from 1 to 100")] = 5
    then: Annotated[Literal["stop", "end"], Field(description="stop or end")] = "stop"


class OnPreemption(Section):
    """What happens when the cloud takes a machine back."""

    retries: Annotated[Whole, Field(le=100, description="a whole number from 1 to 100")]
