"""`trainyard offers --status`: how old the prices are and how far they reach, cloud by cloud."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from trainyard.choice.offers.index import Catalogue
from trainyard.facts.offer import Source


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """What is known of one cloud."""

    cloud: str
    machine_types: int
    places: int
    offers: int
    priced: int
    oldest: date | None
    newest: date | None
    by_source: tuple[tuple[Source, int], ...]  # most offers first


def coverage(catalogue: Catalogue) -> list[Coverage]:
    """Every cloud, by name."""
    columns = catalogue.columns
    offers, priced = Counter[str](), Counter[str]()
    codes: dict[str, Counter[str]] = {cloud: Counter() for cloud in catalogue.clouds}
    for shape, code, nano in zip(columns.shape, columns.code, columns.nano_usd, strict=True):
        cloud = catalogue.shapes[shape].cloud
        offers[cloud] += 1
        if nano:
            priced[cloud] += 1
            codes[cloud][catalogue.codes[code].partition("+")[0]] += 1
    return [
        _coverage(cloud, catalogue, offers[cloud], priced[cloud], codes[cloud].most_common())
        for cloud in catalogue.clouds
    ]


def _coverage(cloud: str, catalogue: Catalogue, offers: int, priced: int, codes: list[tuple[str, int]]) -> Coverage:
    sources = tuple((catalogue.sources[code], count) for code, count in codes)
    days = [source.date for source, _count in sources]
    return Coverage(
        cloud=cloud,
        machine_types=len({shape.machine_type for shape in catalogue.shapes if shape.cloud == cloud}),
        places=sum(1 for region, _zone in catalogue.places if catalogue.regions[region][0] == cloud),
        offers=offers,
        priced=priced,
        oldest=min(days, default=None),
        newest=max(days, default=None),
        by_source=sources,
    )


def lines(catalogue: Catalogue, folder: Path, today: date) -> Iterator[str]:
    """For a terminal; `folder`: where newer prices lie."""
    titles = ("cloud", "machine types", "places", "offers", "priced", "newest", "oldest", "days old")
    found = coverage(catalogue)
    rows = [
        (
            each.cloud,
            str(each.machine_types),
            str(each.places),
            str(each.offers),
            f"{100 * each.priced // each.offers} %",
            str(each.newest or ""),
            str(each.oldest or ""),
            "" if each.newest is None or each.oldest is None else _span(today, each.newest, each.oldest),
        )
        for each in found
    ]
    widths = [max(len(row[at]) for row in (titles, *rows)) for at in range(len(titles))]
    for row in (titles, *rows):
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
    for each in found:
        for source, count in each.by_source:
            yield f"{each.cloud}: {count} prices of {source.date} from {source.text} ({source.licence})"
    yield from _newer(folder)


def _span(today: date, newest: date, oldest: date) -> str:
    least, most = (today - newest).days, (today - oldest).days
    return str(least) if least == most else f"{least} to {most}"


def _newer(folder: Path) -> Iterator[str]:
    quarantine = folder / "quarantine.csv"
    if not folder.is_dir():
        yield f"no newer prices in {folder}: trainyard offers --refresh SOURCE gets some"
    elif quarantine.is_file():
        out = max(len(quarantine.read_text().splitlines()) - 1, 0)
        yield f"newer prices lie in {folder}; {out} were not taken, {quarantine} lists them"
