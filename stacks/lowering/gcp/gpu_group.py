"""`kind: gpu-vm` with several nodes, or with one that waits for its start, on Google Cloud."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from components.gcp.gpu_group import GpuGroup
from components.gcp.gpu_group_args import GpuGroupArgs
from components.gcp.gpu_vm_args import GpuVmArgs
from stacks.lowering.gcp.under import Under
from stacks.placement import Placement
from trainyard.facts.fabric import FABRICS


def gpu_group(under: Under, placement: Placement, node: GpuVmArgs) -> Mapping[str, Any]:
    """Register the group; a single machine has no use for the fabric."""
    offer = placement.candidate.offer
    fabric = node.shape.fabric if placement.nodes > 1 else "none"
    facts = FABRICS.get(fabric)
    subnetworks = under.ids.fabric(fabric, offer.zone if facts.zonal else offer.region) if facts else ()
    args = GpuGroupArgs(node=node, nodes=placement.nodes, fabric=fabric, fabric_subnetworks=subnetworks)
    group = GpuGroup(under.group_name(placement.workload), args, under.options)
    return {"group": group.group_name, "machines": group.list_command, "login": group.login_command}
