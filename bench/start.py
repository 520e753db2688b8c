"""Program start to the first cloud resource, and peak memory at 1,000 machines: the program without the engine."""

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from bench.measure import Command, Figure, ratio_figure, run
from bench.workplace import Workplace

TIMES = 7


def figures(place: Workplace) -> Iterator[Figure]:
    """Two ratios."""
    mine, theirs = _pairs(place, place.prepare(1))
    yield ratio_figure(
        "program start to the first cloud resource",
        [each["first"] for each in mine],
        [each["first"] for each in theirs],
        unit="s",
        most=1.3,
    )
    mine, theirs = _pairs(place, place.prepare(1000))
    yield ratio_figure(
        "peak memory of the program at 1000 VMs",
        [each["peak_mib"] for each in mine],
        [each["peak_mib"] for each in theirs],
        unit="MiB",
        most=1.2,
    )


def _pairs(place: Workplace, stack: str) -> tuple[list[dict[str, float]], list[dict[str, float]]]:
    _alone(place, place.ours, stack)
    _alone(place, place.bare, stack)
    times = 3 if stack.endswith("1000") else TIMES
    pairs = [(_alone(place, place.ours, stack), _alone(place, place.bare, stack)) for _ in range(times)]
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


def _alone(place: Workplace, folder: Path, stack: str) -> dict[str, float]:
    environ = {**place.environ, "BENCH_STARTED": str(time.time())}
    command = [sys.executable, "-m", "bench.alone", stack]
    result = run(Command(line=command, folder=folder, environment=environ))
    line = next(line for line in result.output.splitlines() if line.startswith('{"first"'))
    answer = json.loads(line)
    return {name: float(answer[name]) for name in ("first", "peak_mib")}
