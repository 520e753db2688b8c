"""From placements to Google Cloud's components: every argument in its own words, one module a kind of workload."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from components.bootstrap.node_end import SoftEndObject, soft_end_object
from components.gcp.grants import Grants, GrantsArgs
from components.gcp.identity import ExistingIdentity, NodeIdentity, NodeIdentityArgs, account_id
from stacks.base_outputs import unknown
from stacks.environment import Environment
from stacks.lowering.gcp.base import BaseIds, base, base_ids
from stacks.lowering.gcp.under import Under
from stacks.placement import Placement
from trainyard.facts.expiry import Expiry
from trainyard.facts.origin import project_in
from trainyard.resources import Lease
from trainyard.settings.cloud_words import on_cloud
from trainyard.settings.data import kind_of
from trainyard.settings.gpu_vm import GpuVm
from trainyard.settings.kinds import Workload, access, data_of, secrets
from trainyard.settings.notebook import Notebook
from trainyard.settings.persistent_resource import PersistentResource
from trainyard.settings.tpu_node import TpuNode
from trainyard.settings.training_job import TrainingJob

__all__ = ["BaseIds", "base", "base_ids", "workloads"]


def workloads(
    environment: Environment, ids: BaseIds, lease: Lease, placements: tuple[Placement, ...], expiry: Expiry
) -> dict[str, Mapping[str, Any]]:
    """Register the cloud's workloads under the lease; by name, what people need to find and reach it."""
    options = pulumi.ResourceOptions(parent=lease)
    placed = {each.workload for each in placements}
    every = environment.settings.workloads.items()
    asked = {name: on_cloud(each, "gcp") for name, each in every if name in placed}
    soft_end = soft_end_object(environment.settings.environment.leases, environment.lease_id)
    identity = _identity(environment, asked, soft_end, options)
    granted = _grant(environment, asked, identity, ids, options) if isinstance(identity, NodeIdentity) else ()
    under = Under(
        environment=environment,
        expiry=expiry,
        ids=ids,
        soft_end=soft_end,
        service_account=identity.email,
        options=options,
        granted=granted,
    )
    # Persistent resources first, for the jobs that run on them.
    kept_first = sorted(placements, key=lambda each: not isinstance(asked[each.workload], PersistentResource))
    return {each.workload: _registered(under, each, asked[each.workload]) for each in kept_first}


def _identity(
    environment: Environment,
    asked: Mapping[str, Workload],
    soft_end: SoftEndObject | None,
    options: pulumi.ResourceOptions,
) -> NodeIdentity | ExistingIdentity:
    """The lease's own, or the one that the base names, which its owners granted what it needs."""
    base = environment.settings.base_settings
    if base is not None and base.gcp is not None and base.gcp.node_identity is not None:
        name, _, domain = base.gcp.node_identity.id.partition("@")
        project, _, rest = domain.partition(".")
        return ExistingIdentity(account=f"{name}@{project_in(environment.sandbox, project)}.{rest}")
    args = NodeIdentityArgs(
        project=environment.gcp_project,
        account_id=account_id(environment.lease_id),
        soft_end=soft_end,
        access=tuple(dict.fromkeys(who for workload in asked.values() for who in access(workload))),
    )
    return NodeIdentity(environment.lease_id, args, options)


def _grant(
    environment: Environment,
    asked: Mapping[str, Workload],
    identity: NodeIdentity,
    ids: BaseIds,
    options: pulumi.ResourceOptions,
) -> tuple[pulumi.Resource, ...]:
    """What the nodes may read and write, over all workloads of the lease on this cloud."""
    settings = environment.settings
    base = settings.base_settings.gcp if settings.base_settings else None
    uses = [data for workload in asked.values() for data in data_of(workload).items()]
    buckets = [(name, use) for name, use in uses if base and kind_of(base.data[name]) == "bucket"]
    references = (each for workload in asked.values() for each in secrets(workload).values())
    boards = any(isinstance(workload, TrainingJob) and workload.tensorboard for workload in asked.values())
    repository = (ids.registry if ids.known else unknown()) if base and base.registry else None
    args = GrantsArgs(
        member=identity.member,
        read={name: ids.data_set(name) for name, _ in buckets},
        written={name: ids.data_set(name) for name, use in buckets if use == "write"},
        secrets=tuple(dict.fromkeys(_secret(environment, each) for each in references)),
        repository=repository,
        tensorboard_writer=(ids.tensorboard_writer if ids.known else unknown()) if boards else None,
    )
    if args.read or args.secrets or args.repository is not None or boards:
        return (Grants(environment.lease_id, args, options),)
    return ()


def _secret(environment: Environment, reference: str) -> tuple[str, str]:
    """Project and name out of "gcp-secret://project/name[/version]"."""
    project, name = reference.removeprefix("gcp-secret://").split("/")[:2]
    return project_in(environment.sandbox, project), name


def _registered(under: Under, placement: Placement, workload: Workload) -> Mapping[str, Any]:
    """A kind's components are imported when a stack has one."""
    match workload:
        case GpuVm():
            from stacks.lowering.gcp.gpu_vm import gpu_vm

            return gpu_vm(under, placement, workload)
        case TpuNode():
            from stacks.lowering.gcp.tpu_node import tpu_node

            return tpu_node(under, placement, workload)
        case Notebook():
            from stacks.lowering.gcp.notebook import notebook

            return notebook(under, placement, workload)
        case PersistentResource():
            from stacks.lowering.gcp.persistent_resource import persistent_resource

            return persistent_resource(under, placement, workload)
        case TrainingJob():
            from stacks.lowering.gcp.training_job import training_job

            return training_job(under, placement, workload)
        case _:
            message = f"{workload.kind} cannot be built on Google Cloud; the settings should have refused it."
            raise AssertionError(message)
