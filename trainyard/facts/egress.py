"""What it costs to read data out of the region that it lies in, by the GiB; what no source tells is unknown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from trainyard.facts.places import covers
from trainyard.facts.price import Unknown


@dataclass(frozen=True, kw_only=True)
class GibPrice:
    """A list price of traffic, in USD per GiB."""

    usd_gib: Decimal
    date: date
    source: str


@dataclass(frozen=True, kw_only=True)
class _Row:
    cloud: str
    origin: str  # a part of the world, as `facts.places` names them
    target: str
    price: GibPrice


# Google's own page was not at hand; for other parts of the world public tables of different years disagree.
_ROWS = (
    _Row(
        cloud="gcp",
        origin="europe",
        target="europe",
        price=GibPrice(
            usd_gib=Decimal("0.02"),
            date=date(2023, 7, 1),
            source="skyplane-project/skyplane 1cb58495, gcp_pricing.py: between regions of Europe",
        ),
    ),
)


def egress(cloud: str, origin: str, target: str) -> GibPrice | Unknown:
    """From one region to another of the same cloud; within one, none is asked for."""
    for row in _ROWS:
        if row.cloud == cloud and covers(cloud, row.origin, origin) and covers(cloud, row.target, target):
            return row.price
    return Unknown(f"no public source that was read tells what {cloud} charges from {origin} to {target}")
