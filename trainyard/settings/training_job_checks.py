"""What a training job's keys say of each other and of what Vertex AI can do; paths begin under the workload."""

from __future__ import annotations

from collections.abc import Iterator

from trainyard.facts.capacity import Reserved, Spot, name
from trainyard.facts.tpu import GENERATIONS
from trainyard.facts.vertex import STRATEGIES
from trainyard.facts.vertex_container import container_error, secret_error, variable_errors
from trainyard.settings.base import Base
from trainyard.settings.data import kind_of
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
    if job.egress == "allowed":
        yield ("egress",), "data that is read out of another region is not priced yet; remove the key."
    yield from _data(job, base)


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
        if kind == "lustre":
            yield ("data", data), "is a Lustre file system, which is not built for jobs; name a bucket or a filestore."
        elif kind == "filestore" and gcp and isinstance(gcp.network, MadeNetwork) and not gcp.network.private_services:
            yield (
                ("data", data),
                "is reached inside of the network, which a job is peered with; give the base's network "
                "private_services: <range>.",
            )
