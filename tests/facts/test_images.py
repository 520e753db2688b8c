from datetime import date

import pytest

from trainyard.facts.images import DEFAULT_IMAGE, IMAGES, ImageError, image_error, resolve_image, support_warning
from trainyard.facts.machine import SHAPES, Shape, shape

FAMILY = "ubuntu-accelerator-2404-amd64-with-nvidia-580"
PROJECT = "ubuntu-os-accelerator-images"


@pytest.mark.parametrize(
    "text",
    [
        DEFAULT_IMAGE,
        FAMILY,
        f"{PROJECT}/{FAMILY}",
        f"projects/{PROJECT}/global/images/family/{FAMILY}",
        f"https://www.googleapis.com/compute/v1/projects/{PROJECT}/global/images/family/{FAMILY}",
    ],
)
def test_one_image_has_many_spellings(text: str) -> None:
    image = resolve_image(text)
    assert image == IMAGES[DEFAULT_IMAGE]
    assert image.path == f"projects/{PROJECT}/global/images/family/{FAMILY}"
    assert (image.architecture, image.driver, image.secure_boot) == ("x86_64", "580", True)


def test_ones_own_image_is_taken_by_name_without_claims_about_it() -> None:
    image = resolve_image("projects/acme-images/global/images/train-v20261101")
    assert image.path == "projects/acme-images/global/images/train-v20261101"
    assert (image.architecture, image.driver, image.secure_boot) == (None, None, False)


def test_the_same_family_in_another_project_is_another_image() -> None:
    assert resolve_image(f"acme-images/{FAMILY}").secure_boot is False


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("ubuntu-2404-nvidia-58", f'did you mean "{DEFAULT_IMAGE}"'),
        ("windows", f'leave image out for "{DEFAULT_IMAGE}"'),
        ("europe-docker.pkg.dev/acme/train/llama@sha256:00", 'a container goes under "container"'),
        ("https://evil.example/compute/v1/projects/acme/global/images/x", "no machine image"),
        ("projects/acme-images/global/images/X; rm", "no machine image"),
    ],
)
def test_text_that_names_no_image_is_refused_with_a_way_on(text: str, hint: str) -> None:
    with pytest.raises(ImageError) as caught:
        resolve_image(text)
    assert hint in str(caught.value)
    assert DEFAULT_IMAGE in str(caught.value)


def test_an_arm_image_does_not_fit_an_x86_machine() -> None:
    image = resolve_image("ubuntu-2404-nvidia-580-arm64")
    assert "is for arm64, the machine is x86_64" in (image_error(image, SHAPES["g2-standard-4"]) or "")
    assert image_error(resolve_image(DEFAULT_IMAGE), SHAPES["g2-standard-4"]) is None


def test_deep_learning_images_do_not_boot_on_g2() -> None:
    image = resolve_image("deep-learning-vm-cu129")
    assert "does not boot on g2" in (image_error(image, SHAPES["g2-standard-4"]) or "")
    assert image_error(image, SHAPES["a2-highgpu-1g"]) is None


def test_a_drivers_end_of_support_is_a_date() -> None:
    assert resolve_image(DEFAULT_IMAGE).end_of_support == date(2028, 8, 31)
    assert resolve_image("ubuntu-2404-nvidia-570").end_of_support == date(2026, 2, 28)


@pytest.mark.parametrize(
    ("image", "machine", "says"),
    [
        ("ubuntu-2404-nvidia-570", SHAPES["a4-highgpu-8g"], None),
        ("ubuntu-2404-nvidia-570", SHAPES["g4-standard-48"], "has driver 570, nvidia-rtx-pro-6000 needs 575 or newer"),
        (DEFAULT_IMAGE, SHAPES["g4-standard-48"], None),
        (DEFAULT_IMAGE, SHAPES["g4-standard-12"], "needs NVIDIA's vGPU guest driver"),
        (DEFAULT_IMAGE, shape("n1-highmem-8", "nvidia-tesla-v100", 1), "open kernel modules, which do not drive"),
        (DEFAULT_IMAGE, shape("n1-highmem-8", "nvidia-tesla-t4", 2), None),
        ("acme-images/own-family", shape("n1-highmem-8", "nvidia-tesla-v100", 1), None),
        ("acme-images/own-family", SHAPES["g4-standard-12"], None),
    ],
)
def test_a_driver_that_the_gpu_cannot_use_is_refused(image: str, machine: Shape, says: str | None) -> None:
    error = image_error(resolve_image(image), machine)
    assert error is None if says is None else says in (error or "")


def test_an_image_whose_driver_gets_no_fixes_any_more_is_said_so() -> None:
    old = resolve_image("ubuntu-2404-nvidia-570")
    assert support_warning(old, date(2026, 2, 28)) is None
    assert "ended the support of driver 570 on 2026-02-28" in (support_warning(old, date(2026, 3, 1)) or "")
    assert support_warning(resolve_image("acme-images/own-family"), date(2030, 1, 1)) is None
