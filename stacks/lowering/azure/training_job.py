"""`kind: training-job` on Azure: a job of Azure Machine Learning, in the base's workspace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from components.azure.training_job import TrainingJob
from components.azure.training_job_args import JobData, TrainingJobArgs
from stacks.lowering.azure.under import Under
from stacks.placement import Placement
from trainyard.facts.azure.learning import LONGEST_RUN, compute_name
from trainyard.facts.capacity import name as capacity_name
from trainyard.settings.training_job import TrainingJob as TrainingJobSettings


def training_job(under: Under, placement: Placement, asked: TrainingJobSettings) -> Mapping[str, Any]:
    """Register one run."""
    offer, capacity = placement.candidate.offer, placement.candidate.capacity
    lease = under.environment.lease_id
    args = TrainingJobArgs(
        origin=under.environment.origin.value,
        subscription=under.subscription,
        workspace=under.ids.workspace,
        location=offer.region,
        compute_name=compute_name(lease, placement.workload),
        machine_type=offer.machine_type,
        nodes=placement.nodes,
        container=asked.container,
        command=asked.command,
        env=asked.env,
        secrets=asked.secrets,
        identity=under.identity.id,
        identity_client_id=under.identity.client_id,
        tags=under.tags(placement.workload),
        hard_end=under.hard_end,
        timeout=min(under.expiry.extend_to, LONGEST_RUN[capacity_name(capacity)]),
        capacity=capacity,
        run=asked.run,
        wait_for=asked.wait_for,
        data=tuple(_data(under, each, use) for each, use in asked.data.items()),
    )
    after = pulumi.ResourceOptions(depends_on=list(under.granted))
    name = f"{lease}-{placement.workload}"
    made = TrainingJob(name, args, pulumi.ResourceOptions.merge(under.options, after))
    return {
        "job": made.job_name,
        "state": made.state,
        "console": made.console_url,
        "find": pulumi.Output.concat(
            "az ml job show --name ",
            made.job_name,
            " --workspace-name ",
            pulumi.Output.from_input(under.ids.workspace).apply(lambda full: full.rpartition("/")[2]),
            f" --resource-group {under.resource_group} --subscription {under.subscription}",
        ),
        # In the container's environment, under names of these.
        "variables": [f"{secret}_SECRET" for secret in asked.secrets]
        + [each.upper().replace("-", "_") for each in asked.data],
    }


def _data(under: Under, name: str, use: str) -> JobData:
    """A data set's word is "<account>/<container>"."""
    parts = pulumi.Output.from_input(under.ids.data_set(name)).apply(lambda word: word.split("/"))
    return JobData(name=name, account=parts[0], container=parts[1], write=use == "write")
