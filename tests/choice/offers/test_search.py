"""Answers of the index against a plain scan over the catalogue's rows."""

import random
from dataclasses import replace
from decimal import Decimal
from typing import TypeVar

import pytest

from trainyard.choice.offers.ask import Ask, AskError
from trainyard.choice.offers.index import WAYS, Catalogue
from trainyard.choice.offers.query import Offered, search
from trainyard.choice.offers.regions import COUNTRIES, lies
from trainyard.facts import kinds, tpu
from trainyard.facts.accelerator import Wanted
from trainyard.facts.offer import CLOUDS, Offer, load_offers
from trainyard.facts.price import AtLeast, AtMost, Known, Price, Unknown

T = TypeVar("T")
Answer = tuple[str, str, str, str, str, float, str, Decimal | None]
SEED = 20261124


def plain_offers() -> list[tuple[Offer, str, Price]]:
    """Every offer bought every way, out of the facts themselves and without the index."""
    found: list[tuple[Offer, str, Price]] = []
    for offer in (each for cloud in CLOUDS for each in load_offers(cloud)):
        for way, price in (("on-demand", offer.on_demand), ("spot", offer.spot)):
            if not (isinstance(price, Unknown) and ("sold this way" in price.reason or "no spot" in price.reason)):
                found.append((offer, way, price))
        kind = "tpu-node" if tpu.of_slice_name(offer.machine_type) else "gpu-vm"
        if offer.cloud == "gcp" and "flex-start" in kinds.sold_as(kind, "gcp", offer.machine_type):
            whole = isinstance(offer.on_demand, Known)
            found.append((offer, "flex-start", offer.on_demand if whole else Unknown("no bound")))
    return found


def fits(ask: Ask, offer: Offer, way: str, price: Price) -> bool:
    chip, wanted = offer.accelerator, ask.wanted
    return (
        (wanted is None or (chip.chip == wanted.chip and wanted.memory_gib in (None, chip.memory_gib)))
        and (not ask.clouds or offer.cloud in ask.clouds)
        and ask.machine_type in (None, offer.machine_type)
        and ask.count in (None, offer.accelerator_count)
        and (ask.most is None or offer.accelerator_count <= ask.most)
        and ask.form in (None, chip.form)
        and (ask.fabric in (None, chip.fabric) or (ask.fabric == "nvlink" and chip.form in ("sxm", "superchip")))
        and offer.accelerator_count * chip.memory_gib >= (ask.accelerator_memory_gib or 0)
        and (ask.vcpus is None or (offer.vcpus is not None and offer.vcpus >= ask.vcpus))
        and (ask.memory_gib is None or (offer.memory_gib is not None and offer.memory_gib >= ask.memory_gib))
        and (not ask.capacities or way in ask.capacities)
        and (not ask.zones or offer.zone in ask.zones)
        and (not ask.regions or lies_in(ask.regions, offer))
        and (ask.max_usd_hour is None or (not isinstance(price, Unknown) and price.usd_hour <= ask.max_usd_hour))
    )


def lies_in(words: tuple[str, ...], offer: Offer) -> bool:
    where = lies()[offer.cloud, offer.region]
    return any(word in (offer.region, where.continent, where.country, COUNTRIES.get(where.country)) for word in words)


def answer_of(offer: Offer, way: str, price: Price) -> Answer:
    usd = None if isinstance(price, Unknown) else price.usd_hour
    chip = offer.accelerator.chip
    return offer.cloud, offer.region, offer.zone, offer.machine_type, chip, offer.accelerator_count, way, usd


def answer(row: Offered) -> Answer:
    chip = row.accelerator.chip
    return row.cloud, row.region, row.zone, row.machine_type, chip, row.count, row.capacity, row.price_usd_hour


def order(row: Answer) -> tuple[object, ...]:
    *names, way, usd = row
    return usd is None, usd or Decimal(0), *names, WAYS.index(str(way))


def random_ask(chance: random.Random, offers: list[tuple[Offer, str, Price]]) -> Ask:
    """Around one offer, so that most questions have an answer; each demand is there or not."""
    offer, way, price = chance.choice(offers)
    chip = offer.accelerator
    where = lies()[offer.cloud, offer.region]
    places = [offer.region, where.continent, COUNTRIES.get(where.country, offer.region), "europe", "us", "jp"]
    usd = Decimal(1) if isinstance(price, Unknown) else price.usd_hour

    def maybe(value: T, likely: float = 0.3) -> T | None:
        return value if chance.random() < likely else None

    form = maybe(chip.form, 0.1)
    wanted = maybe(Wanted(chip=chip.chip, memory_gib=maybe(chip.memory_gib)), 0.6)
    return Ask(
        wanted=wanted,
        count=maybe(offer.accelerator_count, 0.5),
        most=maybe(chance.choice([1, 4, 8])),
        accelerator_memory_gib=maybe(chance.choice([16, 80, 320, 640])),
        form=form,
        fabric=maybe(chance.choice([chip.fabric, chip.fabric if form else "nvlink"]), 0.2),
        vcpus=maybe(chance.choice([4, 16, 96]), 0.2),
        memory_gib=maybe(chance.choice([32, 340, 1000]), 0.2),
        machine_type=maybe(offer.machine_type, 0.2),
        clouds=tuple(chance.sample(CLOUDS, chance.choice([1, 2]))) if chance.random() < 0.2 else (),
        regions=tuple(chance.sample(places, 2)) if chance.random() < 0.4 else (),
        zones=(offer.zone,) if offer.zone and chance.random() < 0.1 else (),
        capacities=tuple({way, chance.choice(WAYS)}) if chance.random() < 0.4 else (),
        max_usd_hour=maybe(usd * chance.choice([Decimal("0.5"), Decimal(1), Decimal(2)]), 0.4),
    )


