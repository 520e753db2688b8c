"""What removed every other offer, and what would let one in."""

import random
from decimal import Decimal

import pytest

from trainyard.choice.offers.ask import Ask
from trainyard.choice.offers.explain import removed
from trainyard.choice.offers.index import Catalogue
from trainyard.choice.offers.nearest import nearest, sentences
from trainyard.choice.offers.query import search
from trainyard.facts.accelerator import Wanted

H100 = Wanted(chip="H100")


def test_each_offer_fits_or_stands_in_one_group(catalogue: Catalogue) -> None:
    chance = random.Random(7)
    for _ in range(40):
        ask = Ask(
            wanted=chance.choice([None, H100, Wanted(chip="A100", memory_gib=80)]),
            count=chance.choice([None, 1, 8]),
            regions=chance.choice([(), ("europe",), ("us", "jp")]),
            capacities=chance.choice([(), ("spot",)]),
            fabric=chance.choice([None, "nvlink", "efa"]),
            max_usd_hour=chance.choice([None, Decimal(3), Decimal(30)]),
        )
        groups = removed(ask, catalogue)
        assert sum(group.count for group in groups) + len(search(ask, catalogue).rows) == len(catalogue)
        assert all(group.why and group.examples for group in groups)


def test_a_group_names_its_demand_and_examples(catalogue: Catalogue) -> None:
    groups = {group.demand: group for group in removed(Ask(wanted=H100, count=8, max_usd_hour=Decimal(30)), catalogue)}
    assert groups["count"].why == "not 8 chips in one machine"
    assert "a3-highgpu-1g" in groups["count"].examples
    assert groups["max_usd_hour"].why == "dearer than 30 USD/h"
    assert groups["no_price"].count > 0


def test_a_price_that_is_too_low_comes_with_the_one_that_is_enough(catalogue: Catalogue) -> None:
    ask = Ask(wanted=H100, count=8, regions=("europe",), capacities=("spot",), max_usd_hour=Decimal(5))
    first = nearest(ask, catalogue)[0]
    cheapest = search(Ask(wanted=H100, count=8, regions=("europe",), capacities=("spot",)), catalogue).first
    assert cheapest is not None
    assert first.demands == ("max_usd_hour",)
    assert first.lets_in == cheapest
    assert first.words == f"max_usd_hour from 5 to {cheapest.price_usd_hour:f} USD/h"


def test_each_way_names_one_demand_where_one_is_enough(catalogue: Catalogue) -> None:
    ways = nearest(Ask(wanted=Wanted(chip="L4"), count=3, regions=("jp",)), catalogue)
    assert [(way.demands, way.words) for way in ways] == [(("count",), "count from 3 to 2")]


def test_a_number_is_relaxed_no_further_than_it_must_be(catalogue: Catalogue) -> None:
    ways = {way.demands: way for way in nearest(Ask(wanted=H100, count=8, vcpus=300), catalogue)}
    most = max(row.vcpus or 0 for row in search(Ask(wanted=H100, count=8), catalogue).rows)
    assert ways["vcpus",].words == f"vcpus from 300 to {most}"


def test_two_demands_are_let_go_together_where_no_single_one_is_enough(catalogue: Catalogue) -> None:
    ask = Ask(wanted=H100, count=8, vcpus=9000, memory_gib=90000)
    ways = nearest(ask, catalogue)
    assert {way.demands for way in ways} == {("vcpus", "memory_gib")}


def test_what_nothing_can_meet_says_so(catalogue: Catalogue) -> None:
    ask = Ask(count=8, vcpus=9000, memory_gib=90000, accelerator_memory_gib=10**7, max_usd_hour=Decimal("0.001"))
    assert list(sentences(ask, catalogue)) == [
        "nothing fits, and no 3 demands let go together let anything in; ask for less."
    ]


@pytest.mark.parametrize("demand", ["regions", "capacities", "clouds"])
def test_a_place_or_a_way_of_buying_is_exchanged(catalogue: Catalogue, demand: str) -> None:
    given = {"regions": ("jp",), "capacities": ("flex-start",), "clouds": ("lambda",)}[demand]
    ask = Ask(machine_type="Standard_ND96isr_H200_v5", **{demand: given}, max_usd_hour=Decimal(1000))
    if not search(ask, catalogue).rows:
        assert any(
            demand in way.demands and way.words.startswith(f"{demand} from {given[0]} to ")
            for way in nearest(ask, catalogue)
        )
