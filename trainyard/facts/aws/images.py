"""Amazon's machine images by alias: the parameter that holds the newest one's id, and what it brings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from trainyard.facts.aws.machine_types import Shape
from trainyard.facts.images import ImageError

_NOTES = "AWS DLAMI docs, release notes of the base images with OSS Nvidia driver (2026-07-17 to 2026-10-08)"
_PARAMETERS = "AWS DLAMI docs, Finding DLAMI ids: public parameters of Systems Manager"
# ubuntu.com/about/release-cycle: standard security maintenance.
_UBUNTU_ENDS = {"24.04": date(2029, 5, 31), "22.04": date(2027, 5, 31)}
_GPU_FAMILIES = (
    "g4dn",
    "g5",
    "g6",
    "gr6",
    "g6e",
    "g7e",
    "p4d",
    "p4de",
    "p5",
    "p5e",
    "p5en",
    "p6-b200",
    "p6-b300",
)


@dataclass(frozen=True, kw_only=True)
class Image:
    """A machine image: the newest that a parameter of Systems Manager names, or one by its id."""

    name: str  # as the stack file has it; another one replaces a machine, a newer one of the same name does not
    parameter: str | None = None  # "/aws/service/…/ami-id"
    ami: str | None = None  # "ami-…", of one region
    architecture: str | None = None  # None: not known, as with one's own images
    families: tuple[str, ...] = ()  # whose GPUs its driver knows; empty: not known
    root_device: str = "/dev/sda1"
    end_of_support: date | None = None  # of its operating system
    unverified: tuple[str, ...] = ()
    source: str = "given by the stack file"


def _base(version: str, architecture: str) -> Image:
    arm = architecture == "arm64"
    return Image(
        name=f"dlami-base-ubuntu-{version.replace('.', '')}{'-arm64' if arm else ''}",
        parameter=(
            f"/aws/service/deeplearning/ami/{architecture}/base-oss-nvidia-driver-gpu-ubuntu-{version}/latest/ami-id"
        ),
        architecture=architecture,
        families=("g5g",) if arm else _GPU_FAMILIES,
        end_of_support=_UBUNTU_ENDS[version],
        unverified=() if arm else ("families: g7e, whose driver is the same",),
        source=f"{_NOTES}; {_PARAMETERS}",
    )


_ALL = [_base(version, architecture) for version in ("24.04", "22.04") for architecture in ("x86_64", "arm64")]
IMAGES: dict[str, Image] = {image.name: image for image in _ALL}
DEFAULT_IMAGES = {"x86_64": "dlami-base-ubuntu-2404", "arm64": "dlami-base-ubuntu-2404-arm64"}
_AMI = re.compile(r"ami-(?:[0-9a-f]{8}|[0-9a-f]{17})")
# docs.aws.amazon.com/systems-manager, PutParameter: Name.
_PARAMETER = re.compile(r"ssm:(?P<path>/?[a-zA-Z0-9_.-]+(?:/[a-zA-Z0-9_.-]+)*)")


def default_image(machine: Shape) -> Image:
    """What a machine boots where nobody says."""
    return IMAGES[DEFAULT_IMAGES[machine.architecture]]


def resolve_image(text: str) -> Image:
    """The image of an alias, "ami-…" or "ssm:<name of a parameter>"; ImageError with the nearest alias."""
    if known := IMAGES.get(text):
        return known
    if _AMI.fullmatch(text):
        return Image(name=text, ami=text)
    if found := _PARAMETER.fullmatch(text):
        return Image(name=text, parameter=found["path"])
    raise ImageError(_unknown(text))


def image_error(image: Image, machine: Shape) -> str | None:
    """None when the machine can boot the image and use its GPUs as far as is known, else the error."""
    if image.architecture and image.architecture != machine.architecture:
        return (
            f"{image.name} is for {image.architecture}, {machine.machine_type} is {machine.architecture}; leave image "
            f"out for {DEFAULT_IMAGES[machine.architecture]}."
        )
    if image.families and machine.family not in image.families:
        return (
            f"{image.name} has NVIDIA's open kernel modules, which do not drive the {machine.gpu} of "
            f"{machine.machine_type}; give an image of your own: ami-… or ssm:<name of a parameter>."
        )
    return None


def support_warning(image: Image, today: date) -> str | None:
    """What to say of an image whose system gets no fixes any more; None while it does, or where that is not known."""
    if image.end_of_support is None or today <= image.end_of_support:
        return None
    return (
        f"{image.name}: the support of its operating system ended on {image.end_of_support.isoformat()}; leave image "
        f"out for {DEFAULT_IMAGES[image.architecture or 'x86_64']}."
    )


def _unknown(text: str) -> str:
    from difflib import get_close_matches  # only an error pays for it

    near = get_close_matches(text, IMAGES, n=1, cutoff=0.5)
    hint = f'did you mean "{near[0]}"?' if near else f'leave image out for "{DEFAULT_IMAGES["x86_64"]}".'
    return (
        f'"{text}" is no machine image of Amazon; give an alias ({", ".join(IMAGES)}), ami-… or '
        f"ssm:<name of a parameter>; {hint}"
    )
