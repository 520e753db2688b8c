"""One run of a container on SageMaker that ends by itself; refuses to keep machines warm or to hold a secret.

It is a resource of Trainyard's own provider, not pulumi-aws's `sagemaker.TrainingJob`: see
`trainyard/provider/sagemaker_training_job/resource.py` for why.
"""

from collections.abc import Iterator
from typing import Any

import pulumi

from components.aws.resource_name import check_name
from components.aws.training_job_args import TrainingJobArgs
from trainyard.facts.capacity import Spot
from trainyard.resources import SagemakerTrainingJob, SagemakerTrainingJobArgs

_CHECKPOINTS = "/opt/ml/checkpoints"
_DATA = "/opt/ml/input/data"
# Every type with GPUs has disks of its own, and this is not looked at; the API wants a number.
_VOLUME_GB = 30


class TrainingJob(pulumi.ComponentResource):
    job_name: pulumi.Output[str]
    state: pulumi.Output[str]
    console_url: pulumi.Output[str]

    def __init__(self, name: str, args: TrainingJobArgs, opts: pulumi.ResourceOptions | None = None):
        check_name("training job", f"{name}-{args.run}")
        super().__init__("trainyard:aws:TrainingJob", name, {}, opts)
        job = SagemakerTrainingJob(
            f"{name}-job",
            SagemakerTrainingJobArgs(
                origin=args.origin,
                account=args.account,
                region=args.region,
                name=name,
                run=args.run,
                tags=args.tags,
                request=_request(name, args),
                timeout_seconds=int(args.timeout.total_seconds()),
                max_wait_seconds=int(args.max_wait.total_seconds()),
                hard_end=args.hard_end,
                wait_for=args.wait_for,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.job_name = job.job_name
        self.state = job.state
        self.console_url = job.console_url
        self.register_outputs({"job_name": self.job_name, "state": self.state, "console_url": self.console_url})


def _request(name: str, args: TrainingJobArgs) -> dict[str, Any]:
    """CreateTrainingJob, in its own words."""
    written = pulumi.Output.concat("s3://", args.written.bucket, f"/{name}")
    algorithm: dict[str, Any] = {"TrainingImage": args.container, "TrainingInputMode": "FastFile"}
    if args.command:
        algorithm["ContainerEntrypoint"] = list(args.command)
    output: dict[str, Any] = {"S3OutputPath": pulumi.Output.concat(written, "/output")}
    if args.kms_key is not None:
        output["KmsKeyId"] = args.kms_key
    request: dict[str, Any] = {
        "AlgorithmSpecification": algorithm,
        "RoleArn": args.role_arn,
        "OutputDataConfig": output,
        "CheckpointConfig": {"S3Uri": pulumi.Output.concat(written, "/checkpoints"), "LocalPath": _CHECKPOINTS},
        "ResourceConfig": {
            "InstanceType": f"ml.{args.machine_type}",
            "InstanceCount": args.nodes,
            "VolumeSizeInGB": _VOLUME_GB,
        },
        "VpcConfig": {"Subnets": list(args.subnet_ids), "SecurityGroupIds": list(args.security_group_ids)},
        # Whoever asks for secrets reads them over the network; everybody else gets none, but the job's own machines.
        "EnableNetworkIsolation": not args.secrets,
        "EnableInterContainerTrafficEncryption": args.nodes > 1,
        "EnableManagedSpotTraining": isinstance(args.capacity, Spot),
        "Environment": dict(environment_of(args)),
    }
    channels = list(_channels(args))
    if channels:
        request["InputDataConfig"] = channels
    if args.retries:
        request["RetryStrategy"] = {"MaximumRetryAttempts": args.retries}
    return request


def _channels(args: TrainingJobArgs) -> Iterator[dict[str, Any]]:
    for data in args.data:
        if not data.write:
            source = {
                "S3DataType": "S3Prefix",
                "S3Uri": pulumi.Output.concat("s3://", data.bucket, "/"),
                "S3DataDistributionType": "FullyReplicated",
            }
            yield {"ChannelName": data.name, "DataSource": {"S3DataSource": source}, "InputMode": "FastFile"}
    for each in args.lustre:
        path = pulumi.Output.concat("/", each.mount_name, each.folder.rstrip("/"))
        system = {
            "FileSystemId": each.file_system_id,
            "FileSystemType": "FSxLustre",
            "FileSystemAccessMode": "rw" if each.write else "ro",
            "DirectoryPath": path,
        }
        yield {"ChannelName": each.name, "DataSource": {"FileSystemDataSource": system}, "InputMode": "File"}


def environment_of(args: TrainingJobArgs) -> Iterator[tuple[str, str]]:
    """SageMaker has no variables out of a secret: the container gets its reference, and reads it itself."""
    yield from args.env.items()
    for variable, reference in args.secrets.items():
        yield f"{variable}_SECRET", reference
    for data in args.data:
        yield _variable(data.name), _CHECKPOINTS if data.write else f"{_DATA}/{data.name}"
    for each in args.lustre:
        yield _variable(each.name), f"{_DATA}/{each.name}"
    yield "TRAINYARD_CHECKPOINTS", _CHECKPOINTS


def _variable(data_set: str) -> str:
    return f"TRAINYARD_DATA_{data_set.upper().replace('-', '_')}"
