"""The simulated clock: it ticks with the real one and can be moved on."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from trainyard.sandbox.folder import SandboxError

if TYPE_CHECKING:  # the store loads Pulumi's protocol, which takes half a second
    from trainyard.sandbox.store import Store

WAITS: Final = ("instant", "real")
_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_KEY: Final = "waits"
_FASTEST: Final = 86400  # a day a second
_LONGEST_STEP_SECONDS: Final = 100 * 365 * 86400


def now(store: Store) -> datetime:
    """The simulated time, UTC, whole seconds."""
    return datetime.fromtimestamp(int(store.now()), UTC)


def move(store: Store, seconds: float) -> datetime:
    """Move the clock on; the clouds end at once what was due meanwhile."""
    if not 0 <= seconds <= _LONGEST_STEP_SECONDS:
        message = (
            f"the simulated clock moves on by 0 to {_LONGEST_STEP_SECONDS} s, not by {seconds:g}; "
            "`trainyard sandbox reset` begins anew"
        )
        raise SandboxError(message)
    store.advance(seconds)
    return now(store)


def waits(store: Store) -> str:
    """What waiting does: "instant" moves the clock, "real" takes the time."""
    return store.meta(_KEY, WAITS[0])


def set_waits(store: Store, mode: str) -> None:
    """Choose between "instant" and "real"."""
    if mode not in WAITS:
        message = f"waits {mode!r} is not known; give {' or '.join(WAITS)}"
        raise SandboxError(message)
    store.set_meta(_KEY, mode)


def set_speed(store: Store, speed: float) -> None:
    """Let simulated time pass `speed` times as fast as real time."""
    if not 1 <= speed <= _FASTEST:
        message = f"the simulated clock runs 1 to {_FASTEST} times as fast as the real one, not {speed:g} times"
        raise SandboxError(message)
    store.set_speed(speed)


def parse_step(text: str) -> int:
    """Seconds of "+12h", "+1h30m", "+45s", "+2d"."""
    parts = re.findall(r"(\d{1,9})([smhd])", text)
    if not parts or "+" + "".join(number + unit for number, unit in parts) != text:
        message = f"{text!r} is no step of the clock; give for example +12h, +90m, +1h30m, +2d or +30s"
        raise SandboxError(message)
    return sum(int(number) * _UNITS[unit] for number, unit in parts)
