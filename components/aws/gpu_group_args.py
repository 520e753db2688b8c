"""What a group of GPU machines on AWS can be: alike, in one zone, on one fabric."""

from collections.abc import Iterator
from dataclasses import dataclass

import pulumi

from components.aws.gpu_vm_args import GpuVmArgs
from trainyard.facts.aws.conflicts import Asked, conflicts
from trainyard.facts.capacity import Block, name


@dataclass(frozen=True, kw_only=True)
class GpuGroupArgs:
    """`nodes` machines, each as `node` says. Of a fabric the machine type says how many cards it has, and where."""

    node: GpuVmArgs
    nodes: int
    fabric: str = "none"  # or "efa"
    vpc_id: pulumi.Input[str] | None = None  # of the fabric's own security group
    # Names of cluster placement groups that are there already; empty: one is made, but for a Capacity Block.
    placement_groups: tuple[str, ...] = ()
    public_address: bool = False  # an automatic one for each machine

    def __post_init__(self) -> None:
        """ValueError that says what was given, what is allowed and what to do."""
        for error in self._errors():
            raise ValueError(error)

    @property
    def block(self) -> bool:
        """Whether the machines come out of a Capacity Block, which has brought them together itself."""
        return isinstance(self.node.capacity, Block)

    def _errors(self) -> Iterator[str]:
        node, own = self.node, self.node.shape.fabric
        if self.nodes < 2:
            yield f"A group has 2 machines or more, {self.nodes} were asked for; make a GpuVm."
        if self.fabric not in ("none", own):
            yield f'{node.machine_type} has the fabric "{own}", not "{self.fabric}"; give its own, or "none".'
        if self.fabric == "efa" and self.vpc_id is None:
            yield "A fabric of EFA needs a security group of its own; give the VPC that it is made in."
        if self.public_address and self.fabric == "none":
            yield "No machine of a lease has a public address; leave it out and log in through Session Manager."
        asked = Asked(
            machine=node.shape,
            capacity=name(node.capacity),
            nodes=self.nodes,
            wanted_fabric=self.fabric,
            public_address=self.public_address,
            placement_groups=len(self.placement_groups),
            volumes=len(node.data_disks),
        )
        yield from (row.text for row in conflicts(asked))
