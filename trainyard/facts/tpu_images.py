"""Machine images for Compute Engine's TPU machines; nodes of the Cloud TPU API take a runtime version instead."""

from __future__ import annotations

from trainyard.facts.images import Image, ImageError, resolve_image
from trainyard.facts.tpu import GENERATIONS, Generation

_PROJECT = "ubuntu-os-accelerator-images"
_SOURCE = "Cloud TPU docs, TPU OS images; families as public programs and image lists of 2026 name them"
_FAMILIES = {each.image_family for each in GENERATIONS.values() if each.image_family}


def tpu_image(of: Generation, text: str | None) -> Image:
    """The generation's own image where `text` is None, else the named one; ImageError when it cannot boot it."""
    if of.image_family is None:
        message = f"{of.chip} is a node of the Cloud TPU API, which takes a runtime version and no image; leave it out."
        raise ImageError(message)
    if text is None or text == of.image_family:
        return _own(of.image_family)
    image = _own(text) if text in _FAMILIES else resolve_image(text)
    if image.driver is not None or (image.family in _FAMILIES and image.family != of.image_family):
        what = "carries NVIDIA's driver" if image.driver else "is of another generation"
        message = f'image "{text}" {what} and does not fit {of.chip}; leave it out for {_PROJECT}/{of.image_family}.'
        raise ImageError(message)
    return image


def _own(family: str) -> Image:
    return Image(
        project=_PROJECT,
        family=family,
        architecture="x86_64",
        # Whether its TPU driver's modules are signed is not known, so Secure Boot stays off.
        secure_boot=False,
        unverified=("secure_boot",),
        source=_SOURCE,
    )
