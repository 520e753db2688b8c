import pytest

from trainyard.facts.capacity import NAMES
from trainyard.facts.machine import (
    SHAPES,
    BundledSsd,
    OptionalSsd,
    boot_disk_error,
    cannot_stop,
    local_ssd_error,
    not_built,
    not_sold,
    shape,
)


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


def test_families_that_are_not_built_yet_say_so() -> None:
    assert not_built("gcp", "a3-megagpu-8g") is None
    assert "not built yet" in (not_built("gcp", "n1-highmem-4") or "")
    assert "not built yet" in (not_built("gcp", "a4-highgpu-8g") or "")
    assert "not built yet on aws" in (not_built("aws", "p5.48xlarge") or "")


def test_an_unknown_machine_type_has_no_shape() -> None:
    with pytest.raises(ValueError, match='"e2-micro" is no GPU machine type'):
        shape("e2-micro")
