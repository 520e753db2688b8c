"""Offers of the advice's tests: few, with prices that divide well."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest

from trainyard.choice.advice.models import named
from trainyard.choice.advice.run import Run
from trainyard.choice.offers.query import Offered
from trainyard.facts.accelerator import accelerators
from trainyard.facts.price import Known, Price, Unknown

DAY = date(2026, 11, 24)


def offer(cloud: str, machine_type: str, chip: str, count: float, usd: str | None, **more: object) -> Offered:
    price: Price = Unknown("its source lists none")
    if usd is not None:
        price = Known(usd_hour=Decimal(usd), date=DAY, source="a price list")
    return Offered(
        **{
            "cloud": cloud,
            "region": "us-central1",
            "zone": "us-central1-a",
            "machine_type": machine_type,
            "accelerator": accelerators()[chip],
            "count": count,
            "vcpus": 8,
            "memory_gib": 64,
            "capacity": "on-demand",
            "price_usd_hour": None if usd is None else Decimal(usd),
            "price": price,
            **more,
        }
    )


@pytest.fixture
def offers() -> Callable[..., Offered]:
    return offer


@pytest.fixture
def run() -> Callable[..., Run]:
    def made(model: str = "llama-3-8b", **more: object) -> Run:
        given: dict[str, object] = {"method": "full", "tokens": 10**9, "deadline": timedelta(hours=48), **more}
        return Run(model=named(model), **given)

    return made
