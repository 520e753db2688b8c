"""Locations of Google's other services: regions, zones, and parts of the world where a service has them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

from trainyard.sandbox.check import Problem, nearest
from trainyard.sandbox.provider.gcp_places import is_zone, regions, zones
from trainyard.sandbox.schema import ResourceType
from trainyard.servicer.values import reveal

_DATA: Final = Path(__file__).parent / "gcp_locations.json"
# Looks like a region or a zone, of Google or of Amazon: then it must be one of Google. BigQuery names
# other clouds' regions with the cloud before them.
_LOOKS_LIKE: Final = re.compile(r"(?!aws-|azure-)(?P<region>[a-z]+-[a-z]+-?\d{1,2})(-[a-z])?")
_WORDS: Final = frozenset({"global", "us", "eu", "europe", "asia"})
_NAMES: Final = ("location", "region", "zone")


def check_locations(type: ResourceType, inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """Zone, region and location of a thing that is not Compute Engine's."""
    for name in _NAMES:
        given = reveal(inputs.get(name))
        if name not in type.inputs or not isinstance(given, str) or not given or "/" in given:
            continue
        reason = _refusal(_kinds(type.token, name), given)
        if reason:
            yield Problem(name, f"Location '{given}' is not found, or access is unauthorized; {reason}")


def _kinds(token: str, name: str) -> Sequence[str] | None:
    """What the service takes; None where nobody has written it down."""
    if name == "zone":
        return ("zone",)
    listed: Mapping[str, Sequence[str]] = _table()
    return next((kinds for start, kinds in listed.items() if token.startswith(start)), None)


def _refusal(kinds: Sequence[str] | None, given: str) -> str | None:
    place = given.lower()
    if kinds is None:
        looks = _LOOKS_LIKE.fullmatch(place)
        known = looks is None or looks["region"] in regions() or is_zone(place) or place in _WORDS
        return None if known else _near(place, sorted(regions() | zones()))
    if place in kinds or ("region" in kinds and place in regions()) or ("zone" in kinds and is_zone(place)):
        return None
    if is_zone(place):
        return f'it is a zone, its region is "{place.rpartition("-")[0]}"'
    if place in regions():
        return "it is a region, its zones are " + ", ".join(sorted(z for z in zones() if z.rpartition("-")[0] == place))
    words = [kind for kind in kinds if kind not in ("region", "zone")]
    return _near(place, [*words, *(regions() if "region" in kinds else ()), *(zones() if "zone" in kinds else ())])


def _near(place: str, known: Sequence[str]) -> str:
    found = nearest(place, sorted(known))
    return f'did you mean "{found}"?' if found else "`gcloud compute regions list` tells the regions"


@cache
def _table() -> Mapping[str, Sequence[str]]:
    table: dict[str, Sequence[str]] = json.loads(_DATA.read_text(encoding="utf-8"))
    table.pop("source")
    return table
