"""What bills beside the machine: disks, buckets, addresses, gateways, data that leaves; by region, dated, sourced.

Rows stand in `data/extras.csv`; what it lacks is Unknown, never 0. A month has 730 hours, as Google counts it.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

from trainyard.facts.offer import Source
from trainyard.facts.price import Known, Price, Unknown

HOURS_A_MONTH = Decimal(730)
_DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, kw_only=True)
class Rate:
    """A list price of one unit."""

    usd: Decimal
    unit: str  # "GiB-month", "hour" or "GiB"
    source: Source

    def per_hour(self, amount: Decimal | int = 1) -> Price:
        """What so many of them cost an hour; Unknown where an hour is no measure of it."""
        if self.unit == "GiB":
            return Unknown("it bills by what moves, not by the hour")
        hours = HOURS_A_MONTH if self.unit == "GiB-month" else Decimal(1)
        return Known(usd_hour=self.usd * amount / hours, date=self.source.date, source=self.source.text)


def rate(cloud: str, what: str, region: str) -> Rate | Unknown:
    """The rate of "pd-balanced", "pd-ssd", "bucket-standard", "egress-internet", "address", "nat-gateway", "nat-data".

    Egress is that of the first TiB of a month to anywhere but China and Australia.
    """
    found = _rates().get((cloud, what, region))
    return found or Unknown(f"no source tells what {what} costs in {region} on {cloud}")


@cache
def _rates() -> dict[tuple[str, str, str], Rate]:
    with (_DATA / "extra_sources.csv").open(encoding="utf-8", newline="") as file:
        sources = {
            code: Source(date=date.fromisoformat(day), licence=licence, text=text)
            for code, day, licence, text in list(csv.reader(file))[1:]
        }
    with (_DATA / "extras.csv").open(encoding="utf-8", newline="") as file:
        return {
            (cloud, what, region): Rate(usd=Decimal(usd), unit=unit, source=sources[code])
            for cloud, what, region, usd, unit, code in list(csv.reader(file))[1:]
        }
