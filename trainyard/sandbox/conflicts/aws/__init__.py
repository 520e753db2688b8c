"""What Amazon refuses across fields, and in the words that all its services share."""

from __future__ import annotations

from typing import Final

from trainyard.sandbox.conflicts.aws import places
from trainyard.sandbox.conflicts.conflict import Conflict

CONFLICTS: Final[tuple[Conflict, ...]] = (*places.CONFLICTS,)
