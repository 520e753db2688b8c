"""`kind: notebook` on Google Cloud."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from components.bootstrap.data_mounts import data_mounts
from components.bootstrap.heartbeat import heartbeat
from components.bootstrap.node_end import node_end
from components.bootstrap.startup_script import startup_script
from components.gcp.notebook import Notebook
from components.gcp.notebook_args import NotebookArgs
from stacks.base_outputs import unknown
from stacks.lowering.gcp.node import mounts_of
from stacks.lowering.gcp.under import Under
from stacks.placement import Placement
from trainyard.facts.machine import shape_of
from trainyard.settings.notebook import Notebook as NotebookSettings


def notebook(under: Under, placement: Placement, asked: NotebookSettings) -> Mapping[str, Any]:
    """Register one Workbench instance."""
    offer = placement.candidate.offer
    shape = shape_of(offer.machine_type, offer.accelerator.chip, offer.accelerator_count)
    mounts = mounts_of(under, asked)
    fragments = (
        node_end(hard_end=under.hard_end, soft_end=under.soft_end),
        heartbeat(lease=under.environment.lease_id),
        *([data_mounts(mounts)] if mounts else []),
    )
    if asked.idle is None:
        message = "A notebook without idle control; the settings should have refused it."
        raise AssertionError(message)
    args = NotebookArgs(
        project=under.project,
        zone=offer.zone,
        machine_type=offer.machine_type,
        gpu_type=shape.gpu_type,
        gpus=shape.gpus,
        network=under.ids.network_id(),
        subnetwork=under.ids.subnetwork(offer.region),
        service_account=under.service_account,
        labels=under.labels(placement.workload),
        idle=asked.idle.after,
        startup_script=unknown() if mounts is None else startup_script(fragments),
        capacity=placement.candidate.capacity,
        kms_key=under.key(offer.region),
        access=asked.access,
    )
    made = Notebook(under.name(placement.workload), args, under.options)
    return {"instance": made.instance_name, "login": made.login_command, "url": made.url}
