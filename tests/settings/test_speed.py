"""Reading a thousand workloads, beside PyYAML's C loader alone on the same file."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import yaml

from trainyard.settings import load

_WORKLOADS = 1000
_MOST = 3.0


def _best(run: Callable[[], object]) -> float:
    times = []
    for _ in range(5):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times)


def test_a_thousand_workloads_are_read_and_checked_in_three_times_what_the_c_loader_takes_alone(folder: Path) -> None:
    path = folder / "Pulumi.dev.yaml"
    head, workload = path.read_text().split("      bench:\n")
    path.write_text(head + "".join(f"      w{number}:\n{workload}" for number in range(_WORKLOADS)))
    assert len(load(folder, "dev").workloads) == _WORKLOADS
    alone = _best(lambda: yaml.load(path.read_text(), Loader=yaml.CSafeLoader))
    assert _best(lambda: load(folder, "dev")) <= _MOST * alone
