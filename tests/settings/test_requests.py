"""What a workload asks of the clouds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from trainyard.facts.capacity import OnDemand, Spot
from trainyard.facts.request import Request
from trainyard.settings import load, requests

Complaints = Callable[..., list[str]]


def test_a_request_holds_what_the_workload_says(folder: Path) -> None:
    assert requests(load(folder, "dev"), "bench") == (
        Request(
            cloud="gcp",
            chip="A100",
            count=1,
            regions=("europe-west4", "us-central1"),
            capacities=(Spot(), OnDemand()),
        ),
    )


def test_a_part_of_the_world_becomes_the_base_s_regions_in_it(folder: Path, complaints: Complaints) -> None:
    assert not complaints({"[europe-west4, us-central1]": "[us, europe]"})
    (request,) = requests(load(folder, "dev"), "bench")
    assert request.regions == ("us-central1", "europe-west4")


def test_each_place_is_a_request_of_its_own_in_its_order(folder: Path, complaints: Complaints) -> None:
    two = "zones: [us-central1-a]\n          - cloud: gcp\n            regions: [europe-west4]"
    assert not complaints({"regions: [europe-west4, us-central1]": two})
    first, second = requests(load(folder, "dev"), "bench")
    assert (first.zones, first.regions) == (("us-central1-a",), ())
    assert (second.zones, second.regions) == ((), ("europe-west4",))
