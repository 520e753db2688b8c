"""What the roles of a lease on AWS may use: its workloads' data, secrets and images, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pulumi

from components.aws.grants import Grants, GrantsArgs
from components.bootstrap.secret_files_aws import secret
from stacks.environment import Environment
from stacks.lowering.aws.base import BaseIds
from trainyard.facts.origin import account_in
from trainyard.settings.data_aws import region_of_data
from trainyard.settings.gpu_vm import GpuVm
from trainyard.settings.kinds import Workload, data_of, secrets
from trainyard.settings.training_job import TrainingJob

_IMAGE = re.compile(r"([0-9]{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com/([a-z0-9._/-]+?)(?::|@|$)")


def granted(
    environment: Environment,
    ids: BaseIds,
    role: str,
    role_name: pulumi.Input[str],
    workloads: Sequence[Workload],
    options: pulumi.ResourceOptions,
) -> tuple[pulumi.Resource, ...]:
    """The grants of one role, over the workloads that run as it; empty where they use nothing."""
    base = environment.settings.base_settings
    held = base.aws if base else None
    every = [use for workload in workloads for use in data_of(workload).items()]
    # Machines reach a file system by the network and a volume by EC2: only S3 asks who reads, and KMS with it.
    uses = [(name, use) for name, use in every if held is None or held.data[name].kind == "bucket"]
    regions = dict.fromkeys(region_of_data(held.data[name]) for name, _ in uses) if held else ()
    references = [each for workload in workloads for each in secrets(workload).values()]
    images = [workload.container for workload in workloads if isinstance(workload, TrainingJob)]
    own = held.repositories if held and any(isinstance(workload, GpuVm) for workload in workloads) else ()
    args = GrantsArgs(
        role_name=role_name,
        read={name: ids.data_set(name) for name, _ in uses},
        written={name: ids.data_set(name) for name, use in uses if use == "write"},
        secrets=tuple(dict.fromkeys(_secret(environment, each) for each in references)),
        repositories=(
            *dict.fromkeys(_repository(environment, each) for each in images),
            *(ids.repository(name) for name in own),  # whoever logs in on a machine pulls what is there
        ),
        keys=tuple(ids.key(region) for region in regions if held and region in held.keys),
    )
    return () if args.empty else (Grants(role, args, options).policy,)


def rehearsed_image(environment: Environment, image: str) -> str:
    """The image with its account as this run may use it."""
    if (found := _IMAGE.match(image)) is None:
        return image
    return f"{account_in(environment.sandbox, found[1])}{image[12:]}"


def _secret(environment: Environment, reference: str) -> str:
    told = secret(reference)
    return f"arn:aws:secretsmanager:{told.region}:{environment.aws_account}:secret:{told.name}"


def _repository(environment: Environment, image: str) -> str:
    found = _IMAGE.match(image)
    if found is None:
        message = f"{image} is no image of ECR; the settings should have refused it."
        raise AssertionError(message)
    return f"arn:aws:ecr:{found[2]}:{account_in(environment.sandbox, found[1])}:repository/{found[3]}"
