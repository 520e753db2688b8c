"""The catalogue's data holds together."""

from collections import Counter
from datetime import date
from decimal import Decimal

import pytest

from trainyard.facts.accelerator import accelerators, names
from trainyard.facts.machine import SHAPES
from trainyard.facts.offer import CLOUDS, Offer, load_machine_offers, load_offers, sources
from trainyard.facts.places import region_of
from trainyard.facts.price import Agreed, AtLeast, Known, Price, Unknown, usd

ROWS = {"gcp": 2608, "aws": 862, "azure": 552, "coreweave": 13, "lambda": 340, "paperspace": 14}
OFFERS = [offer for cloud in CLOUDS for offer in load_offers(cloud)]


def prices(offer: Offer) -> tuple[Price, Price]:
    return offer.on_demand, offer.spot


@pytest.mark.parametrize("cloud", CLOUDS)
def test_every_cloud_has_its_rows(cloud: str) -> None:
    assert len(load_offers(cloud)) == ROWS[cloud]


def test_machines_come_without_tpu_slices() -> None:
    machines = load_machine_offers("gcp")
    assert len(machines) == 1057
    assert machines == load_offers("gcp")[:1057]
    assert {offer.accelerator.form for offer in load_offers("gcp")[1057:]} == {"tpu"}


@pytest.mark.parametrize("load", [load_offers, load_machine_offers])
def test_a_cloud_without_offers_is_named_with_those_that_have_some(load: object) -> None:
    assert callable(load)
    with pytest.raises(ValueError, match=r'no offers are known for "gpc".*gcp, aws, azure'):
        load("gpc")


def test_no_price_is_zero_or_below() -> None:
    figures = [usd(price) for offer in OFFERS for price in prices(offer)]
    assert all(figure is None or figure > 0 for figure in figures)


def test_no_offer_stands_twice() -> None:
    keys = Counter((o.cloud, o.machine_type, o.accelerator.chip, o.region, o.zone) for o in OFFERS)
    assert [key for key, count in keys.items() if count > 1] == []


def test_spot_never_costs_more_than_on_demand_but_for_rounding() -> None:
    dearer = [
        offer
        for offer in OFFERS
        if isinstance(offer.on_demand, Known)
        and isinstance(offer.spot, Known)
        and offer.spot.usd_hour > offer.on_demand.usd_hour + Decimal("0.0001")
    ]
    assert dearer == []


def test_every_price_has_its_date_and_source_and_every_gap_its_reason() -> None:
    for price in {price for offer in OFFERS for price in prices(offer)}:
        assert not isinstance(price, Agreed)
        if isinstance(price, Unknown):
            assert price.reason
        else:
            assert date(2025, 1, 1) <= price.date <= date(2026, 11, 24)
            assert price.source


def test_every_source_is_used_and_has_its_licence() -> None:
    used = {price.source for offer in OFFERS for price in prices(offer) if not isinstance(price, Unknown | Agreed)}
    assert used == {source.text for source in sources().values()}
    assert {source.licence for source in sources().values()} == {"Apache-2.0", "facts only"}


def test_every_accelerator_of_the_table_is_offered_somewhere() -> None:
    assert {offer.accelerator for offer in OFFERS} == set(accelerators().values())


def test_forms_and_fabrics_are_of_a_known_set() -> None:
    assert {row.form for row in accelerators().values()} == {
        "sxm", "pcie", "nvl", "oam", "superchip", "tpu", "unverified",
    }  # fmt: skip
    assert {row.fabric for row in accelerators().values()} == {
        "none", "gpudirect-tcpx", "gpudirect-tcpxo", "roce", "efa", "infiniband", "ici", "unverified",
    }  # fmt: skip


def test_azures_retired_sizes_are_not_offered() -> None:
    retired = ("Standard_NC6s_v3", "Standard_NC24rs_v3", "Standard_NV12s_v3", "Standard_NV48s_v3")
    assert not [offer for offer in OFFERS if offer.machine_type in retired]
    assert not [offer for offer in OFFERS if offer.cloud == "azure" and offer.accelerator.chip == "M60"]


def test_h100_covers_a3_high_and_a3_mega_and_tells_them_by_their_fabric() -> None:
    found = {o.machine_type: o.accelerator for o in load_offers("gcp") if o.accelerator.chip == "H100"}
    assert found["a3-highgpu-8g"].fabric == "gpudirect-tcpx"
    assert found["a3-megagpu-8g"].fabric == "gpudirect-tcpxo"
    assert {accelerator.form for accelerator in found.values()} == {"sxm"}


@pytest.mark.parametrize(
    ("cloud", "machine_type", "form"),
    [
        ("lambda", "gpu_1x_h100_pcie", "pcie"),
        ("lambda", "gpu_1x_h100_sxm5", "sxm"),
        ("azure", "Standard_NC40ads_H100_v5", "nvl"),
        ("azure", "Standard_ND96isr_H100_v5", "sxm"),
        ("azure", "Standard_NC24ads_A100_v4", "pcie"),
    ],
)
def test_the_form_of_a_chip_follows_the_machine_not_the_name(cloud: str, machine_type: str, form: str) -> None:
    assert {o.accelerator.form for o in load_offers(cloud) if o.machine_type == machine_type} == {form}


@pytest.mark.parametrize("machine_type", ["a3-highgpu-1g", "a3-highgpu-2g", "a3-highgpu-4g", "a4-highgpu-8g"])
def test_what_google_does_not_sell_on_demand_has_no_on_demand_price(machine_type: str) -> None:
    found = [offer for offer in load_offers("gcp") if offer.machine_type == machine_type]
    assert {offer.on_demand for offer in found} == {Unknown("it is not sold this way")}


@pytest.mark.parametrize("machine_type", ["a3-ultragpu-8g", "a4-highgpu-8g"])
def test_a_price_without_the_bundled_ssds_is_a_lower_bound(machine_type: str) -> None:
    spots = [offer.spot for offer in load_offers("gcp") if offer.machine_type == machine_type]
    assert all(isinstance(spot, AtLeast) and spot.lacks == "32 bundled local SSDs" for spot in spots)


def test_a_known_price_of_the_list_is_read_as_it_stands() -> None:
    found = next(o for o in load_offers("gcp") if (o.machine_type, o.zone) == ("a3-highgpu-8g", "us-central1-a"))
    assert usd(found.on_demand) == Decimal("88.49")


def test_shares_of_a_chip_stay_shares() -> None:
    counts = {o.accelerator_count for o in load_offers("gcp") if o.machine_type == "g4-standard-6"}
    assert counts == {0.125}


def test_machine_shapes_and_offers_agree_on_the_number_of_gpus() -> None:
    offered = {o.machine_type: o.accelerator_count for o in load_machine_offers("gcp")}
    assert {name: max(1, offered[name]) for name in SHAPES} == {name: shape.gpus for name, shape in SHAPES.items()}


def test_every_zone_of_google_cloud_lies_in_its_region() -> None:
    assert all(region_of("gcp", o.zone) == o.region for o in load_offers("gcp") if o.zone)


def test_every_alias_names_a_chip_that_is_offered() -> None:
    chips = {row.chip for row in accelerators().values()}
    assert {wanted.chip for wanted in names().values()} <= chips
