"""All of a stack file: what stands under `config: trainyard:settings:`, and what the Pulumi CLI keeps beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from trainyard.settings.base import Base
from trainyard.settings.kinds import Workload
from trainyard.settings.lease import Lease
from trainyard.settings.shape import Section
from trainyard.settings.stack import Stack

KEY = "trainyard:settings"


class StackSettings(Section):
    """The settings of one stack."""

    stack: Annotated[
        Stack, Field(description="{ schema: 1, environment: dev, layer: compute, owner: …, cost_center: … }")
    ]
    lease: Annotated[Lease | None, Field(description="{ ttl: 12h, extend_to: 24h, cap_usd: 1600 }")] = None
    workloads: Annotated[
        Mapping[str, Annotated[Workload, Field(discriminator="kind")]],
        Field(description="a mapping of name to workload: { workbench: { kind: gpu-vm, … } }", default_factory=dict),
    ]
    base: Annotated[Base | None, Field(description="{ gcp: { network: … } }")] = None


class Config(Section):
    """The stack's configuration."""

    settings: Annotated[StackSettings, Field(alias=KEY, description="the stack's settings")]


class StackFile(Section):
    """One Pulumi.<stack>.yaml."""

    config: Annotated[Config, Field(description=f"a mapping with {KEY}")]
    encryptionsalt: Annotated[str | None, Field(description="text that the Pulumi CLI writes")] = None
    encryptedkey: Annotated[str | None, Field(description="text that the Pulumi CLI writes")] = None
    secretsprovider: Annotated[str | None, Field(description="the address of a key, such as gcpkms://…")] = None
