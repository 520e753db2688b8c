"""Compute Engine's TPU machines bill as the catalogue's slices of as many chips."""

import pytest

from trainyard.facts.offer import load_offers
from trainyard.facts.price import Known, Unknown
from trainyard.sandbox.money.meter import Metered
from trainyard.sandbox.money.prices import price


@pytest.mark.parametrize(
    ("machine_type", "like", "zone"),
    [
        ("ct6e-standard-4t", "v6e-4", "us-east5-a"),
        ("ct6e-standard-8t", "v6e-8", "us-east5-a"),
        ("ct5p-hightpu-4t", "v5p-8", "us-east5-a"),
    ],
)
def test_a_tpu_machine_costs_what_its_chips_do(machine_type: str, like: str, zone: str) -> None:
    offer = next(each for each in load_offers("gcp") if (each.machine_type, each.zone) == (like, zone))
    found = price("gcp", Metered(kind="machine", shape=machine_type), zone)
    assert isinstance(found, Known)
    assert found == offer.on_demand
    assert price("gcp", Metered(kind="machine", shape=machine_type, capacity="spot"), zone) == offer.spot


def test_what_the_catalogue_does_not_hold_is_said() -> None:
    found = price("gcp", Metered(kind="machine", shape="ct6e-standard-4t"), "europe-west1-b")
    assert found == Unknown("the catalogue has no ct6e-standard-4t in europe-west1-b")
