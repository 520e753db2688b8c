"""What a training job on SageMaker can be: every refusal that needs no cloud is made here."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import pulumi

from components.aws.resource_name import check_account, check_name, check_region
from components.bootstrap.secret_files_aws import secret
from components.instant import check_instant
from trainyard.facts.aws import sagemaker
from trainyard.facts.capacity import Capacity, OnDemand, Spot, name

_WAITS = ("submitted", "running", "finished")
# What SageMaker pulls: ECR in an account, by tag or digest (at most 255 characters).
_IMAGE = re.compile(
    r"[0-9]{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com/[a-z0-9._/-]+"
    r"(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}|@sha256:[0-9a-f]{64})"
)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TAKEN = re.compile(r"SM_.*|SAGEMAKER_.*|TRAINING_JOB_(?:NAME|ARN)|TRAINYARD_.*|AWS_.*")
_MOST_VARIABLES = 100  # sagemaker, CreateTrainingJob.Environment
_OWN_VARIABLES = 22  # what is added at most: the places of data sets and checkpoints
_MOST_WORD = 256  # sagemaker, ContainerEntrypoint
_MOST_CHANNELS = 20


@dataclass(frozen=True, kw_only=True)
class JobData:
    """A bucket, or a folder of one ("bucket/folder"), in the container under /opt/ml/input/data/<name>."""

    name: str  # the data set's
    bucket: pulumi.Input[str]
    write: bool = False  # then it holds the checkpoints and the results instead: /opt/ml/checkpoints


@dataclass(frozen=True, kw_only=True)
class LustreData:
    """A folder of FSx for Lustre, in the container under /opt/ml/input/data/<name>."""

    name: str
    file_system_id: pulumi.Input[str]
    mount_name: pulumi.Input[str]
    folder: str = "/"
    write: bool = False


@dataclass(frozen=True, kw_only=True)
class TrainingJobArgs:
    """One run of a container on one or more equal machines that SageMaker makes, and takes away at its end."""

    origin: str  # "sandbox" or "cloud"
    account: str
    region: str
    machine_type: str  # EC2's: "p5.48xlarge"
    nodes: int = 1
    container: str  # of ECR, by digest, or at least by tag
    command: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)  # HF_TOKEN: aws-secret://<region>/<name>
    role_arn: pulumi.Input[str]
    subnet_ids: tuple[pulumi.Input[str], ...]
    security_group_ids: tuple[pulumi.Input[str], ...]  # open to themselves: the machines of a job talk to each other
    tags: Mapping[str, str]
    hard_end: str  # RFC 3339, UTC
    timeout: timedelta
    max_wait: timedelta = timedelta(hours=2)  # for room
    capacity: Capacity = field(default_factory=OnDemand)
    run: int = 1
    wait_for: str = "running"
    retries: int = 0  # attempts after SageMaker's own failures
    data: tuple[JobData, ...]
    lustre: tuple[LustreData, ...] = ()
    kms_key: pulumi.Input[str] | None = None  # of the results; the machines' own disks have keys of their hardware

    def __post_init__(self) -> None:
        """ValueError that says what was given, what is allowed and what to do."""
        check_account(self.account)
        check_region(self.region)
        check_instant("hard end", self.hard_end)
        for error in (*self._machine_errors(), *self._container_errors(), *self._run_errors(), *self._data_errors()):
            raise ValueError(error)

    @property
    def written(self) -> JobData:
        """Where checkpoints and results go."""
        return next(each for each in self.data if each.write)

    def _machine_errors(self) -> Iterator[str]:
        if reason := sagemaker.not_built("training-job", self.machine_type):
            yield f"{self.machine_type}: {reason}."
        if reason := sagemaker.not_sold("training-job", name(self.capacity)):
            yield f"{self.machine_type}: {reason}."
        if self.nodes < 1:
            yield f"A job on {self.nodes} machines is none; give 1 or more."
        if not 1 <= len(self.subnet_ids) <= 16 or not 1 <= len(self.security_group_ids) <= 5:
            yield "A job lies in 1 to 16 subnets of a VPC, with 1 to 5 security groups; give the base's."

    def _container_errors(self) -> Iterator[str]:
        if error := container_error(self.container):
            yield error
        for _, error in variable_errors(self.env, self.secrets):
            yield error
        for reference in self.secrets.values():
            secret(reference)
        for word in self.command:
            if len(word) > _MOST_WORD:
                yield f"A word of the command has {len(word)} characters, at most {_MOST_WORD} are taken: {word[:40]}…"

    def _run_errors(self) -> Iterator[str]:
        if self.run < 1:
            yield f"run {self.run} is none; give a whole number from 1."
        if self.wait_for not in _WAITS:
            yield f"{self.wait_for!r} cannot be waited for; give one of {', '.join(_WAITS)}."
        if not timedelta(minutes=1) <= self.timeout <= sagemaker.LONGEST_RUN:
            yield f"A job cannot run for {self.timeout}; SageMaker takes a minute to 28 days."
        least, most = sagemaker.WAIT
        if not least <= self.max_wait <= most:
            yield f"A job cannot wait for room for {self.max_wait}; SageMaker takes 30 minutes to 28 days."
        if not 0 <= self.retries <= 30:
            yield f"{self.retries} retries cannot be had; SageMaker takes 0 to 30."

    def _data_errors(self) -> Iterator[str]:
        written = [each.name for each in self.data if each.write]
        if not written and isinstance(self.capacity, Spot):
            yield (
                "A spot job may end at any moment, and this one writes to no data set: its work would be lost; give "
                "data: { checkpoints: write }, or another capacity."
            )
        if not written:
            yield "SageMaker writes what a job leaves to S3, and this one writes to no bucket; give one to write to."
        if len(written) > 1:
            yield (
                f"SageMaker keeps one folder of checkpoints, and {', '.join(written)} were asked for to write; write "
                "to one bucket only."
            )
        names = [*(each.name for each in self.data), *(each.name for each in self.lustre)]
        for each in names:
            check_name("data set", each)
            if names.count(each) > 1:
                yield f"The data set {each} is named twice; name it once."
        if len(names) - len(written) > _MOST_CHANNELS:
            yield f"A job reads at most {_MOST_CHANNELS} data sets, {len(names) - len(written)} were asked for."


def container_error(image: str) -> str | None:
    """None for an image of ECR by digest or tag, else the error."""
    if _IMAGE.fullmatch(image) and len(image) <= 255:
        return None
    return (
        f'"{image}" is no container that SageMaker can pull and that stays what it is; give one of ECR, '
        "<account>.dkr.ecr.<region>.amazonaws.com/<repository>@sha256:<64 hex>, or at least a tag."
    )


def variable_errors(env: Mapping[str, str], secrets: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Each wrong variable's name, and why."""
    for variable in (*env, *secrets):
        if not _VARIABLE.fullmatch(variable):
            text = f'"{variable}" is no name of an environment variable; allowed are letters, digits and "_".'
            yield variable, text
        elif _TAKEN.fullmatch(variable):
            yield variable, f"{variable} is set by SageMaker or Trainyard itself; give your variable another name."
        elif variable in env and variable in secrets:
            yield variable, f"{variable} is both in env and a secret; name it once."
    for variable, value in env.items():
        if len(value) > 512:  # sagemaker, TrainingEnvironmentValue
            yield variable, f"{variable} has {len(value)} characters; SageMaker takes 512."
    if len(env) + len(secrets) > _MOST_VARIABLES - _OWN_VARIABLES:
        first = next(iter((*env, *secrets)))
        most = _MOST_VARIABLES - _OWN_VARIABLES
        yield first, f"{len(env) + len(secrets)} variables are too many; SageMaker takes {most} besides its data."
