"""What Google Cloud refuses across fields."""

from __future__ import annotations

from typing import Final

from trainyard.sandbox.conflicts.conflict import Conflict
from trainyard.sandbox.conflicts.gcp import (
    disks,
    fleet,
    groups,
    interfaces,
    kubernetes,
    machines,
    networks,
    scheduling,
    services,
    storage,
    tpus,
)

CONFLICTS: Final[tuple[Conflict, ...]] = (
    *groups.conflicts(),
    *scheduling.CONFLICTS,
    *machines.CONFLICTS,
    *interfaces.CONFLICTS,
    *disks.CONFLICTS,
    *fleet.CONFLICTS,
    *networks.CONFLICTS,
    *tpus.CONFLICTS,
    *storage.CONFLICTS,
    *kubernetes.CONFLICTS,
    *services.CONFLICTS,
)
