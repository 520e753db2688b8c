"""Ctrl-C during `trainyard up`: once, and the engine ends the step that runs; nothing is left without its parent."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event
from types import FrameType


@contextmanager
def interrupts(stopped: Event, interrupt: Callable[[], None], say: Callable[[str], None]) -> Iterator[None]:
    """While inside, SIGINT and SIGTERM set `stopped` and are passed to the engine, each time one comes."""

    def handle(number: int, frame: FrameType | None) -> None:
        if stopped.is_set():
            say("once more: the engine ends at once; what it was making is looked for by the next `trainyard up`")
        else:
            say("stopping: the engine finishes the step that runs, and nothing new begins")
        stopped.set()
        interrupt()

    before = {each: signal.signal(each, handle) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)
