"""A group as far as its machines go: how many, made from what, and whether a lost one comes back."""

from __future__ import annotations

import json
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
    tries: bool = False  # whether it goes on by itself when only some of its machines came
    whole: bool = False  # whether those that are missing come all at once or not at all
    name_in: str = ""  # the input that holds a machine's name; "" where the cloud numbers them
    made: Callable[[Thing, int, Mapping[str, Any]], Made] | None = None  # where no maker makes such a machine


def cap(store: Store, group: Thing, most: int | None) -> None:
    """Lets a group have at most so many machines until its next change, as when a cloud gives only some; None: no more.

    Called before the group itself is written.
    """
    store.set_meta(_cap_key(group), "" if most is None else json.dumps({"most": most, "since": store.now()}))


def cap_of(store: Store, group: Thing) -> tuple[int, float] | None:
    """The most machines that the group may have, and since when; None after any later change of it."""
    held = store.meta(_cap_key(group))
    if not held:
        return None
    told = json.loads(held)
    if "of" not in told:  # the first look at the group that was made halfway
        store.set_meta(_cap_key(group), json.dumps({**told, "of": group.changed}))
    elif told["of"] != group.changed:
        cap(store, group, None)
        return None
    return int(told["most"]), float(told["since"])


def _cap_key(group: Thing) -> str:
    return f"most {group.type} {group.id}"
