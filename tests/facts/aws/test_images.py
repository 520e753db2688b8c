"""Amazon's machine images: aliases, own images, and what a machine cannot boot."""

from datetime import date

import pytest

from trainyard.facts.aws.images import (
    IMAGES,
    Image,
    default_image,
    image_error,
    resolve_image,
    support_warning,
)
from trainyard.facts.aws.machine import SHAPES
from trainyard.facts.images import ImageError


@pytest.mark.parametrize("machine", [row for row in SHAPES.values() if row.gpu != "V100"], ids=lambda row: row.gpu)
def test_every_machine_but_one_boots_the_default_image_of_its_processor(machine) -> None:
    assert image_error(default_image(machine), machine) is None


def test_v100_machines_need_an_image_of_ones_own() -> None:
    machine = SHAPES["p3dn.24xlarge"]
    assert "give an image of your own: ami-" in str(image_error(default_image(machine), machine))
    assert image_error(resolve_image("ami-0123456789abcdef0"), machine) is None


def test_an_image_of_another_processor_is_refused() -> None:
    text = str(image_error(IMAGES["dlami-base-ubuntu-2404"], SHAPES["g5g.xlarge"]))
    assert "g5g.xlarge is arm64" in text
    assert "dlami-base-ubuntu-2404-arm64" in text


def test_own_images_are_an_id_or_a_parameter() -> None:
    assert resolve_image("ami-0123456789abcdef0") == Image(name="ami-0123456789abcdef0", ami="ami-0123456789abcdef0")
    assert resolve_image("ssm:/acme/images/gpu").parameter == "/acme/images/gpu"


@pytest.mark.parametrize("wrong", ["ami-xyz", "ubuntu-2404-nvidia-580", "ssm:", "ssm:a b", "dlami-base-ubuntu-2405"])
def test_other_text_is_no_image(wrong: str) -> None:
    with pytest.raises(ImageError, match=r"give an alias \(dlami-base-ubuntu-2404, "):
        resolve_image(wrong)


def test_a_near_alias_is_named() -> None:
    with pytest.raises(ImageError, match='did you mean "dlami-base-ubuntu-2404"'):
        resolve_image("dlami-base-ubuntu-2405")


def test_the_end_of_an_images_support_is_a_warning() -> None:
    image = IMAGES["dlami-base-ubuntu-2204"]
    assert support_warning(image, date(2027, 5, 31)) is None
    assert "ended on 2027-05-31" in str(support_warning(image, date(2027, 6, 1)))
    assert support_warning(resolve_image("ami-0123456789abcdef0"), date(2050, 1, 1)) is None


def test_every_alias_has_a_source_and_an_end_of_support() -> None:
    assert all(image.source and image.end_of_support and image.parameter for image in IMAGES.values())
