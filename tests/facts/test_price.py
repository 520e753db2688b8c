from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainyard.facts.price import AtLeast, Estimated, Known, Price, Unknown, at_least, scaled, text, times, usd

DAY = date(2026, 7, 30)
KNOWN = Known(usd_hour=Decimal("88.49"), date=DAY, source="list")
BOUND = AtLeast(usd_hour=Decimal("41.66"), date=DAY, source="list", lacks="32 bundled local SSDs")
GUESS = Estimated(usd_hour=Decimal("10"), date=DAY, source="list", how="GPUs alone")
NONE = Unknown("its source lists none")


def test_an_unknown_price_has_no_figure() -> None:
    assert usd(NONE) is None
    assert usd(KNOWN) == Decimal("88.49")


def test_a_factor_scales_every_price_but_the_unknown() -> None:
    assert scaled(KNOWN, Decimal("0.9")) == Known(usd_hour=Decimal("79.641"), date=DAY, source="list")
    assert scaled(BOUND, Decimal("0.5")) == AtLeast(
        usd_hour=Decimal("20.83"), date=DAY, source="list", lacks="32 bundled local SSDs"
    )
    assert scaled(NONE, Decimal("0.9")) is NONE


def test_a_cost_is_price_times_hours_to_the_cent() -> None:
    assert times(KNOWN, timedelta(hours=12)) == Decimal("1061.88")
    assert times(GUESS, timedelta(minutes=20)) == Decimal("3.33")


def test_a_price_that_lacks_a_part_gives_no_cost_but_a_lower_bound() -> None:
    cost = times(BOUND, timedelta(hours=1))
    assert cost == Unknown("41.66 USD/h leaves out 32 bundled local SSDs")
    assert at_least(BOUND, timedelta(hours=2)) == Decimal("83.32")


def test_an_unknown_price_costs_at_least_nothing() -> None:
    assert times(NONE, timedelta(hours=1)) is NONE
    assert at_least(NONE, timedelta(hours=1)) == 0


@pytest.mark.parametrize(
    ("price", "words"),
    [
        (KNOWN, "88.49 USD/h"),
        (BOUND, "at least 41.66 USD/h (without 32 bundled local SSDs)"),
        (GUESS, "about 10.00 USD/h (GPUs alone)"),
        (NONE, "unknown"),
    ],
)
def test_every_kind_of_price_reads_as_what_it_is(price: Price, words: str) -> None:
    assert text(price) == words


@given(cents=st.integers(0, 10**7), minutes=st.integers(0, 200_000), more=st.integers(0, 1000))
def test_a_longer_run_never_costs_less(cents: int, minutes: int, more: int) -> None:
    price = Known(usd_hour=Decimal(cents) / 100, date=DAY, source="list")
    assert at_least(price, timedelta(minutes=minutes)) <= at_least(price, timedelta(minutes=minutes + more))
