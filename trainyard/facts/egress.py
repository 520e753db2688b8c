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


# Only pairs for which two public sources agree, or the vendor's own page was read; all others are unknown.
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
_SAME = GibPrice(
    usd_gib=Decimal(0),
    date=date(2026, 11, 24),
    source="Cloud Storage, S3 and Azure bandwidth pricing: data is read free of charge within its own region",
)


def egress(cloud: str, origin: str, target: str) -> GibPrice | Unknown:
    """From one region to another of the same cloud; nothing is charged within one."""
    if origin == target:
        return _SAME
    for row in _ROWS:
        if row.cloud == cloud and covers(cloud, row.origin, origin) and covers(cloud, row.target, target):
            return row.price
    return Unknown(f"no public source that was read tells what {cloud} charges from {origin} to {target}")
