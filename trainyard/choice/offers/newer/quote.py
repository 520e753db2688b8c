"""One price that a source tells, with the place where it tells it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from trainyard.choice.offers.rows import CatalogueError

BUNDLED_SSD = "+bundled-ssd"  # what a price leaves out, behind the code of its source
CHEAPEST_ZONE = "+cheapest-zone"


@dataclass(frozen=True, kw_only=True)
class File:
    """One file of a source."""

    name: str  # as people would look it up
    cloud: str  # ours
    text: str


@dataclass(frozen=True, kw_only=True)
class At:
    """A cell of a file."""

    file: str
    row: int
    column: str


@dataclass(frozen=True, kw_only=True)
class Quote:
    """What one machine costs in a zone, or anywhere in a region, bought one way."""

    cloud: str
    machine_type: str
    chip: str  # as the source names it
    chip_memory_gib: int | None
    count: float
    vcpus: int | None
    memory_gib: int | None
    region: str
    zone: str  # "": the source knows the region only
    way: str  # "on-demand" or "spot"
    usd_hour: Decimal
    lacks: str  # "", or one of the marks above
    at: At


def table(file: File, needed: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """A file's rows with their numbers; CatalogueError for a missing column or a row of another width."""
    reader = csv.reader(io.StringIO(file.text))
    header = next(reader, [])
    if missing := [column for column in needed if column not in header]:
        message = f"{file.name}: row 1: there is no column {', '.join(missing)}; nothing was replaced."
        raise CatalogueError(message)
    for row in reader:
        if len(row) != len(header):
            wrong = f"{len(row)} columns instead of {len(header)}"
            message = f"{file.name}: row {reader.line_num}: {wrong}; nothing was replaced."
            raise CatalogueError(message)
        yield reader.line_num, dict(zip(header, row, strict=True))


def number(text: str, at: At) -> Decimal:
    """A number that is not below 0; CatalogueError with its place for anything else."""
    try:
        found = Decimal(text)
    except InvalidOperation:
        found = Decimal(-1)
    if not found.is_finite() or found < 0:
        message = f'{at.file}: row {at.row}, column {at.column}: "{text}" is no number; nothing was replaced.'
        raise CatalogueError(message)
    return found


def whole(text: str, at: At) -> int | None:
    """A whole number, rounded; None for a blank."""
    return int(number(text, at).to_integral_value()) if text.strip() else None
