"""One update as the rules look at it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trainyard.sandbox.provider.changed import Leaf
from trainyard.sandbox.provider.order import Order
from trainyard.sandbox.store import Thing


@dataclass(frozen=True, kw_only=True)
class Step:
    """What is there and what it is to be; secrets are opened."""

    order: Order
    thing: Thing
    old: Mapping[str, Any]
    new: Mapping[str, Any]
    leaves: Sequence[Leaf]

    def touching(self, *paths: str) -> Iterator[Leaf]:
        """The changes at or below paths without positions, or of what holds them."""
        for leaf in self.leaves:
            if any(_within(leaf.bare, path) or path in leaf.below for path in paths):
                yield leaf

    def shrinks(self, path: str) -> tuple[float, float] | None:
        """The old and the new number at a path, where the new one is smaller."""
        for leaf in self.leaves:
            if leaf.bare == path and _number(leaf.old) and _number(leaf.new) and leaf.new < leaf.old:
                return leaf.old, leaf.new
        return None


def _within(bare: str, path: str) -> bool:
    return bare == path or bare.startswith(f"{path}.")


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
