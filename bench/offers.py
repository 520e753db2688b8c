"""Questions to 100,000 offers made from the snapshot: in a running process, and as a whole process, beside gpuhunt.

Both sides have the same catalogue and give the same answers, which are compared before anything is timed. gpuhunt knows
no regions: where a question names one, its answer is sifted afterwards, and that is counted.
"""

from __future__ import annotations

import csv
import importlib
import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from bench.measure import Figure, median_ratio
from bench.workplace import CHECKOUT, Workplace
from trainyard.choice.offers.catalogue import load
from trainyard.choice.offers.index import Catalogue
from trainyard.choice.offers.query import Ask, Offered, search
from trainyard.choice.offers.rows import COLUMNS, SNAPSHOT, Row, offer_files, read
from trainyard.choice.offers.tables import read_chips
from trainyard.facts.accelerator import Wanted

OFFERS = 100_000  # rows of the catalogue: a machine type in a zone, with up to three prices
TIMES = 7
_PROVIDERS = {"aws": "aws", "azure": "azure", "gcp": "gcp", "lambda": "lambdalabs"}  # gpuhunt has no others of ours
_EMPTY = ("verda", "nebius", "oci", "runpod", "cloudrift")  # that gpuhunt reads as well
_HUNT_COLUMNS = (
    "instance_name location price cpu memory gpu_count gpu_name gpu_memory spot disk_size gpu_vendor flags cpu_arch "
    "provider_data"
)
# Beside our packages, not among them: its wheel brings a package named "tests", which would hide ours.
_GPUHUNT = CHECKOUT / ".venv" / "gpuhunt"
_WAYS = ("on-demand", "spot")
_LINE = ("H100:8", "--region", "europe", "--capacity", "spot", "--max-usd-hour", "30")
# A process of ours that is small, so that what it starts is not measured by its own size.
_MEASURED = (
    "import json, os, subprocess, sys, time; begun = time.perf_counter(); "
    "child = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL); _, status, used = os.wait4(child.pid, 0); "
    "print(json.dumps([time.perf_counter() - begun, used.ru_maxrss / 1024, status]))"
)
_THEIR_PROCESS = (
    "import gpuhunt; items = gpuhunt.query(provider=['aws', 'azure', 'gcp', 'lambdalabs'], gpu_name='H100', "
    "min_gpu_count=8, max_gpu_count=8, spot=True, max_price=30); print(*items[:20], sep=chr(10))"
)


@dataclass(frozen=True, kw_only=True)
class Question:
    """The same question in both tongues."""

    ask: Ask
    theirs: dict[str, Any]

    def sifted(self, items: Sequence[Any], lies_there: Callable[[str, str], bool]) -> Sequence[Any]:
        """gpuhunt's answer without what lies elsewhere."""
        if not self.ask.regions:
            return items
        return [item for item in items if lies_there(item.provider, item.location)]


QUESTIONS = (
    Question(
        ask=Ask(wanted=Wanted(chip="H100"), count=8, capacities=_WAYS),
        theirs={"gpu_name": "H100", "min_gpu_count": 8, "max_gpu_count": 8},
    ),
    Question(
        ask=Ask(
            wanted=Wanted(chip="H100"), count=8, regions=("europe",), capacities=("spot",), max_usd_hour=Decimal(30)
        ),
        theirs={"gpu_name": "H100", "min_gpu_count": 8, "max_gpu_count": 8, "spot": True, "max_price": 30},
    ),
    Question(
        ask=Ask(wanted=Wanted(chip="A100", memory_gib=80), count=8, capacities=("spot",)),
        theirs={
            "gpu_name": "A100",
            "min_gpu_memory": 80,
            "max_gpu_memory": 80,
            "min_gpu_count": 8,
            "max_gpu_count": 8,
            "spot": True,
        },
    ),
    Question(
        ask=Ask(wanted=Wanted(chip="v5e"), count=8, capacities=_WAYS),
        theirs={"gpu_name": "v5e", "min_gpu_count": 8, "max_gpu_count": 8},
    ),
    Question(
        ask=Ask(accelerator_memory_gib=320, most=8, capacities=_WAYS),
        theirs={"min_total_gpu_memory": 320, "max_gpu_count": 8},
    ),
    Question(
        ask=Ask(vcpus=64, memory_gib=512, regions=("germany",), capacities=("on-demand",)),
        theirs={"min_cpu": 64, "min_memory": 512, "spot": False},
    ),
)


