"""What a stack's sections say of each other, of the environment and of the base; paths begin under the settings key."""

from __future__ import annotations

from collections.abc import Iterator

from trainyard.settings import layers, limits
from trainyard.settings.azure_ml_checks import azure_job_breaches, azure_notebook_breaches, workspace_breaches
from trainyard.settings.base import Base
from trainyard.settings.base_azure_data_checks import key_breaches
from trainyard.settings.base_checks import base_breaches
from trainyard.settings.bounds import places_out_of_bounds, places_without_network, unknown_places
from trainyard.settings.cloud_words import foreign_words
from trainyard.settings.data_checks import data_breaches
from trainyard.settings.data_checks_aws import aws_data_breaches
from trainyard.settings.data_checks_azure import azure_data_breaches
from trainyard.settings.environment import Environment
from trainyard.settings.files import EnvironmentRead, StackRead
from trainyard.settings.kinds import BUILT_KINDS, Workload, built_on
from trainyard.settings.notebook import Notebook
from trainyard.settings.notebook_checks import notebook_breaches
from trainyard.settings.parts import Parts
from trainyard.settings.persistent_resource import PersistentResource
from trainyard.settings.persistent_resource_checks import persistent_resource_breaches, runs_on_breaches
from trainyard.settings.places import Where
from trainyard.settings.possible import impossible
from trainyard.settings.problem import Path, Wrong
from trainyard.settings.requests import request
from trainyard.settings.sagemaker_checks import sagemaker_job_breaches, sagemaker_notebook_breaches
from trainyard.settings.tpu_checks import tpu_breaches
from trainyard.settings.tpu_node import TpuNode
from trainyard.settings.training_job import TrainingJob
from trainyard.settings.training_job_checks import training_job_breaches


def stack_breaches(stack: StackRead, environment: EnvironmentRead | None, base: StackRead | None) -> Iterator[Wrong]:
    """All that the sections which are right by themselves break together."""
    parts = stack.parts
    yield from layers.wrong_contents(parts)
    yield from layers.not_built(parts)
    value = environment.value if environment else None
    file = environment.file if environment else ""
    if parts.stack is not None and value is not None:
        yield from limits.unknown_people(parts.stack, value, file)
    if parts.lease is not None:
        yield from limits.lease_breaches(parts.lease, value.limits if value else None, file)
    if parts.base is not None and parts.layer == "base":
        yield from base_breaches(parts.base, value.limits if value else None, file)
        if value is not None:
            yield from workspace_breaches(parts.base, value, file)
            yield from key_breaches(parts.base, value, file)
    if parts.layer == "compute":
        for name, workload in parts.workloads.items():
            if workload.kind in BUILT_KINDS:
                yield from _machine_breaches(name, workload, parts, environment, base)


def _machine_breaches(
    name: str, machine: Workload, parts: Parts, environment: EnvironmentRead | None, base: StackRead | None
) -> Iterator[Wrong]:
    if parts.lease is not None:
        yield from limits.too_long(parts.lease, name, machine)
    at: Path = ("workloads", name)
    own = base.parts.base if base else None
    yield from (((*at, *path), text) for path, text in data_breaches(machine, own, base.file if base else ""))
    if own is not None:
        yield from (((*at, *path), text) for path, text in aws_data_breaches(name, parts.workloads, own))
        yield from (((*at, *path), text) for path, text in azure_data_breaches(name, parts.workloads, own))
    foreign = list(foreign_words(machine))
    yield from (((*at, *path), text) for path, text in foreign)
    if foreign:
        return
    breaches = list(_own_breaches(machine, parts, own, environment))
    yield from (((*at, *path), text) for path, text in breaches)
    # The machines that a job runs on are those of its persistent resource, which is checked itself.
    if breaches or (isinstance(machine, TrainingJob) and machine.runs_on is not None):
        return
    misplaced = [
        wrong
        for index, where in enumerate(machine.where)
        if where.cloud in built_on(machine)
        for wrong in _misplaced((*at, "where", index), where, environment, base)
    ]
    yield from misplaced
    if misplaced:
        return
    value = environment.value if environment else None
    allowed = value.limits.regions if value else ()
    wanted = tuple(request(machine, where, base.parts.base if base else None) for where in machine.where)
    yield from (((*at, *path), text) for path, text in impossible(machine, wanted, allowed))


def _own_breaches(
    machine: Workload, parts: Parts, base: Base | None, environment: EnvironmentRead | None
) -> Iterator[Wrong]:
    """What its kind alone knows to be wrong, on each cloud where it may run; paths begin under the workload."""
    match machine:
        case TpuNode():
            yield from tpu_breaches(machine, parts.lease, base)
        case Notebook():
            yield from _notebook_breaches(machine, base, environment)
        case PersistentResource():
            yield from persistent_resource_breaches(machine)
        case TrainingJob():
            yield from _job_breaches(machine, base)
            yield from runs_on_breaches(machine, parts.workloads)


def _notebook_breaches(notebook: Notebook, base: Base | None, environment: EnvironmentRead | None) -> Iterator[Wrong]:
    clouds = {where.cloud for where in notebook.where}
    if "gcp" in clouds:
        yield from notebook_breaches(notebook)
    if "aws" in clouds:
        yield from sagemaker_notebook_breaches(notebook)
    if "azure" in clouds:
        value, file = (environment.value, environment.file) if environment else (None, "")
        yield from azure_notebook_breaches(notebook, base, value, file)


def _job_breaches(job: TrainingJob, base: Base | None) -> Iterator[Wrong]:
    clouds = {where.cloud for where in job.where}
    if "gcp" in clouds:
        yield from training_job_breaches(job, base)
    if "aws" in clouds:
        yield from sagemaker_job_breaches(job, base)
    if "azure" in clouds:
        yield from azure_job_breaches(job, base)


def _misplaced(at: Path, where: Where, environment: EnvironmentRead | None, base: StackRead | None) -> list[Wrong]:
    """The first kind of wrong place: one that is not there, that is not allowed, or that has no network."""
    unknown = list(unknown_places(at, where))
    if unknown:
        return unknown
    if environment is not None and environment.value is not None:
        outside = [
            *_without_account(at, where, environment.value, environment.file),
            *places_out_of_bounds(at, where, environment.value.limits, environment.file),
        ]
        if outside:
            return outside
    return list(_without_network(at, where, base.parts.base, base.file)) if base else []


def _without_account(at: Path, where: Where, environment: Environment, file: str) -> Iterator[Wrong]:
    if environment.at(where.cloud) is None:
        example = _ACCOUNTS.get(where.cloud, "…")
        yield (*at, "cloud"), f"{file} has no {where.cloud}; give it {where.cloud}: {example}."


_ACCOUNTS = {
    "gcp": "{ project: … }",
    "aws": '{ account: "…" }',
    "azure": "{ subscription: …, resource_group: … }",
}


def _without_network(at: Path, where: Where, base: Base | None, file: str) -> Iterator[Wrong]:
    if base is not None:
        yield from places_without_network(at, where, base, file)
