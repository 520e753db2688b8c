"""Cloud TPU slices: which there are, where, and which runtime is whose."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Final

from trainyard.facts.offer import load_offers
from trainyard.sandbox.check import nearest

# Zones beside those of the catalogue's offers: cloud.google.com/tpu/docs/types-zones, as stored 2026.
_MORE_ZONES: Final[Mapping[str, frozenset[str]]] = {
    "v6e": frozenset({"us-east4-b", "us-east5-c"}),
    "v5p": frozenset({"us-east5-b", "us-east5-c", "us-south1-a"}),
    "v3": frozenset({"us-central1-a", "us-central1-b"}),
}
_STEPS: Final[Mapping[str, tuple[int, int]]] = {"v4": (8, 8192), "v5p": (8, 12288)}  # cores: step and most
_NOT_NODES: Final = frozenset({"tpu7x"})  # tpu.v2 AcceleratorConfig.type ends at V6E: Compute Engine's only
_TWO_CORES: Final = ("v4", "v5p", "tpu7x")  # the slices' names count cores, two to a chip
_AI_ZONE: Final = re.compile(r"-ai\d[a-z]$")
# cloud.google.com/tpu/docs/runtimes, TPU software versions: a runtime that is made for one generation
RUNTIMES: Final[Mapping[str, str]] = {
    "v2-alpha-tpuv6e": "v6e",
    "v2-alpha-tpuv5": "v5p",
    "v2-alpha-tpuv5-lite": "v5litepod",
}
_KNOWN_RUNTIME: Final = re.compile(r"v2-alpha(-tpuv.+)?|v2-nightly.*|v2-tpuv.+|tpu-ubuntu\d{4}-base|tpu-vm-[a-z0-9.-]+")
# Compute Engine's machine types with TPUs, by the generation: cloud.google.com/compute/docs/tpus
_MACHINES: Final[Mapping[str, str]] = {
    **{f"ct5p-hightpu-{chips}t": "v5p" for chips in (1, 2, 4)},
    **{f"ct6e-standard-{chips}t": "v6e" for chips in (1, 4, 8)},
    **{f"ct5lp-hightpu-{chips}t": "v5litepod" for chips in (1, 4, 8)},
    "ct4p-hightpu-4t": "v4",
    "tpu7x-standard-4t": "tpu7x",
    "tpu7x-standard-1t": "tpu7x",
}
_SQUARES: Final = ("1x1", "2x2", "2x4", "4x4", "4x8", "8x8", "8x16", "16x16")
_SMALL_CUBOIDS: Final = ("2x2x1", "2x2x2", "2x2x4", "2x4x4")
_CUBES: Final = ("V4", "V5P")
_TOPOLOGIES: Final[Mapping[str, tuple[str, ...]]] = {
    "V2": ("2x2", "4x4", "8x8", "8x16", "16x16"),
    "V3": ("2x2", "4x4", "4x8", "8x8", "8x16", "16x16", "16x32", "32x32"),
    "V4": _SMALL_CUBOIDS,
    "V5LITE_POD": _SQUARES,
    "V5P": _SMALL_CUBOIDS,
    "V6E": _SQUARES,
}
_PREFIX: Final = re.compile(r"^(ct4p|ct5lp|ct5p|ct6e|tpu7x)-")


def slice_refusal(accelerator: str, zone: str) -> str | None:
    """Why there is no such slice, "v5litepod-8", or not in the zone; None when there is."""
    family, _, size = accelerator.rpartition("-")
    if family in _NOT_NODES or family not in _sizes() or not _has_size(family, size):
        meant = accelerator.replace("v5e-", "v5litepod-")
        there = sorted(_sizes().keys() - _NOT_NODES)
        near = nearest(meant, sorted(f"{name}-{number}" for name in there for number in _sizes()[name]))
        hint = f'; did you mean "{near}"?' if near else f"; families are {', '.join(there)}"
        return f'Accelerator type "{accelerator}" does not exist{hint}'
    return _zone_refusal(family, f'Accelerator type "{accelerator}"', zone)


def topology_refusal(type: str, topology: str) -> str | None:
    """Why a generation, "V5LITE_POD", has no such topology; None when it has, or nothing is said of it."""
    if not topology or type not in _TOPOLOGIES:
        return None
    edges = [int(edge) for edge in topology.split("x") if edge.isdecimal()]
    small = _TOPOLOGIES[type]
    cubes = type in _CUBES and len(edges) == 3 and edges == sorted(edges) and all(edge % 4 == 0 for edge in edges)
    if topology in small or (cubes and edges[0] and "x".join(map(str, edges)) == topology):
        return None
    larger = ", and AxBxC of multiples of 4 with A <= B <= C" if type in _CUBES else ""
    return f'Topology "{topology}" does not exist for {type}; there are {", ".join(small)}{larger}'


def runtime_refusal(runtime: str, accelerator: str) -> str | None:
    """Why the runtime is none, or is another generation's; None when it is not known to be wrong."""
    family = accelerator.rpartition("-")[0]
    own = RUNTIMES.get(runtime)
    if own is not None and family in _sizes() and own != family:
        right = next((name for name, of in RUNTIMES.items() if of == family), "tpu-ubuntu2204-base")
        return f'Runtime version "{runtime}" is of {own}, not of {family}; give "{right}"'
    if not _KNOWN_RUNTIME.fullmatch(runtime):
        near = nearest(runtime, [*RUNTIMES, "tpu-ubuntu2204-base", "tpu-vm-base", "tpu-vm-tf-2.17.0-pjrt"])
        return f'Runtime version "{runtime}" was not found' + (f'; did you mean "{near}"?' if near else "")
    return None


