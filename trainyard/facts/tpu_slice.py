"""TPU slices: which topologies a generation has, on how many hosts each stands, and what each is called."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from math import prod

from trainyard.facts.tpu import GENERATIONS, Generation, TpuError, generation

_CUBE = 4  # chips along an edge of the block that larger 3D slices are made of


@dataclass(frozen=True, kw_only=True)
class Slice:
    """Chips in one topology on one or several hosts."""

    generation: Generation
    chips: int
    topology: str
    hosts: int

    @property
    def chips_per_host(self) -> int:
        """How many of the chips each host has."""
        return self.chips // self.hosts

    @property
    def machine_type(self) -> str | None:
        """Compute Engine's type of each host; None where it makes none of this generation."""
        return self.generation.machine_types.get(self.chips_per_host)

    @property
    def accelerator_type(self) -> str:
        """The Cloud TPU API's name: "v5litepod-8", "v4-16"."""
        return f"{self.generation.slice_name}-{self.chips * self.generation.cores_in_name}"


def slice_of(chip: str, chips: int, topology: str | None = None, machine_type: str | None = None) -> Slice:
    """The slice of so many chips; TpuError with the nearest that exists."""
    of = generation(chip)
    topology = topology or default_topology(of, chips)
    _check_topology(of, chips, topology)
    hosts = max(1, -(-chips // of.chips_per_host)) if chips not in of.single_host else 1
    if machine_type is not None:
        hosts = _hosts_of(of, chips, machine_type)
    return Slice(generation=of, chips=chips, topology=topology, hosts=hosts)


def default_topology(of: Generation, chips: int) -> str:
    """The most compact topology of so many chips; TpuError when there is none."""
    for topology in of.topologies:
        if chips_of(topology) == chips:
            return topology
    shapes = [shape for shape in _large(of) if prod(shape) == chips]
    if not shapes:
        message = (
            f"no {of.chip} slice has {chips} chips; the nearest have {_near_counts(of, chips)}; give one of these."
        )
        raise TpuError(message)
    best = min(shapes, key=_surface)
    return "x".join(str(edge) for edge in best)


def chips_of(topology: str) -> int:
    """The product of the edges: 8 for "2x4"."""
    return prod(map(int, topology.split("x")))


def name_of_config(api_type: str, topology: str) -> str | None:
    """The slice's name for an AcceleratorConfig {"V4", "4x4x8"}; None for words that are none."""
    of = next((each for each in GENERATIONS.values() if each.api_type == api_type), None)
    if of is None or not re.fullmatch(r"[1-9]\d*(x[1-9]\d*)+", topology, re.ASCII):
        return None
    return f"{of.slice_name}-{chips_of(topology) * of.cores_in_name}"


def cannot_stop(found: Slice, capacity: str) -> str | None:
    """Why `at_limit: stop` ends such a slice instead; None when it can be stopped and started again."""
    if found.hosts > 1:
        return f"a slice of {found.hosts} hosts cannot be stopped, so it is ended"
    if capacity in ("spot", "flex-start", "queued"):
        return f"a {capacity} TPU that stops never starts again, so it is ended"
    return None


def _check_topology(of: Generation, chips: int, topology: str) -> None:
    given = tuple(map(int, topology.split("x")))
    exists = topology in of.topologies or (of.most_chips and given in _large(of))
    if not exists:
        message = f"{of.chip} has no topology {topology}; the nearest are {_near(of, given)}; give one of these."
        raise TpuError(message)
    if prod(given) != chips:
        fitting = ", ".join(_topologies(of, chips)) or f"none (the nearest have {_near_counts(of, chips)} chips)"
        message = (
            f"topology {topology} has {prod(given)} chips, but {of.chip}:{chips} asks for {chips}; give "
            f"{of.chip}:{prod(given)}, or a topology of {chips}: {fitting}."
        )
        raise TpuError(message)


def _hosts_of(of: Generation, chips: int, machine_type: str) -> int:
    per_host = next((count for count, name in of.machine_types.items() if name == machine_type), None)
    if per_host is None:
        types = ", ".join(of.machine_types.values()) or "none: it is a node of the Cloud TPU API, so leave it out"
        message = f'"{machine_type}" is no machine type of {of.chip}; its types are {types}.'
        raise TpuError(message)
    if per_host != chips and (per_host != of.chips_per_host or chips % per_host or chips < per_host):
        message = (
            f"{of.chip}:{chips} is not made of {machine_type}: one such machine is {of.chip}:{per_host}, and slices of "
            f"several hosts have {of.chips_per_host} chips on each; leave machine_type out."
        )
        raise TpuError(message)
    return chips // per_host


def _topologies(of: Generation, chips: int) -> Iterator[str]:
    yield from (topology for topology in of.topologies if chips_of(topology) == chips)
    for shape in sorted((shape for shape in _large(of) if prod(shape) == chips), key=_surface):
        yield "x".join(map(str, shape))


def _near(of: Generation, given: tuple[int, ...]) -> str:
    known = [tuple(map(int, each.split("x"))) for each in of.topologies] + list(_large(of))
    ordered = sorted(known, key=lambda shape: (sorted(shape) != sorted(given), abs(prod(shape) - prod(given)), shape))
    return ", ".join("x".join(map(str, shape)) for shape in ordered[:3])


def _near_counts(of: Generation, chips: int) -> str:
    counts = {chips_of(topology) for topology in of.topologies} | {prod(shape) for shape in _large(of)}
    return ", ".join(map(str, sorted(sorted(counts, key=lambda count: (abs(count - chips), count))[:3])))


def _large(of: Generation) -> tuple[tuple[int, int, int], ...]:
    return _cubes(of.most_chips)


@cache
def _cubes(most_chips: int) -> tuple[tuple[int, int, int], ...]:
    """AxBxC with A <= B <= C, each a multiple of 4."""
    most = most_chips // _CUBE**3
    return tuple(
        (a * _CUBE, b * _CUBE, c * _CUBE)
        for a in range(1, most + 1)
        for b in range(a, most // a + 1)
        for c in range(b, most // (a * b) + 1)
    )


def _surface(shape: tuple[int, int, int]) -> int:
    a, b, c = shape
    return a * b + b * c + a * c
