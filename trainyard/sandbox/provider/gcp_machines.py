"""Refuses Google machine types and accelerators that a zone has not; strict where the catalogue has offers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final

from trainyard.facts.offer import Offer, load_machine_offers
from trainyard.sandbox.check import Problem, nearest
from trainyard.sandbox.provider.gcp_places import place
from trainyard.sandbox.provider.gcp_tpus import is_tpu, machine_refusal
from trainyard.servicer.values import has_unknown, reveal

# Families without accelerators, and accelerator families that the catalogue has no machine offers of:
# cloud.google.com/compute/docs/machine-resource
_TAKEN: Final = re.compile(
    r"^(custom|e2|n1|n2|n2d|n4|n4a|n4d|c2|c2d|c3|c3d|c4|c4a|c4d|t2a|t2d|h3|h4d|m1|m2|m3|m4|x4|z3|a4x)-"
    r"|^(f1-micro|g1-small)$"
)
# cloud.google.com/compute/docs/gpus: what can be attached to a general-purpose machine, and what comes with a family.
_ATTACHED: Final[Mapping[str, Sequence[int]]] = {
    "nvidia-tesla-t4": (1, 2, 4),
    "nvidia-tesla-p4": (1, 2, 4),
    "nvidia-tesla-p100": (1, 2, 4),
    "nvidia-tesla-v100": (1, 2, 4, 8),
}
_BUILT_IN: Final[Mapping[str, str]] = {
    "a2-highgpu": "nvidia-tesla-a100",
    "a2-megagpu": "nvidia-tesla-a100",
    "a2-ultragpu": "nvidia-a100-80gb",
    "a3-highgpu": "nvidia-h100-80gb",
    "a3-megagpu": "nvidia-h100-mega-80gb",
    "a3-ultragpu": "nvidia-h200-141gb",
    "a4-highgpu": "nvidia-b200",
    "g2-standard": "nvidia-l4",
    "g4-standard": "nvidia-rtx-pro-6000",
}


def check_machine(inputs: Mapping[str, Any], config: Mapping[str, Any]) -> Iterator[Problem]:
    """Machine type and accelerators against the offers of the zone, of the region or of all."""
    given = reveal(inputs.get("machineType"))
    if not isinstance(given, str):
        return
    machine_type = given.rpartition("/")[2]
    where = place("zone", inputs, config) if inputs.get("region") is None else place("region", inputs, config)
    refusal = _refusal(machine_type, where)
    if refusal:
        yield Problem("machineType", refusal)
        return
    attached = reveal(inputs.get("guestAccelerators"))
    # A template is not held against its machine type: the provider's own tests make one of e2-medium with GPUs.
    if isinstance(attached, list) and not has_unknown(attached) and "disks" not in inputs:
        for number, accelerator in enumerate(attached):
            yield from _check_attached(machine_type, accelerator, where, f"guestAccelerators[{number}]")


def built_in(machine_type: str) -> tuple[str, int] | None:
    """The accelerator type and count that a machine type brings along; None when it brings none."""
    offers = _offers().get(machine_type)
    chip = _BUILT_IN.get(machine_type.rpartition("-")[0])
    return (chip, max(1, int(offers[0].accelerator_count))) if offers and chip else None


@cache
def _offers() -> Mapping[str, tuple[Offer, ...]]:
    found: dict[str, list[Offer]] = {}
    for offer in load_machine_offers("gcp"):
        found.setdefault(offer.machine_type, []).append(offer)
    return {name: tuple(offers) for name, offers in found.items()}


def _refusal(machine_type: str, where: str) -> str | None:
    if _TAKEN.match(machine_type):
        return None
    if is_tpu(machine_type):
        return machine_refusal(machine_type, where)
    offers = _offers().get(machine_type)
    if offers and (not where or any(_lies_in(where, offer) for offer in offers)):
        return None
    text = (
        f"Invalid value for field 'resource.machineType': 'zones/{where}/machineTypes/{machine_type}'. "
        f"Machine type with name '{machine_type}' does not exist in zone '{where}'."
    )
    if offers:
        return f"{text}; zones that have it: {', '.join(sorted({offer.zone for offer in offers}))}"
    near = nearest(machine_type, sorted(_offers()))
    return f'{text}; did you mean "{near}"?' if near else text


def _lies_in(where: str, offer: Offer) -> bool:
    """Whether the offer is in the zone or region; one whose zone is not known is in all of its region's."""
    return where in (offer.zone, offer.region) or (not offer.zone and where.rpartition("-")[0] == offer.region)


def _check_attached(machine_type: str, accelerator: Any, where: str, path: str) -> Iterator[Problem]:
    if not isinstance(accelerator, Mapping) or not isinstance(accelerator.get("type"), str):
        return
    chip, count = accelerator["type"].rpartition("/")[2], accelerator.get("count")
    brought = built_in(machine_type)
    if brought is not None and (chip, count) != brought:
        text = f"[{chip}, {machine_type}] features are not compatible for creating instance."
        yield Problem(path, f"{text}; this machine type comes with {brought[1]} of {brought[0]}")
    elif brought is None:
        yield from _check_general(machine_type, chip, count, where, path)


def _check_general(machine_type: str, chip: str, count: Any, where: str, path: str) -> Iterator[Problem]:
    if chip.endswith("-vws"):
        chip = chip.removesuffix("-vws")
    if not machine_type.startswith(("n1-", "custom-")) or chip not in _ATTACHED:
        text = f"[{chip}, {machine_type}] features are not compatible for creating instance."
        yield Problem(path, f"{text}; N1 machines take {', '.join(_ATTACHED)}")
    elif count not in _ATTACHED[chip]:
        text = f"Invalid value for field 'resource.guestAccelerators[0].acceleratorCount': '{count}'."
        yield Problem(f"{path}.count", f"{text}; allowed are {', '.join(map(str, _ATTACHED[chip]))} of {chip}")
    elif where and not any(where in (offer.zone, offer.region) for offer in _attachable(chip)):
        text = f"The resource 'zones/{where}/acceleratorTypes/{chip}' was not found"
        yield Problem(
            f"{path}.type", f"{text}; zones that have it: {', '.join(sorted({o.zone for o in _attachable(chip)}))}"
        )


@cache
def _attachable(chip: str) -> tuple[Offer, ...]:
    """The offers of an N1 machine with this accelerator."""
    short = chip.removeprefix("nvidia-tesla-").upper()
    return tuple(
        offer
        for name, offers in _offers().items()
        if name.startswith("n1-")
        for offer in offers
        if offer.accelerator.chip == short
    )
