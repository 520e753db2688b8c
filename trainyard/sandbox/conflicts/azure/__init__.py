"""What Azure refuses across fields, by what it is about."""

from __future__ import annotations

from typing import Final

from trainyard.sandbox.conflicts.azure import (
    addresses,
    budgets,
    capacity,
    clusters,
    disks,
    everywhere,
    gateways,
    learning,
    login,
    machine_disks,
    scale_sets,
    schedules,
    security_rules,
    services,
    storage,
)
from trainyard.sandbox.conflicts.conflict import Conflict

CONFLICTS: Final[tuple[Conflict, ...]] = (
    *everywhere.CONFLICTS,
    *capacity.CONFLICTS,
    *login.CONFLICTS,
    *machine_disks.CONFLICTS,
    *disks.CONFLICTS,
    *scale_sets.CONFLICTS,
    *addresses.CONFLICTS,
    *security_rules.CONFLICTS,
    *gateways.CONFLICTS,
    *storage.CONFLICTS,
    *learning.CONFLICTS,
    *budgets.CONFLICTS,
    *schedules.CONFLICTS,
    *clusters.CONFLICTS,
    *services.CONFLICTS,
)
