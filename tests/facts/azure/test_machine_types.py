"""Azure's sizes against the offers, and the images that go with them."""

import re
from dataclasses import replace
from datetime import date

import pytest

from trainyard.facts.azure.conflicts import Asked, conflicts
from trainyard.facts.azure.images import (
    DEFAULT_IMAGE,
    IMAGES,
    ImageError,
    default_image,
    image_error,
    needs_driver_extension,
    resolve_image,
    support_warning,
)
from trainyard.facts.azure.machine_types import REFUSED, SIZES, no_infiniband, not_built, size
from trainyard.facts.offer import load_offers

OFFERS = {offer.machine_type: offer.accelerator for offer in load_offers("azure")}
COUNTS = {offer.machine_type: offer.accelerator_count for offer in load_offers("azure")}


def test_every_size_that_is_offered_is_known_or_refused_by_name() -> None:
    assert set(OFFERS) - set(SIZES) - set(REFUSED) == set()
    assert set(SIZES) <= set(OFFERS)


@pytest.mark.parametrize("machine_type", SIZES)
def test_a_size_has_what_its_offer_says(machine_type: str) -> None:
    found, offer = SIZES[machine_type], OFFERS[machine_type]
    assert (found.chip, found.gpus) == (offer.chip, COUNTS[machine_type])
    assert found.infiniband is (offer.fabric == "infiniband")
    assert found.source.startswith("learn.microsoft.com/")


@pytest.mark.parametrize("machine_type", SIZES)
def test_the_image_that_is_taken_by_itself_drives_the_size(machine_type: str) -> None:
    found = SIZES[machine_type]
    image = resolve_image(default_image(found))
    assert image_error(image, found) is None
    assert needs_driver_extension(image, found) is (found.driver == "grid")
    assert image.infiniband or not found.infiniband


@pytest.mark.parametrize("alias", IMAGES)
def test_an_image_is_known_by_its_urn_too_and_by_one_version_of_it(alias: str) -> None:
    image = IMAGES[alias]
    assert resolve_image(image.urn) is image
    pinned = resolve_image(image.urn.replace("latest", "24.04.2026052501"))
    assert (pinned.driver, pinned.version) == (image.driver, "24.04.2026052501")


def test_an_image_of_one_s_own_is_taken_as_it_is() -> None:
    gallery = "/subscriptions/1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed/resourceGroups/g/providers/Microsoft.Compute"
    own = resolve_image(f"{gallery}/galleries/ml/images/own")
    assert own.gallery_id.endswith("/images/own")
    assert not own.trusted_launch
    assert image_error(own, size("Standard_ND96isr_MI300X_v5")) is None


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("ubuntu-hpc-2405", 'did you mean "ubuntu-hpc-2404"?'),
        ("docker.io/x:1", "leave image out for the one that fits the machine"),
    ],
)
def test_what_is_no_image_is_refused_with_the_nearest_alias(text: str, hint: str) -> None:
    with pytest.raises(ImageError, match=re.escape(hint)):
        resolve_image(text)


def test_an_image_whose_ubuntu_ended_is_told() -> None:
    image = IMAGES["ubuntu-hpc-2204"]
    assert support_warning(image, date(2026, 11, 24)) is None
    assert "ended on 2027-04-30; leave image out" in (support_warning(image, date(2027, 5, 1)) or "")
    assert support_warning(replace(image, end_of_support=None), date(2040, 1, 1)) is None


def test_what_is_refused_names_what_to_take_instead() -> None:
    for machine_type, reason in REFUSED.items():
        assert not_built(machine_type) == reason
        instead = reason.rpartition("take ")[2]
        assert instead in SIZES


def test_the_way_out_of_a_size_without_infiniband_is_one_of_the_same_chip() -> None:
    assert no_infiniband("Standard_ND96isr_H100_v5") is None
    assert "take Standard_ND96isr_H100_v5, or one node" in (no_infiniband("Standard_NC40ads_H100_v5") or "")
    assert "Standard_ND96isr_H200_v5" in (no_infiniband("Standard_NC4as_T4_v3") or "")


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({}, []),
        ({"nodes": 100}, []),
        ({"nodes": 101}, ["one-placement-group-holds-100"]),
        ({"nodes": 2, "capacity": "reserved"}, ["a-single-placement-group-uses-no-reservation"]),
        ({"capacity": "reserved"}, []),
        ({"capacity": "reserved", "bound": True}, ["no-machine-is-bound-to-its-reservation"]),
        ({"nodes": 2, "wanted_fabric": "none"}, ["nodes-that-want-no-fabric"]),
        ({"nodes": 2, "machine": size("Standard_NC4as_T4_v3")}, ["nodes-without-infiniband"]),
    ],
)
def test_what_cannot_be_at_once(changes: dict, names: list[str]) -> None:
    asked = replace(Asked(machine=size("Standard_ND96isr_H100_v5"), capacity="spot"), **changes)
    found = list(conflicts(asked))
    assert [row.name for row in found] == names
    assert all("; " in row.text and row.source for row in found)  # what is wrong, and the way out


def test_the_default_image_is_one() -> None:
    assert DEFAULT_IMAGE in IMAGES
