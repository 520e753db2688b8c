"""The faults that wait for a call, as every cloud's API has them."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from typing import TypeVar

from trainyard.sandbox import clock, faults
from trainyard.sandbox.api.serving import LostResponse
from trainyard.sandbox.faults import Fault
from trainyard.sandbox.store import Store

log = logging.getLogger("trainyard.sandbox.api")
T = TypeVar("T")


def with_fault(
    store: Store,
    call: str,
    answer: Callable[[float], T],
    *,
    refused: Callable[[Fault], Exception],
    expired: Callable[[], Exception],
) -> T:
    """What `answer` gives, or what the fault that hits this call makes of it.

    `answer` takes the simulated time after which things are not seen yet; `refused` and `expired` make the cloud's own
    errors.
    """
    fault = faults.take(store, call)
    if fault is None:
        return answer(math.inf)
    log.info("fault %s at %s", fault.kind, call)
    newest = math.inf
    match fault.kind:
        case "refuse":
            raise refused(fault)
        case "expired-credentials":
            raise expired()
        case "hang":
            time.sleep(fault.seconds)
        case "slow":
            pass_time(store, fault.seconds)
        case "lag":
            newest = store.now() - fault.seconds
    done = answer(newest)
    if fault.kind == "lost-response":
        raise LostResponse
    return done


def pass_time(store: Store, seconds: float) -> str:
    """Let simulated time pass as the sandbox's mode says; "instant" or "real"."""
    if clock.waits(store) == "real":
        time.sleep(seconds)
        return "real"
    clock.move(store, seconds)
    return "instant"
