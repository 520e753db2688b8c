"""What Amazon refuses across fields, and in the words that all its services share."""

from __future__ import annotations

from typing import Final

from trainyard.sandbox.conflicts.aws import (
    balancers,
    containers,
    databases,
    disks,
    documents,
    ids,
    instances,
    limits,
    more,
    network,
    objects,
    places,
    policies,
    ranges,
    scaling,
    schedules,
    serving,
    storage,
    training,
)
from trainyard.sandbox.conflicts.conflict import Conflict

_MODULES: Final = (
    balancers,
    containers,
    databases,
    disks,
    documents,
    ids,
    instances,
    limits,
    more,
    network,
    objects,
    places,
    policies,
    ranges,
    scaling,
    schedules,
    serving,
    storage,
    training,
)
CONFLICTS: Final[tuple[Conflict, ...]] = tuple(conflict for module in _MODULES for conflict in module.CONFLICTS)
