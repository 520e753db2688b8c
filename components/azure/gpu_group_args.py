"""What a group of GPU machines on Azure can be: a Uniform scale set on InfiniBand, in one placement group."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from components.azure.gpu_vm_args import GpuVmArgs
from components.azure.resource_name import check_name
from trainyard.facts.azure.machine_types import no_infiniband

# learn.microsoft.com/azure/virtual-machine-scale-sets/virtual-machine-scale-sets-placement-groups: of one group
_MOST_NODES: Final = 100
# Computer names are this prefix and six characters more, of 64 on Linux.
_LONGEST_NAME: Final = 58
FLEXIBLE: Final = (
    "A Flexible scale set has no InfiniBand: Azure joins the machines of a Uniform one in a single placement group "
    "only (learn.microsoft.com/azure/virtual-machine-scale-sets/virtual-machine-scale-sets-orchestration-modes, "
    "InfiniBand networking); leave orchestration out."
)


@dataclass(frozen=True, kw_only=True)
class GpuGroupArgs:
    """`nodes` machines, each as `node` says."""

    node: GpuVmArgs
    nodes: int
    orchestration: str = "Uniform"
    placement_groups: int = 1

    def __post_init__(self) -> None:
        """ValueError that says what was given, what is allowed and what to do."""
        for error in self._errors():
            raise ValueError(error)

    def _errors(self) -> Iterator[str]:
        node = self.node
        if self.orchestration != "Uniform":
            yield FLEXIBLE
        if self.placement_groups != 1:
            yield (
                f"InfiniBand joins the machines of one placement group, {self.placement_groups} were asked for; leave "
                f"placement_groups out, with at most {_MOST_NODES} nodes."
            )
        if not 2 <= self.nodes <= _MOST_NODES:
            yield (
                f"A group on Azure has 2 to {_MOST_NODES} machines, for that many are in one placement group, "
                f"{self.nodes} were asked for; give a number of these, or a GpuVm for one."
            )
        if reason := no_infiniband(node.machine_type):
            yield f"{reason}."
        if node.image.infiniband is False:
            yield (
                f"{node.image.urn} brings no drivers for InfiniBand; leave image out for one of Azure's HPC images, or "
                "give one of your own that has them."
            )
        if node.reservation is not None:
            # learn.microsoft.com/azure/virtual-machines/capacity-reservation-associate-virtual-machine-scale-set
            yield (
                "A scale set in a single placement group, which InfiniBand asks for, uses no capacity reservation; "
                "give on-demand or spot."
            )
        for disk in node.data_disks:
            yield (
                f"The disk {disk.name} is one disk, and a scale set attaches no disk that is there to its machines; "
                "give the data as a container of blobs or a file system."
            )


def check_group_name(name: str) -> None:
    """ValueError unless machines can be named after it."""
    check_name("group", name, longest=_LONGEST_NAME)
