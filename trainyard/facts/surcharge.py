"""What a managed service takes on top of the machine, where a source lets it be estimated; `data/surcharges.csv`."""

from __future__ import annotations

import csv
from decimal import Decimal
from functools import cache
from pathlib import Path

from trainyard.facts.price import Estimated, Known, Price
from trainyard.facts.tpu import of_slice_name

_TABLE = Path(__file__).parent / "data" / "surcharges.csv"


def estimated(kind: str, cloud: str, machine_type: str, capacity: str, machine_price: Price) -> Estimated | None:
    """The service's price out of the machine's list price; None where no source tells a factor.

    The sources tell of machines on demand only, and none of TPUs.
    """
    if capacity != "on-demand" or of_slice_name(machine_type) is not None:
        return None
    factor = _factors().get((cloud, kind, machine_type)) or _factors().get((cloud, kind, ""))
    if factor is None or not isinstance(machine_price, Known):
        return None
    times, how = factor
    return Estimated(
        usd_hour=machine_price.usd_hour * times, date=machine_price.date, source=machine_price.source, how=how
    )


@cache
def _factors() -> dict[tuple[str, str, str], tuple[Decimal, str]]:
    with _TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    return {(cloud, kind, machine_type): (Decimal(factor), how) for cloud, kind, machine_type, factor, how in rows}