def test_a_thousand_random_questions_are_answered_as_a_plain_scan_does(catalogue: Catalogue) -> None:
    chance = random.Random(SEED)
    offers = plain_offers()
    answered = 0
    for _ in range(1000):
        ask = random_ask(chance, offers)
        # The scan knows no declared machines.
        asked = replace(ask, clouds=ask.clouds or CLOUDS)
        expected = sorted((answer_of(*each) for each in offers if fits(asked, *each)), key=order)
        assert [answer(row) for row in search(asked, catalogue).rows] == expected, ask
        answered += bool(expected)
    assert 500 < answered < 1000  # both kinds of question were asked


def test_every_offer_is_found_once_without_any_demand(catalogue: Catalogue) -> None:
    found = [answer(row) for row in search(Ask(clouds=CLOUDS), catalogue).rows]
    assert len(found) == len(plain_offers())
    assert len(set(found)) == len(found)


def test_a_price_keeps_what_it_lacks_its_date_and_its_source(catalogue: Catalogue) -> None:
    rows = search(Ask(wanted=Wanted(chip="B200"), clouds=("gcp",), capacities=("spot",)), catalogue).rows
    assert all(isinstance(row.price, AtLeast) and "SSD" in row.price.lacks for row in rows if row.price_usd_hour)
    first = search(Ask(wanted=Wanted(chip="L4"), clouds=("gcp",)), catalogue).rows[0]
    assert isinstance(first.price, Known)
    assert first.price.source.startswith("Cyclenerd/")
    assert first.price.usd_hour == first.price_usd_hour


def test_flex_start_never_costs_more_than_on_demand_and_says_so(catalogue: Catalogue) -> None:
    rows = search(Ask(machine_type="a2-highgpu-1g", capacities=("flex-start",)), catalogue).rows
    assert rows
    assert all(isinstance(row.price, AtMost) for row in rows)


def test_a_limit_in_money_leaves_out_what_has_no_known_price(catalogue: Catalogue) -> None:
    everything = search(Ask(), catalogue).rows
    limited = search(Ask(max_usd_hour=Decimal(100_000)), catalogue).rows
    assert len(limited) == catalogue.known < len(everything)
    assert everything[-1].price_usd_hour is None


def test_a_price_at_the_limit_is_within_it(catalogue: Catalogue) -> None:
    cheapest = search(Ask(wanted=Wanted(chip="H100"), count=8), catalogue).rows[0]
    limit = cheapest.price_usd_hour
    assert limit is not None
    assert search(Ask(wanted=Wanted(chip="H100"), count=8, max_usd_hour=limit), catalogue).first == cheapest
    below = limit - Decimal("0.000001")
    assert search(Ask(wanted=Wanted(chip="H100"), count=8, max_usd_hour=below), catalogue).first is None


def test_declared_machines_stand_beside_the_clouds(catalogue: Catalogue) -> None:
    found = search(Ask(clouds=("on-premise",)), catalogue).rows
    assert [(row.machine_type, row.place, row.price_usd_hour) for row in found] == [
        ("rack-7", "office", Decimal("1.2")),
        ("bench-1", "office", None),
    ]
    assert search(Ask(wanted=Wanted(chip="A6000"), count=4), catalogue).first == found[0]


@pytest.mark.parametrize(
    ("word", "clouds"),
    [
        ("germany", {"gcp", "aws", "azure", "lambda"}),
        ("de", {"gcp", "aws", "azure", "lambda"}),
        ("uk", {"gcp", "aws", "azure"}),
    ],
)
def test_a_country_is_one_over_all_clouds(catalogue: Catalogue, word: str, clouds: set[str]) -> None:
    assert {row.cloud for row in search(Ask(regions=(word,)), catalogue).rows} == clouds


def test_a_place_that_nobody_has_is_refused_with_the_nearest(catalogue: Catalogue) -> None:
    with pytest.raises(AskError, match='named "germnay"; did you mean germany'):
        search(Ask(regions=("germnay",)), catalogue)


@pytest.mark.parametrize("capacity", ["reserved", "block", "preemptible"])
def test_what_is_bought_beforehand_is_no_offer(capacity: str) -> None:
    with pytest.raises(AskError, match="on-demand, spot, flex-start"):
        Ask(capacities=(capacity,))


def test_nvlink_on_a_form_without_it_is_refused() -> None:
    with pytest.raises(AskError, match='form "pcie" has no NVLink'):
        Ask(form="pcie", fabric="nvlink")


def test_a_demand_of_nothing_is_refused() -> None:
    with pytest.raises(AskError, match="vcpus is 0"):
        Ask(vcpus=0)
