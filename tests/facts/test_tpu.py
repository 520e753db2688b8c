"""TPU slices: which exist, on how many hosts, and who makes them."""

import re
from datetime import timedelta
from typing import Any

import pytest

from trainyard.facts.capacity import Capacity, FlexStart, OnDemand, Queued
from trainyard.facts.images import ImageError
from trainyard.facts.offer import load_offers
from trainyard.facts.price import AtMost, Known, Unknown
from trainyard.facts.request import Request
from trainyard.facts.selection import Selection, SelectionError, select
from trainyard.facts.tpu import (
    CLOUD_TPU,
    COMPUTE_ENGINE,
    GENERATIONS,
    TpuError,
    generation,
    of_machine_type,
    of_slice_name,
    runtime_error,
)
from trainyard.facts.tpu_images import tpu_image
from trainyard.facts.tpu_offers import is_tpu, machine_price, tpu_offers, zones_of
from trainyard.facts.tpu_slice import cannot_stop, name_of_config, slice_of


@pytest.mark.parametrize(
    ("chip", "chips", "topology", "hosts", "machine_type", "accelerator_type"),
    [
        ("v2", 4, "2x2", 1, None, "v2-8"),
        ("v3", 16, "4x4", 4, None, "v3-32"),
        ("v4", 8, "2x2x2", 2, None, "v4-16"),
        ("v5e", 1, "1x1", 1, None, "v5litepod-1"),
        ("v5e", 8, "2x4", 1, None, "v5litepod-8"),
        ("v5e", 16, "4x4", 4, None, "v5litepod-16"),
        ("v5p", 1, "1x1x1", 1, "ct5p-hightpu-1t", "v5p-2"),
        ("v5p", 4, "2x2x1", 1, "ct5p-hightpu-4t", "v5p-8"),
        ("v5p", 8, "2x2x2", 2, "ct5p-hightpu-4t", "v5p-16"),
        ("v5p", 1280, "8x8x20", 320, "ct5p-hightpu-4t", "v5p-2560"),
        ("v6e", 1, "1x1", 1, "ct6e-standard-1t", "v6e-1"),
        ("v6e", 8, "2x4", 1, "ct6e-standard-8t", "v6e-8"),
        ("v6e", 256, "16x16", 64, "ct6e-standard-4t", "v6e-256"),
        ("tpu7x", 64, "4x4x4", 16, "tpu7x-standard-4t", "tpu7x-128"),
    ],
)
def test_a_number_of_chips_has_its_topology_hosts_and_names(
    chip: str, chips: int, topology: str, hosts: int, machine_type: str | None, accelerator_type: str
) -> None:
    found = slice_of(chip, chips)
    assert (found.topology, found.hosts) == (topology, hosts)
    assert (found.machine_type, found.accelerator_type) == (machine_type, accelerator_type)


def test_every_slice_of_the_catalogue_exists_and_has_the_catalogues_name() -> None:
    for offer in tpu_offers():
        assert slice_of(offer.accelerator.chip, int(offer.accelerator_count)).accelerator_type == offer.machine_type


def test_a_machine_type_can_spread_a_slice_over_more_hosts() -> None:
    assert slice_of("v6e", 8, machine_type="ct6e-standard-4t").hosts == 2


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        (("v5p", 8, "2x2x3"), "v5p has no topology 2x2x3; the nearest are 2x2x2, 2x2x4, 2x2x1; give one of these."),
        (("v6e", 8, "4x2"), "v6e has no topology 4x2; the nearest are 2x4,"),
        (("v5p", 8, "2x4"), "v5p has no topology 2x4; the nearest are 2x2x2"),
        (("v6e", 8, "2x2"), "topology 2x2 has 4 chips, but v6e:8 asks for 8; give v6e:4, or a topology of 8: 2x4."),
        (("v5p", 256, "4x4x4"), "a topology of 256: 4x8x8, 4x4x16."),
        (("v6e", 6), "no v6e slice has 6 chips; the nearest have 1, 4, 8; give one of these."),
        (("v6e", 512), "no v6e slice has 512 chips; the nearest have 64, 128, 256"),
        (("v6e", 4, None, "ct6e-standard-8t"), "one such machine is v6e:8"),
        (("v6e", 16, None, "ct6e-standard-8t"), "slices of several hosts have 4 chips on each"),
        (("v5e", 8, None, "ct6e-standard-8t"), "it is a node of the Cloud TPU API, so leave it out"),
        (("H100", 8), '"H100" is no TPU; TPUs are v2, v3, v4, v5e, v5p, v6e, tpu7x'),
    ],
)
def test_what_does_not_exist_is_refused_with_the_nearest(asked: tuple[str, int], text: str) -> None:
    with pytest.raises(TpuError) as refused:
        slice_of(*asked)
    assert text in str(refused.value)


