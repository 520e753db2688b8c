"""SageMaker's training jobs as its API makes them: checked, and forgotten; what happens between is `job_life`'s."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from trainyard.sandbox.api.aws import job_life, strict
from trainyard.sandbox.api.aws.call import AwsCall
from trainyard.sandbox.api.aws.error import AwsError
from trainyard.sandbox.api.aws.job_life import JOB
from trainyard.sandbox.api.aws.shapes import service
from trainyard.sandbox.provider.aws import ACCOUNT
from trainyard.sandbox.store import Thing
from trainyard.servicer.values import reveal

_LONGEST_RUN: Final = 28 * 86_400  # sagemaker, MaxRuntimeInSeconds: "The maximum value is 28 days"
_ROLE: Final = "aws:iam/role:Role"
_SUBNET: Final = "aws:ec2/subnet:Subnet"
_GROUP: Final = "aws:ec2/securityGroup:SecurityGroup"
_LUSTRE: Final = "aws:fsx/lustreFileSystem:LustreFileSystem"


def create(call: AwsCall) -> dict[str, Any]:
    given = call.values
    strict.check(service("sagemaker").operation_model("CreateTrainingJob"), given)
    for text in _refusals(call, given):
        raise AwsError(400, "ValidationException", text)
    name = str(given["TrainingJobName"])
    arn = f"arn:aws:sagemaker:{call.region}:{ACCOUNT}:training-job/{name}"
    there = next((one for one in call.store.list(type=JOB, place=call.region, deleted=True) if one.id == name), None)
    if there is not None and not there.outputs.get("forgotten"):
        raise AwsError(
            400, "ResourceInUse", f"Training job names must be unique within an AWS account and region: {arn}"
        )
    now = call.store.now()
    resources = given["ResourceConfig"]
    inputs = {
        "trainingJobName": name,
        "roleArn": given["RoleArn"],
        "resourceConfig": {
            "instanceType": resources.get("InstanceType"),
            "instanceCount": resources.get("InstanceCount", 1),
            "volumeSizeInGb": resources.get("VolumeSizeInGB", 1),
        },
        "stoppingCondition": {"maxRuntimeInSeconds": given["StoppingCondition"].get("MaxRuntimeInSeconds", 86_400)},
        "enableManagedSpotTraining": bool(given.get("EnableManagedSpotTraining")),
    }
    labels = {str(tag["Key"]): str(tag["Value"]) for tag in given.get("Tags", ())}
    told = {key: value for key, value in given.items() if key not in ("TrainingJobName", "Tags")}
    job = Thing(
        type=JOB,
        id=name,
        package="aws",
        project=ACCOUNT,
        place=call.region,
        name=name,
        labels=labels,
        inputs=inputs,
        outputs={"arn": arn, "request": told, "stage": job_life.kept(job_life.begun(now))},
        status="stopped",  # until it has machines, which bill
        created=now,
    )
    call.store.put(job)
    return {"TrainingJobArn": arn}


def forget(call: AwsCall, job: Thing, status: str) -> dict[str, Any]:
    """DeleteTrainingJob: only of one that has ended."""
    if status in ("InProgress", "Stopping"):
        text = f"Training job {job.id} is {status}; it can be deleted when it is Completed, Failed or Stopped."
        raise AwsError(400, "ResourceInUse", text)
    call.store.put(replace(job, status="deleted", outputs={**job.outputs, "forgotten": True}))
    return {}


def told(job: Thing) -> Mapping[str, Any] | None:
    """The request by which the API made it; None for a job of the provider's."""
    given = reveal(job.outputs.get("request"))
    return given if isinstance(given, Mapping) else None


def _refusals(call: AwsCall, given: Mapping[str, Any]) -> Iterator[str]:
    limits, spot = given["StoppingCondition"], given.get("EnableManagedSpotTraining") is True
    runs, waits = limits.get("MaxRuntimeInSeconds", 86_400), limits.get("MaxWaitTimeInSeconds")
    if runs > _LONGEST_RUN:
        yield f"MaxRuntimeInSeconds {runs} is above {_LONGEST_RUN}"
    if spot and waits is None:
        yield "MaxWaitTimeInSeconds is needed with managed spot training"
    if waits is not None and not spot:
        yield "MaxWaitTimeInSeconds is for managed spot training only"
    if waits is not None and waits < runs:
        yield f"MaxWaitTimeInSeconds {waits} must be equal to or greater than MaxRuntimeInSeconds {runs}"
    channels = [each["ChannelName"] for each in given.get("InputDataConfig", ())]
    if len(set(channels)) < len(channels):
        yield "Channel names must be unique"
    algorithm = given.get("AlgorithmSpecification", {})
    if bool(algorithm.get("TrainingImage")) == bool(algorithm.get("AlgorithmName")):
        yield "Specify either TrainingImage or AlgorithmName"
    if not given.get("ResourceConfig", {}).get("InstanceCount"):
        yield "InstanceCount must be 1 or more"
    yield from _unknown_things(call, given)


def _unknown_things(call: AwsCall, given: Mapping[str, Any]) -> Iterator[str]:
    roles = {reveal(one.outputs.get("arn")) for one in call.store.list(type=_ROLE, project=ACCOUNT)}
    if given["RoleArn"] not in roles:
        yield (
            f"Could not assume role {given['RoleArn']}. Please ensure that the role exists and allows principal "
            "'sagemaker.amazonaws.com' to assume the role."
        )
    network = given.get("VpcConfig", {})
    for type, ids in ((_SUBNET, network.get("Subnets", ())), (_GROUP, network.get("SecurityGroupIds", ()))):
        known = {one.id for one in call.store.list(type=type, project=ACCOUNT, place=call.region)}
        for id_ in ids:
            if id_ not in known:
                yield f"Unable to describe {id_}: it does not exist"
    yield from _unknown_file_systems(call, given)


def _unknown_file_systems(call: AwsCall, given: Mapping[str, Any]) -> Iterator[str]:
    """docs.aws.amazon.com/sagemaker, "Setting up training jobs to access datasets": in the job's region, reached by its
    VPC; a path on FSx for Lustre begins with the mount name, by which the file system is mounted."""
    for channel in given.get("InputDataConfig", ()):
        source = channel.get("DataSource", {}).get("FileSystemDataSource")
        if source is None or source["FileSystemType"] != "FSxLustre":
            continue
        system = call.store.get(_LUSTRE, source["FileSystemId"])
        if not given.get("VpcConfig"):
            yield "VpcConfig must be specified when FileSystemDataSource is used"
        elif system is None or system.status == "deleted" or system.place != call.region:
            yield f"Unable to describe file system {source['FileSystemId']}: it does not exist in {call.region}"
        else:
            mount_name = reveal(system.outputs.get("mountName"))
            if f"{source['DirectoryPath']}/".split("/")[1] != mount_name:
                yield f"DirectoryPath {source['DirectoryPath']} must begin with the mount name /{mount_name}"
