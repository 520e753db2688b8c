"""What Trainyard's facts say of TPUs against what the sandbox's own tables refuse: neither knows of the other."""

import pytest

from trainyard.facts.tpu import GENERATIONS, Generation, TpuError, runtime_error
from trainyard.facts.tpu_offers import tpu_offers, zones_of
from trainyard.facts.tpu_slice import chips_of, slice_of
from trainyard.sandbox.api.tpu.body import check_body
from trainyard.sandbox.provider.gcp_images import refusal as image_refusal
from trainyard.sandbox.provider.gcp_tpus import machine_refusal, runtime_refusal, slice_refusal, topology_refusal

EVERY = [pytest.param(each, id=chip) for chip, each in GENERATIONS.items()]
NODES = [pytest.param(each, id=chip) for chip, each in GENERATIONS.items() if each.api_type]
MACHINES = [pytest.param(each, id=chip) for chip, each in GENERATIONS.items() if each.machine_types]
FLAT = ("1x1", "1x2", "2x2", "2x4", "4x2", "3x3", "4x4", "4x8", "8x8", "8x16", "16x16", "16x32", "32x32")
DEEP = ("1x1x2", "2x2x1", "2x2x2", "2x2x4", "2x4x4", "4x4x2", "4x4x4", "4x4x6", "4x4x8", "4x8x8", "8x8x4", "8x8x20")
RUNTIMES = ("v2-alpha-tpuv6e", "v2-alpha-tpuv5", "v2-alpha-tpuv5-lite", "tpu-ubuntu2204-base")


@pytest.mark.parametrize("of", NODES)
def test_both_know_the_same_topologies_of_a_node(of: Generation) -> None:
    for topology in (*FLAT, *DEEP):
        assert exists(of, topology) == (topology_refusal(str(of.api_type), topology) is None), topology


def exists(of: Generation, topology: str) -> bool:
    try:
        slice_of(of.chip, chips_of(topology), topology)
    except TpuError:
        return False
    return True


def test_every_slice_of_the_catalogue_that_can_be_a_node_is_one_in_its_zone() -> None:
    for offer in tpu_offers():
        of = GENERATIONS[offer.accelerator.chip]
        found = slice_of(of.chip, int(offer.accelerator_count))
        assert (slice_refusal(found.accelerator_type, offer.zone) is None) == (of.api_type is not None), offer


@pytest.mark.parametrize("of", NODES)
def test_both_know_whose_a_runtime_is(of: Generation) -> None:
    slice_name = slice_of(of.chip, 4).accelerator_type
    assert runtime_refusal(str(of.runtime), slice_name) is None
    for runtime in RUNTIMES[:3]:
        assert (runtime_error(of.chip, runtime) is None) == (runtime_refusal(runtime, slice_name) is None), runtime


@pytest.mark.parametrize("of", MACHINES)
def test_every_machine_type_and_image_of_the_facts_exists(of: Generation) -> None:
    for machine_type in of.machine_types.values():
        assert machine_refusal(machine_type, zones_of(of.chip)[0]) is None
    assert image_refusal(f"ubuntu-os-accelerator-images/{of.image_family}") is None


@pytest.mark.parametrize("of", EVERY)
def test_a_zone_without_the_generation_is_refused_by_both(of: Generation) -> None:
    assert "australia-southeast1-a" not in zones_of(of.chip)
    if of.api_type:
        assert slice_refusal(slice_of(of.chip, 4).accelerator_type, "australia-southeast1-a")
    for machine_type in of.machine_types.values():
        assert machine_refusal(machine_type, "australia-southeast1-a")


@pytest.mark.parametrize("of", NODES)
def test_googles_description_knows_the_generations_type(of: Generation) -> None:
    check_body("AcceleratorConfig", {"type": of.api_type, "topology": of.topologies[-1]})