def test_compute_engine_makes_the_three_newest_and_the_cloud_tpu_api_the_others() -> None:
    by = {each.chip: each.made_by for each in GENERATIONS.values()}
    assert [chip for chip, api in by.items() if api == COMPUTE_ENGINE] == ["v5p", "v6e", "tpu7x"]
    assert [chip for chip, api in by.items() if api == CLOUD_TPU] == ["v2", "v3", "v4", "v5e"]


def test_only_what_the_cloud_tpu_api_knows_can_be_queued() -> None:
    for each in GENERATIONS.values():
        assert ("queued" in each.capacities) == (each.api_type is not None)


@pytest.mark.parametrize(
    ("chip", "runtime", "text"),
    [
        ("v6e", "v2-alpha-tpuv5", 'is of v5p; v6e takes "v2-alpha-tpuv6e"'),
        ("v5e", "tpu-vm-tf-2.17.0-pjrt", "is none that is known"),
        ("v4", "v2-alpha-tpuv5-lite", 'is of v5e; v4 takes "tpu-ubuntu2204-base"'),
        ("tpu7x", "v2-alpha-tpuv6e", "takes an image and no runtime version"),
    ],
)
def test_a_runtime_of_another_generation_is_refused_with_the_right_one(chip: str, runtime: str, text: str) -> None:
    assert text in str(runtime_error(chip, runtime))


@pytest.mark.parametrize(
    ("chip", "runtime"), [("v6e", "v2-alpha-tpuv6e"), ("v4", "tpu-vm-tf-2.17.0-pjrt"), ("v3", "tpu-vm-base")]
)
def test_a_generations_own_runtimes_are_taken(chip: str, runtime: str) -> None:
    assert runtime_error(chip, runtime) is None


def test_machines_cost_what_slices_of_as_many_chips_cost() -> None:
    by_name = {(offer.machine_type, offer.zone): offer for offer in tpu_offers()}
    assert machine_price("ct6e-standard-4t", "us-east5-a", "on-demand") == by_name["v6e-4", "us-east5-a"].on_demand
    assert machine_price("v6e-4", "us-east5-a", "spot") == by_name["v6e-4", "us-east5-a"].spot
    four = machine_price("ct5p-hightpu-4t", "us-east5-a", "on-demand")
    one = machine_price("ct5p-hightpu-1t", "us-east5-a", "on-demand")
    assert isinstance(four, Known)
    assert isinstance(one, Known)
    assert one.usd_hour * 4 == four.usd_hour


def test_a_price_that_is_not_known_says_why() -> None:
    assert machine_price("ct6e-standard-4t", "europe-west1-b", "spot") == Unknown(
        "the catalogue has no v6e in europe-west1-b"
    )
    assert isinstance(machine_price("tpu7x-standard-4t", "us-central1-c", "on-demand"), Unknown)
    assert isinstance(machine_price("a2-highgpu-1g", "us-central1-c", "on-demand"), Unknown)


