"""The README's two commands when everything is set up: reported, without a reference."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.measure import Command, Figure, run
from bench.workplace import CHECKOUT, Workplace
from trainyard.sandbox import environment, lifecycle
from trainyard.sandbox.folder import Folder
from trainyard.sandbox.lifecycle import Life

UP_TIMES = 3


def up(_place: Workplace) -> Iterator[Figure]:
    """`make up` on an empty sandbox of its own, the median of three."""
    seconds = sorted(_up() for _ in range(UP_TIMES))
    yield _reported("make up when set up", seconds[UP_TIMES // 2], "aim 20 s")


def test(_place: Workplace) -> Iterator[Figure]:
    """`make test`; minutes, so only where it is asked for by name."""
    seconds = run(Command(line=["make", "test"], folder=CHECKOUT, environment=os.environ)).wall_seconds
    yield _reported("make test", seconds, "aim 720 s")


def _up() -> float:
    with tempfile.TemporaryDirectory(prefix="trainyard-up-") as root:
        folder = Folder(root=Path(root) / ".sandbox")
        started = lifecycle.start(folder, life=Life(parent_pid=os.getpid()))
        try:
            environ = environment.rehearsal(folder, started.running, os.environ, CHECKOUT)
            return run(Command(line=["make", "rehearsed-up"], folder=CHECKOUT, environment=environ)).wall_seconds
        finally:
            lifecycle.stop(folder)


def _reported(name: str, seconds: float, aim: str) -> Figure:
    return Figure(name=name, ours=f"{seconds:.1f} s", reference="", ratio=None, goal=aim, met=None)
