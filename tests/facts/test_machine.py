import pytest

from trainyard.facts.capacity import NAMES
from trainyard.facts.fabric import FABRICS
from trainyard.facts.machine import (
    REFUSED,
    SHAPES,
    BundledSsd,
    OptionalSsd,
    attach_error,
    boot_disk_error,
    cannot_stop,
    local_ssd_error,
    not_built,
    not_sold,
    shape,
    shape_of,
)
from trainyard.facts.offer import load_machine_offers


@pytest.mark.parametrize(
    ("machine_type", "ssd"),
    [
        ("g2-standard-96", OptionalSsd(counts=(0, 8))),
        ("a2-highgpu-1g", OptionalSsd(counts=(0, 1, 2, 4, 8))),
        ("a2-ultragpu-4g", BundledSsd(count=4)),
        ("a3-highgpu-8g", BundledSsd(count=16)),
        ("a3-highgpu-1g", BundledSsd(count=2)),
        ("a3-megagpu-8g", BundledSsd(count=16)),
        ("a3-ultragpu-8g", BundledSsd(count=32)),
    ],
)
def test_a_machine_type_says_which_local_ssds_it_brings_or_takes(machine_type: str, ssd: object) -> None:
    assert shape(machine_type).local_ssd == ssd


@pytest.mark.parametrize("machine_type", SHAPES)
def test_every_shape_is_whole_and_ends_at_maintenance(machine_type: str) -> None:
    found = shape(machine_type)
    assert found.on_host_maintenance == "TERMINATE"
    assert found.boot_disks
    assert found.source
    assert set(found.capacities) <= set(NAMES)
    assert all(hasattr(found, field) for field in found.unverified)


def test_a_count_of_local_ssds_that_the_type_does_not_take_is_refused_with_those_it_does() -> None:
    error = local_ssd_error(shape("a2-highgpu-2g"), 1)
    assert error == "a2-highgpu-2g takes 0, 2, 4, 8 local SSDs, 1 were asked for; give one of these counts."
    assert local_ssd_error(shape("a2-highgpu-2g"), 4) is None


def test_bundled_ssds_can_be_neither_more_nor_fewer() -> None:
    assert local_ssd_error(shape("a3-highgpu-8g"), 16) is None
    error = local_ssd_error(shape("a3-highgpu-8g"), 0)
    assert error is not None
    assert "always has 16 local SSDs of 375 GiB" in error


def test_a_boot_disk_that_the_family_cannot_boot_from_is_refused_with_the_default() -> None:
    assert boot_disk_error(shape("g2-standard-4"), "pd-balanced") is None
    error = boot_disk_error(shape("g2-standard-4"), "hyperdisk-balanced")
    assert error is not None
    assert "allowed are pd-balanced, pd-ssd; leave the kind out for pd-balanced" in error


def test_small_a3_machines_are_sold_as_spot_and_flex_start_only() -> None:
    assert not_sold("gcp", "a3-highgpu-1g", "spot") is None
    assert not_sold("gcp", "a3-highgpu-1g", "on-demand") == "not sold as on-demand, only as spot, flex-start"
    assert not_sold("gcp", "a3-highgpu-8g", "on-demand") is None


def test_a_machine_with_bundled_ssds_is_ended_where_others_are_stopped() -> None:
    assert cannot_stop("gcp", "g2-standard-4") is None
    assert "loses its 16 bundled local SSDs" in (cannot_stop("gcp", "a3-highgpu-8g") or "")


def test_what_google_sells_and_trainyard_does_not_build_is_refused_by_its_name() -> None:
    assert not_built("gcp", "a4-highgpu-8g") is None
    assert not_built("gcp", "n1-highmem-4") is None
    for machine_type, reason in REFUSED.items():
        assert not_built("gcp", machine_type) == reason
        assert "it is not built; take a" in reason
        with pytest.raises(ValueError, match="it is not built"):
            shape(machine_type)
    assert "not built yet on aws" in (not_built("aws", "p5.48xlarge") or "")


def test_an_unknown_machine_type_has_no_shape() -> None:
    with pytest.raises(ValueError, match='"e2-micro" is no GPU machine type'):
        shape("e2-micro")


def test_an_n1_machine_is_told_with_its_gpus_and_others_bring_theirs() -> None:
    found = shape("n1-highmem-8", "nvidia-tesla-v100", 1)
    assert (found.attached, found.family, found.gpus) == (True, "n1", 1)
    assert shape("g2-standard-4", "nvidia-l4", 1) is SHAPES["g2-standard-4"]
    with pytest.raises(ValueError, match="g2-standard-4 comes with 1 of nvidia-l4; leave the GPUs out"):
        shape("g2-standard-4", "nvidia-tesla-t4", 1)


@pytest.mark.parametrize(
    ("machine_type", "gpu_type", "gpus", "says"),
    [
        ("n1-standard-4", "nvidia-tesla-t4", 1, None),
        ("n1-standard-96", "nvidia-tesla-t4", 4, None),
        ("n1-standard-64", "nvidia-tesla-t4", 2, "has 64 vCPUs and 240 GiB; with 2 of nvidia-tesla-t4"),
        ("n1-standard-16", "nvidia-tesla-v100", 1, "at most 12 vCPUs and 78 GiB"),
        ("n1-highmem-64", "nvidia-tesla-p100", 4, "at most 64 vCPUs and 208 GiB"),
        ("n1-standard-4", "nvidia-tesla-t4", 3, "takes 1, 2, 4 of nvidia-tesla-t4, 3 were asked for"),
        ("n1-standard-4", "nvidia-l4", 1, 'takes no "nvidia-l4"; N1 machines take nvidia-tesla-t4'),
        ("n1-standard-4", "", 0, 'takes no ""'),
        ("n1-megamem-96", "nvidia-tesla-t4", 1, "takes no GPUs; give n1-standard"),
    ],
)
def test_an_n1_machine_takes_so_many_gpus_up_to_its_size(
    machine_type: str, gpu_type: str, gpus: int, says: str | None
) -> None:
    error = attach_error(machine_type, gpu_type, gpus)
    assert error is None if says is None else says in (error or "")


def test_every_offer_of_google_cloud_has_a_shape_with_its_gpus() -> None:
    seen = {(each.machine_type, each.accelerator.chip, each.accelerator_count) for each in load_machine_offers("gcp")}
    assert len(seen) > 40
    for machine_type, chip, count in seen:
        found = shape_of(machine_type, chip, count)
        assert found.gpus == max(1, count)
        assert found.share == (count < 1)


def test_the_fabric_of_a_machine_is_the_one_that_its_offers_have() -> None:
    for offer in load_machine_offers("gcp"):
        found = shape_of(offer.machine_type, offer.accelerator.chip, offer.accelerator_count)
        assert found.fabric == offer.accelerator.fabric, offer.machine_type
        assert found.fabric == "none" or found.fabric in FABRICS


def test_a_fabric_has_a_subnetwork_for_each_further_interface() -> None:
    assert {name: fabric.subnetworks for name, fabric in FABRICS.items()} == {
        "gpudirect-tcpx": 4,
        "gpudirect-tcpxo": 8,
        "roce": 9,
    }
    assert FABRICS["roce"].nic_types == ("GVNIC", *["MRDMA"] * 8)
