"""What Amazon refuses across fields, and in the words that all its services share."""

from __future__ import annotations

from typing import Final

from trainyard.sandbox.conflicts.aws import (
    disks,
    ids,
    instances,
    network,
    places,
    policies,
    scaling,
    schedules,
    serving,
    storage,
    training,
)
from trainyard.sandbox.conflicts.conflict import Conflict

_MODULES: Final = (
    disks,
    ids,
    instances,
    network,
    places,
    policies,
    scaling,
    schedules,
    serving,
    storage,
    training,
)
CONFLICTS: Final[tuple[Conflict, ...]] = tuple(conflict for module in _MODULES for conflict in module.CONFLICTS)
