"""`kind: notebook` on AWS: a notebook instance of SageMaker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from components.aws.job_identity import JobIdentity
from components.aws.notebook import Notebook
from components.aws.notebook_args import NotebookArgs
from stacks.lowering.aws.under import Under
from stacks.placement import Placement
from trainyard.settings.notebook import Notebook as NotebookSettings


def notebook(under: Under, placement: Placement, asked: NotebookSettings, identity: JobIdentity) -> Mapping[str, Any]:
    """Register one notebook instance; its data is in S3, where its role may read or write it."""
    offer = placement.candidate.offer
    if asked.idle is None:
        message = "A notebook without idle control; the settings should have refused it."
        raise AssertionError(message)
    args = NotebookArgs(
        account=under.account,
        region=offer.region,
        machine_type=offer.machine_type,
        subnet_id=under.ids.subnet(offer.region, offer.zone),
        security_group_ids=(under.ids.security_group(offer.region),),
        role_arn=identity.role_arn,
        tags=under.tags(placement.workload),
        hard_end=under.hard_end,
        idle=asked.idle.after,
        soft_end=under.soft_end,
        capacity=placement.candidate.capacity,
        kms_key=under.key(offer.region),
        access=asked.access,
    )
    after = pulumi.ResourceOptions(depends_on=[identity.ready, *under.granted])
    made = Notebook(under.name(placement.workload), args, pulumi.ResourceOptions.merge(under.options, after))
    data = {name: pulumi.Output.concat("s3://", under.ids.data_set(name)) for name in asked.data}
    told: dict[str, Any] = {"instance": made.instance_name, "login": made.login_command, "url": made.url}
    return told | ({"data": data} if data else {})
