"""What reading data over a region's border costs: a sourced figure, or unknown and never 0."""

from decimal import Decimal

import pytest

from trainyard.facts.egress import GibPrice, egress
from trainyard.facts.price import Unknown


def test_between_regions_of_europe_google_has_a_price_with_date_and_source() -> None:
    price = egress("gcp", "europe-west1", "europe-west4")
    assert isinstance(price, GibPrice)
    assert price.usd_gib == Decimal("0.02")
    assert price.source


@pytest.mark.parametrize(
    ("cloud", "origin", "target"),
    [
        ("gcp", "europe-west4", "us-central1"),
        ("gcp", "eu", "europe-west4"),
        ("aws", "eu-west-1", "eu-central-1"),
        ("azure", "westeurope", "northeurope"),
    ],
)
def test_what_no_source_tells_is_unknown_and_names_both_regions(cloud: str, origin: str, target: str) -> None:
    price = egress(cloud, origin, target)
    assert isinstance(price, Unknown)
    assert origin in price.reason
    assert target in price.reason
