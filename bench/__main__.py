"""`make bench`: every figure beside its reference in the same run."""

import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import clouds, failover, kinds, offers, preview, provider, reading, sandbox, start, whole
from bench.measure import Figure
from bench.workplace import Workplace, workplace

BENCHMARKS: Mapping[str, Callable[[Workplace], Iterator[Figure]]] = {
    "reading": reading.figures,
    "provider": provider.figures,
    "sandbox": sandbox.figures,
    "start": start.figures,
    "preview": preview.figures,
    "kinds": kinds.figures,
    "offers": offers.figures,
    "clouds": clouds.figures,
    "failover": failover.figures,
    "up": whole.up,
    "test": whole.test,
}
BY_NAME_ONLY = ("test",)


def main() -> None:
    """Run the benchmarks named on the command line, else all but the longest; exit code 1 where a goal is missed."""
    console = Console()
    names = sys.argv[1:] or [name for name in BENCHMARKS if name not in BY_NAME_ONLY]
    if unknown := [name for name in names if name not in BENCHMARKS]:
        console.print(f"there is no benchmark {unknown[0]}; there are {', '.join(BENCHMARKS)}.")
        sys.exit(2)
    table = Table("figure", "ours", "reference", "ratio", "goal", "", title="medians; pairs in turn on this machine")
    missed = False
    with tempfile.TemporaryDirectory(prefix="trainyard-bench-") as folder, workplace(Path(folder)) as place:
        for name in names:
            for figure in BENCHMARKS[name](place):
                console.print(f"{figure.name}: {figure.ours} / {figure.reference}", highlight=False)
                missed |= figure.met is False
                ratio = "" if figure.ratio is None else f"{figure.ratio:.2f} ×"
                verdict = {True: "met", False: "MISSED", None: ""}[figure.met]
                table.add_row(figure.name, figure.ours, figure.reference, ratio, figure.goal, verdict)
    console.print(table)
    sys.exit(1 if missed else 0)


main()
