"""What Google Cloud refuses across fields."""

from __future__ import annotations

from typing import Final

from trainyard.sandbox.conflicts.conflict import Conflict
from trainyard.sandbox.conflicts.gcp import disks, fleet, groups, interfaces, machines, networks, scheduling

CONFLICTS: Final[tuple[Conflict, ...]] = (
    *groups.conflicts(),
    *scheduling.CONFLICTS,
    *machines.CONFLICTS,
    *interfaces.CONFLICTS,
    *disks.CONFLICTS,
    *fleet.CONFLICTS,
    *networks.CONFLICTS,
)
