"""Refuses accelerator machines of Azure that a region has not; types without accelerators are taken."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

from trainyard.facts.offer import Offer, load_machine_offers
from trainyard.sandbox.check import Problem, nearest
from trainyard.servicer.values import reveal

_ACCELERATED: Final = re.compile(r"^standard_n", re.IGNORECASE)  # Azure's N series


def check_azure(inputs: Mapping[str, Any], config: Mapping[str, Any]) -> Iterator[Problem]:
    """The VM size against the offers of the location, the thing's own or the provider's."""
    profile = reveal(inputs.get("hardwareProfile"))
    given = profile.get("vmSize") if isinstance(profile, Mapping) else None
    location = reveal(inputs.get("location")) or config.get("location")
    if isinstance(given, str) and _ACCELERATED.match(given):
        offers = _offers().get(given.lower(), ())
        place = location.replace(" ", "").lower() if isinstance(location, str) else ""
        if not offers or (place and all(offer.region != place for offer in offers)):
            text = f"InvalidParameter: The requested VM size {given} is not available in the current region."
            hint = _elsewhere(offers) if offers else _near(given)
            yield Problem("hardwareProfile.vmSize", text + hint)


@cache
def _offers() -> Mapping[str, tuple[Offer, ...]]:
    found: dict[str, list[Offer]] = {}
    for offer in load_machine_offers("azure"):
        found.setdefault(offer.machine_type.lower(), []).append(offer)
    return {name: tuple(offers) for name, offers in found.items()}


def _near(given: str) -> str:
    known = {name: offers[0].machine_type for name, offers in _offers().items()}
    near = nearest(given.lower(), sorted(known))
    return f'; did you mean "{known[near]}"?' if near else ""


def _elsewhere(offers: tuple[Offer, ...]) -> str:
    return f"; regions that have it: {', '.join(sorted({offer.region for offer in offers}))}"
