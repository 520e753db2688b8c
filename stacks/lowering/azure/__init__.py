"""From placements to Azure's components: every argument in its own words, one module a kind of workload."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from components.azure.grants import Grants, GrantsArgs
from components.azure.identity import NodeIdentity, NodeIdentityArgs
from components.azure.subscription import subscription_provider
from components.bootstrap.soft_end_azure import soft_end_blob
from stacks.environment import Environment
from stacks.lowering.azure.base import BaseIds, base, base_ids, rehearsed
from stacks.lowering.azure.images import registries
from stacks.lowering.azure.under import Under
from stacks.placement import Placement
from trainyard.facts.expiry import Expiry
from trainyard.facts.labels import LEASE_KEY, OWNER_KEY
from trainyard.resources import Lease
from trainyard.settings.cloud_words import on_cloud
from trainyard.settings.gpu_vm import GpuVm
from trainyard.settings.kinds import Workload, data_of, secrets
from trainyard.settings.notebook import Notebook
from trainyard.settings.training_job import TrainingJob

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
    asked = {each.workload: on_cloud(environment.settings.workloads[each.workload], "azure") for each in placements}
    under = Under(
        environment=environment,
        expiry=expiry,
        ids=ids,
        soft_end=soft_end,
        identity=identity,
        options=options,
        granted=_grant(environment, asked, identity, ids, options),
    )
    return {each.workload: _registered(under, each, asked[each.workload]) for each in placements}


def _grant(
    environment: Environment,
    asked: Mapping[str, Workload],
    identity: NodeIdentity,
    ids: BaseIds,
    options: pulumi.ResourceOptions,
) -> tuple[pulumi.Resource, ...]:
    """What the nodes may read and write, over all workloads of the lease on this cloud."""
    providers = (
        f"/subscriptions/{environment.azure_subscription}/resourceGroups/{environment.azure.resource_group}/providers"
    )
    # Machines reach a file system by the network, and a disk is attached to them: only containers ask who reads.
    base = environment.settings.base_settings
    held = base.azure.data if base and base.azure else {}
    every = [data for workload in asked.values() for data in data_of(workload).items()]
    uses = [(name, use) for name, use in every if name not in held or held[name].kind == "bucket"]
    references = dict.fromkeys(each for workload in asked.values() for each in secrets(workload).values())
    args = GrantsArgs(
        subscription=environment.azure_subscription,
        principal_id=identity.principal_id,
        read={name: _container(providers, ids, name) for name, _ in uses},
        written={name: _container(providers, ids, name) for name, use in uses if use == "write"} | _logs(asked, ids),
        secrets={"-".join(_secret(each)): _secret_id(providers, each) for each in references},
        registries=registries(environment, asked, ids, providers),
    )
    if args.read or args.written or args.secrets or args.registries:
        return (Grants(environment.lease_id, args, options),)
    return ()


def _logs(asked: Mapping[str, Workload], ids: BaseIds) -> dict[str, pulumi.Input[str]]:
    """Jobs write their logs as their own identity: learn.microsoft.com/azure/machine-learning/how-to-datastore."""
    jobs = any(isinstance(each, TrainingJob) for each in asked.values())
    account = ids.workspace_account if jobs else None
    return {} if account is None else {"learning-logs": account}


def _container(providers: str, ids: BaseIds, name: str) -> pulumi.Input[str]:
    """Full id of a data set's container: its storage account is one of the environment's resource group."""
    if not ids.known:
        return ids.data_set(name)
    account, _, container = str(ids.data_set(name)).partition("/")
    return f"{providers}/Microsoft.Storage/storageAccounts/{account}/blobServices/default/containers/{container}"


def _secret(reference: str) -> tuple[str, str]:
    """Vault and name out of "azure-secret://vault/name[/version]"."""
    vault, name = reference.removeprefix("azure-secret://").split("/")[:2]
    return vault, name


def _secret_id(providers: str, reference: str) -> str:
    """Full id of a secret: its vault is one of the environment's resource group."""
    vault, name = _secret(reference)
    return f"{providers}/Microsoft.KeyVault/vaults/{vault}/secrets/{name}"


def _registered(under: Under, placement: Placement, workload: Workload) -> Mapping[str, Any]:
    """A kind's components are imported when a stack has one."""
    match workload:
        case GpuVm():
            from stacks.lowering.azure.gpu_vm import gpu_vm

            return gpu_vm(under, placement, workload)
        case TrainingJob():
            from stacks.lowering.azure.training_job import training_job

            return training_job(under, placement, workload)
        case Notebook():
            from stacks.lowering.azure.notebook import notebook

            return notebook(under, placement, workload)
        case _:
            message = f"{workload.kind} cannot be built on Azure; the settings should have refused it."
            raise AssertionError(message)
