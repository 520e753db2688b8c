"""`kind: training-job` on AWS: a training job of SageMaker, in the region of its candidate."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pulumi

from components.aws.job_identity import JobIdentity
from components.aws.lustre import parts_of
from components.aws.training_job import TrainingJob, environment_of
from components.aws.training_job_args import JobData, LustreData, TrainingJobArgs
from stacks.base_outputs import unknown
from stacks.lowering.aws.granting import rehearsed_image
from stacks.lowering.aws.under import Under
from stacks.placement import Placement
from trainyard.facts.aws.sagemaker import LONGEST_RUN, WAIT
from trainyard.facts.capacity import Spot
from trainyard.settings.training_job import TrainingJob as TrainingJobSettings

_WAIT = timedelta(hours=2)  # for room, of which a short lease gives a quarter


def training_job(
    under: Under, placement: Placement, asked: TrainingJobSettings, identity: JobIdentity
) -> Mapping[str, Any]:
    """Register one run."""
    offer, capacity = placement.candidate.offer, placement.candidate.capacity
    name = f"{under.environment.lease_id}-{placement.workload}"
    lasts = under.expiry.extend_to
    wait = max(WAIT[0], min(_WAIT, lasts / 4))
    kinds = {each: under.data[each].kind for each in asked.data}
    args = TrainingJobArgs(
        origin=under.environment.origin.value,
        account=under.account,
        region=offer.region,
        machine_type=offer.machine_type,
        nodes=placement.nodes,
        container=rehearsed_image(under.environment, asked.container),
        command=asked.command,
        env=asked.env,
        secrets=asked.secrets,
        role_arn=identity.role_arn,
        subnet_ids=_subnets(under, offer.region),
        security_group_ids=(under.ids.security_group(offer.region),),
        tags=under.tags(placement.workload),
        hard_end=under.hard_end,
        timeout=min(lasts if isinstance(capacity, Spot) else lasts - wait, LONGEST_RUN),
        max_wait=wait,
        capacity=capacity,
        run=asked.run,
        wait_for=asked.wait_for,
        retries=asked.on_preemption.retries if asked.on_preemption else 0,
        data=tuple(
            JobData(name=each, bucket=under.ids.data_set(each), write=use == "write")
            for each, use in asked.data.items()
            if kinds[each] != "lustre"
        ),
        lustre=tuple(
            _lustre(under, each, write=use == "write") for each, use in asked.data.items() if kinds[each] == "lustre"
        ),
        # What is written is encrypted where it lies, and that is where its key must be.
        kms_key=next((under.key_of(each) for each, use in asked.data.items() if _written(kinds[each], use)), None),
    )
    after = pulumi.ResourceOptions(depends_on=[identity.ready, *under.granted])
    made = TrainingJob(name, args, pulumi.ResourceOptions.merge(under.options, after))
    return {
        "job": made.job_name,
        "state": made.state,
        "console": made.console_url,
        "find": f"aws sagemaker describe-training-job --training-job-name {name}-{asked.run} --region {offer.region}",
        # In the container's environment, under names of these.
        "variables": [variable for variable, _ in environment_of(args) if variable not in asked.env],
    }


def _written(kind: str, use: str) -> bool:
    return kind == "bucket" and use == "write"


def _lustre(under: Under, name: str, *, write: bool) -> LustreData:
    mount = under.ids.data_set(name)
    if isinstance(mount, str):
        system, mount_name = parts_of(mount)
        return LustreData(name=name, file_system_id=system, mount_name=mount_name, write=write)
    return LustreData(name=name, file_system_id=unknown(), mount_name=unknown(), write=write)


def _subnets(under: Under, region: str) -> tuple[pulumi.Input[str], ...]:
    """All of the region: SageMaker takes the zone that has room."""
    return tuple(under.ids.networks[region].subnets.values())[:16] if under.ids.known else (unknown(),)
