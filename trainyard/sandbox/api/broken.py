"""The faults that wait for a call, as every cloud's API has them."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Mapping
from typing import TypeVar

from trainyard.sandbox import clock, faults
from trainyard.sandbox.api.serving import LostResponse
from trainyard.sandbox.faults import Fault
from trainyard.sandbox.store import Store
from trainyard.sandbox.trouble import KINDS

log = logging.getLogger("trainyard.sandbox.api")
T = TypeVar("T")


def with_fault(  # noqa: PLR0913  each is one thing that a cloud's API tells of a call
    store: Store,
    call: str,
    answer: Callable[[float], T],
    *,
    refused: Callable[[Fault], Exception],
    expired: Callable[[], Exception],
    about: Mapping[str, str] | None = None,
    following: bool = False,
    accepted: Callable[[Fault], T | None] = lambda _: None,
) -> T:
    """What `answer` gives, or what the fault that hits this call makes of it.

    `answer` takes the simulated time after which things are not seen yet; `refused` and `expired` make the cloud's own
    errors, `refused` of every kind in `trouble.KINDS`. `about` tells what the call is about, as faults files ask for
    it; `following` is a list's second or later page. What `accepted` gives is the answer of a call that the cloud takes
    and that fails only later.
    """
    fault = faults.take(store, call, about, following=following)
    if fault is None:
        return answer(math.inf)
    log.info("fault %s at %s", fault.kind, call)
    newest = math.inf
    if fault.kind in KINDS or fault.kind == "cut-list":
        taken = accepted(fault)
        if taken is None:
            raise refused(fault)
        return taken
    match fault.kind:
        case "expired-credentials":
            raise expired()
        case "hang":
            time.sleep(fault.seconds)
        case "slow":
            pass_time(store, fault.seconds)
        case "lag":
            newest = store.now() - fault.seconds
        case "linger":
            with store.lingering(fault.seconds):
                return answer(newest)
    done = answer(newest)
    if fault.kind == "lost-response":
        pass_time(store, fault.seconds)
        raise LostResponse
    return done


def pass_time(store: Store, seconds: float) -> str:
    """Let simulated time pass as the sandbox's mode says; "instant" or "real"."""
    if clock.waits(store) == "real":
        time.sleep(seconds)
        return "real"
    clock.move(store, seconds)
    return "instant"
