"""The ordered candidates of a stack's workloads, by the keys that files and records name them by."""

from __future__ import annotations

from collections.abc import Sequence

from trainyard.facts.candidate_key import find, key, way
from trainyard.facts.selection import Candidate
from trainyard.settings.candidates import Accepted, accepted

__all__ = ["Accepted", "accepted", "after", "find", "key", "way"]


def after(candidates: Sequence[Candidate], named: str) -> Candidate | None:
    """The one to try after the named one; None after the last, and where the named one has gone."""
    keys = [key(each) for each in candidates]
    at = keys.index(named) + 1 if named in keys else len(keys)
    return candidates[at] if at < len(keys) else None
