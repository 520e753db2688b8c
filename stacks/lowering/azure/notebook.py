"""`kind: notebook` on Azure: a compute instance of Azure Machine Learning, in the base's workspace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from components.azure.notebook import Notebook
from components.azure.notebook_args import NotebookArgs
from stacks.lowering.azure.under import Under
from stacks.placement import Placement
from trainyard.facts.azure.learning import compute_name
from trainyard.settings.notebook import Notebook as NotebookSettings


def notebook(under: Under, placement: Placement, asked: NotebookSettings) -> Mapping[str, Any]:
    """Register one compute instance, of the one person who may log in."""
    offer, tenant = placement.candidate.offer, under.environment.azure.tenant
    if asked.idle is None or len(asked.access) != 1 or tenant is None:
        message = "A notebook without idle control, person or directory; the settings should have refused it."
        raise AssertionError(message)
    args = NotebookArgs(
        workspace=under.ids.workspace,
        location=offer.region,
        compute_name=compute_name(under.environment.lease_id, placement.workload),
        machine_type=offer.machine_type,
        tags=under.tags(placement.workload),
        idle=asked.idle.after,
        user=asked.access[0],
        tenant=tenant,
        capacity=placement.candidate.capacity,
    )
    name = under.name(placement.workload)
    made = Notebook(name, args, under.options)
    return {"instance": made.instance_name, "login": made.login_command, "url": made.url}
