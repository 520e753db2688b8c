"""Refuses accelerator machines of Amazon that a region has not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

from trainyard.facts.offer import Offer, load_machine_offers
from trainyard.sandbox.check import Problem, nearest
from trainyard.servicer.values import reveal

# Amazon's accelerated families: docs.aws.amazon.com/ec2/latest/instancetypes/ac.html.
_ACCELERATED: Final = re.compile(r"^(p\d|g\d|gr\d|trn\d|inf\d|dl\d)")


def check_aws(inputs: Mapping[str, Any], config: Mapping[str, Any]) -> Iterator[Problem]:
    """The instance type against the offers of the region, told by the availability zone or the provider."""
    given = reveal(inputs.get("instanceType"))
    zone = reveal(inputs.get("availabilityZone"))
    region = reveal(inputs.get("region")) or (zone[:-1] if isinstance(zone, str) else config.get("region"))
    if isinstance(given, str) and _ACCELERATED.match(given):
        offers = _offers().get(given, ())
        if not offers:
            near = nearest(given, sorted(_offers()))
            hint = f'; did you mean "{near}"?' if near else ""
            yield Problem("instanceType", f"InvalidParameterValue: Invalid value '{given}' for InstanceType.{hint}")
        elif isinstance(region, str) and all(offer.region != region for offer in offers):
            where = f"Availability Zone ({zone})" if isinstance(zone, str) else f"region ({region})"
            text = f"Unsupported: Your requested instance type ({given}) is not supported in your requested {where}."
            regions = ", ".join(sorted({offer.region for offer in offers}))
            yield Problem("instanceType", f"{text}; regions that have it: {regions}")


@cache
def _offers() -> Mapping[str, tuple[Offer, ...]]:
    found: dict[str, list[Offer]] = {}
    for offer in load_machine_offers("aws"):
        found.setdefault(offer.machine_type, []).append(offer)
    return {name: tuple(offers) for name, offers in found.items()}
