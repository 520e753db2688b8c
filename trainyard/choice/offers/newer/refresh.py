"""`trainyard offers --refresh`: newer prices into this user's folder, as a new version beside the ones before."""

from __future__ import annotations

import csv
import os
import shutil
import tempfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from trainyard.choice.offers.catalogue import data_folder, load
from trainyard.choice.offers.newer import gpuhunt, skypilot
from trainyard.choice.offers.newer.checked import Checked, Mark, Quarantined, checked
from trainyard.choice.offers.newer.quote import Quote
from trainyard.choice.offers.newer.source import Source, read_source
from trainyard.choice.offers.rows import COLUMNS, SNAPSHOT, Row, offer_files, overlaid, read
from trainyard.choice.offers.tables import read_chips, read_sources
from trainyard.facts import offer
from trainyard.facts.accelerator import Accelerator

_KEPT = 5  # versions
_SHOWN = 20
QUARANTINE = "quarantine.csv"


@dataclass(frozen=True, kw_only=True)
class Refreshed:
    """What a refresh did."""

    source: Source
    where: str
    checked: Checked

    def lines(self) -> Iterator[str]:
        """For a terminal."""
        done, source = self.checked, self.source
        clouds = ", ".join(sorted({file.cloud for file in source.files}))
        yield f"{source.format}'s prices of {source.day} ({source.dated_by}) for {clouds}: {done.taken} taken"
        if done.older:
            yield f"{done.older} are older than what is known, which holds"
        if done.quarantined:
            yield f"{len(done.quarantined)} not taken; where there is a last price, it holds:"
            yield from (f"  {words(each)}" for each in done.quarantined[:_SHOWN])
        if len(done.quarantined) > _SHOWN:
            yield f"  … {len(done.quarantined) - _SHOWN} more in {QUARANTINE}; trainyard offers --status says where"


def words(quarantined: Quarantined) -> str:
    """One price that was not taken, as people read it."""
    quote, last = quarantined.quote, quarantined.last_usd_hour
    at = quote.at
    before = f" (last {last:f})" if last is not None else ""
    machine = quote.machine_type or quote.chip
    place = quote.zone or quote.region
    price = f"{machine} in {place}, {quote.way}, {quote.usd_hour:f} USD/h{before}"
    return f"{at.file}: row {at.row}, column {at.column}: {price}: {quarantined.why}"


def refresh(where: str, environ: Mapping[str, str], *, cloud: str | None, as_of: date | None, today: date) -> Refreshed:
    """Read a source whole, check it, then put the outcome in place; CatalogueError or OSError changes nothing."""
    source = read_source(where, cloud=cloud, today=today)
    if as_of:
        source = Source(format=source.format, files=source.files, day=as_of, dated_by="as given")
    folder = data_folder(environ)
    below = [row for path in offer_files(SNAPSHOT) for row in read(path)]
    above = [row for path in offer_files(folder) for row in read(path)]
    chips = read_chips(SNAPSHOT) | read_chips(folder)
    days = {code: each.date for code, each in (read_sources(SNAPSHOT) | read_sources(folder)).items()}
    code = f"{source.format.lower()}-{source.day:%Y%m%d}-{zlib.crc32(where.encode()):08x}"
    done = checked(_quotes(source, environ), overlaid(below, above), chips, days, Mark(code=code, day=source.day))
    sources = read_sources(folder)
    sources[code] = offer.Source(date=source.day, licence="facts only", text=f"{source.format}'s catalogue, {where}")
    _put(folder, overlaid(above, done.rows), read_chips(folder) | done.chips, sources, done.quarantined)
    return Refreshed(source=source, where=where, checked=done)


def _quotes(source: Source, environ: Mapping[str, str]) -> list[Quote]:
    if source.format == gpuhunt.NAME:
        return [quote for file in source.files for quote in gpuhunt.quotes(file)]
    shapes = load(environ).shapes
    return [quote for file in source.files for quote in skypilot.quotes(file, shapes)]


def _put(
    folder: Path,
    rows: list[Row],
    chips: Mapping[str, Accelerator],
    sources: Mapping[str, offer.Source],
    quarantined: list[Quarantined],
) -> None:
    """Write a version beside the others and turn `folder`, a link, to it: what is read is one version or another."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    version = Path(tempfile.mkdtemp(prefix=f"prices-{datetime.now(UTC):%Y%m%dT%H%M%S}-", dir=folder.parent))
    try:
        _write(version, rows, chips, sources, quarantined)
        link = version.with_name(f".{version.name}")
        link.symlink_to(version.name, target_is_directory=True)
        link.replace(folder)
    except BaseException:
        shutil.rmtree(version, ignore_errors=True)
        raise
    _forget(folder)


def _write(
    version: Path,
    rows: list[Row],
    chips: Mapping[str, Accelerator],
    sources: Mapping[str, offer.Source],
    quarantined: list[Quarantined],
) -> None:
    for cloud in sorted({row.cloud for row in rows}):
        of_cloud = (row[1:] for row in rows if row.cloud == cloud)
        _csv(version / f"offers_{cloud}.csv", COLUMNS, of_cloud)
    used = {code.partition("+")[0] for row in rows for code in (row.on_demand_source, row.spot_source)}
    told = ((code, str(each.date), each.licence, each.text) for code, each in sources.items() if code in used)
    _csv(version / "sources.csv", ("code", "date", "licence", "text"), told)
    known = ((key, each.chip, str(each.memory_gib), each.form, each.fabric) for key, each in chips.items())
    _csv(version / "accelerators.csv", ("id", "chip", "memory_gib", "form", "fabric"), known)
    _csv(version / QUARANTINE, ("what",), ((words(each),) for each in quarantined))


def _forget(folder: Path) -> None:
    now = os.readlink(folder)
    old = sorted((path for path in folder.parent.glob("prices-*") if path.name != now), reverse=True)
    for path in old[_KEPT - 1 :]:
        shutil.rmtree(path, ignore_errors=True)


def _csv(path: Path, header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
