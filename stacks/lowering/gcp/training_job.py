"""`kind: training-job` on Google Cloud: a custom job of Vertex AI, in the region of its candidate."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pulumi

from components.gcp.training_job import TrainingJob, environment_of, peered_network
from components.gcp.training_job_args import JobData, JobDisk, LustreMount, NfsMount, TrainingJobArgs
from stacks.base_outputs import unknown
from stacks.lowering.gcp.persistent_resource import peered
from stacks.lowering.gcp.under import Under
from stacks.placement import Placement
from trainyard.facts.capacity import Capacity, FlexStart
from trainyard.facts.machine import shape_of
from trainyard.facts.origin import project_in
from trainyard.facts.tpu import of_slice_name
from trainyard.settings.data import ExistingLustre, MadeLustre, kind_of
from trainyard.settings.persistent_resource import PersistentResource
from trainyard.settings.training_job import TrainingJob as TrainingJobSettings

_WAIT = timedelta(hours=24)  # Vertex AI's own default; only flex-start waits by it


def training_job(under: Under, placement: Placement, asked: TrainingJobSettings) -> Mapping[str, Any]:
    """Register one run."""
    offer = placement.candidate.offer
    name = f"{under.environment.lease_id}-{placement.workload}"
    args = _args(under, placement, asked)
    kept = under.persistent_resources.get(asked.runs_on) if asked.runs_on else None
    after = pulumi.ResourceOptions(depends_on=[*under.granted, *([kept] if kept else [])])
    made = TrainingJob(name, args, pulumi.ResourceOptions.merge(under.options, after))
    named = f"gcloud ai custom-jobs list --filter=displayName={name}-{asked.run}"
    told: dict[str, Any] = {
        "job": made.job_name,
        "state": made.state,
        "console": made.console_url,
        "find": f"{named} --region={offer.region} --project={under.project}",
        # In the container's environment, under names of these.
        "variables": [each["name"] for each in environment_of(args) if each["name"] not in asked.env],
    }
    if asked.runs_on is not None:
        told["on"] = f"the machines of {asked.runs_on}, which bill whether it runs or not"
    if asked.on_preemption is not None:
        retries = asked.on_preemption.retries
        told["restarts"] = f"by Vertex AI when a machine is lost; it counts by itself, not to {retries}"
    return told


def _args(under: Under, placement: Placement, asked: TrainingJobSettings) -> TrainingJobArgs:
    offer, capacity = placement.candidate.offer, placement.candidate.capacity
    gpu_type, gpus = "", 0
    if of_slice_name(offer.machine_type) is None:
        shape = shape_of(offer.machine_type, offer.accelerator.chip, offer.accelerator_count)
        gpu_type, gpus = (shape.gpu_type, shape.gpus) if shape.attached else ("", 0)
    nfs, lustre = _nfs(under, asked), _lustre(under, asked)
    inside = peered(under, asked.runs_on) if asked.runs_on is not None else bool(nfs or lustre)
    buckets = _buckets(under, asked)
    written = next((each for each in buckets if each.write), None)
    return TrainingJobArgs(
        origin=under.environment.origin.value,
        project=under.project,
        region=offer.region,
        machine_type=offer.machine_type,
        gpu_type=gpu_type,
        gpus=gpus,
        nodes=placement.nodes,
        container=asked.container,
        command=asked.command,
        env=asked.env,
        secrets={variable: _rehearsed(under, reference) for variable, reference in asked.secrets.items()},
        service_account=under.service_account,
        labels=under.labels(placement.workload),
        hard_end=under.hard_end,
        timeout=_timeout(under, capacity),
        max_wait=capacity.max_wait if isinstance(capacity, FlexStart) else _WAIT,
        capacity=capacity,
        reservation_zone=offer.zone,
        run=asked.run,
        wait_for=asked.wait_for,
        restarts=asked.on_preemption is not None,
        data=buckets,
        nfs=nfs,
        lustre=lustre,
        network=peered_network(under.ids.network_id()) if inside else None,
        tensorboard=(under.ids.tensorboard if under.ids.known else unknown()) if asked.tensorboard else None,
        kms_key=under.key(offer.region),
        disk=JobDisk(gib=_disk_gib(under, asked)),
        persistent_resource=under.persistent_resources[asked.runs_on].resource_id if asked.runs_on else None,
        output_directory=_output(under, placement, written) if written else None,
    )


def _timeout(under: Under, capacity: Capacity) -> timedelta:
    """From the latest start to the hard end, so that waiting counts; the plugin shortens that of a later run."""
    waits = capacity.max_wait if isinstance(capacity, FlexStart) else timedelta()
    return under.expiry.extend_to - waits


def _buckets(under: Under, asked: TrainingJobSettings) -> tuple[JobData, ...]:
    return tuple(
        JobData(name=name, bucket=under.ids.data_set(name), write=use == "write")
        for name, use in asked.data.items()
        if kind_of(under.data[name]) == "bucket"
    )


def _nfs(under: Under, asked: TrainingJobSettings) -> tuple[NfsMount, ...]:
    return tuple(
        NfsMount(source=under.ids.data_set(name), folder=name)
        for name in asked.data
        if kind_of(under.data[name]) == "filestore"
    )


def _lustre(under: Under, asked: TrainingJobSettings) -> tuple[LustreMount, ...]:
    return tuple(_lustre_mount(under, name) for name in asked.data if kind_of(under.data[name]) == "lustre")


def _lustre_mount(under: Under, name: str) -> LustreMount:
    """Of "10.40.1.2@tcp:/data", what is mounted elsewhere."""
    mount = pulumi.Output.from_input(under.ids.data_set(name))
    match under.data[name]:
        case ExistingLustre(id=there):
            _, project, _, place, _, instance = there.split("/")
            handle = f"{project_in(under.environment.sandbox, project)}/{place}/{instance}"
        case MadeLustre(zone=zone):
            handle = f"{under.project}/{zone}/{under.environment.settings.environment.base}-{name}"
        case _:
            message = f"{name} is no Lustre file system."
            raise AssertionError(message)
    return LustreMount(
        address=mount.apply(lambda text: text.partition("@")[0]),
        filesystem=mount.apply(lambda text: text.rpartition("/")[2]),
        volume_handle=handle,  # Google's pages give it no form; its driver for Kubernetes calls a volume so
        folder=name,
    )


def _disk_gib(under: Under, asked: TrainingJobSettings) -> int:
    """Its own, or that of the machines that it runs on, which must be told again."""
    on = under.environment.settings.workloads.get(asked.runs_on) if asked.runs_on else None
    return on.boot_disk_gib if isinstance(on, PersistentResource) else JobDisk().gib


def _output(under: Under, placement: Placement, written: JobData) -> pulumi.Output[str]:
    return pulumi.Output.concat("gs://", written.bucket, f"/{under.environment.lease_id}/{placement.workload}")


def _rehearsed(under: Under, reference: str) -> str:
    """The reference with its project as this run may use it."""
    project, slash, rest = reference.removeprefix("gcp-secret://").partition("/")
    return f"gcp-secret://{project_in(under.environment.sandbox, project)}{slash}{rest}"
