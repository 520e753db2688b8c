"""What a group of GPU machines on Google Cloud can be: alike, in one zone, on one fabric."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pulumi

from components.gcp.gpu_vm_args import GpuVmArgs
from trainyard.facts.capacity import FlexStart, name
from trainyard.facts.conflicts import placement
from trainyard.facts.fabric import FABRICS, Fabric

# Machines are numbered with three digits at any size of the group: another base of names would replace it.
DIGITS = "###"
_MOST_NODES = 999
# compute.v1 InstanceGroupManager.baseInstanceName: 52 characters before "-#"
_NAME = re.compile(r"[a-z](?:[-a-z0-9]{0,50}[a-z0-9])?")


@dataclass(frozen=True, kw_only=True)
class GpuGroupArgs:
    """`nodes` machines, each as `node` says; flex-start also for one, for a group alone can wait."""

    node: GpuVmArgs
    nodes: int
    fabric: str = "none"
    fabric_subnetworks: tuple[pulumi.Input[str], ...] = ()  # ids, in the order of the further interfaces

    def __post_init__(self) -> None:
        """ValueError that says what was given, what is allowed and what to do."""
        for error in self._errors():
            raise ValueError(error)

    @property
    def flex(self) -> bool:
        """Whether the machines come by a resize request."""
        return isinstance(self.node.capacity, FlexStart)

    @property
    def fabric_facts(self) -> Fabric | None:
        """The fabric's facts; None without one."""
        return FABRICS.get(self.fabric)

    @property
    def workload_policy(self) -> bool:
        """Whether the machines are placed close to each other by a workload policy."""
        family = self.node.shape.family
        return placement(self.fabric, family, name(self.node.capacity), self.nodes) == "workload"

    def _errors(self) -> Iterator[str]:
        if not 1 <= self.nodes <= _MOST_NODES:
            yield f"A group has 1 to {_MOST_NODES} machines, {self.nodes} were asked for; give a number of these."
        if self.nodes == 1 and not self.flex:
            yield "A group of one machine is for flex-start only; make a GpuVm."
        if self.fabric != "none" and self.fabric != self.node.shape.fabric:
            yield (
                f'{self.node.machine_type} has the fabric "{self.node.shape.fabric}", not "{self.fabric}"; give its '
                'own, or "none".'
            )
        for disk in self.node.data_disks:
            if disk.write and self.nodes > 1:
                yield f"Of {self.nodes} machines one machine only may write to the disk {disk.name}; attach it to read."
        wanted = self.fabric_facts.subnetworks if self.fabric_facts else 0
        if len(self.fabric_subnetworks) != wanted:
            yield (
                f'The fabric "{self.fabric}" has {wanted} subnetworks, {len(self.fabric_subnetworks)} were given; '
                "give one for each further interface."
            )


def check_group_name(name: str) -> None:
    """ValueError unless machines can be named after it."""
    if not _NAME.fullmatch(name):
        message = (
            f"{name!r} is no name for a group of machines on Google Cloud; allowed are 1 to 52 of a-z, 0-9 and '-', a "
            "letter first and no '-' last."
        )
        raise ValueError(message)
