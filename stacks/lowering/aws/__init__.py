"""From placements to AWS's components: every argument in its own words, one module a kind of workload."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from components.aws.account import account_provider
from components.aws.hard_end import Ender, EnderArgs
from components.aws.identity import NodeIdentity, NodeIdentityArgs, role_name
from components.bootstrap.soft_end_aws import soft_end_object
from stacks.environment import Environment
from stacks.lowering.aws.base import BaseIds, base, base_ids
from stacks.lowering.aws.under import Under
from stacks.placement import Placement
from trainyard.facts.expiry import Expiry
from trainyard.facts.labels import LEASE_KEY, OWNER_KEY
from trainyard.resources import Lease
from trainyard.settings.cloud_words import on_cloud
from trainyard.settings.gpu_vm import GpuVm
from trainyard.settings.kinds import Workload

__all__ = ["BaseIds", "base", "base_ids", "workloads"]


def workloads(
    environment: Environment, ids: BaseIds, lease: Lease, placements: tuple[Placement, ...], expiry: Expiry
) -> dict[str, Mapping[str, Any]]:
    """Register the cloud's workloads under the lease; by name, what people need to find and reach it."""
    regions = tuple(dict.fromkeys(each.candidate.offer.region for each in placements))
    provider = account_provider(f"{environment.stack}-aws", environment.aws_account, regions[0])
    options = pulumi.ResourceOptions(parent=lease, providers=[provider])
    soft_end = soft_end_object(environment.settings.environment.leases, environment.lease_id)
    own = {LEASE_KEY: environment.lease_id, OWNER_KEY: environment.settings.stack.owner}
    identity = NodeIdentity(
        environment.lease_id,
        NodeIdentityArgs(name=role_name(environment.lease_id), soft_end=soft_end, tags=own),
        options,
    )
    ender = Ender(
        environment.lease_id,
        EnderArgs(account=environment.aws_account, lease=environment.lease_id, regions=regions, tags=own),
        options,
    )
    under = Under(
        environment=environment,
        expiry=expiry,
        ids=ids,
        soft_end=soft_end,
        identity=identity,
        ends=ender.ends,
        options=options,
        invoke_options=pulumi.InvokeOptions(provider=provider),
    )
    asked = {name: on_cloud(each, "aws") for name, each in environment.settings.workloads.items()}
    return {each.workload: _registered(under, each, asked[each.workload]) for each in placements}


def _registered(under: Under, placement: Placement, workload: Workload) -> Mapping[str, Any]:
    """A kind's components are imported when a stack has one."""
    match workload:
        case GpuVm():
            from stacks.lowering.aws.gpu_vm import gpu_vm

            return gpu_vm(under, placement, workload)
        case _:
            message = f"{workload.kind} cannot be built on AWS; the settings should have refused it."
            raise AssertionError(message)
