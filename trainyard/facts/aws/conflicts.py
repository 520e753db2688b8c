"""What a gpu-vm on AWS cannot be at once: nodes × EFA × addresses × placement × capacity × volumes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from trainyard.facts.aws.machine_types import Shape
from trainyard.facts.conflict_row import Conflict


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One machine type, bought one way, for one workload."""

    machine: Shape
    capacity: str  # "spot"
    nodes: int = 1
    wanted_fabric: str | None = None  # what the workload says of it
    bound: bool = False  # to a reservation
    public_address: bool = False  # an automatic one
    placement_groups: int = 0  # that are there already
    volumes: int = 0  # of EBS, which outlive the machine


_EFA = "EC2 User Guide, Elastic Fabric Adapter: supported instance types (read 2026-11-24)"
_ADDRESS = (
    "EC2 API, RunInstances, AssociatePublicIpAddress: not with several network interfaces; EC2 User Guide, EFA-only "
    "interfaces have no IP address (read 2026-11-24)"
)
_PLACEMENT = "EC2 User Guide, Placement group rules: one placement group at a time (read 2026-11-24)"
_BLOCK = "EC2 API, CapacityBlock: its instances are placed close together by themselves (read 2026-11-24)"
_RESERVATION = "EC2 User Guide, On-Demand Capacity Reservations: instances keep running when one ends (read 2026-11-24)"
_VOLUME = "EBS User Guide, Multi-Attach: Provisioned IOPS volumes alone, and no usual file system (read 2026-11-24)"


def conflicts(asked: Asked) -> Iterator[Conflict]:
    """Every row that stands against it."""
    many, joined = asked.nodes > 1, asked.nodes > 1 and asked.wanted_fabric != "none"
    kind = asked.machine.machine_type
    if joined and asked.machine.fabric == "none":
        yield Conflict(
            name="nodes-without-a-fabric",
            key="nodes",
            text=f"{kind} has no EFA, the network between nodes; give fabric: none to do without one, or a machine "
            "type that has it (H100:8, A100:8, L40S:8).",
            source=_EFA,
        )
    if joined and asked.public_address:
        yield Conflict(
            name="efa-with-a-public-address",
            key="public_address",
            text="a machine with several network interfaces gets no automatic public address; leave it out and log in "
            "through Session Manager.",
            source=_ADDRESS,
        )
    if asked.placement_groups > 1:
        yield Conflict(
            name="two-placement-groups",
            key="placement_groups",
            text=f"a machine is in one placement group at a time, {asked.placement_groups} were given; name one, or "
            "none to have one made.",
            source=_PLACEMENT,
        )
    if asked.capacity == "block" and asked.placement_groups:
        yield Conflict(
            name="a-block-is-placed-already",
            key="placement_groups",
            text="a Capacity Block brings its machines together itself; leave the placement group out.",
            source=_BLOCK,
        )
    if asked.bound:
        yield Conflict(
            name="no-machine-ends-with-a-reservation",
            key="capacity",
            text="no machine on AWS ends with its reservation, but for those of a Capacity Block; give "
            "{ kind: block, id: cr-… }, or leave bound out.",
            source=_RESERVATION,
        )
    if many and asked.volumes:
        yield Conflict(
            name="a-volume-has-one-machine",
            key="data",
            text=f"an EBS volume can be attached to one machine, the group has {asked.nodes}; use a bucket or FSx for "
            "Lustre.",
            source=_VOLUME,
        )
