"""What a gpu-vm on Azure cannot be at once: nodes × InfiniBand × capacity × data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from trainyard.facts.azure.machine_types import Size, no_infiniband
from trainyard.facts.conflict_row import Conflict

MOST_NODES = 100  # of one placement group


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One size, bought one way, for one workload."""

    machine: Size
    capacity: str  # "spot"
    nodes: int = 1
    wanted_fabric: str | None = None  # what the workload says of it
    bound: bool = False  # to a reservation


_MODES = (
    "learn.microsoft.com/azure/virtual-machine-scale-sets/virtual-machine-scale-sets-orchestration-modes, InfiniBand "
    "networking: Uniform in a single placement group only"
)
_GROUPS = "learn.microsoft.com/azure/virtual-machine-scale-sets/virtual-machine-scale-sets-placement-groups"
_RESERVED = "learn.microsoft.com/azure/virtual-machines/capacity-reservation-associate-virtual-machine-scale-set"
_RESERVATION = "learn.microsoft.com/azure/virtual-machines/capacity-reservation-overview"


def conflicts(asked: Asked) -> Iterator[Conflict]:
    """Every row that stands against it."""
    many = asked.nodes > 1
    if many and asked.wanted_fabric == "none":
        yield Conflict(
            name="nodes-that-want-no-fabric",
            key="fabric",
            text="several nodes on Azure are one scale set on InfiniBand; leave fabric out, or give workloads of one "
            "node each.",
            source=_MODES,
        )
    if many and (reason := no_infiniband(asked.machine.machine_type)):
        yield Conflict(name="nodes-without-infiniband", key="nodes", text=f"{reason}.", source=_MODES)
    if asked.nodes > MOST_NODES:
        yield Conflict(
            name="one-placement-group-holds-100",
            key="nodes",
            text=f"{asked.nodes} nodes are more than one placement group holds, and InfiniBand joins the machines of "
            f"one only; give at most {MOST_NODES}.",
            source=f"{_GROUPS}; {_MODES}",
        )
    if many and asked.capacity == "reserved":
        yield Conflict(
            name="a-single-placement-group-uses-no-reservation",
            key="capacity",
            text="a scale set in a single placement group, which InfiniBand asks for, uses no capacity reservation; "
            "give on-demand or spot.",
            source=_RESERVED,
        )
    if asked.bound:
        yield Conflict(
            name="no-machine-is-bound-to-its-reservation",
            key="capacity",
            text="Azure binds no machine to its reservation; leave bound out.",
            source=_RESERVATION,
        )
