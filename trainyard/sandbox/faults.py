"""Faults that wait in the store: both sides of the sandbox take them from here."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from dataclasses import replace as changed
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:  # the store loads Pulumi's protocol, which takes half a second
    from trainyard.sandbox.store import Store

KINDS: Final = (
    "slow",  # takes simulated seconds (real ones with `--waits real`)
    "refuse",  # answers with `code` and `message`, and does nothing
    "lag",  # API lists only: what is younger than simulated seconds is not shown
    "hang",  # takes real seconds
    "lost-response",  # does it, and the answer never arrives
    "expired-credentials",  # refuses as the cloud does when a token has expired
    "partial",  # a provider's create and update only: made, but not whole
)
_KEY: Final = "faults"


@dataclass(frozen=True, kw_only=True)
class Fault:
    call: str  # "compute.instances.aggregatedList" or "gcp:compute/instance:Instance create"
    kind: str
    seconds: float = 0.0
    code: int = 503  # HTTP
    message: str = ""
    times: int | None = None  # how often it still happens; None: every time


def take(store: Store, call: str) -> Fault | None:
    """The fault that hits this call now, counted down; None as nearly always."""
    if not store.meta(_KEY):
        return None
    with store.transaction():
        waiting = all_of(store)
        for index, fault in enumerate(waiting):
            if fault.call == call:
                left = () if fault.times == 1 else (_one_less(fault),)
                replace(store, (*waiting[:index], *left, *waiting[index + 1 :]))
                return fault
    return None


def all_of(store: Store) -> tuple[Fault, ...]:
    """The faults that wait, in the order in which they are looked at."""
    return tuple(Fault(**entry) for entry in json.loads(store.meta(_KEY) or "[]"))


def replace(store: Store, faults: Iterable[Fault]) -> None:
    """Let these faults wait, and no others."""
    waiting = [asdict(fault) for fault in faults]
    store.set_meta(_KEY, json.dumps(waiting) if waiting else "")


def _one_less(fault: Fault) -> Fault:
    return fault if fault.times is None else changed(fault, times=fault.times - 1)