def figures(_place: Workplace | None) -> Iterator[Figure]:
    """Three figures."""
    with tempfile.TemporaryDirectory(prefix="trainyard-offers-") as name:
        root = Path(name)
        environ = {**os.environ, "XDG_CACHE_HOME": str(root / "cache"), "XDG_DATA_HOME": str(root / "data")}
        write_catalogue(root / "data" / "trainyard" / "offers" / "current")
        catalogue = load(environ)
        hunt = None
        if _GPUHUNT.is_dir():
            sys.path.append(str(_GPUHUNT))
            write_hunt(root / "hunt", catalogue)
            environ["GPUHUNT_CATALOG_URL"] = f"file://{root / 'hunt'}"
            hunt = _their_catalogue(environ)
            compare(catalogue, hunt)
        yield _queries(catalogue, hunt)
        yield from _processes(environ, with_theirs=hunt is not None)


def write_catalogue(folder: Path) -> None:
    """Rows over the snapshot that make it OFFERS long: its own in more zones and as more machine types."""
    rows = [row for path in offer_files(SNAPSHOT) for row in read(path)]
    wanted = OFFERS - len(rows)
    more: list[Row] = []
    while len(more) < wanted:
        copy = 1 + len(more) // len(rows)
        types, zones = divmod(copy, 5)
        for row in rows[: wanted - len(more)]:
            factor = Decimal(100 + copy) / 100
            more.append(
                row._replace(
                    machine_type=row.machine_type + (f"-b{types}" if types else ""),
                    zone=f"{row.zone or row.region}-z{zones}" if zones else row.zone,
                    on_demand=str(Decimal(row.on_demand) * factor) if row.on_demand else "",
                    spot=str(Decimal(row.spot) * factor) if row.spot else "",
                )
            )
    folder.mkdir(parents=True)
    for cloud in sorted({row.cloud for row in more}):
        with (folder / f"offers_{cloud}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            writer.writerows(row[1:] for row in more if row.cloud == cloud)


def write_hunt(folder: Path, catalogue: Catalogue) -> None:
    """The catalogue's priced rows as gpuhunt publishes its own."""
    chips = {chip.chip for chip in read_chips(SNAPSHOT).values() if chip.form == "tpu"}
    texts = {provider: io.StringIO() for provider in (*_PROVIDERS.values(), *_EMPTY)}
    writers = {provider: csv.writer(text) for provider, text in texts.items()}
    for writer in writers.values():
        writer.writerow(_HUNT_COLUMNS.split())
    for row in search(Ask(clouds=tuple(_PROVIDERS), capacities=_WAYS), catalogue).rows:
        if row.price_usd_hour is not None and row.count >= 1:
            vendor = "google" if row.accelerator.chip in chips else "nvidia"
            writers[_PROVIDERS[row.cloud]].writerow(
                (
                    *(row.machine_type, row.place, row.price_usd_hour, row.vcpus or 0, row.memory_gib or 0),
                    *(row.count, row.accelerator.chip, row.accelerator.memory_gib, row.capacity == "spot"),
                    *("", vendor, "", "x86", "{}"),
                )
            )
    for provider, text in texts.items():
        (folder / provider / "1").mkdir(parents=True)
        (folder / provider / "version").write_text("1")
        with zipfile.ZipFile(folder / provider / "1" / "catalog.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(f"{provider}.csv", text.getvalue())


def _their_catalogue(environ: dict[str, str]) -> Any:
    gpuhunt: Any = importlib.import_module("gpuhunt")  # only where it is installed
    os.environ["GPUHUNT_CATALOG_URL"] = environ["GPUHUNT_CATALOG_URL"]
    catalog = gpuhunt.Catalog(auto_reload=False)
    catalog.load()
    return catalog


def compare(catalogue: Catalogue, hunt: Any) -> None:
    """RuntimeError where the two answer one question differently."""
    for question in QUESTIONS:
        ours = sorted(_ours(row) for row in search(question.ask, catalogue).rows if _shared(row))
        theirs = sorted(
            (item.provider, item.instance_name, item.location, item.spot, item.price)
            for item in _theirs(question, hunt, catalogue)
        )
        if ours != theirs or not ours:
            message = f"{question.ask}: {len(ours)} offers here, {len(theirs)} there"
            raise RuntimeError(message)


def _shared(row: Offered) -> bool:
    return row.cloud in _PROVIDERS and row.price_usd_hour is not None and row.count >= 1


def _ours(row: Offered) -> tuple[str, str, str, bool, float]:
    return _PROVIDERS[row.cloud], row.machine_type, row.place, row.capacity == "spot", float(row.price_usd_hour or 0)


def _theirs(question: Question, hunt: Any, catalogue: Catalogue) -> Sequence[Any]:
    there = _places(catalogue, question.ask.regions)
    items = hunt.query(provider=list(_PROVIDERS.values()), **question.theirs)
    return question.sifted(items, lambda provider, location: (provider, location) in there)


def _places(catalogue: Catalogue, regions: tuple[str, ...]) -> set[tuple[str, str]]:
    if not regions:
        return set()
    rows = search(Ask(regions=regions, clouds=tuple(_PROVIDERS)), catalogue).rows
    return {(_PROVIDERS[row.cloud], row.place) for row in rows}


def _queries(catalogue: Catalogue, hunt: Any) -> Figure:
    ours, theirs = [], []
    for _ in range(TIMES):
        for question in QUESTIONS:
            begun = time.perf_counter()
            rows = search(question.ask, catalogue).rows
            list(rows[:20])
            ours.append((time.perf_counter() - begun) * 1000)
            if hunt is not None:
                there = _places(catalogue, question.ask.regions)
                begun = time.perf_counter()
                items = hunt.query(provider=list(_PROVIDERS.values()), **question.theirs)
                question.sifted(items, lambda provider, place, there=there: (provider, place) in there)  # type: ignore[misc]
                theirs.append((time.perf_counter() - begun) * 1000)
    mine = statistics.median(ours)
    return Figure(
        name=f"one query over {OFFERS:,} offers in a running process, and gpuhunt's",
        ours=f"{mine:.2f} ms",
        reference=f"{statistics.median(theirs):.0f} ms" if theirs else _NO_REFERENCE,
        ratio=median_ratio(ours, theirs) if theirs else None,
        goal="≤ 2 ms",
        met=mine <= 2,
    )


def _processes(environ: dict[str, str], *, with_theirs: bool) -> Iterator[Figure]:
    line = [str(Path(sys.executable).with_name("trainyard")), "offers", *_LINE]
    their_line = [sys.executable, "-c", _THEIR_PROCESS]
    beside = {**environ, "PYTHONPATH": str(_GPUHUNT)}
    ours, theirs = [_process(line, environ)], [_process(their_line, beside)] if with_theirs else []
    for _ in range(TIMES):
        ours.append(_process(line, environ))
        if with_theirs:
            theirs.append(_process(their_line, beside))
    for at, (name, unit, goal, most) in enumerate(
        (
            ("a whole trainyard offers process", "s", "≤ 0.35 s", 0.35),
            ("peak memory of such a process", "MB", "≤ 80 MB", 80.0),
        )
    ):
        mine, other = [run[at] for run in ours[1:]], [run[at] for run in theirs[1:]]
        digits = 2 if unit == "s" else 0
        yield Figure(
            name=f"{name} over {OFFERS:,} offers, and gpuhunt's",
            ours=f"{statistics.median(mine):.{digits}f} {unit}",
            reference=f"{statistics.median(other):.{digits}f} {unit}" if other else _NO_REFERENCE,
            ratio=median_ratio(mine, other) if other else None,
            goal=goal,
            met=statistics.median(mine) <= most,
        )


def _process(line: Sequence[str], environ: dict[str, str]) -> tuple[float, float]:
    """Seconds and MB of a process; RuntimeError where it fails."""
    told = subprocess.run(
        [sys.executable, "-S", "-c", _MEASURED, *line],
        env=environ,
        cwd=CHECKOUT,
        capture_output=True,
        check=True,
        text=True,
    )
    seconds, mebibytes, status = json.loads(told.stdout.splitlines()[-1])
    if status:
        message = f"{line[0]} ended with {status}: {told.stderr}"
        raise RuntimeError(message)
    return seconds, mebibytes * 1.048576


_NO_REFERENCE = "not installed: make bench installs it"
