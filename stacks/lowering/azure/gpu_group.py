"""`kind: gpu-vm` with several nodes on Azure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from components.azure.gpu_group import GpuGroup
from components.azure.gpu_group_args import GpuGroupArgs
from components.azure.gpu_vm_args import GpuVmArgs
from stacks.lowering.azure.under import Under
from stacks.placement import Placement


def gpu_group(under: Under, placement: Placement, node: GpuVmArgs) -> Mapping[str, Any]:
    """Register the scale set."""
    args = GpuGroupArgs(node=node, nodes=placement.nodes)
    group = GpuGroup(under.group_name(placement.workload), args, under.options)
    return {"group": group.group_name, "machines": group.list_command, "login": group.login_command}
