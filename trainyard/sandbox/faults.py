"""Faults that wait in the store: both sides of the sandbox take them from here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from dataclasses import replace as changed
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:  # the store loads Pulumi's protocol, which takes half a second
    from trainyard.sandbox.store import Store

KINDS: Final[Mapping[str, str]] = {
    "slow": "takes simulated seconds (real ones with `--waits real`)",
    "hang": "takes real seconds",
    "refuse": "answers with `code` and `message`, and does nothing",
    "stockout": "the cloud has no such machine left, in its own words",
    "quota": "the cloud's quota is used up, in its own words",
    "throttle": "too many calls, in the cloud's own words, with Retry-After of `seconds`",
    "server-error": "a 5xx in the cloud's own words",
    "expired-credentials": "refuses as the cloud does when a token has expired",
    "lost-response": "does it, takes simulated seconds where given, and the answer never arrives",
    "partial": "a provider's create or update only: made, but not whole; of a group only `made` machines",
    "linger": "a delete only: taken, but the thing stays and bills for simulated seconds",
    "lag": "API lists only: what is younger than simulated seconds is not shown",
    "cut-list": "API lists only: the first page comes, a later one is refused with `code`",
    "preempt": "of a type's `run` only: the cloud takes spot machines back, `seconds` after it says so",
}
ABOUT: Final = ("name", "place", "project", "machine_type")
_KEY: Final = "faults"


@dataclass(frozen=True, kw_only=True)
class Fault:
    call: str  # "compute.instances.list", "gcp:compute/instance:Instance create"; * stands for any text
    kind: str
    seconds: float = 0.0
    code: int = 503  # HTTP
    message: str = ""
    times: int | None = None  # how often it still happens; None: every time
    skip: int = 0  # how many calls it lets through first
    where: Mapping[str, str] = field(default_factory=dict)  # of ABOUT; * stands for any text
    since: float = 0.0  # simulated time from which it holds
    until: float | None = None
    chance: float = 1.0  # how likely it hits each time
    seed: int = 0
    made: int = 0
    tried: int = 0  # calls that it has met so far


def wait_in(store: Store) -> bool:
    """Whether any fault waits; nearly never."""
    return store.meta(_KEY) != ""


def take(store: Store, call: str, about: Mapping[str, str] | None = None, *, following: bool = False) -> Fault | None:
    """The fault that hits this call now, counted; None as nearly always.

    `about` tells what the call is about, as far as it is known; `following` is a list's second or later page.
    """
    if not wait_in(store):
        return None
    with store.transaction():
        waiting, now = list(all_of(store)), store.now()
        for index, fault in enumerate(waiting):
            if not _meets(fault, call, about or {}, now, following=following):
                continue
            waiting[index] = met = changed(fault, tried=fault.tried + 1)
            hit = fault.tried >= fault.skip and _drawn(fault)
            if hit and fault.times is not None:
                waiting[index] = changed(met, times=fault.times - 1)
            replace(store, [one for one in waiting if one.times != 0])
            if hit:
                return fault
    return None


def all_of(store: Store) -> tuple[Fault, ...]:
    """The faults that wait, in the order in which they are looked at."""
    return tuple(Fault(**entry) for entry in json.loads(store.meta(_KEY) or "[]"))


def replace(store: Store, faults: Iterable[Fault]) -> None:
    """Let these faults wait, and no others."""
    waiting = [asdict(fault) for fault in faults]
    store.set_meta(_KEY, json.dumps(waiting) if waiting else "")


def fits(fault: Fault, about: Mapping[str, str]) -> bool:
    """Whether what is known fits all that the fault asks for."""
    return all(fnmatchcase(about.get(name, ""), pattern) for name, pattern in fault.where.items())


def holds(fault: Fault, now: float) -> bool:
    """Whether the simulated time is the fault's."""
    return fault.since <= now and (fault.until is None or now < fault.until)


def _meets(fault: Fault, call: str, about: Mapping[str, str], now: float, *, following: bool) -> bool:
    return (
        fnmatchcase(call, fault.call)
        and holds(fault, now)
        and fits(fault, about)
        and (following or fault.kind != "cut-list")
    )


def _drawn(fault: Fault) -> bool:
    """By seed and count, so that the same calls meet the same weather again."""
    return fault.chance >= 1 or chance(fault.seed, fault.call, str(fault.tried)) < fault.chance


def chance(seed: int, *of: str) -> float:
    """A number from 0 to 1 that follows from the seed and the texts."""
    digest = hashlib.sha256("\n".join([str(seed), *of]).encode()).digest()
    return int.from_bytes(digest[:7], "big") / 2**56
