"""The lease section: how long a compute stack lives, and what it may cost."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from trainyard.settings.shape import Section
from trainyard.settings.values import Duration, Usd


class Hook(Section):
    """What a node is asked to do before it is ended."""

    checkpoint: Annotated[Duration, Field(description="how long a checkpoint may take: a duration such as 10m")]


class Lease(Section):
    """Two limits of time and one of money."""

    ttl: Annotated[Duration, Field(description="the time until the soft end: a duration such as 30m, 12h or 14d")]
    extend_to: Annotated[
        Duration,
        Field(description="the time until the hard end, which never moves: a duration of at least ttl, such as 24h"),
    ]
    cap_usd: Annotated[Usd, Field(description="the most it may cost until the soft end, in US dollars: 1600")]
    at_limit: Annotated[Literal["stop", "end"], Field(description="stop or end")] = "stop"
    grace: Annotated[
        Duration, Field(description="how long a stopped machine is kept before it is ended: a duration such as 24h")
    ] = timedelta(hours=24)
    hook: Annotated[Hook | None, Field(description="{ checkpoint: 10m }")] = None
