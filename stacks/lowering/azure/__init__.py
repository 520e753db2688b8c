"""From placements to Azure's components: every argument in its own words, one module a kind of workload."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from components.azure.identity import NodeIdentity, NodeIdentityArgs
from components.azure.subscription import subscription_provider
from components.bootstrap.soft_end_azure import soft_end_blob
from stacks.environment import Environment
from stacks.lowering.azure.base import BaseIds, base, base_ids, rehearsed
from stacks.lowering.azure.under import Under
from stacks.placement import Placement
from trainyard.facts.expiry import Expiry
from trainyard.facts.labels import LEASE_KEY, OWNER_KEY
from trainyard.resources import Lease
from trainyard.settings.kinds import Workload

__all__ = ["BaseIds", "base", "base_ids", "workloads"]


def workloads(
    environment: Environment, ids: BaseIds, lease: Lease, placements: tuple[Placement, ...], expiry: Expiry
) -> dict[str, Mapping[str, Any]]:
    """Register the cloud's workloads under the lease; by name, what people need to find and reach it."""
    azure = environment.azure
    provider = subscription_provider(f"{environment.stack}-azure", environment.azure_subscription, azure.tenant)
    options = pulumi.ResourceOptions(parent=lease, providers=[provider])
    soft_end = soft_end_blob(environment.settings.environment.leases, environment.lease_id)
    identity = NodeIdentity(
        environment.lease_id,
        NodeIdentityArgs(
            subscription=environment.azure_subscription,
            resource_group=azure.resource_group,
            location=placements[0].candidate.offer.region,
            lease=environment.lease_id,
            tags={LEASE_KEY: environment.lease_id, OWNER_KEY: environment.settings.stack.owner},
            soft_end=soft_end,
            soft_end_account=rehearsed(environment, azure.leases_account) if azure.leases_account else None,
        ),
        options,
    )
    under = Under(
        environment=environment, expiry=expiry, ids=ids, soft_end=soft_end, identity=identity, options=options
    )
    asked = environment.settings.workloads
    return {each.workload: _registered(under, each, asked[each.workload]) for each in placements}


def _registered(under: Under, placement: Placement, workload: Workload) -> Mapping[str, Any]:
    """A kind's components are imported when a stack has one."""
    message = f"{workload.kind} cannot be built on Azure; the settings should have refused it."
    raise AssertionError(message)
