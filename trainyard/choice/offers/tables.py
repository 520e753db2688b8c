"""The small tables beside the offers: sources and accelerators, of the snapshot or of newer prices."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

from trainyard.facts.accelerator import Accelerator
from trainyard.facts.offer import Source


def read_sources(folder: Path) -> dict[str, Source]:
    """The sources by code; empty where the folder has none."""
    return {
        code: Source(date=date.fromisoformat(day), licence=licence, text=text)
        for code, day, licence, text in _rows(folder / "sources.csv")
    }


def read_chips(folder: Path) -> dict[str, Accelerator]:
    """The accelerators by id; empty where the folder has none."""
    return {
        key: Accelerator(chip=chip, memory_gib=int(memory), form=form, fabric=fabric)
        for key, chip, memory, form, fabric in _rows(folder / "accelerators.csv")
    }


def _rows(path: Path) -> list[list[str]]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[1:]
