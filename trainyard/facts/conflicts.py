"""What a gpu-vm on Google Cloud cannot be at once: capacity × family × fabric × nodes × placement × time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

_ZERO = timedelta()


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One machine type, bought one way, for one workload."""

    capacity: str  # "flex-start"
    family: str  # "a3-highgpu"
    gpus: int
    reservation: bool = False  # whether one is named
    preemptible: bool = False
    bound: bool = False  # to a reservation
    fabric: str = "none"  # the machine's own
    wanted_fabric: str | None = None  # what the workload says of it
    nodes: int = 1
    placement: str = "none"  # "compact" by a placement policy, "workload" by a workload policy
    span: timedelta = _ZERO  # from start to hard end


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """One row: all that `when` names must hold, and what goes `over` must be passed."""

    name: str  # "flex-start-uses-no-reservation"
    key: str  # of the workload, where it is told
    when: Mapping[str, tuple[object, ...]] = field(default_factory=dict)  # attribute of Asked: any of these values
    over: timedelta | None = None  # of the span
    many: bool = False  # nodes > 1
    says: str
    instead: str  # the way out
    source: str

    @property
    def text(self) -> str:
        """What is wrong and what to do, one sentence."""
        return f"{self.says}; {self.instead}."

    def holds(self, asked: Asked) -> bool:
        """Whether this stands against what is asked for."""
        return (
            all(getattr(asked, name) in values for name, values in self.when.items())
            and (self.over is None or asked.span > self.over)
            and (not self.many or asked.nodes > 1)
        )


_FLEX = "Compute Engine docs, About Flex-start VMs: Limitations"
_SPOT = "Compute Engine docs, Spot VMs: Limitations; Consume reservations: Restrictions"
_LIFE = "Compute Engine docs, Limit the run time of a VM"
_SOLD = "Compute Engine docs, Accelerator-optimized machine family: Consumption option availability"
_POLICY = "Compute Engine docs, About workload policies"
_TOOLKIT = "GoogleCloudPlatform/cluster-toolkit 10470803 (2026-06-25)"
_WITH_POLICY = ("gpudirect-tcpx", "gpudirect-tcpxo", "roce")

CONFLICTS: tuple[Conflict, ...] = (
    Conflict(
        name="flex-start-uses-no-reservation",
        key="capacity",
        when={"capacity": ("flex-start",), "reservation": (True,)},
        says="flex-start machines come out of no reservation",
        instead="give { kind: reserved, id: … } or flex-start",
        source=_FLEX,
    ),
    Conflict(
        name="flex-start-is-not-spot",
        key="capacity",
        when={"capacity": ("flex-start",), "preemptible": (True,)},
        says="flex-start machines are never taken back, spot machines are",
        instead="name both in the list, in order of preference",
        source=_FLEX,
    ),
    Conflict(
        name="spot-uses-no-reservation",
        key="capacity",
        when={"capacity": ("spot",), "reservation": (True,)},
        says="spot machines come out of no reservation",
        instead="give { kind: reserved, id: … } or spot",
        source=_SPOT,
    ),
    Conflict(
        name="flex-start-ends-after-seven-days",
        key="capacity",
        when={"capacity": ("flex-start",)},
        over=timedelta(days=7),
        says="flex-start machines run at most 7d",
        instead="give lease.extend_to of at most 7d, or another capacity",
        source=_FLEX,
    ),
    Conflict(
        name="a-machine-ends-after-120-days",
        key="capacity",
        when={"capacity": ("on-demand", "spot", "reserved"), "bound": (False,)},
        over=timedelta(days=120),
        says="the cloud ends a machine by itself within 120d only",
        instead="give lease.extend_to of at most 120d",
        source=_LIFE,
    ),
    Conflict(
        name="no-flex-start-of-a-family",
        key="capacity",
        when={"capacity": ("flex-start",), "family": ("g4", "n1")},
        says="this machine family is not sold as flex-start, as far as is known",
        instead="give on-demand or spot",
        source=_FLEX,
    ),
    Conflict(
        name="no-standard-machine-of-a-family",
        key="capacity",
        when={"capacity": ("on-demand",), "family": ("a3-ultragpu", "a4-highgpu")},
        says="A3 Ultra and A4 are not sold on demand",
        instead="give { kind: reserved, id: … }, flex-start or spot",
        source=_SOLD,
    ),
    Conflict(
        name="small-a3-high-is-spot-or-flex-start",
        key="capacity",
        when={"capacity": ("on-demand", "reserved"), "family": ("a3-highgpu",), "gpus": (1, 2, 4)},
        says="A3 High with 1, 2 or 4 GPUs is sold as spot and flex-start only",
        instead="give one of these, or 8 GPUs",
        source=f"{_SOLD}, as dstackai/gpuhunt applies it",
    ),
    Conflict(
        name="nodes-without-a-fabric",
        key="nodes",
        when={"fabric": ("none",), "wanted_fabric": (None, *_WITH_POLICY)},
        many=True,
        says="this machine type has no network of its own between nodes",
        instead="give fabric: none to do without one, or a machine type that has one (H100:8, H200:8, B200:8)",
        source="Compute Engine docs, Networking and GPU machines",
    ),
    Conflict(
        name="workload-policy-of-a-family",
        key="nodes",
        when={"placement": ("workload",), "fabric": ("none",)},
        says="a workload policy is for A3 High with 8 GPUs, A3 Mega, A3 Ultra and A4",
        instead="leave the policy out",
        source=_POLICY,
    ),
    Conflict(
        name="flex-start-with-a-workload-policy",
        key="nodes",
        when={"placement": ("workload",), "capacity": ("flex-start",), "family": ("a3-highgpu", "a3-megagpu")},
        says="flex-start goes with a workload policy on A3 Ultra and A4 only",
        instead="leave the policy out",
        source=f"{_TOOLKIT}, docs/slurm-dws-flex.md",
    ),
    Conflict(
        name="compact-placement-cannot-wait",
        key="nodes",
        when={"placement": ("compact",), "capacity": ("flex-start", "queued")},
        says="a compact placement policy does not go with capacity that is waited for",
        instead="leave the policy out",
        source=f"{_TOOLKIT}, gke-node-pool: preconditions",
    ),
)


def conflicts(asked: Asked) -> Iterator[Conflict]:
    """Every row that stands against it."""
    return (row for row in CONFLICTS if row.holds(asked))


def conflict(name: str) -> Conflict:
    """The row of that name."""
    return next(row for row in CONFLICTS if row.name == name)


def placement(fabric: str, family: str, capacity: str, nodes: int) -> str:
    """How the machines of a group are brought together: "workload" where the cloud can, else "none"."""
    asked = Asked(
        capacity=capacity, family=family, gpus=8, fabric=fabric, wanted_fabric=fabric, nodes=nodes, placement="workload"
    )
    return "none" if nodes == 1 or any(conflicts(asked)) else "workload"
