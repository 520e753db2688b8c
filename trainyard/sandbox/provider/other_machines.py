"""Refuses accelerator machines of Amazon and Azure that a region has not; types without accelerators are taken."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

from trainyard.facts.offer import Offer, load_machine_offers
from trainyard.sandbox.check import Problem, nearest
from trainyard.servicer.values import reveal

# Amazon's accelerated families (docs.aws.amazon.com/ec2/latest/instancetypes/ac.html) and Azure's N series.
_ACCELERATED: Final = {
    "aws": re.compile(r"^(p\d|g\d|gr\d|trn\d|inf\d|dl\d)"),
    "azure": re.compile(r"^standard_n", re.IGNORECASE),
}


def check_aws(inputs: Mapping[str, Any], config: Mapping[str, Any]) -> Iterator[Problem]:
    """The instance type against the offers of the region, told by the availability zone or the provider."""
    given = reveal(inputs.get("instanceType"))
    zone = reveal(inputs.get("availabilityZone"))
    region = reveal(inputs.get("region")) or (zone[:-1] if isinstance(zone, str) else config.get("region"))
    if isinstance(given, str) and _ACCELERATED["aws"].match(given):
        offers = _offers("aws").get(given, ())
        if not offers:
            near = _near("aws", given)
            yield Problem("instanceType", f"InvalidParameterValue: Invalid value '{given}' for InstanceType.{near}")
        elif isinstance(region, str) and all(offer.region != region for offer in offers):
            where = f"Availability Zone ({zone})" if isinstance(zone, str) else f"region ({region})"
            text = f"Unsupported: Your requested instance type ({given}) is not supported in your requested {where}."
            yield Problem("instanceType", text + _elsewhere(offers))


def check_azure(inputs: Mapping[str, Any], config: Mapping[str, Any]) -> Iterator[Problem]:
    """The VM size against the offers of the location, the thing's own or the provider's."""
    profile = reveal(inputs.get("hardwareProfile"))
    given = profile.get("vmSize") if isinstance(profile, Mapping) else None
    location = reveal(inputs.get("location")) or config.get("location")
    if isinstance(given, str) and _ACCELERATED["azure"].match(given):
        offers = _offers("azure").get(given.lower(), ())
        place = location.replace(" ", "").lower() if isinstance(location, str) else ""
        if not offers or (place and all(offer.region != place for offer in offers)):
            text = f"InvalidParameter: The requested VM size {given} is not available in the current region."
            hint = _elsewhere(offers) if offers else _near("azure", given)
            yield Problem("hardwareProfile.vmSize", text + hint)


@cache
def _offers(cloud: str) -> Mapping[str, tuple[Offer, ...]]:
    found: dict[str, list[Offer]] = {}
    for offer in load_machine_offers(cloud):
        name = offer.machine_type.lower() if cloud == "azure" else offer.machine_type
        found.setdefault(name, []).append(offer)
    return {name: tuple(offers) for name, offers in found.items()}


def _near(cloud: str, given: str) -> str:
    known = {name: offers[0].machine_type for name, offers in _offers(cloud).items()}
    near = nearest(given.lower(), sorted(known))
    return f'; did you mean "{known[near]}"?' if near else ""


def _elsewhere(offers: tuple[Offer, ...]) -> str:
    return f"; regions that have it: {', '.join(sorted({offer.region for offer in offers}))}"
