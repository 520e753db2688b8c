"""What Amazon refuses across fields, and in the words that all its services share."""

from __future__ import annotations

from typing import Final

from trainyard.sandbox.conflicts.aws import disks, ids, instances, network, places, policies
from trainyard.sandbox.conflicts.conflict import Conflict

CONFLICTS: Final[tuple[Conflict, ...]] = tuple(
    conflict for module in (disks, ids, instances, network, places, policies) for conflict in module.CONFLICTS
)