def test_names_are_told_apart() -> None:
    assert is_tpu("ct6e-standard-8t")
    assert is_tpu("v5litepod-16")
    assert not is_tpu("g2-standard-8")
    assert of_machine_type("ct5lp-hightpu-4t") is None
    found = of_slice_name("v5litepod-16")
    assert found is not None
    assert found.chip == "v5e"
    assert of_slice_name("v6e-big") is None


def test_tpu7x_has_a_zone_though_no_price() -> None:
    assert zones_of("tpu7x") == ("us-central1-c",)


def test_machines_boot_their_generations_image_and_no_gpus() -> None:
    assert tpu_image(generation("v6e"), None).path == (
        "projects/ubuntu-os-accelerator-images/global/images/family/ubuntu-accel-2204-amd64-tpu-v5e-v5p-v6e"
    )
    own = tpu_image(generation("v6e"), "projects/acme-ml-dev/global/images/tpu-1")
    assert own.name == "tpu-1"
    for chip, image, text in (
        ("v6e", "ubuntu-2404-nvidia-580", "carries NVIDIA's driver"),
        ("tpu7x", "ubuntu-accel-2204-amd64-tpu-v5e-v5p-v6e", "is of another generation"),
        ("v4", None, "takes a runtime version and no image"),
    ):
        with pytest.raises(ImageError, match=text):
            tpu_image(generation(chip), image)


def slices(chip: str, count: int, *ways: Capacity, kind: str = "tpu-node", **more: Any) -> Selection:
    request = Request(cloud="gcp", kind=kind, chip=chip, count=count, capacities=ways or (OnDemand(),), **more)
    return select(request, load_offers("gcp"))


def test_a_slice_is_selected_by_its_chips_and_costs_its_list_price_queued_too() -> None:
    queued, spot = Queued(valid_until=timedelta(hours=12)), Queued(valid_until=timedelta(hours=12), spot=True)
    found = {
        each.capacity: each for each in slices("v5e", 8, OnDemand(), queued, spot, zones=("us-west4-a",)).candidates
    }
    assert {each.offer.machine_type for each in found.values()} == {"v5litepod-8"}
    assert found[queued].price == found[OnDemand()].price == found[queued].offer.on_demand
    assert found[spot].price == found[spot].offer.spot
    held = Queued(valid_until=timedelta(hours=12), reservation="week")
    assert isinstance(slices("v5e", 8, held, zones=("us-west4-a",)).first.price, AtMost)


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ({"chip": "v4", "count": 8, "ways": (FlexStart(),)}, "is not sold as flex-start; it is as on-demand, spot"),
        ({"chip": "tpu7x", "count": 4, "ways": (Queued(valid_until=timedelta(hours=1)),)}, "is not sold as queued"),
        ({"chip": "H100", "count": 8}, "has GPUs; use kind gpu-vm"),
        ({"chip": "v4", "count": 8, "regions": ("europe-west4",)}, "it is in us-central2-b"),
        ({"chip": "v6e", "count": 6}, "counts: 1, 4, 8, 16, 32, 64, 128, 256"),
    ],
)
def test_what_is_not_to_be_had_as_a_tpu_node_is_refused_with_what_is(asked: dict[str, Any], text: str) -> None:
    ways = asked.pop("ways", ())
    with pytest.raises(SelectionError, match=re.escape(text)):
        slices(asked.pop("chip"), asked.pop("count"), *ways, **asked)


def test_a_topology_has_its_slices_name() -> None:
    assert name_of_config("V4", "2x2x2") == "v4-16"
    assert name_of_config("V5LITE_POD", "2x4") == "v5litepod-8"
    assert name_of_config("V7", "2x4") is None
    assert name_of_config("V4", "large") is None


def test_what_stops_for_good_is_ended_at_the_limit() -> None:
    assert cannot_stop(slice_of("v6e", 4), "on-demand") is None
    assert "never starts again" in str(cannot_stop(slice_of("v6e", 4), "spot"))
    assert "4 hosts cannot be stopped" in str(cannot_stop(slice_of("v6e", 16), "on-demand"))
