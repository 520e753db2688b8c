from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainyard.facts.capacity import FlexStart, OnDemand, Reserved, Spot, name
from trainyard.facts.offer import load_machine_offers, load_offers
from trainyard.facts.price import AtMost, Unknown, usd
from trainyard.facts.request import Request
from trainyard.facts.selection import Selection, SelectionError, select

OFFERS = load_offers("gcp")


def choose(allowed: tuple[str, ...] = (), factor: Decimal = Decimal(1), **keys: Any) -> Selection:
    return select(Request(cloud="gcp", **keys), OFFERS, allowed_regions=allowed, price_factor=factor)


def refusal(allowed: tuple[str, ...] = (), **keys: Any) -> str:
    with pytest.raises(SelectionError) as caught:
        choose(allowed, **keys)
    return str(caught.value)


def test_the_cheapest_that_fits_comes_first_with_its_reason() -> None:
    found = choose(chip="L4", regions=("europe-west4", "us-central1"))
    assert (found.first.offer.machine_type, found.first.offer.zone) == ("g2-standard-4", "us-central1-a")
    assert usd(found.first.price) == min(usd(c.price) or Decimal(0) for c in found.candidates)
    assert found.reason == (
        "g2-standard-4 in us-central1-a, on-demand, 0.71 USD/h: cheapest of the 30 on-demand offers that fit"
    )


def test_the_order_of_capacities_goes_before_the_price() -> None:
    found = choose(chip="L4", regions=("us-central1",), capacities=(OnDemand(), Spot()))
    kinds = [name(candidate.capacity) for candidate in found.candidates]
    assert kinds == sorted(kinds, key=["on-demand", "spot"].index)
    assert set(kinds) == {"on-demand", "spot"}


def test_h100_covers_a3_high_and_a3_mega() -> None:
    found = choose(chip="H100", count=8, regions=("us-central1",), capacities=(Spot(),))
    assert {c.offer.machine_type for c in found.candidates} == {"a3-highgpu-8g", "a3-megagpu-8g"}


def test_an_old_name_keeps_its_narrower_meaning() -> None:
    mega = choose(chip="H100-MEGA-80GB", count=8)
    assert {c.offer.machine_type for c in mega.candidates} == {"a3-megagpu-8g"}
    big = choose(chip="A100-80GB")
    assert {c.offer.machine_type for c in big.candidates} == {"a2-ultragpu-1g"}


def test_an_unknown_price_never_comes_before_a_known_one() -> None:
    found = choose(chip="L4", regions=("us-central1",), capacities=(Reserved(id="r", bound=True), Spot()))
    unknown = [isinstance(candidate.price, Unknown) for candidate in found.candidates]
    assert unknown == sorted(unknown)
    assert set(unknown) == {False, True}


def test_flex_start_and_reserved_capacity_are_bounded_by_the_on_demand_price() -> None:
    demand = usd(choose(chip="L4", regions=("us-central1",)).first.price)
    for capacity in (FlexStart(max_wait=timedelta(hours=1)), Reserved(id="r")):
        found = choose(chip="L4", regions=("us-central1",), capacities=(capacity,))
        assert all(isinstance(candidate.price, AtMost) for candidate in found.candidates)
        assert usd(found.first.price) == demand


def test_what_a_calendar_reservation_costs_only_its_contract_knows() -> None:
    found = choose(chip="L4", regions=("us-central1",), capacities=(Reserved(id="r", bound=True),))
    assert all(isinstance(candidate.price, Unknown) for candidate in found.candidates)
    assert "no price is known" in found.reason
    agreed = Reserved(id="r", bound=True, usd_hour=Decimal(2))
    assert usd(choose(factor=Decimal("0.9"), chip="L4", capacities=(agreed,)).first.price) == Decimal(2)


def test_an_environments_factor_scales_the_prices() -> None:
    keys: dict[str, Any] = {"chip": "L4", "regions": ("us-central1",)}
    assert usd(choose(factor=Decimal("0.9"), **keys).first.price) == (usd(choose(**keys).first.price) or 0) * Decimal(
        "0.9"
    )


def test_an_environments_regions_hold_names_and_parts_of_the_world() -> None:
    found = choose(("europe", "us-central1"), chip="L4")
    regions = {candidate.offer.region for candidate in found.candidates}
    assert "us-central1" in regions
    assert all(region == "us-central1" or region.startswith("europe-") for region in regions)
    assert any("outside of the environment's regions" in group.why for group in found.rejected)


def test_a_machine_whose_zones_nobody_knows_is_taken_in_the_zone_that_is_named() -> None:
    named = choose(chip="RTX-PRO-6000", zones=("us-central1-b", "europe-west4-b"))
    assert {candidate.offer.zone for candidate in named.candidates} == {"us-central1-b", "europe-west4-b"}
    assert all(candidate.offer.zone.startswith(candidate.offer.region) for candidate in named.candidates)
    assert "name one under zones, such as those that" in refusal(chip="RTX-PRO-6000", regions=("us-central1",))


def test_zones_narrow_to_themselves() -> None:
    found = choose(chip="L4", zones=("europe-west4-a",))
    assert {candidate.offer.zone for candidate in found.candidates} == {"europe-west4-a"}


def test_every_other_offer_of_the_chip_is_rejected_with_a_reason() -> None:
    found = choose(chip="H100", count=8, regions=("us-central1",))
    whys = {group.why for group in found.rejected}
    assert "has 1 of them, 8 were asked for" in whys
    assert "outside of the places asked for" in whys


