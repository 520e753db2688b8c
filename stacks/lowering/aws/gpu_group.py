"""`kind: gpu-vm` with several nodes on AWS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from components.aws.gpu_group import GpuGroup
from components.aws.gpu_group_args import GpuGroupArgs
from components.aws.gpu_vm_args import GpuVmArgs
from stacks.lowering.aws.under import Under
from stacks.placement import Placement


def gpu_group(under: Under, placement: Placement, node: GpuVmArgs, *, joined: bool) -> Mapping[str, Any]:
    """Register the group; `joined`: by the fabric that the machine type has."""
    args = GpuGroupArgs(
        node=node,
        nodes=placement.nodes,
        fabric=node.shape.fabric if joined else "none",
        vpc_id=under.ids.vpc(node.region),
    )
    group = GpuGroup(under.group_name(placement.workload), args, under.options)
    return {"group": group.group_name, "machines": group.list_command, "login": group.login_command}
