"""SageMaker: training jobs, notebooks, models and endpoints."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from typing import Any, Final

from trainyard.sandbox.check import Problem
from trainyard.sandbox.conflicts.aws.reading import has, items, known, number, repeated, there, whole
from trainyard.sandbox.conflicts.conflict import Conflict, Given

_JOB: Final = "aws:sagemaker/trainingJob:TrainingJob"
_SCRIPT: Final = 16384  # characters in base64


def _first(given: Given, name: str) -> tuple[str, Mapping[str, Any]] | None:
    """An object, also where the SDK makes it a list of one."""
    value = given.at(name)
    if isinstance(value, Mapping):
        return name, value
    return next(iter(given.each(name)), None)


def _stopping(given: Given) -> Iterator[Problem]:
    found = _first(given, "stoppingCondition")
    spot = given.at("enableManagedSpotTraining")
    if spot is True and not there(given, "stoppingCondition"):
        yield Problem(
            "stoppingCondition",
            "ValidationException: enableManagedSpotTraining needs stoppingCondition.maxWaitTimeInSeconds",
        )
    if found is None:
        return
    path, told = found
    wait, run = whole(told.get("maxWaitTimeInSeconds")), whole(told.get("maxRuntimeInSeconds"))
    at = f"{path}.maxWaitTimeInSeconds"
    if spot is True and told.get("maxWaitTimeInSeconds") in (None, 0):
        yield Problem(at, "ValidationException: MaxWaitTimeInSeconds is needed with managed spot training")
    if spot in (None, False) and wait and not given.unknown("enableManagedSpotTraining"):
        yield Problem(at, "ValidationException: MaxWaitTimeInSeconds is for managed spot training alone")
    if wait and run and wait < run:
        yield Problem(
            at, f"ValidationException: MaxWaitTimeInSeconds {wait} is below MaxRuntimeInSeconds {run}; it holds both"
        )
    pending = whole(told.get("maxPendingTimeInSeconds"))
    if pending is not None and not 7200 <= pending <= 2419200:
        yield Problem(
            f"{path}.maxPendingTimeInSeconds", f"ValidationException: {pending} seconds; 7200 to 2419200 are taken"
        )


def _resources(given: Given) -> Iterator[Problem]:
    found = _first(given, "resourceConfig")
    if found is None:
        return
    path, told = found
    alone = [name for name in ("instanceType", "instanceCount") if told.get(name) not in (None, "", 0)]
    if told.get("instanceGroups") and alone:
        text = f"ValidationException: {alone[0]} is not taken beside instanceGroups; each group has its own"
        yield Problem(f"{path}.{alone[0]}", text)
    if whole(told.get("instanceCount")) is not None and (whole(told.get("instanceCount")) or 0) < 1:
        yield Problem(f"{path}.instanceCount", "ValidationException: at least 1 instance is needed")
    if not told.get("instanceGroups") and not there(given, "serverlessJobConfig") and told.get("instanceType") is None:
        yield Problem(f"{path}.instanceType", "ValidationException: InstanceType is needed, or instanceGroups")


def _algorithm(given: Given) -> Iterator[Problem]:
    found = _first(given, "algorithmSpecification")
    if found is None:
        return
    path, told = found
    image, name = told.get("trainingImage"), told.get("algorithmName")
    if image and name:
        yield Problem(f"{path}.algorithmName", "ValidationException: give trainingImage or algorithmName, not both")
    elif not image and not name:
        yield Problem(f"{path}.trainingImage", "ValidationException: a trainingImage or an algorithmName is needed")


def _checkpoint(given: Given) -> Iterator[Problem]:
    found = _first(given, "checkpointConfig")
    if (
        found
        and isinstance(known(found[1].get("s3Uri")), str)
        and not str(known(found[1].get("s3Uri"))).startswith("s3://")
    ):
        yield Problem(f"{found[0]}.s3Uri", "ValidationException: checkpoints go to s3://BUCKET/PREFIX")
    for path, name in repeated(given, "inputDataConfigs", "channelName"):
        yield Problem(path, f"ValidationException: the channel {name} is there twice")


def _notebook(given: Given) -> Iterator[Problem]:
    size = number(given, "volumeSize")
    if size is not None and not 5 <= size <= 16384:
        yield Problem("volumeSize", f"ValidationException: {size} GB; 5 to 16384 are taken")
    if there(given, "securityGroups") and not there(given, "subnetId"):
        yield Problem("securityGroups", "ValidationException: security groups need a subnetId")
    if given.text("directInternetAccess") == "Disabled" and not there(given, "subnetId"):
        yield Problem(
            "directInternetAccess", "ValidationException: without direct internet access the notebook needs a subnetId"
        )


def _scripts(given: Given) -> Iterator[Problem]:
    for name in ("onCreate", "onStart"):
        text = given.text(name)
        if not text:
            continue
        if len(text) > _SCRIPT:
            yield Problem(
                name, f"ValidationException: the script has {len(text)} characters; at most {_SCRIPT} are taken"
            )
        try:
            base64.b64decode("".join(text.split()), validate=True)
        except ValueError:
            yield Problem(name, "ValidationException: the script is not in base64")


def _variants(given: Given) -> Iterator[Problem]:
    for path, name in repeated(given, "productionVariants", "variantName"):
        yield Problem(path, f"ValidationException: the variant {name} is there twice")
    for path, variant in given.each("productionVariants"):
        if variant.get("serverlessConfig"):
            for extra in ("instanceType", "initialInstanceCount"):
                if variant.get(extra) not in (None, "", 0):
                    text = f"ValidationException: {extra} is not taken with serverlessConfig"
                    yield Problem(f"{path}.{extra}", text)


def _model(given: Given) -> Iterator[Problem]:
    if has(given, "primaryContainer") and has(given, "containers"):
        yield Problem("containers", "ValidationException: give primaryContainer or containers, not both")
    elif not there(given, "primaryContainer") and not there(given, "containers"):
        yield Problem("primaryContainer", "ValidationException: a model has a primaryContainer or containers")
    if len(items(given, "containers")) > 15:
        yield Problem("containers", "ValidationException: at most 15 containers are taken")


CONFLICTS: Final = (
    Conflict(
        name="training-times",
        types=frozenset({_JOB}),
        says="Managed spot training has a longest wait that holds the longest run; nothing else has a wait.",
        source="SageMaker API CreateTrainingJob: EnableManagedSpotTraining; StoppingCondition",
        find=_stopping,
    ),
    Conflict(
        name="training-resources",
        types=frozenset({_JOB}),
        says="Machines are told by type and count, or by groups.",
        source="SageMaker API ResourceConfig: InstanceGroups, InstanceType, InstanceCount",
        find=_resources,
    ),
    Conflict(
        name="training-algorithm",
        types=frozenset({_JOB}),
        says="A job has an image or an algorithm's name.",
        source="SageMaker API AlgorithmSpecification: TrainingImage, AlgorithmName",
        find=_algorithm,
    ),
    Conflict(
        name="training-data",
        types=frozenset({_JOB}),
        says="Checkpoints go to S3, and each channel has a name of its own.",
        source="SageMaker API CheckpointConfig: S3Uri; CreateTrainingJob: InputDataConfig",
        find=_checkpoint,
    ),
    Conflict(
        name="notebook-network",
        types=frozenset({"aws:sagemaker/notebookInstance:NotebookInstance"}),
        says="A notebook without internet, or with security groups, is in a subnet; its disk has 5 to 16384 GB.",
        source="SageMaker API CreateNotebookInstance: DirectInternetAccess, SecurityGroupIds, VolumeSizeInGB",
        find=_notebook,
    ),
    Conflict(
        name="notebook-scripts",
        types=frozenset(
            {"aws:sagemaker/notebookInstanceLifecycleConfiguration:NotebookInstanceLifecycleConfiguration"}
        ),
        says="The scripts are in base64, 16384 characters at most.",
        source="SageMaker API NotebookInstanceLifecycleHook: Content",
        find=_scripts,
    ),
    Conflict(
        name="endpoint-variants",
        types=frozenset({"aws:sagemaker/endpointConfiguration:EndpointConfiguration"}),
        says="Variants have names of their own; serverless ones have no machines.",
        source="SageMaker API ProductionVariant: ServerlessConfig",
        find=_variants,
    ),
    Conflict(
        name="model-containers",
        types=frozenset({"aws:sagemaker/model:Model"}),
        says="A model has one primary container or up to fifteen.",
        source="SageMaker API CreateModel: PrimaryContainer, Containers",
        find=_model,
    ),
)
