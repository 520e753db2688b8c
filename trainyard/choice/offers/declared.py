"""Machines that somebody has already, declared in a file: a row a machine, blank where a thing is not known."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import NoReturn

from trainyard.choice.offers.rows import CatalogueError, Row
from trainyard.facts.accelerator import Accelerator, AcceleratorError, resolve
from trainyard.facts.offer import Source

CLOUD = "on-premise"
COLUMNS = ("name", "accelerator", "count", "vcpus", "memory_gib", "place", "usd_hour", "date")
_COUNT = re.compile(r"[1-9][0-9]{0,3}", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Declared:
    """The file's machines as rows of the catalogue, with a source for each date."""

    rows: list[Row]
    sources: dict[str, Source]


def declared(path: Path, chips: Mapping[str, Accelerator]) -> Declared:
    """The machines of a file; CatalogueError with row and column of the first fault."""
    try:
        return _read(path, chips)
    except UnicodeDecodeError as error:
        message = f"{path}: it is no text in UTF-8 ({error.reason}); save it as such."
        raise CatalogueError(message) from None


def _read(path: Path, chips: Mapping[str, Accelerator]) -> Declared:
    rows, sources = [], {}
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if tuple(reader.fieldnames or ()) != COLUMNS:
            message = f"{path}: row 1: the columns are {','.join(COLUMNS)}; write them in this order."
            raise CatalogueError(message)
        for number, row in enumerate(reader, 2):
            made, day = _row(_At(path, number), row, chips)
            rows.append(made)
            if day:
                text = f"declared in {path.name}"
                sources[made.on_demand_source] = Source(date=day, licence="own", text=text)
    return Declared(rows=rows, sources=sources)


@dataclass(frozen=True)
class _At:
    path: Path
    row: int

    def wrong(self, column: str, words: str) -> NoReturn:
        message = f"{self.path}: row {self.row}, column {column}: {words}"
        raise CatalogueError(message) from None


def _row(at: _At, row: dict[str, str | None], chips: Mapping[str, Accelerator]) -> tuple[Row, date | None]:
    given = {column: (row.get(column) or "").strip() for column in COLUMNS}
    for column in ("name", "place"):
        if not given[column]:
            at.wrong(column, f"{column} is blank; give one.")
    for column in ("count", "vcpus", "memory_gib"):
        wanted = column == "count" or given[column]
        if wanted and not _COUNT.fullmatch(given[column]):
            at.wrong(column, f'"{given[column]}" is no whole number above 0.')
    price, day = _price(at, given)
    made = Row(
        cloud=CLOUD,
        machine_type=given["name"],
        accelerator=_chip(at, given["accelerator"], chips),
        chips=given["count"],
        vcpus=given["vcpus"],
        memory_gib=given["memory_gib"],
        region=given["place"],
        zone="",
        on_demand=price,
        on_demand_source=f"declared-{day}" if day else "!unstated",
        spot="",
        spot_source="!not-sold",
    )
    return made, day


def _price(at: _At, given: dict[str, str]) -> tuple[str, date | None]:
    if not given["usd_hour"]:
        return "", None
    try:
        price = Decimal(given["usd_hour"])
    except InvalidOperation:
        price = Decimal(0)
    if not price.is_finite() or price <= 0:
        at.wrong("usd_hour", f'"{given["usd_hour"]}" is no price; give USD per hour or leave it blank.')
    try:
        return given["usd_hour"], date.fromisoformat(given["date"])
    except ValueError:
        at.wrong("date", f'"{given["date"]}" is no date; a price has one: 2026-11-24.')


def _chip(at: _At, name: str, chips: Mapping[str, Accelerator]) -> str:
    try:
        wanted = resolve(name)
    except AcceleratorError as error:
        at.wrong("accelerator", str(error))
    # A form or fabric that nobody told is not claimed.
    found = sorted(
        (chip.fabric != (wanted.fabric or "none"), chip.form != wanted.form, key)
        for key, chip in chips.items()
        if chip.chip == wanted.chip and wanted.memory_gib in (None, chip.memory_gib)
    )
    memories = {chips[key].memory_gib for _fabric, _form, key in found}
    if len(memories) > 1:
        at.wrong("accelerator", f"{name} has {_or(memories)} GB; name it with them, as in A100-80GB.")
    return found[0][2]


def _or(numbers: set[int]) -> str:
    return " or ".join(str(number) for number in sorted(numbers))
