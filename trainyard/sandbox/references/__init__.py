"""What things of the clouds point at: nothing may point into the void, and what is pointed at cannot go."""

from __future__ import annotations

from trainyard.sandbox.provider.order import Order
from trainyard.sandbox.store import Store, Thing


def check_references(order: Order) -> None:
    """Refused, in the cloud's words, when something that the order points at is not there."""


def check_unused(store: Store, thing: Thing) -> None:
    """Refused, in the cloud's words, when the thing is still used by another."""
