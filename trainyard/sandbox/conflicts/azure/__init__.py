"""What Azure refuses across fields, by what it is about."""

from __future__ import annotations

from typing import Final

from trainyard.sandbox.conflicts.azure import (
    addresses,
    apps,
    budgets,
    capacity,
    clusters,
    databases,
    disks,
    dns,
    everywhere,
    gateways,
    identities,
    learning,
    login,
    machine_disks,
    machine_sizes,
    pools,
    private_links,
    scale_sets,
    schedules,
    security_rules,
    services,
    storage,
    watching,
)
from trainyard.sandbox.conflicts.conflict import Conflict

CONFLICTS: Final[tuple[Conflict, ...]] = (
    *everywhere.CONFLICTS,
    *capacity.CONFLICTS,
    *login.CONFLICTS,
    *machine_disks.CONFLICTS,
    *machine_sizes.CONFLICTS,
    *private_links.CONFLICTS,
    *disks.CONFLICTS,
    *dns.CONFLICTS,
    *scale_sets.CONFLICTS,
    *addresses.CONFLICTS,
    *apps.CONFLICTS,
    *security_rules.CONFLICTS,
    *gateways.CONFLICTS,
    *identities.CONFLICTS,
    *storage.CONFLICTS,
    *watching.CONFLICTS,
    *learning.CONFLICTS,
    *budgets.CONFLICTS,
    *schedules.CONFLICTS,
    *clusters.CONFLICTS,
    *pools.CONFLICTS,
    *databases.CONFLICTS,
    *services.CONFLICTS,
)
