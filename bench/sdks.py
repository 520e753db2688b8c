"""Which clouds' SDKs the program of a stack has imported when it ends."""

import json
import sys
import time
from pathlib import Path

from bench.measure import Command, run
from bench.workplace import Workplace


def imported_by(place: Workplace, folder: Path, stack: str) -> dict[str, int]:
    """By package, its number of modules."""
    environ = {**place.environ, "BENCH_STARTED": str(time.time())}
    command = Command(line=[sys.executable, "-m", "bench.alone", stack], folder=folder, environment=environ)
    line = next(line for line in run(command).output.splitlines() if line.startswith('{"first"'))
    found: dict[str, int] = json.loads(line)["sdks"]
    return found


def shown(sdks: dict[str, int]) -> str:
    """For a table's cell."""
    return ", ".join(f"{name} ({count} modules)" for name, count in sdks.items())
