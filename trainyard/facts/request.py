"""What a workload asks of one cloud."""

from __future__ import annotations

from dataclasses import dataclass

from trainyard.facts.capacity import Capacity, OnDemand


@dataclass(frozen=True, kw_only=True)
class Request:
    """One machine's needs; None and empty leave a thing open."""

    cloud: str
    kind: str = "gpu-vm"
    chip: str  # a chip's name or an alias of accelerator.names()
    count: float = 1  # chips in one machine, or the share of one
    memory_gib: int | None = None  # of one chip
    form: str | None = None
    fabric: str | None = None
    fabrics: tuple[tuple[str, str], ...] | None = None  # those that are there, (kind, region or zone); None: not asked
    machine_type: str | None = None
    regions: tuple[str, ...] = ()  # regions or parts of the world
    zones: tuple[str, ...] = ()
    capacities: tuple[Capacity, ...] = (OnDemand(),)  # in order of preference
