from dataclasses import replace
from datetime import timedelta

import pytest

from components.aws.job_identity import JobIdentity, JobIdentityArgs
from components.aws.training_job import TrainingJob
from components.aws.training_job_args import JobData, LustreData, TrainingJobArgs
from trainyard.facts.capacity import OnDemand, Reserved, Spot

NAME = "dev-1a2b3c4d-finetune"
DIGEST = "a" * 64
PLAIN = TrainingJobArgs(
    origin="sandbox",
    account="123456789012",
    region="eu-central-1",
    machine_type="p5.48xlarge",
    container=f"123456789012.dkr.ecr.eu-central-1.amazonaws.com/train/llama@sha256:{DIGEST}",
    command=("torchrun", "train.py"),
    role_arn="arn:aws:iam::123456789012:role/dev-1a2b3c4d-job",
    subnet_ids=("subnet-0123456789abcdef0",),
    security_group_ids=("sg-0123456789abcdef0",),
    tags={"trainyard-lease": "dev-1a2b3c4d", "trainyard-workload": "finetune"},
    hard_end="2026-11-25T03:49:00Z",
    timeout=timedelta(hours=12),
    data=(JobData(name="corpus", bucket="acme-corpus"), JobData(name="checkpoints", bucket="acme-ckpt", write=True)),
)
FULL = replace(
    PLAIN,
    nodes=4,
    env={"EPOCHS": "3"},
    capacity=Spot(),
    retries=3,
    kms_key="arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    lustre=(LustreData(name="fast", file_system_id="fs-0123456789abcdef0", mount_name="abcdef", folder="/corpus"),),
)


def inputs(deploy, args: TrainingJobArgs) -> dict:
    return deploy(lambda: TrainingJob(NAME, args)).one("SagemakerTrainingJob").inputs


def test_a_job_is_isolated_and_lies_in_the_bases_network(deploy) -> None:
    request = inputs(deploy, PLAIN)["request"]
    assert request["EnableNetworkIsolation"] is True
    assert request["VpcConfig"] == {"Subnets": [*PLAIN.subnet_ids], "SecurityGroupIds": [*PLAIN.security_group_ids]}


def test_a_job_that_reads_secrets_reaches_them_and_gets_their_names_only(deploy) -> None:
    request = inputs(deploy, replace(PLAIN, secrets={"HF_TOKEN": "aws-secret://eu-central-1/hf-token"}))["request"]
    assert request["EnableNetworkIsolation"] is False
    assert request["Environment"]["HF_TOKEN_SECRET"] == "aws-secret://eu-central-1/hf-token"
    assert "HF_TOKEN" not in request["Environment"]


def test_machines_of_one_job_talk_to_each_other_encrypted(deploy) -> None:
    assert inputs(deploy, FULL)["request"]["EnableInterContainerTrafficEncryption"] is True
    assert inputs(deploy, PLAIN)["request"]["EnableInterContainerTrafficEncryption"] is False


def test_data_is_read_through_channels_and_checkpoints_go_to_the_bucket_that_is_written(deploy) -> None:
    request = inputs(deploy, FULL)["request"]
    corpus, fast = request["InputDataConfig"]
    assert (corpus["ChannelName"], corpus["InputMode"]) == ("corpus", "FastFile")
    assert corpus["DataSource"]["S3DataSource"]["S3Uri"] == "s3://acme-corpus/"
    system = fast["DataSource"]["FileSystemDataSource"]
    assert (system["DirectoryPath"], system["FileSystemAccessMode"]) == ("/abcdef/corpus", "ro")
    assert request["CheckpointConfig"]["S3Uri"] == f"s3://acme-ckpt/{NAME}/checkpoints"
    assert request["OutputDataConfig"]["S3OutputPath"] == f"s3://acme-ckpt/{NAME}/output"
    assert request["Environment"]["TRAINYARD_CHECKPOINTS"] == "/opt/ml/checkpoints"
    assert request["Environment"]["TRAINYARD_DATA_CORPUS"] == "/opt/ml/input/data/corpus"


def test_nothing_is_kept_warm_and_spot_is_managed(deploy) -> None:
    assert "KeepAlivePeriodInSeconds" not in inputs(deploy, FULL)["request"]["ResourceConfig"]
    assert inputs(deploy, FULL)["request"]["EnableManagedSpotTraining"] is True


def test_the_role_is_sagemakers_alone_and_stops_only_what_carries_the_leases_tags(deploy) -> None:
    args = JobIdentityArgs(account="123456789012", name="dev-job", notebooks=True, tags={"trainyard-lease": "dev"})
    found = deploy(lambda: JobIdentity("dev", args))
    assert '"Service": "sagemaker.amazonaws.com"' in found.one("Role").inputs["assumeRolePolicy"]
    assert '"aws:SourceAccount": "123456789012"' in found.one("Role").inputs["assumeRolePolicy"]
    assert '"aws:ResourceTag/trainyard-lease": "dev"' in found.one("RolePolicy").inputs["policy"]


WRONG = {
    "a machine that it has not": ({"machine_type": "g5g.xlarge"}, "SageMaker has no ml.g5g.xlarge"),
    "a reservation": ({"capacity": Reserved(id="cr-1")}, "a job of a training plan waits for the plan"),
    "spot with nothing to write to": ({"capacity": Spot(), "data": PLAIN.data[:1]}, "its work would be lost"),
    "nothing to write to": ({"capacity": OnDemand(), "data": PLAIN.data[:1]}, "writes to no bucket"),
    "two places for checkpoints": (
        {"data": (*PLAIN.data, JobData(name="more", bucket="acme-more", write=True))},
        "write to one bucket only",
    ),
    "a data set twice": ({"data": (*PLAIN.data, PLAIN.data[0])}, "named twice"),
    "a container of another registry": ({"container": "docker.io/library/python:3"}, "give one of ECR"),
    "a container without tag": (
        {"container": "123456789012.dkr.ecr.eu-central-1.amazonaws.com/train"},
        "or at least a tag",
    ),
    "a secret of another cloud": ({"secrets": {"T": "gcp-secret://acme/t"}}, "no reference to a secret of AWS"),
    "a variable of SageMaker's": ({"env": {"SM_HOSTS": "1"}}, "is set by SageMaker"),
    "a variable twice": ({"env": {"T": "1"}, "secrets": {"T": "aws-secret://eu-central-1/t"}}, "name it once"),
    "a run for a month": ({"timeout": timedelta(days=29)}, "a minute to 28 days"),
    "no wait": ({"max_wait": timedelta()}, "30 minutes to 28 days"),
    "too many retries": ({"retries": 31}, "takes 0 to 30"),
    "run 0": ({"run": 0}, "give a whole number from 1"),
    "no subnet": ({"subnet_ids": ()}, "1 to 16 subnets"),
    "a wait for nothing": ({"wait_for": "ever"}, "give one of submitted, running, finished"),
    "an end that is none": ({"hard_end": "tomorrow"}, "hard end"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_sagemaker_refuses_is_refused_before(what: str) -> None:
    changes, says = WRONG[what]
    with pytest.raises(ValueError, match=says):
        replace(PLAIN, **changes)
