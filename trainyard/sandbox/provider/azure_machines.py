"""Refuses sizes that Azure has not, and accelerator machines that a region has not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

from trainyard.facts.offer import Offer, load_machine_offers
from trainyard.sandbox.check import Problem, nearest
from trainyard.servicer.values import reveal

_ACCELERATED: Final = re.compile(r"^standard_n", re.IGNORECASE)  # Azure's N series
# https://learn.microsoft.com/azure/virtual-machines/vm-naming-conventions
_SIZE: Final = re.compile(r"^(standard|basic)_[a-z]+\d+(-\d+)?[a-z]*(_[a-z0-9-]+)*$", re.IGNORECASE)


def check_azure(inputs: Mapping[str, Any], config: Mapping[str, Any]) -> Iterator[Problem]:
    """A virtual machine's size against the offers of its location, its own or the provider's."""
    profile = reveal(inputs.get("hardwareProfile"))
    given = profile.get("vmSize") if isinstance(profile, Mapping) else None
    yield from _size(given, "hardwareProfile.vmSize", inputs, config)


def check_azure_set(inputs: Mapping[str, Any], config: Mapping[str, Any]) -> Iterator[Problem]:
    """The size of a scale set's machines."""
    sku = reveal(inputs.get("sku"))
    given = sku.get("name") if isinstance(sku, Mapping) else None
    if given != "Mix":  # several sizes, told in skuProfile
        yield from _size(given, "sku.name", inputs, config)


def check_azure_compute(inputs: Mapping[str, Any], config: Mapping[str, Any]) -> Iterator[Problem]:
    """The size of a machine-learning cluster or instance."""
    outer = reveal(inputs.get("properties"))
    inner = outer.get("properties") if isinstance(outer, Mapping) else None
    given = inner.get("vmSize") if isinstance(inner, Mapping) else None
    yield from _size(given, "properties.properties.vmSize", inputs, config)


def _size(given: Any, at: str, inputs: Mapping[str, Any], config: Mapping[str, Any]) -> Iterator[Problem]:
    location = reveal(inputs.get("location")) or config.get("location")
    if not isinstance(given, str):
        return
    if not _SIZE.match(given):
        text = f"InvalidParameter: The value {given} provided for the VM size is not valid."
        yield Problem(at, f"{text} Give one such as Standard_D4s_v5{_near(given)}")
    elif _ACCELERATED.match(given):
        offers = _offers().get(given.lower(), ())
        place = location.replace(" ", "").lower() if isinstance(location, str) else ""
        if not offers or (place and all(offer.region != place for offer in offers)):
            text = f"InvalidParameter: The requested VM size {given} is not available in the current region."
            yield Problem(at, text + (_elsewhere(offers) if offers else _near(given)))


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
