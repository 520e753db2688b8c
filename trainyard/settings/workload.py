"""Parts that several kinds of workload have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

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
Access = Annotated[
    tuple[Annotated[str, matching(r"(?:group|user|serviceAccount):[^@\s]+@[^@\s]+")], ...],
    Field(description='a list of who may log in: ["group:ml-research@acme.example"]'),
]


def _image(value: str) -> str:
    resolve_image(value)
    return value


Image = Annotated[
    Annotated[str, AfterValidator(_image)] | None,
    Field(description=f"a machine image: an alias ({', '.join(IMAGES)}), or projects/<project>/global/images/<name>"),
]


class Idle(Section):
    """When a machine counts as idle, and what then happens to it."""

    after: Annotated[Duration, Field(description="a duration such as 30m")]
    accelerator_below_percent: Annotated[Whole, Field(le=100, description="a whole number from 1 to 100")] = 5
    then: Annotated[Literal["stop", "end"], Field(description="stop or end")] = "stop"


class OnPreemption(Section):
    """What happens when the cloud takes a machine back."""

    retries: Annotated[Whole, Field(le=100, description="a whole number from 1 to 100")]
