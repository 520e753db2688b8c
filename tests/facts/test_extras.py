"""What bills beside the machine, and what managed services take on top of it."""

import csv
from datetime import date
from decimal import Decimal

import pytest

from trainyard.choice.offers.rows import SNAPSHOT
from trainyard.facts.extras import HOURS_A_MONTH, Rate, rate
from trainyard.facts.price import AtLeast, Estimated, Known, Price, Unknown
from trainyard.facts.surcharge import estimated

DAY = date(2026, 7, 30)


def known(usd: str) -> Known:
    return Known(usd_hour=Decimal(usd), date=DAY, source="a list")


def test_every_row_is_a_price_of_a_known_region_with_its_source() -> None:
    with (SNAPSHOT / "regions.csv").open() as file:
        regions = {(row["cloud"], row["region"]) for row in csv.DictReader(file)}
    with (SNAPSHOT / "extras.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len({(row["cloud"], row["what"], row["region"]) for row in rows}) == len(rows)
    for row in rows:
        assert (row["cloud"], row["region"]) in regions
        found = rate(row["cloud"], row["what"], row["region"])
        assert isinstance(found, Rate)
        assert found.usd > 0
        assert found.source.date == date(2025, 3, 6)


def test_a_disk_costs_its_share_of_a_month_an_hour() -> None:
    found = rate("gcp", "pd-ssd", "us-central1")
    assert isinstance(found, Rate)
    hour = found.per_hour(1000)
    assert isinstance(hour, Known)
    assert hour.usd_hour * HOURS_A_MONTH == Decimal(170)


def test_data_that_leaves_costs_nothing_by_the_hour_that_anyone_could_tell() -> None:
    found = rate("gcp", "egress-internet", "europe-west4")
    assert isinstance(found, Rate)
    assert (found.usd, found.unit) == (Decimal("0.12"), "GiB")
    assert isinstance(found.per_hour(10), Unknown)


@pytest.mark.parametrize(
    ("cloud", "what", "region"),
    [
        ("gcp", "hyperdisk-ml", "us-central1"),
        ("aws", "gp3", "us-east-1"),
        ("gcp", "egress-internet", "asia-northeast3"),
    ],
)
def test_what_no_source_tells_is_unknown_and_never_free(cloud: str, what: str, region: str) -> None:
    found = rate(cloud, what, region)
    assert isinstance(found, Unknown)
    assert what in found.reason


@pytest.mark.parametrize(
    ("cloud", "machine_type", "usd"),
    [("gcp", "a3-highgpu-8g", "115"), ("aws", "g4dn.xlarge", "140"), ("aws", "p3dn.24xlarge", "115")],
)
def test_a_managed_job_is_estimated_and_says_how(cloud: str, machine_type: str, usd: str) -> None:
    found = estimated("training-job", cloud, machine_type, "on-demand", known("100"))
    assert isinstance(found, Estimated)
    assert found.usd_hour == Decimal(usd)
    assert found.date == DAY
    assert "×" in found.how


@pytest.mark.parametrize(
    ("kind", "cloud", "machine_type", "capacity", "price"),
    [
        ("training-job", "gcp", "a3-highgpu-8g", "spot", known("1")),
        ("training-job", "gcp", "v5litepod-8", "on-demand", known("1")),
        ("training-job", "aws", "p5.48xlarge", "on-demand", known("1")),
        ("notebook", "gcp", "a2-highgpu-1g", "on-demand", known("1")),
        ("training-job", "gcp", "a3-highgpu-8g", "on-demand", Unknown("none")),
        (
            "training-job",
            "gcp",
            "a4-highgpu-8g",
            "on-demand",
            AtLeast(usd_hour=Decimal(1), date=DAY, source="a list", lacks="SSDs"),
        ),
    ],
)
def test_nothing_is_estimated_without_a_source(
    kind: str, cloud: str, machine_type: str, capacity: str, price: Price
) -> None:
    assert estimated(kind, cloud, machine_type, capacity, price) is None