def test_one_capacity_that_is_not_sold_leaves_the_others() -> None:
    found = choose(chip="H100", regions=("us-central1",), capacities=(OnDemand(), Spot()))
    assert {type(candidate.capacity) for candidate in found.candidates} == {Spot}
    assert ("not sold as on-demand, only as spot, flex-start") in {group.why for group in found.rejected}


@given(seed=st.integers(), count=st.sampled_from([1, 2, 4, 8]), chip=st.sampled_from(["L4", "A100", "H100"]))
def test_the_choice_does_not_depend_on_the_order_of_the_offers(seed: int, count: int, chip: str) -> None:
    request = Request(cloud="gcp", chip=chip, count=count, capacities=(Spot(), FlexStart()))
    machines = list(load_machine_offers("gcp"))
    plain = select(request, machines)
    Random(seed).shuffle(machines)
    assert select(request, machines).candidates == plain.candidates


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"zones": ("us-central1",)}, 'zone "us-central1" is a region; give a zone, for example "us-central1-a"'),
        ({"zones": ("us-central1-z",)}, 'no zone "us-central1-z" with accelerators; did you mean us-central1-'),
        ({"zones": ("europe-west4-a", "mars-1-a")}, 'no zone "mars-1-a" with accelerators; known are'),
        ({"regions": ("us-central1-a",)}, 'region "us-central1-a" is a zone; put it under zones'),
        ({"regions": ("us-centrall1",)}, 'no region "us-centrall1" with accelerators; did you mean us-central1'),
        ({"regions": ("europa",)}, "did you mean europe"),
        ({"machine_type": "g2-standart-4"}, 'no GPU machine type "g2-standart-4"; did you mean g2-standard-4'),
        ({"machine_type": "a2-highgpu-1g"}, "a2-highgpu-1g has no L4; machine types with it are g2-standard-"),
        ({"machine_type": "g2-standard-24"}, 'g2-standard-24 has 2 L4, but 1 were asked for; give "L4:2"'),
        ({"count": 3}, "no machine of gcp has 3 L4; counts: 1, 2, 4, 8"),
        ({"form": "sxm"}, "gcp has no L4 with form sxm; there is memory 24, form pcie, fabric none"),
        ({"capacities": ()}, "no capacity was given; give at least one of on-demand, spot"),
    ],
)
def test_a_wrong_word_is_refused_with_the_right_ones(keys: dict[str, Any], words: str) -> None:
    assert words in refusal(**{"chip": "L4", **keys})


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"chip": "H1000"}, "did you mean"),
        ({"chip": "v5p", "count": 4}, "is a TPU, which no gpu-vm has; use kind tpu-node"),
        ({"chip": "GB200", "count": 4}, "gcp: A4X (GB200) is arm64 with Grace CPUs"),
        ({"chip": "H100", "machine_type": "a4x-highgpu-4g"}, "it is not built; take a4-highgpu-8g (B200)"),
        ({"chip": "B300"}, "gcp offers no B300; its chips are A100, B200, H100"),
        ({"chip": "H100", "count": 3}, "no machine of gcp has 3 H100; counts: 1, 2, 4, 8"),
        ({"chip": "H100"}, "not sold as on-demand; it is as spot, flex-start"),
        ({"chip": "T4", "capacities": (FlexStart(),)}, "not sold as flex-start; it is as on-demand, spot, reserved"),
        ({"chip": "H200", "count": 8}, "not sold as on-demand; it is as spot, flex-start, reserved"),
        ({"chip": "A100-80GB", "memory_gib": 40}, "means memory_gib 80, but 40 was given"),
        (
            {"chip": "H100", "count": 8, "machine_type": "a3-megagpu-8g", "zones": ("us-central1-f",)},
            "a3-megagpu-8g with 8 H100 is not offered in us-central1-f; it is in us-central1-a, us-central1-b",
        ),
    ],
)
def test_what_nobody_offers_is_refused_with_the_nearest(keys: dict[str, Any], words: str) -> None:
    assert words in refusal(**keys)


def test_places_outside_of_the_environments_regions_are_refused() -> None:
    text = refusal(("europe",), chip="L4", regions=("us-central1",))
    assert "outside of the environment's regions (europe); inside it is offered in europe-" in text
    assert "widen limits.regions" in refusal(("southamerica-west1",), chip="L4")


def test_a_cloud_without_components_is_not_built_yet() -> None:
    with pytest.raises(SelectionError, match="not built yet on coreweave"):
        select(Request(cloud="coreweave", chip="A100", count=8), load_offers("coreweave"))


@pytest.mark.parametrize(
    ("cloud", "cheapest"),
    [("aws", "p5.48xlarge"), ("azure", "Standard_ND96is_H100_v5")],
)
def test_each_cloud_s_own_facts_decide_what_can_be_had_there(cloud: str, cheapest: str) -> None:
    found = select(Request(cloud=cloud, chip="H100", count=8), load_offers(cloud))
    assert cheapest in {candidate.offer.machine_type for candidate in found.candidates}
    with pytest.raises(SelectionError, match="not sold as flex-start"):
        select(Request(cloud=cloud, chip="H100", count=8, capacities=(FlexStart(),)), load_offers(cloud))


def test_an_offer_that_has_no_rival_is_called_the_only_one() -> None:
    found = choose(chip="L4", machine_type="g2-standard-4", zones=("us-central1-a",), capacities=(Spot(),))
    assert found.reason.endswith(": the only spot offer that fits")
    bound = Reserved(id="r", bound=True)
    unpriced = choose(chip="L4", machine_type="g2-standard-4", zones=("us-central1-a",), capacities=(bound,))
    assert unpriced.reason.endswith(": the only reserved offer that fits, and no price is known of it")
