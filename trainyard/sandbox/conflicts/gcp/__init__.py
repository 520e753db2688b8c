"""What Google Cloud refuses across fields."""

from __future__ import annotations

from typing import Final

from trainyard.sandbox.conflicts.conflict import Conflict
from trainyard.sandbox.conflicts.gcp import (
    disks,
    fleet,
    groups,
    interfaces,
    keys,
    kubernetes,
    limits,
    machines,
    networks,
    ranges,
    scaling,
    scheduling,
    services,
    serving,
    sizes,
    storage,
    tpus,
)

CONFLICTS: Final[tuple[Conflict, ...]] = (
    *groups.conflicts(),
    *limits.conflicts(),
    *scheduling.CONFLICTS,
    *machines.CONFLICTS,
    *interfaces.CONFLICTS,
    *disks.CONFLICTS,
    *fleet.CONFLICTS,
    *networks.CONFLICTS,
    *ranges.CONFLICTS,
    *scaling.CONFLICTS,
    *sizes.CONFLICTS,
    *serving.CONFLICTS,
    *keys.CONFLICTS,
    *tpus.CONFLICTS,
    *storage.CONFLICTS,
    *kubernetes.CONFLICTS,
    *services.CONFLICTS,
)
