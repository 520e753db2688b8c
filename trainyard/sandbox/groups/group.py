"""A group as far as its machines go: how many, made from what, and whether a lost one comes back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trainyard.sandbox.provider.order import Made
    from trainyard.sandbox.store import Store, Thing


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a group wants to hold now."""

    type: str  # of its machines: "gcp:compute/instance:Instance"
    size: int
    names: str  # what their names begin with
    inputs: Mapping[str, Any]  # of each machine, without a name
    repairs: bool  # whether a lost one comes back
    name_in: str = ""  # the input that holds a machine's name; "" where the cloud numbers them
    made: Callable[[Thing, int, Mapping[str, Any]], Made] | None = None  # where no maker makes such a machine


def cap(store: Store, group: Thing, most: int | None) -> None:
    """Lets a group have at most so many machines, as when a cloud gives only some of them; None: no more."""
    store.set_meta(_cap_key(group), "" if most is None else str(most))


def most_of(store: Store, group: Thing, size: int) -> int:
    """The size that the group may have."""
    held = store.meta(_cap_key(group))
    return min(size, int(held)) if held else size


def _cap_key(group: Thing) -> str:
    return f"most {group.type} {group.id}"
