"""From placements to Google Cloud's components: every argument in its own words, one module a kind of workload."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from components.bootstrap.node_end import soft_end_object
from components.gcp.identity import NodeIdentity, NodeIdentityArgs, account_id
from stacks.environment import Environment
from stacks.lowering.gcp.base import BaseIds, base, base_ids
from stacks.lowering.gcp.under import Under
from stacks.placement import Placement
from trainyard.facts.expiry import Expiry
from trainyard.resources import Lease
from trainyard.settings.gpu_vm import GpuVm
from trainyard.settings.kinds import Workload, access

__all__ = ["BaseIds", "base", "base_ids", "workloads"]


def workloads(
    environment: Environment, lease: Lease, placements: tuple[Placement, ...], expiry: Expiry, ids: BaseIds
) -> dict[str, Mapping[str, Any]]:
    """Register every workload under the lease; by name, what people need to find and reach it."""
    options = pulumi.ResourceOptions(parent=lease)
    asked = environment.settings.workloads
    soft_end = soft_end_object(environment.settings.environment.leases, environment.lease_id)
    identity = NodeIdentity(
        environment.lease_id,
        NodeIdentityArgs(
            project=environment.gcp_project,
            account_id=account_id(environment.lease_id),
            soft_end=soft_end,
            access=tuple(dict.fromkeys(who for workload in asked.values() for who in access(workload))),
        ),
        options,
    )
    under = Under(
        environment=environment,
        expiry=expiry,
        ids=ids,
        soft_end=soft_end,
        service_account=identity.email,
        options=options,
    )
    return {each.workload: _registered(under, each, asked[each.workload]) for each in placements}


def _registered(under: Under, placement: Placement, workload: Workload) -> Mapping[str, Any]:
    """A kind's components are imported when a stack has one."""
    match workload:
        case GpuVm():
            from stacks.lowering.gcp.gpu_vm import gpu_vm

            return gpu_vm(under, placement, workload)
        case _:
            message = f"{workload.kind} cannot be built on Google Cloud; the settings should have refused it."
            raise AssertionError(message)
