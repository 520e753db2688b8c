"""What a training job's and a notebook's keys say of what SageMaker can do; paths begin under the workload."""

from __future__ import annotations

import re
from collections.abc import Iterator

from trainyard.facts.aws import sagemaker
from trainyard.facts.capacity import Spot, name
from trainyard.settings.base import Base
from trainyard.settings.notebook import Notebook
from trainyard.settings.problem import Wrong, listed
from trainyard.settings.training_job import TrainingJob

# What SageMaker pulls: ECR, by tag or digest (sagemaker, AlgorithmSpecification.TrainingImage: at most 255 characters).
_IMAGE = re.compile(
    r"[0-9]{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com/[a-z0-9._/-]+"
    r"(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}|@sha256:[0-9a-f]{64})"
)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TAKEN = re.compile(r"SM_.*|SAGEMAKER_.*|TRAINING_JOB_(?:NAME|ARN)|TRAINYARD_.*|AWS_.*")
_MOST_VARIABLES = 78  # sagemaker, Environment: 100, less what is added for data sets
_MOST_TEXT = 512  # sagemaker, TrainingEnvironmentValue
_MOST_RETRIES = 30  # sagemaker, RetryStrategy


def sagemaker_job_breaches(job: TrainingJob, base: Base | None) -> Iterator[Wrong]:
    """A container that it cannot pull, work that would be lost, and what SageMaker does not do."""
    if not _IMAGE.fullmatch(job.container) or len(job.container) > 255:
        text = (
            f'"{job.container}" is no container that SageMaker can pull and that stays what it is; give one of ECR, '
            "<account>.dkr.ecr.<region>.amazonaws.com/<repository>@sha256:<64 hex>, or at least a tag."
        )
        yield ("container",), text
    yield from _variables(job)
    systems = {name for name, each in base.aws.data.items() if each.kind == "lustre"} if base and base.aws else set()
    written = [data for data, use in job.data.items() if use == "write" and data not in systems]
    for index, capacity in enumerate(job.capacity):
        if reason := sagemaker.not_sold("training-job", name(capacity)):
            yield ("capacity", index), f"{reason}; give {listed(sagemaker.CAPACITIES['training-job'])}."
        elif isinstance(capacity, Spot) and not written:
            text = (
                "a spot job may end at any moment, and this one writes to no data set; give "
                "data: { checkpoints: write }, or another capacity."
            )
            yield ("capacity", index), text
    if len(written) != 1:
        told = listed(written) if written else "none"
        text = (
            f"SageMaker writes checkpoints and results to one bucket, {told} were asked for to write; give "
            "data: { checkpoints: write }."
        )
        yield ("data",), text
    if job.on_preemption is not None and job.on_preemption.retries > _MOST_RETRIES:
        yield ("on_preemption", "retries"), f"SageMaker tries {_MOST_RETRIES} times at most; give less."
    if job.runs_on is not None:
        yield ("runs_on",), "SageMaker's jobs have machines of their own only; remove the key."
    if job.tensorboard:
        yield ("tensorboard",), "SageMaker's jobs write to no TensorBoard of the base; remove the key."


def sagemaker_notebook_breaches(notebook: Notebook) -> Iterator[Wrong]:
    """A notebook without idle control, and what SageMaker does not do."""
    if notebook.idle is None:
        text = "is missing: a notebook that nobody works in bills on; give idle: { after: 1h, then: stop }."
        yield ("idle",), text
    else:
        if error := sagemaker.idle_error(notebook.idle.after):
            yield ("idle", "after"), error
        if notebook.idle.then == "end":
            yield ("idle", "then"), "a SageMaker notebook that is idle is stopped and keeps its volume; give stop."
    for index, capacity in enumerate(notebook.capacity):
        if reason := sagemaker.not_sold("notebook", name(capacity)):
            yield ("capacity", index), f"{reason}."
    if notebook.image is not None:
        yield ("image",), "SageMaker's notebooks start from their own image; remove the key."


def _variables(job: TrainingJob) -> Iterator[Wrong]:
    for variable in (*job.env, *job.secrets):
        at = ("secrets" if variable in job.secrets else "env", variable)
        if not _VARIABLE.fullmatch(variable):
            yield at, f'"{variable}" is no name of an environment variable; allowed are letters, digits and "_".'
        elif _TAKEN.fullmatch(variable):
            yield at, f"{variable} is set by SageMaker or Trainyard itself; give your variable another name."
        elif variable in job.env and variable in job.secrets:
            yield at, f"{variable} is both in env and a secret; name it once."
        elif len(job.env.get(variable, "")) > _MOST_TEXT:
            yield at, f"has {len(job.env[variable])} characters; SageMaker takes {_MOST_TEXT}."
    if len(job.env) + len(job.secrets) > _MOST_VARIABLES:
        yield ("env",), f"{len(job.env) + len(job.secrets)} variables are too many; SageMaker takes {_MOST_VARIABLES}."
