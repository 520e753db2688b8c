"""`kind: persistent-resource` on Google Cloud: machines of Vertex AI's that wait for jobs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from components.gcp.persistent_resource import PersistentResource, PersistentResourceArgs
from components.gcp.training_job import peered_network
from stacks.lowering.gcp.under import Under
from stacks.placement import Placement
from trainyard.facts.machine import shape_of
from trainyard.settings.data import kind_of
from trainyard.settings.kinds import data_of
from trainyard.settings.network import MadeNetwork
from trainyard.settings.persistent_resource import PersistentResource as PersistentResourceSettings
from trainyard.settings.training_job import TrainingJob


def persistent_resource(under: Under, placement: Placement, asked: PersistentResourceSettings) -> Mapping[str, Any]:
    """Register one; jobs find it under its workload's name."""
    offer = placement.candidate.offer
    shape = shape_of(offer.machine_type, offer.accelerator.chip, offer.accelerator_count)
    name = under.group_name(placement.workload)
    args = PersistentResourceArgs(
        project=under.project,
        region=offer.region,
        machine_type=offer.machine_type,
        gpu_type=shape.gpu_type if shape.attached else "",
        gpus=shape.gpus if shape.attached else 0,
        nodes=asked.nodes,
        most_nodes=asked.max_nodes,
        labels=under.labels(placement.workload),
        boot_disk_gib=asked.boot_disk_gib,
        network=peered_network(under.ids.network_id()) if peered(under, placement.workload) else None,
        kms_key=under.key(offer.region),
    )
    made = PersistentResource(name, args, under.options)
    under.persistent_resources[placement.workload] = made
    size = f"{asked.nodes}" if asked.max_nodes is None else f"{asked.nodes}, up to {asked.max_nodes} while jobs wait"
    return {
        "persistent_resource": made.resource_id,
        "machines": size,
        "end": f"gcloud ai persistent-resources delete {name} --region={offer.region} --project={under.project}",
    }


def peered(under: Under, workload: str) -> bool:
    """Whether it is inside of the base's network: its jobs must be as it is, and some of them mount files there."""
    base = under.environment.settings.base_settings
    gcp = base.gcp if base else None
    if gcp is not None and isinstance(gcp.network, MadeNetwork):
        return gcp.network.private_services is not None  # whether jobs come and go: a change of it is a replacement
    jobs = [
        job
        for job in under.environment.settings.workloads.values()
        if isinstance(job, TrainingJob) and job.runs_on == workload
    ]
    return any(kind_of(under.data[name]) in ("filestore", "lustre") for job in jobs for name in data_of(job))
