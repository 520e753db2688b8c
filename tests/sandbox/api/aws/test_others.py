"""What outlives machines, Auto Scaling, SageMaker, tags, places, as boto3 sees them."""

from collections.abc import Callable
from typing import Any

from tests.sandbox.api.aws.conftest import LEASE, Client
from tests.sandbox.api.aws.test_machines import all_of, code_of
from tests.sandbox.provider.conftest import Cloud
from trainyard.sandbox.store import Store

Run = Callable[..., list[dict[str, Any]]]
TAGS = {"trainyard-lease": LEASE}
TAGGED = [{"Name": "tag:trainyard-lease", "Values": [LEASE]}]
ROLE = "arn:aws:iam::000000000000:role/sagemaker"
TRUST = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",'
    '"Principal":{"Service":"sagemaker.amazonaws.com"}}]}'
)


def role(provider: Cloud) -> str:
    _, told = provider.create("aws:iam/role:Role", {"name": "sagemaker", "assumeRolePolicy": TRUST})
    return str(told["arn"])


def train(provider: Cloud, name: str = "job-0") -> str:
    id, _ = provider.create(
        "aws:sagemaker/trainingJob:TrainingJob",
        {
            "trainingJobName": name,
            "roleArn": role(provider),
            "algorithmSpecification": {
                "trainingImage": "000000000000.dkr.ecr.us-east-1.amazonaws.com/t:1",
                "trainingInputMode": "File",
            },
            "outputDataConfig": {"s3OutputPath": "s3://lab-out/"},
            "resourceConfig": {"instanceType": "ml.g5.xlarge", "instanceCount": 1, "volumeSizeInGb": 30},
            "stoppingCondition": {"maxRuntimeInSeconds": 7200},
            "tags": TAGS,
        },
    )
    return id


def test_volumes_addresses_and_snapshots_of_pulumi_are_listed_by_tag(provider: Cloud, ec2: Any) -> None:
    volume, _ = provider.create("aws:ebs/volume:Volume", {"availabilityZone": "us-east-1a", "size": 50, "tags": TAGS})
    address, told = provider.create("aws:ec2/eip:Eip", {"domain": "vpc", "tags": TAGS})
    snapshot, _ = provider.create("aws:ebs/snapshot:Snapshot", {"volumeId": volume, "tags": TAGS})
    assert [(one["VolumeId"], one["Size"]) for one in ec2.describe_volumes(Filters=TAGGED)["Volumes"]] == [(volume, 50)]
    (found,) = ec2.describe_addresses(Filters=TAGGED)["Addresses"]
    assert (found["AllocationId"], found["PublicIp"]) == (address, told["publicIp"])
    (shot,) = ec2.describe_snapshots(OwnerIds=["self"], Filters=TAGGED)["Snapshots"]
    assert (shot["SnapshotId"], shot["VolumeId"], shot["VolumeSize"]) == (snapshot, volume, 50)
    assert ec2.describe_snapshots(OwnerIds=["amazon"])["Snapshots"] == []
    ec2.release_address(AllocationId=address)
    ec2.delete_snapshot(SnapshotId=snapshot)
    assert ec2.describe_addresses()["Addresses"] == []
    assert ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"] == []
    assert code_of(ec2.release_address, AllocationId=address) == "InvalidAllocationID.NotFound"


def test_a_volume_in_use_is_not_deleted(run: Run, ec2: Any) -> None:
    volume = run()[0]["BlockDeviceMappings"][0]["Ebs"]["VolumeId"]
    assert code_of(ec2.delete_volume, VolumeId=volume) == "VolumeInUse"


def test_an_address_in_use_is_not_released(provider: Cloud, run: Run, ec2: Any) -> None:
    machine = run()[0]["InstanceId"]
    address, _ = provider.create("aws:ec2/eip:Eip", {"domain": "vpc", "instance": machine})
    (found,) = ec2.describe_addresses()["Addresses"]
    assert found["InstanceId"] == machine
    assert code_of(ec2.release_address, AllocationId=address) == "InvalidIPAddress.InUse"


def test_a_capacity_reservation_is_listed(provider: Cloud, ec2: Any) -> None:
    inputs = {"availabilityZone": "us-east-1a", "instanceCount": 2, "instancePlatform": "Linux/UNIX", "tags": TAGS}
    id, _ = provider.create("aws:ec2/capacityReservation:CapacityReservation", {**inputs, "instanceType": "g5.xlarge"})
    (found,) = ec2.describe_capacity_reservations(Filters=TAGGED)["CapacityReservations"]
    assert (found["CapacityReservationId"], found["TotalInstanceCount"], found["State"]) == (id, 2, "active")


