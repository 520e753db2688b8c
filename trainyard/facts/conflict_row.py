"""A row of a cloud's own conflict table that stands against something that was asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """Where it is told, what is wrong, the way out, and who says so."""

    name: str
    key: str  # of the workload
    text: str
    source: str


def common(every: Sequence[Iterable[Conflict]]) -> Iterator[Conflict]:
    """The rows that stand against each of several things, in the order of the first."""
    first, *others = [list(rows) for rows in every]
    for row in first:
        if all(any(other.name == row.name for other in rows) for rows in others):
            yield row
