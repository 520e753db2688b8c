"""Machine images by alias: which project and family hold them, and what they bring. Never containers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from trainyard.facts.machine_shape import Shape

_ACCELERATOR_PROJECT = "ubuntu-os-accelerator-images"
_DEEP_LEARNING_PROJECT = "deeplearning-platform-release"
_ACCELERATOR_SOURCE = "GoogleCloudPlatform/cluster-toolkit: Ubuntu accelerator images carry the signed driver"
_DEEP_LEARNING_SOURCE = "Deep Learning VM Images; family as public programs use it in 2026"


# NVIDIA docs, Supported Drivers and CUDA Toolkit Versions: ends of life by month.
_DRIVER_ENDS = {"570": date(2026, 2, 28), "580": date(2028, 8, 31)}


class ImageError(ValueError):
    """Text that names no machine image."""


@dataclass(frozen=True, kw_only=True)
class Image:
    """A machine image of Google Cloud, as a family's newest or one by name."""

    project: str
    family: str | None = None
    name: str | None = None
    architecture: str | None = None  # None: not known, as with one's own images
    driver: str | None = None  # NVIDIA's branch that it carries, "580"; None: not known
    end_of_support: date | None = None  # of the driver's branch
    secure_boot: bool = False  # only where its driver modules are known to be signed
    not_on: tuple[str, ...] = ()  # machine families whose machines cannot boot it
    unverified: tuple[str, ...] = ()
    source: str = "given by the stack file"

    @property
    def path(self) -> str:
        """The resource name that Compute Engine takes."""
        place = f"family/{self.family}" if self.family else f"{self.name}"
        return f"projects/{self.project}/global/images/{place}"


def _ubuntu(driver: str, architecture: str) -> Image:
    return Image(
        project=_ACCELERATOR_PROJECT,
        family=f"ubuntu-accelerator-2404-{'amd64' if architecture == 'x86_64' else 'arm64'}-with-nvidia-{driver}",
        architecture=architecture,
        driver=driver,
        end_of_support=_DRIVER_ENDS[driver],
        secure_boot=True,
        unverified=("secure_boot",),
        source=_ACCELERATOR_SOURCE,
    )


DEFAULT_IMAGE = "ubuntu-2404-nvidia-580"
IMAGES: dict[str, Image] = {
    DEFAULT_IMAGE: _ubuntu("580", "x86_64"),
    "ubuntu-2404-nvidia-570": _ubuntu("570", "x86_64"),
    "ubuntu-2404-nvidia-580-arm64": _ubuntu("580", "arm64"),
    "ubuntu-2404-nvidia-570-arm64": _ubuntu("570", "arm64"),
    "deep-learning-vm-cu129": Image(
        project=_DEEP_LEARNING_PROJECT,
        family="common-cu129-ubuntu-2404-nvidia-580",
        architecture="x86_64",
        driver="580",
        end_of_support=_DRIVER_ENDS["580"],
        not_on=("g2",),
        unverified=("secure_boot", "not_on"),
        source=_DEEP_LEARNING_SOURCE,
    ),
}
_BY_FAMILY = {image.family: image for image in IMAGES.values()}

_NAME = r"[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?"
_PROJECT = r"(?:[a-z0-9.-]+:)?[a-z][a-z0-9-]{4,62}"
_SHORT = rf"(?P<project>{_PROJECT})/(?P<family>{_NAME})"
_FULL = (
    r"(?:https://(?:www\.googleapis\.com|compute\.googleapis\.com)/compute/v1/)?"
    rf"projects/(?P<project>{_PROJECT})/global/images/(?:family/(?P<family>{_NAME})|(?P<name>{_NAME}))"
)


def resolve_image(text: str) -> Image:
    """The image of an alias, a family, "project/family" or a full path or URL; ImageError with the nearest alias."""
    if known := IMAGES.get(text) or _BY_FAMILY.get(text):
        return known
    found = re.fullmatch(_SHORT, text, re.ASCII) or re.fullmatch(_FULL, text, re.ASCII)
    if found is None:
        raise ImageError(_unknown(text))
    parts = found.groupdict()
    listed = _BY_FAMILY.get(parts["family"])
    if listed and listed.project == parts["project"]:
        return listed
    return Image(project=parts["project"], family=parts["family"], name=parts.get("name"))


# The first branch of the driver for a GPU: GoogleCloudPlatform/cluster-toolkit, a4high-vm.yaml, has nvidia-open-570 for
# B200; Google's Container-Optimized OS (board-overlays, gpu_driver_versions) has 575.57.08 for RTX PRO 6000.
_LEAST_DRIVER = {"nvidia-b200": 570, "nvidia-rtx-pro-6000": 575}
# NVIDIA's blog, "NVIDIA Transitions Fully Towards Open-Source GPU Kernel Modules": Pascal and Volta need the
# proprietary modules, Blackwell the open ones. Google runs Blackwell on these images, so they carry the open ones.
_NO_OPEN_MODULES = ("nvidia-tesla-p4", "nvidia-tesla-p100", "nvidia-tesla-v100")


def image_error(image: Image, machine: Shape) -> str | None:
    """None when the machine can boot the image and use its GPUs as far as is known, else the error."""
    if image.architecture and image.architecture != machine.architecture:
        return (
            f"{image.path} is for {image.architecture}, the machine is {machine.architecture}; give an image of its "
            "kind."
        )
    if machine.family in image.not_on:
        return f"{image.path} does not boot on {machine.family} machines; leave image out for {DEFAULT_IMAGE}."
    if image.driver is None:
        return None
    own = "give an image of your own: projects/<project>/global/images/family/<name>"
    if machine.gpu_type in _NO_OPEN_MODULES:
        return f"{image.path} has NVIDIA's open kernel modules, which do not drive {machine.gpu_type}; {own}."
    if machine.share:
        return (
            f"{machine.machine_type} has a share of a GPU, which needs NVIDIA's vGPU guest driver, and {image.path} "
            f"has none; {own}, or take g4-standard-48."
        )
    least = _LEAST_DRIVER.get(machine.gpu_type, 0)
    if int(image.driver) < least:
        return (
            f"{image.path} has driver {image.driver}, {machine.gpu_type} needs {least} or newer; leave image out for "
            f"{DEFAULT_IMAGE}."
        )
    return None


def support_warning(image: Image, today: date) -> str | None:
    """What to say of an image whose driver gets no fixes any more; None while it does, or where that is not known."""
    if image.end_of_support is None or today <= image.end_of_support:
        return None
    return (
        f"{image.path}: NVIDIA ended the support of driver {image.driver} on {image.end_of_support.isoformat()}; "
        f"leave image out for {DEFAULT_IMAGE}."
    )


def _unknown(text: str) -> str:
    from difflib import get_close_matches  # only an error pays for it

    near = get_close_matches(text, IMAGES, n=1, cutoff=0.5)
    hint = f'did you mean "{near[0]}"?' if near else f'leave image out for "{DEFAULT_IMAGE}".'
    if re.search(r"[:@]|\.dev/|docker", text) and "googleapis.com" not in text:
        hint = 'a container goes under "container".'
    return (
        f'"{text}" is no machine image; give an alias ({", ".join(IMAGES)}), "project/family" or '
        f'"projects/P/global/images/NAME"; {hint}'
    )
