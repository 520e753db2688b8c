"""What a persistent resource and the jobs that run on it say of each other; paths begin under the workload."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from trainyard.facts.capacity import name
from trainyard.facts.persistent_resource import CAPACITIES
from trainyard.settings.kinds import Workload
from trainyard.settings.persistent_resource import PersistentResource
from trainyard.settings.problem import Wrong, listed, near
from trainyard.settings.training_job import TrainingJob


def persistent_resource_breaches(resource: PersistentResource) -> Iterator[Wrong]:
    """Sizes that are none, and ways of buying that Vertex AI does not have for it."""
    if resource.max_nodes is not None and resource.max_nodes <= resource.nodes:
        text = f"{resource.max_nodes} is not over nodes {resource.nodes}; give more, or leave it out for a fixed size."
        yield ("max_nodes",), text
    for index, capacity in enumerate(resource.capacity):
        if name(capacity) not in CAPACITIES:
            text = f"{name(capacity)} is no way to have a persistent resource; give {listed(CAPACITIES)}."
            yield ("capacity", index), text


def runs_on_breaches(job: TrainingJob, workloads: Mapping[str, Workload]) -> Iterator[Wrong]:
    """A job runs on a persistent resource of its own stack, on that one's machines, and on no more than it has."""
    if job.runs_on is None:
        return
    found = workloads.get(job.runs_on)
    if not isinstance(found, PersistentResource):
        there = [each for each, workload in workloads.items() if isinstance(workload, PersistentResource)]
        known = f"there is {listed(there)}" if there else "there is none; add one, or leave the key out"
        yield (
            ("runs_on",),
            f'"{job.runs_on}" is no persistent-resource of this stack; {known}.{near(job.runs_on, there)}',
        )
        return
    for key, own, its in (
        ("accelerator", job.accelerator, found.accelerator),
        ("where", job.where, found.where),
        ("machine_type", job.machine_type, found.machine_type),
    ):
        if own != its:
            yield (key,), f"is not that of {job.runs_on}, whose machines the job runs on; give the same."
    if job.capacity != type(job).model_fields["capacity"].default:
        yield ("capacity",), f"the machines of {job.runs_on} are there and paid by it; leave the key out."
    if job.nodes > found.most_nodes:
        text = f"{job.nodes} are more than {job.runs_on} has ({found.most_nodes}); give fewer, or raise its nodes."
        yield ("nodes",), text
