import pytest

from trainyard.facts.offer import load_machine_offers
from trainyard.facts.places import areas, covered, covers, region_of


@pytest.mark.parametrize(
    ("cloud", "area", "region"),
    [
        ("gcp", "europe", "europe-west4"),
        ("gcp", "us", "us-central1"),
        ("gcp", "northamerica", "us-central1"),
        ("gcp", "asia", "asia-east1"),
        ("gcp", "us-central1", "us-central1"),
        ("aws", "europe", "eu-central-1"),
        ("aws", "asia", "ap-southeast-1"),
        ("lambda", "europe-central-1", "europe-central-1"),
    ],
)
def test_a_part_of_the_world_covers_its_regions(cloud: str, area: str, region: str) -> None:
    assert covers(cloud, area, region)


@pytest.mark.parametrize(
    ("cloud", "area", "region"),
    [
        ("gcp", "europe", "us-central1"),
        ("gcp", "us-central1", "us-central2"),
        ("gcp", "us", "australia-southeast1"),
        ("gcp", "europe-", "europe-west4"),
        ("aws", "asia", "ap-southeast-2"),
        ("lambda", "europe", "europe-central-1"),
    ],
)
def test_a_place_covers_nothing_outside_of_it(cloud: str, area: str, region: str) -> None:
    assert not covers(cloud, area, region)


@pytest.mark.parametrize("cloud", ["gcp", "aws"])
def test_every_region_with_offers_lies_in_some_part_of_the_world(cloud: str) -> None:
    lost = {o.region for o in load_machine_offers(cloud) if not covered(cloud, areas(cloud), o.region)}
    assert lost - {"ap-southeast-2", "ap-southeast-4"} == set()


def test_the_region_of_a_zone_is_in_its_name() -> None:
    assert region_of("gcp", "us-central1-a") == "us-central1"
