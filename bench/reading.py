"""A thousand workloads read, positioned and validated, beside PyYAML's C loader alone on the same file."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import yaml

from bench.measure import Figure, ratio_figure
from bench.workplace import Workplace
from trainyard.settings.load import load

TIMES = 7


def figures(place: Workplace) -> Iterator[Figure]:
    """One ratio."""
    stack = place.prepare(1000)
    folder = place.ours / "stacks"
    file = folder / f"Pulumi.{stack}.yaml"
    pairs = [(_seconds(lambda: load(folder, stack)), _seconds(lambda: _alone(file))) for _ in range(TIMES)]
    yield ratio_figure(
        "1000 workloads read and validated, beside the YAML C loader",
        [pair[0] for pair in pairs],
        [pair[1] for pair in pairs],
        unit="s",
        most=3.0,
    )


def _alone(file: Path) -> object:
    return yaml.load(file.read_text(), Loader=yaml.CSafeLoader)


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
