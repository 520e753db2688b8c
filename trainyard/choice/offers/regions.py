"""Regions by name, country and continent, over all clouds."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from trainyard.choice.offers.ask import AskError
from trainyard.choice.offers.rows import SNAPSHOT

COUNTRIES = {
    "ae": "united arab emirates",
    "at": "austria",
    "au": "australia",
    "be": "belgium",
    "bh": "bahrain",
    "br": "brazil",
    "ca": "canada",
    "ch": "switzerland",
    "cl": "chile",
    "de": "germany",
    "es": "spain",
    "fi": "finland",
    "fr": "france",
    "gb": "united kingdom",
    "hk": "hong kong",
    "id": "indonesia",
    "ie": "ireland",
    "il": "israel",
    "in": "india",
    "it": "italy",
    "jp": "japan",
    "kr": "south korea",
    "mx": "mexico",
    "my": "malaysia",
    "nl": "netherlands",
    "no": "norway",
    "nz": "new zealand",
    "pl": "poland",
    "qa": "qatar",
    "sa": "saudi arabia",
    "se": "sweden",
    "sg": "singapore",
    "th": "thailand",
    "tw": "taiwan",
    "us": "united states",
    "za": "south africa",
}
_CONTINENTS = {
    "africa": "africa",
    "asia": "asia",
    "australia": "australia",
    "europe": "europe",
    "eu": "europe",
    "me": "me",
    "middle east": "me",
    "northamerica": "northamerica",
    "north america": "northamerica",
    "southamerica": "southamerica",
    "south america": "southamerica",
}
_OTHER_NAMES = {"uk": "gb", "usa": "us", "uae": "ae", "korea": "kr", "the netherlands": "nl", "holland": "nl"}


class Lies(NamedTuple):
    """Where a region lies; `country` in two letters, "" where only the continent is known."""

    country: str
    continent: str


@cache
def lies() -> dict[tuple[str, str], Lies]:
    """Every known region by (cloud, region)."""
    with (SNAPSHOT / "regions.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    return {(cloud, region): Lies(country.lower(), continent) for cloud, region, country, continent in rows}


def within(word: str, regions: Iterable[tuple[str, str]]) -> set[int]:
    """The numbers of the (cloud, region) that a word names; AskError for a word that names none anywhere.

    A region's own name counts first, then continents, then countries: "australia" and "eu" are continents.
    """
    asked = word.strip().lower()
    all_regions = list(regions)
    named = {number for number, (_cloud, region) in enumerate(all_regions) if region.lower() == asked}
    if named:
        return named
    where = lies()
    if continent := _CONTINENTS.get(asked):
        return {
            number
            for number, key in enumerate(all_regions)
            if (known := where.get(key)) and known.continent == continent
        }
    if country := _country(asked):
        return {
            number for number, key in enumerate(all_regions) if (known := where.get(key)) and known.country == country
        }
    raise AskError(_unknown(word, all_regions))


def _country(asked: str) -> str | None:
    if asked in COUNTRIES:
        return asked
    by_name = {name: code for code, name in COUNTRIES.items()}
    return _OTHER_NAMES.get(asked) or by_name.get(asked)


def _unknown(word: str, regions: list[tuple[str, str]]) -> str:
    from difflib import get_close_matches  # only an error pays for it

    names = {*(region for _cloud, region in regions), *_CONTINENTS, *COUNTRIES.values()}
    near = get_close_matches(word.lower(), sorted(names), n=3, cutoff=0.6)
    hint = f"did you mean {' or '.join(near)}?" if near else 'give for example "europe", "germany" or "us-central1".'
    return f'no region, country or continent is named "{word}"; {hint}'