def test_a_group_keeps_its_machines_until_it_is_told_less(
    provider: Cloud, client: Client, ec2: Any, image: str
) -> None:
    template, _ = provider.create(
        "aws:ec2/launchTemplate:LaunchTemplate", {"name": "lab", "imageId": image, "instanceType": "g5.xlarge"}
    )
    provider.create(
        "aws:autoscaling/group:Group",
        {
            "name": "lab",
            "minSize": 0,
            "maxSize": 4,
            "desiredCapacity": 2,
            "availabilityZones": ["us-east-1a"],
            "launchTemplate": {"id": template, "version": "$Latest"},
            "tags": [{"key": "trainyard-lease", "value": LEASE, "propagateAtLaunch": True}],
        },
    )
    scaling = client("autoscaling")
    (group,) = scaling.describe_auto_scaling_groups(Filters=TAGGED)["AutoScalingGroups"]
    assert (group["DesiredCapacity"], len(group["Instances"])) == (2, 2)
    assert len(all_of(ec2, Filters=TAGGED)) == 2
    assert code_of(scaling.delete_auto_scaling_group, AutoScalingGroupName="lab") == "ResourceInUse"
    assert code_of(scaling.set_desired_capacity, AutoScalingGroupName="lab", DesiredCapacity=5) == "ValidationError"
    scaling.update_auto_scaling_group(AutoScalingGroupName="lab", MaxSize=1)
    (group,) = scaling.describe_auto_scaling_groups()["AutoScalingGroups"]
    assert (group["DesiredCapacity"], len(group["Instances"])) == (1, 1)
    scaling.delete_auto_scaling_group(AutoScalingGroupName="lab", ForceDelete=True)
    assert scaling.describe_auto_scaling_groups()["AutoScalingGroups"] == []
    running = [{"Name": "instance-state-name", "Values": ["running", "pending"]}]
    assert all_of(ec2, Filters=running) == []


def test_a_training_job_runs_until_it_is_stopped(provider: Cloud, client: Client, store: Store) -> None:
    name = train(provider)
    sagemaker = client("sagemaker")
    (job,) = sagemaker.list_training_jobs(StatusEquals="InProgress")["TrainingJobSummaries"]
    assert job["TrainingJobName"] == name
    assert sagemaker.list_tags(ResourceArn=job["TrainingJobArn"])["Tags"] == [
        {"Key": "trainyard-lease", "Value": LEASE}
    ]
    sagemaker.stop_training_job(TrainingJobName=name)
    assert sagemaker.describe_training_job(TrainingJobName=name)["TrainingJobStatus"] == "Stopping"
    store.advance(200)
    assert sagemaker.describe_training_job(TrainingJobName=name)["TrainingJobStatus"] == "Stopped"
    assert code_of(sagemaker.stop_training_job, TrainingJobName=name) == "ValidationException"
    assert code_of(sagemaker.describe_training_job, TrainingJobName="other") == "ValidationException"


def test_a_training_job_ends_at_its_longest_run_time(provider: Cloud, client: Client, store: Store) -> None:
    train(provider)
    store.advance(7300)
    assert client("sagemaker").list_training_jobs(StatusEquals="InProgress")["TrainingJobSummaries"] == []


def test_a_notebook_stops(provider: Cloud, client: Client, store: Store) -> None:
    provider.create(
        "aws:sagemaker/notebookInstance:NotebookInstance",
        {"name": "book", "instanceType": "ml.t3.medium", "roleArn": role(provider), "tags": TAGS},
    )
    sagemaker = client("sagemaker")
    (book,) = sagemaker.list_notebook_instances()["NotebookInstances"]
    assert (book["NotebookInstanceName"], book["NotebookInstanceStatus"]) == ("book", "InService")
    sagemaker.stop_notebook_instance(NotebookInstanceName="book")
    assert code_of(sagemaker.stop_notebook_instance, NotebookInstanceName="book") == "ValidationException"
    store.advance(120)
    assert sagemaker.describe_notebook_instance(NotebookInstanceName="book")["NotebookInstanceStatus"] == "Stopped"


def test_the_tagging_api_finds_things_of_every_kind_by_tag(provider: Cloud, run: Run, client: Client) -> None:
    machine = run(tags=TAGS)[0]["InstanceId"]
    volume, _ = provider.create("aws:ebs/volume:Volume", {"availabilityZone": "us-east-1a", "size": 5, "tags": TAGS})
    tagging = client("resourcegroupstaggingapi")
    wanted = [{"Key": "trainyard-lease", "Values": [LEASE]}]
    pages = tagging.get_paginator("get_resources").paginate(TagFilters=wanted, ResourcesPerPage=1)
    found = {one["ResourceARN"].rpartition("/")[2] for page in pages for one in page["ResourceTagMappingList"]}
    assert found == {machine, volume}
    one = tagging.get_resources(TagFilters=wanted, ResourceTypeFilters=["ec2:instance"])["ResourceTagMappingList"]
    assert [entry["ResourceARN"].rpartition("/")[2] for entry in one] == [machine]


def test_regions_zones_and_machine_types_are_told(ec2: Any) -> None:
    names = [region["RegionName"] for region in ec2.describe_regions()["Regions"]]
    assert "us-east-1" in names
    assert "me-central-1" not in names
    every = [region["RegionName"] for region in ec2.describe_regions(AllRegions=True)["Regions"]]
    assert "me-central-1" in every
    zones = ec2.describe_availability_zones()["AvailabilityZones"]
    assert {zone["RegionName"] for zone in zones} == {"us-east-1"}
    (kind,) = ec2.describe_instance_types(InstanceTypes=["p5.48xlarge"])["InstanceTypes"]
    assert kind["GpuInfo"]["Gpus"][0]["Count"] == 8
    assert code_of(ec2.describe_instance_types, InstanceTypes=["p5.48xlargee"]) == "InvalidInstanceType"
