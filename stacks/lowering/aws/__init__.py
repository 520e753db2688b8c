"""From placements to AWS's components: every argument in its own words, one module a kind of workload."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pulumi

from components.aws.account import account_provider
from components.aws.hard_end import Ender, EnderArgs
from components.aws.identity import NodeIdentity, NodeIdentityArgs, role_name
from components.aws.job_identity import JobIdentity, JobIdentityArgs, job_role_name
from components.bootstrap.soft_end_aws import soft_end_object
from stacks.environment import Environment
from stacks.lowering.aws.base import BaseIds, base, base_ids
from stacks.lowering.aws.granting import granted
from stacks.lowering.aws.under import Under
from stacks.placement import Placement
from trainyard.facts.expiry import Expiry
from trainyard.facts.labels import LEASE_KEY, OWNER_KEY
from trainyard.resources import Lease
from trainyard.settings.cloud_words import on_cloud
from trainyard.settings.gpu_vm import GpuVm
from trainyard.settings.kinds import Workload
from trainyard.settings.notebook import Notebook
from trainyard.settings.training_job import TrainingJob

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
    asked = {each.workload: on_cloud(environment.settings.workloads[each.workload], "aws") for each in placements}
    own_nodes = [each for each in asked.values() if isinstance(each, GpuVm)]
    granted(environment, ids, environment.lease_id, identity.role_name, own_nodes, options)
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
    jobs = None
    if kept := [each for each in asked.values() if isinstance(each, Notebook | TrainingJob)]:
        jobs = _jobs(environment, kept, own, options)
        role = job_role_name(environment.lease_id)
        under = replace(under, granted=granted(environment, ids, role, jobs.role_name, kept, options))
    return {each.workload: _registered(under, each, asked[each.workload], jobs) for each in placements}


def _jobs(
    environment: Environment, kept: Sequence[Workload], own: Mapping[str, str], options: pulumi.ResourceOptions
) -> JobIdentity:
    """Who the machines are that SageMaker keeps."""
    args = JobIdentityArgs(
        account=environment.aws_account,
        name=job_role_name(environment.lease_id),
        notebooks=any(isinstance(each, Notebook) for each in kept),
        tags=own,
    )
    return JobIdentity(f"{environment.lease_id}-job", args, options)


def _registered(under: Under, placement: Placement, workload: Workload, jobs: JobIdentity | None) -> Mapping[str, Any]:
    """A kind's components are imported when a stack has one."""
    match workload:
        case Notebook() if jobs is not None:
            from stacks.lowering.aws.notebook import notebook

            return notebook(under, placement, workload, jobs)
        case TrainingJob() if jobs is not None:
            from stacks.lowering.aws.training_job import training_job

            return training_job(under, placement, workload, jobs)
        case GpuVm():
            from stacks.lowering.aws.gpu_vm import gpu_vm

            return gpu_vm(under, placement, workload)
        case _:
            message = f"{workload.kind} cannot be built on AWS; the settings should have refused it."
            raise AssertionError(message)
