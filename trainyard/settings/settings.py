"""What a stack's files say, once all of it is right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from trainyard.settings.base import Base
from trainyard.settings.environment import Environment
from trainyard.settings.kinds import Workload
from trainyard.settings.lease import Lease
from trainyard.settings.stack import Stack


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One stack's settings, its environment's, and for a compute stack its base's."""

    file: str  # "stacks/Pulumi.dev.yaml"
    source: Mapping[str, object]  # what the file holds under trainyard:settings, as plain values
    stack: Stack
    environment: Environment
    lease: Lease | None
    workloads: Mapping[str, Workload]
    base: Base | None
    base_settings: Base | None
