"""What SageMaker's training jobs read of FSx for Lustre, as boto3 asks for it."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.api.aws.conftest import Client
from tests.sandbox.api.aws.test_others import ROLE, role
from tests.sandbox.provider.conftest import Cloud

SUBNET, VPC = "aws:ec2/subnet:Subnet", "aws:ec2/vpc:Vpc"


@pytest.fixture
def network(provider: Cloud) -> dict[str, Any]:
    vpc, _ = provider.create(VPC, {"cidrBlock": "10.0.0.0/16"})
    subnet, _ = provider.create(SUBNET, {"vpcId": vpc, "cidrBlock": "10.0.1.0/24", "availabilityZone": "us-east-1a"})
    group, _ = provider.create("aws:ec2/securityGroup:SecurityGroup", {"vpcId": vpc, "name": "machines"})
    return {"Subnets": [subnet], "SecurityGroupIds": [group]}


@pytest.fixture
def lustre(provider: Cloud, network: dict[str, Any]) -> dict[str, Any]:
    role(provider)
    inputs = {"subnetIds": network["Subnets"][0], "deploymentType": "SCRATCH_2", "storageCapacity": 1200}
    id_, told = provider.create("aws:fsx/lustreFileSystem:LustreFileSystem", inputs)
    return {"id": id_, **told}


def submit(client: Client, system: str, path: str, **more: Any) -> None:
    source = {"FileSystemId": system, "FileSystemType": "FSxLustre", "FileSystemAccessMode": "ro"}
    channel = {"ChannelName": "fast", "DataSource": {"FileSystemDataSource": {**source, "DirectoryPath": path}}}
    client("sagemaker").create_training_job(
        TrainingJobName="job-0",
        RoleArn=ROLE,
        AlgorithmSpecification={"TrainingImage": "000000000000.dkr.ecr.us-east-1.amazonaws.com/t:1"}
        | {"TrainingInputMode": "File"},
        InputDataConfig=[channel],
        OutputDataConfig={"S3OutputPath": "s3://lab-out/"},
        ResourceConfig={"InstanceType": "ml.g5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 30},
        StoppingCondition={"MaxRuntimeInSeconds": 7200},
        **more,
    )


def test_a_job_mounts_a_folder_of_a_file_system_that_is_there(
    client: Client, network: dict[str, Any], lustre: dict[str, Any]
) -> None:
    submit(client, lustre["id"], f"/{lustre['mountName']}/corpus", VpcConfig=network)


def test_a_file_system_that_is_not_there_or_not_reached_and_a_path_beside_it_are_refused(
    client: Client, network: dict[str, Any], lustre: dict[str, Any]
) -> None:
    path = f"/{lustre['mountName']}"
    for system, folder, more, says in (
        ("fs-0123456789abcdef0", path, {"VpcConfig": network}, "Unable to describe file system fs-0123456789abcdef0"),
        (lustre["id"], "/corpus", {"VpcConfig": network}, "must begin with the mount name"),
        (lustre["id"], path, {}, "VpcConfig must be specified"),
    ):
        with pytest.raises(ClientError, match=says):
            submit(client, system, folder, **more)
