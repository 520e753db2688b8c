"""Google Cloud's regions and zones, and refusals of those that there are not."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from trainyard.facts.offer import load_offers
from trainyard.sandbox.check import Problem, nearest
from trainyard.servicer.values import reveal

_DATA = Path(__file__).parent / "gcp_zones.json"
_AI_ZONE: Final = re.compile(r"(?P<region>[a-z]+-[a-z]+\d+)-ai\d[a-z]")


@cache
def zones() -> frozenset[str]:
    """Every zone that Google names, and those that the catalogue has offers in."""
    table = json.loads(_DATA.read_text(encoding="utf-8"))
    table.pop("source")
    named = {f"{region}-{letter}" for letters, regions in table.items() for region in regions for letter in letters}
    return frozenset(named | {offer.zone for offer in load_offers("gcp") if offer.zone})


@cache
def regions() -> frozenset[str]:
    return frozenset(zone.rpartition("-")[0] for zone in zones())


def is_zone(name: str) -> bool:
    """Whether there is such a zone; AI zones, "us-central1-ai1a", are told by their form and region."""
    ai = _AI_ZONE.fullmatch(name)
    return name in zones() or (ai is not None and ai["region"] in regions())


def check_places(inputs: Mapping[str, Any], config: Mapping[str, Any]) -> Iterator[Problem]:
    """Zone and region of a Compute Engine thing, its own or the provider's, must be real."""
    for name in ("zone", "region"):
        given = place(name, inputs, config)
        if given and not (is_zone(given) if name == "zone" else given in regions()):
            yield Problem(name, _unknown(name, given))


def place(name: str, inputs: Mapping[str, Any], config: Mapping[str, Any]) -> str:
    """The bare name of a zone or region; "" when none is given or it is not known yet."""
    own = reveal(inputs.get(name))
    if own is not None and not isinstance(own, str):
        return ""
    given = own or config.get(name)
    return given.rpartition("/")[2] if isinstance(given, str) else ""


def _unknown(name: str, given: str) -> str:
    if name == "zone" and given in regions():
        hint = "it is a region, its zones are " + ", ".join(sorted(z for z in zones() if z.rpartition("-")[0] == given))
    elif name == "region" and is_zone(given):
        hint = f'it is a zone, its region is "{given.rpartition("-")[0]}"'
    else:
        near = nearest(given, sorted(zones() if name == "zone" else regions()))
        hint = f'did you mean "{near}"?' if near else f"`gcloud compute {name}s list` tells all"
    return f"Invalid value for field '{name}': '{given}'. Unknown {name}.; {hint}"
