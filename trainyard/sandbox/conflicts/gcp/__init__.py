"""What Google Cloud refuses across fields."""

from __future__ import annotations

from typing import Final

from trainyard.sandbox.conflicts.gcp import groups
from trainyard.sandbox.conflicts.conflict import Conflict

CONFLICTS: Final[tuple[Conflict, ...]] = groups.conflicts()