def zones() -> frozenset[str]:
    """Every zone with TPU nodes."""
    return frozenset[str]().union(*(there for family, there in _zones().items() if family not in _NOT_NODES))


def is_tpu(machine_type: str) -> bool:
    """Whether it is, or looks like, a machine type with TPUs."""
    return _PREFIX.match(machine_type) is not None


def slice_like(machine_type: str) -> str:
    """The catalogue's slice of as many chips as one of Compute Engine's TPU machines has; "" for any other machine.

    cloud.google.com/tpu/pricing: TPUs are priced by the chip-hour, whoever makes them.
    """
    family = _MACHINES.get(machine_type)
    chips = re.search(r"-(\d)t$", machine_type)
    if family is None or chips is None:
        return ""
    return f"{family}-{int(chips[1]) * (2 if family in _TWO_CORES else 1)}"


def machine_refusal(machine_type: str, zone: str) -> str | None:
    """Why Compute Engine has no such TPU machine, or not in the zone; None when it has."""
    family = _MACHINES.get(machine_type)
    if family is None:
        near = nearest(machine_type, sorted(_MACHINES))
        return f"Machine type with name '{machine_type}' does not exist" + (f'; did you mean "{near}"?' if near else "")
    return _zone_refusal(family, f"Machine type with name '{machine_type}'", zone)


def _zone_refusal(family: str, what: str, zone: str) -> str | None:
    there = _zones().get(family, frozenset())
    if not zone or not there or zone in there or _AI_ZONE.search(zone):
        return None
    if any(name.rpartition("-")[0] == zone for name in there):  # a region
        return None
    return f"{what} does not exist in zone '{zone}'; zones that have it: {', '.join(sorted(there))}"


def _has_size(family: str, size: str) -> bool:
    if not size.isdecimal():
        return False
    step, most = _STEPS.get(family, (0, 0))
    return size in _sizes()[family] or bool(step and int(size) % step == 0 and 0 < int(size) <= most)


@cache
def _sizes() -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for family, size, _ in _slices():
        found.setdefault(family, set()).add(size)
    return {family: frozenset(sizes) for family, sizes in found.items()}


@cache
def _zones() -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {family: set(zones) for family, zones in _MORE_ZONES.items()}
    for family, _, zone in _slices():
        found.setdefault(family, set()).add(zone)
    return {family: frozenset(zones) for family, zones in found.items()}


@cache
def _slices() -> tuple[tuple[str, str, str], ...]:
    """(family, size, zone) of every slice in the catalogue."""
    tpus = [offer for offer in load_offers("gcp") if offer.vcpus is None or re.match(r"v\d", offer.machine_type)]
    return tuple((*offer.machine_type.rpartition("-")[::2], offer.zone) for offer in tpus)
