"""Azure's machine images by alias: the marketplace's URN, what it carries and when its support ends."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from trainyard.facts.azure.machine_types import Size


class ImageError(ValueError):
    """Text that names no machine image of Azure."""


@dataclass(frozen=True, kw_only=True)
class Image:
    """A marketplace image (publisher, offer, sku, version), or one of a gallery by its full id."""

    publisher: str = ""
    offer: str = ""
    sku: str = ""
    version: str = "latest"
    gallery_id: str = ""
    driver: str | None = None  # "cuda", "cuda for V100", "rocm", "none"; None: not known, as with one's own images
    infiniband: bool | None = None  # whether it carries the drivers; None: not known
    architecture: str | None = None
    trusted_launch: bool = False  # only where the image is known to be of Generation 2 and to boot with it
    secure_boot: bool = False  # only where its kernel modules are known to be signed
    end_of_support: date | None = None  # of the system that it is
    unverified: tuple[str, ...] = ()
    source: str = "given by the stack file"

    @property
    def urn(self) -> str:
        """What people call it: the URN, or the gallery's id."""
        return self.gallery_id or f"{self.publisher}:{self.offer}:{self.sku}:{self.version}"


# ubuntu.com/about/release-cycle: end of standard support, five years and some weeks after the release
_SUPPORT = {"2204": date(2027, 4, 30), "2404": date(2029, 5, 31)}
_HPC_SOURCE = "Azure/azhpc-images, README.md: the images that are published in the marketplace"


def _hpc(sku: str, driver: str) -> Image:
    return Image(
        publisher="microsoft-dsvm",
        offer="ubuntu-hpc",
        sku=sku,
        driver=driver,
        infiniband=True,
        architecture="x86_64",
        trusted_launch=True,
        end_of_support=_SUPPORT[sku[:4]],
        unverified=("trusted_launch", "secure_boot"),
        source=_HPC_SOURCE,
    )


DEFAULT_IMAGE = "ubuntu-hpc-2404"
IMAGES: dict[str, Image] = {
    DEFAULT_IMAGE: _hpc("2404", "cuda"),
    "ubuntu-hpc-2204": _hpc("2204", "cuda"),
    "ubuntu-hpc-2204-v100": _hpc("2204-v100", "cuda for V100"),
    "ubuntu-hpc-2404-rocm": _hpc("2404-rocm", "rocm"),
    "ubuntu-hpc-2204-rocm": _hpc("2204-rocm", "rocm"),
    # Without a driver: the GPU driver extension brings it.
    "ubuntu-2204": Image(
        publisher="Canonical",
        offer="0001-com-ubuntu-server-jammy",
        sku="22_04-lts-gen2",
        driver="none",
        infiniband=False,
        architecture="x86_64",
        trusted_launch=True,
        end_of_support=_SUPPORT["2204"],
        source="learn.microsoft.com/azure/virtual-machines/trusted-launch: Ubuntu Server 22.04 LTS",
    ),
    "dsvm-ubuntu-2204": Image(
        publisher="microsoft-dsvm",
        offer="ubuntu-2204",
        sku="2204-gen2",
        driver="cuda",
        infiniband=False,
        architecture="x86_64",
        end_of_support=_SUPPORT["2204"],
        unverified=("driver",),
        source="learn.microsoft.com/azure/machine-learning/data-science-virtual-machine/dsvm-ubuntu-intro",
    ),
}
_OF_URN = {image.urn: image for image in IMAGES.values()}

_PART = r"[A-Za-z0-9][\w.-]{0,79}"
_URN = re.compile(rf"({_PART}):({_PART}):({_PART}):(latest|\d+(?:\.\d+){{2,3}})", re.ASCII)
_GALLERY = re.compile(
    r"/subscriptions/[0-9a-f-]{36}/resourceGroups/[^/]+/providers/Microsoft\.Compute/"
    r"(?:galleries/[^/]+/images/[^/]+(?:/versions/[^/]+)?|images/[^/]+)",
    re.ASCII | re.IGNORECASE,
)


def default_image(machine: Size) -> str:
    """The alias of the image that the size's GPUs work with."""
    if machine.driver == "grid":
        return "ubuntu-2204"
    if machine.driver == "rocm":
        return "ubuntu-hpc-2404-rocm"
    return "ubuntu-hpc-2204-v100" if machine.chip == "V100" else DEFAULT_IMAGE


def resolve_image(text: str) -> Image:
    """The image of an alias, a URN or a gallery image's full id; ImageError with the nearest alias."""
    if known := IMAGES.get(text) or _OF_URN.get(text):
        return known
    if found := _URN.fullmatch(text):
        publisher, offer, sku, version = found.groups()
        pinned = _OF_URN.get(f"{publisher}:{offer}:{sku}:latest")
        if pinned is not None:
            from dataclasses import replace

            return replace(pinned, version=version)
        return Image(publisher=publisher, offer=offer, sku=sku, version=version)
    if _GALLERY.fullmatch(text):
        return Image(gallery_id=text)
    from difflib import get_close_matches  # only an error pays for it

    near = get_close_matches(text, IMAGES, n=1, cutoff=0.5)
    hint = f'did you mean "{near[0]}"?' if near else "leave image out for the one that fits the machine."
    message = (
        f'"{text}" is no machine image on Azure; give an alias ({", ".join(IMAGES)}), a URN such as '
        f'"publisher:offer:sku:latest", or the full id of a gallery\'s image; {hint}'
    )
    raise ImageError(message)


def image_error(image: Image, machine: Size) -> str | None:
    """None when the machine can boot the image and use its GPUs as far as is known, else the error."""
    fit = f'leave image out for "{default_image(machine)}".'
    if image.architecture and image.architecture != machine.architecture:
        return f"{image.urn} is for {image.architecture}, the machine is {machine.architecture}; {fit}"
    if image.driver in (None, "none"):
        return None if image.driver is None or machine.driver != "rocm" else f"{image.urn} has no ROCm; {fit}"
    if machine.driver == "grid":
        return (
            f"{image.urn} has NVIDIA's driver for whole GPUs, {machine.machine_type} has virtual ones, which need its "
            f"GRID driver; {fit}"
        )
    if (machine.driver == "rocm") != (image.driver == "rocm"):
        return f"{image.urn} has the driver {image.driver}, {machine.chip} needs {machine.driver}; {fit}"
    if (machine.chip == "V100") != (image.driver == "cuda for V100") and image.driver != "rocm":
        return f"{image.urn} has no driver for {machine.chip}; {fit}"
    return None


def needs_driver_extension(image: Image, machine: Size) -> bool:
    """Whether Azure's GPU driver extension brings the driver: on NVIDIA's GPUs with an image known to have none."""
    return image.driver == "none" and machine.driver != "rocm"


def support_warning(image: Image, today: date) -> str | None:
    """What to say of an image whose system gets no fixes any more; None while it does, or where that is not known."""
    if image.end_of_support is None or today <= image.end_of_support:
        return None
    return (
        f"{image.urn}: standard support of its Ubuntu ended on {image.end_of_support.isoformat()}; leave image out for "
        "the one that fits the machine."
    )
