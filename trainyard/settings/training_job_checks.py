"""What a training job's keys say of each other and of what Vertex AI can do; paths begin under the workload."""

from __future__ import annotations

from collections.abc import Iterator

from trainyard.facts.capacity import Reserved, Spot, name
from trainyard.facts.places import region_of
from trainyard.facts.tpu import GENERATIONS
from trainyard.facts.vertex import STRATEGIES
from trainyard.facts.vertex_container import container_error, secret_error, variable_errors
from trainyard.settings.base import Base, ExistingTensorboard, MadeTensorboard
from trainyard.settings.data import MadeBucket, kind_of
from trainyard.settings.network import MadeNetwork
from trainyard.settings.problem import Wrong, listed
from trainyard.settings.training_job import TrainingJob


def training_job_breaches(job: TrainingJob, base: Base | None) -> Iterator[Wrong]:
    """A container that may change, work that would be lost, and what Vertex AI does not do."""
    if error := container_error(job.container):
        yield ("container",), error
    for variable, error in variable_errors(job.env, job.secrets):
        yield ("secrets" if variable in job.secrets else "env", variable), error
    for variable, reference in job.secrets.items():
        if error := secret_error(reference):
            yield ("secrets", variable), error
    yield from _capacities(job)
    if job.on_preemption is not None and "write" not in job.data.values():
        yield (
            ("on_preemption", "retries"),
            "a run that starts again needs data that it writes its checkpoints to; "
            "give data: { checkpoints: write }, or remove the key.",
        )
    if job.nodes > 1 and job.accelerator.wanted.chip in GENERATIONS:
        yield ("nodes",), "a job on several machines with TPUs is not built; give 1, or use kind tpu-node for a slice."
    yield from _data(job, base)
    if job.tensorboard:
        yield from _tensorboard(job, base)


def _capacities(job: TrainingJob) -> Iterator[Wrong]:
    for index, capacity in enumerate(job.capacity):
        path = ("capacity", index)
        if name(capacity) not in STRATEGIES:
            yield path, f"{name(capacity)} is no way to have a job; give {listed(STRATEGIES)}."
        elif isinstance(capacity, Spot) and "write" not in job.data.values():
            yield (
                path,
                "a spot job may end at any moment, and this one writes to no data set; give "
                "data: { checkpoints: write }, or another capacity.",
            )
        elif isinstance(capacity, Reserved) and not all(place.zones for place in job.where):
            yield path, "a reservation lies in one zone; give where: [{ cloud: gcp, zones: [ … ] }]."


def _data(job: TrainingJob, base: Base | None) -> Iterator[Wrong]:
    gcp = base.gcp if base else None
    for data in job.data:
        kind = kind_of(gcp.data[data]) if gcp and data in gcp.data else None
        if kind not in ("filestore", "lustre") or gcp is None:
            continue
        if isinstance(gcp.network, MadeNetwork) and not gcp.network.private_services:
            yield (
                ("data", data),
                "is reached inside of the network, which a job is peered with; give the base's network "
                "private_services: <range>.",
            )


def _tensorboard(job: TrainingJob, base: Base | None) -> Iterator[Wrong]:
    """Vertex AI TensorBoard docs, Setup: job, TensorBoard and the bucket of its logs lie in one region."""
    if base is None or base.gcp is None:
        return
    match base.gcp.tensorboard:
        case MadeTensorboard(region=region):
            there = region
        case ExistingTensorboard(id=id_):
            there = id_.split("/")[3]
        case None:
            text = "the base has no TensorBoard; give it base.gcp.tensorboard: { region: … }, or leave the key out."
            yield ("tensorboard",), text
            return
    for index, where in enumerate(job.where):
        places = {*where.regions, *(region_of("gcp", zone) for zone in where.zones)}
        if places - {there}:
            text = f"the base's TensorBoard is in {there}, and takes no job of another region; give regions: [{there}]."
            yield ("where", index), text
    written = [base.gcp.data[data] for data, use in job.data.items() if use == "write" and data in base.gcp.data]
    logs = next((each for each in written if kind_of(each) == "bucket"), None)
    if logs is None:
        yield ("tensorboard",), "its logs are written to a bucket; give data: { checkpoints: write }."
    elif isinstance(logs, MadeBucket) and logs.location.lower() != there:
        text = f"the bucket that it writes to lies in {logs.location}; the TensorBoard takes logs in {there} only."
        yield ("tensorboard",), text
