"""The catalogue's files as rows of text: the snapshot, newer prices over it, and machines that somebody declared."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

SNAPSHOT = Path(__file__).parents[2] / "facts" / "data"
COLUMNS = (
    "machine_type",
    "accelerator",
    "count",
    "vcpus",
    "memory_gib",
    "region",
    "zone",
    "on_demand",
    "on_demand_source",
    "spot",
    "spot_source",
)


class CatalogueError(ValueError):
    """A catalogue's file that cannot be used; its text names file, row and column."""


class Row(NamedTuple):
    """One machine type or TPU slice in one place, as its file writes it; `accelerator` is an id of accelerators.csv."""

    cloud: str
    machine_type: str
    accelerator: str
    chips: str  # how many
    vcpus: str
    memory_gib: str
    region: str
    zone: str
    on_demand: str
    on_demand_source: str
    spot: str
    spot_source: str

    @property
    def key(self) -> tuple[str, ...]:
        """What makes two rows speak of the same thing."""
        return self[:4] + self[6:8]


def cloud_of(path: Path) -> str:
    """The cloud of a file "offers_<cloud>.csv" or "offers_<cloud>_<part>.csv"."""
    return path.stem.removeprefix("offers_").partition("_")[0]


def offer_files(folder: Path) -> list[Path]:
    """A folder's files of offers; empty where there is no such folder."""
    return sorted(folder.glob("offers_*.csv"))


def read(path: Path) -> Iterator[Row]:
    """The rows of one file; CatalogueError for another header or a row of another width."""
    cloud = cloud_of(path)
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        if tuple(next(rows, ())) != COLUMNS:
            message = f"{path}: row 1: the columns are not {','.join(COLUMNS)}; refresh it, or delete it."
            raise CatalogueError(message)
        for row in rows:
            if len(row) != len(COLUMNS):
                message = f"{path}: row {rows.line_num}: {len(row)} columns instead of {len(COLUMNS)}."
                raise CatalogueError(message)
            yield Row(cloud, *row)


def overlaid(below: Iterable[Row], above: Iterable[Row]) -> list[Row]:
    """The rows of both in their order; where both speak of one thing, the one above counts."""
    rows = {row.key: row for row in below}
    rows.update((row.key, row) for row in above)
    return list(rows.values())
