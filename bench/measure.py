"""Whole processes timed in turn: A B A B …, so that a machine that slows down slows both."""

import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Command:
    """A command line with its folder and environment."""

    line: Sequence[str]
    folder: Path
    environment: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Run:
    """One finished process; `output` is stdout and stderr."""

    wall_seconds: float
    output: str


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One line of the table; `ratio` is ours over the reference, `goal` the most that it may be."""

    name: str
    ours: str
    reference: str
    ratio: float | None
    goal: str
    met: bool | None  # None: reported only


def run(command: Command) -> Run:
    """Run to the end; RuntimeError with the output when it fails."""
    start = time.perf_counter()
    process = subprocess.run(
        command.line,
        cwd=command.folder,
        env=dict(command.environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    wall_seconds = time.perf_counter() - start
    if process.returncode != 0:
        message = f"{' '.join(command.line)} ended with {process.returncode}:\n{process.stdout}"
        raise RuntimeError(message)
    return Run(wall_seconds=wall_seconds, output=process.stdout)


def in_turn(ours: Command, reference: Command, *, times: int) -> tuple[list[Run], list[Run]]:
    """Both commands `times` times in turn, after one uncounted run of each."""
    run(ours)
    run(reference)
    pairs = [(run(ours), run(reference)) for _ in range(times)]
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


def median_ratio(ours: Sequence[float], reference: Sequence[float]) -> float:
    """The median over the pairs, each run beside its neighbour in time."""
    return statistics.median(a / b for a, b in zip(ours, reference, strict=True))


def ratio_figure(name: str, ours: Sequence[float], reference: Sequence[float], *, unit: str, most: float) -> Figure:
    """A figure whose goal is a ratio."""
    ratio = median_ratio(ours, reference)
    return Figure(
        name=name,
        ours=f"{statistics.median(ours):.3f} {unit}",
        reference=f"{statistics.median(reference):.3f} {unit}",
        ratio=ratio,
        goal=f"≤ {most:.2f} ×",
        met=ratio <= most,
    )


def difference_figure(name: str, ours: Sequence[float], reference: Sequence[float], *, most_seconds: float) -> Figure:
    """A figure whose goal is a number of seconds beyond the reference; its ratio is printed all the same."""
    more = statistics.median(a - b for a, b in zip(ours, reference, strict=True))
    return Figure(
        name=name,
        ours=f"{statistics.median(ours):.3f} s",
        reference=f"{statistics.median(reference):.3f} s",
        ratio=median_ratio(ours, reference),
        goal=f"≤ {most_seconds:.1f} s more (is {more:+.2f} s)",
        met=more <= most_seconds,
    )
