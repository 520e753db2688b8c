"""What jobs and notebooks ask of SageMaker, held against Amazon's own model of it."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from components.aws.notebook import Notebook
from components.aws.training_job import TrainingJob
from components.aws.training_job_args import TrainingJobArgs
from tests.components.aws.test_notebook import NAME as NOTEBOOK
from tests.components.aws.test_notebook import PLAIN as PLAIN_NOTEBOOK
from tests.components.aws.test_training_job import FULL, NAME, PLAIN
from trainyard.facts.aws import sagemaker
from trainyard.facts.capacity import OnDemand
from trainyard.provider.sagemaker_training_job.inputs import parse
from trainyard.sandbox.api.aws import strict
from trainyard.sandbox.api.aws.error import AwsError
from trainyard.sandbox.api.aws.shapes import service
from trainyard.servicer import decode, encode

pytestmark = pytest.mark.contract("aws")

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
# The provider's names for what the API calls otherwise.
_RENAMED = {"name": "NotebookInstanceName", "securityGroups": "SecurityGroupIds", "volumeSize": "VolumeSizeInGB"}


def check(operation: str, body: dict[str, Any]) -> None:
    strict.check(service("sagemaker").operation_model(operation), body)


def request(deploy, args: TrainingJobArgs) -> dict[str, Any]:
    inputs = deploy(lambda: TrainingJob(NAME, args)).one("SagemakerTrainingJob").inputs
    return parse(decode(encode(inputs))).body(NOW)


@pytest.mark.parametrize("machine_type", sagemaker.TYPES["training-job"])
def test_a_job_with_every_option_on_is_what_the_api_takes(deploy, machine_type: str) -> None:
    check("CreateTrainingJob", request(deploy, replace(FULL, machine_type=machine_type)))


def test_a_spot_jobs_wait_holds_its_run_and_both_end_by_the_hard_end(deploy) -> None:
    limits = request(deploy, FULL)["StoppingCondition"]
    left = (datetime(2026, 11, 25, 3, 49, tzinfo=UTC) - NOW).total_seconds()
    assert limits["MaxRuntimeInSeconds"] <= limits["MaxWaitTimeInSeconds"] <= left


def test_a_job_that_is_not_spot_has_a_limit_of_its_wait_and_ends_by_the_hard_end_after_it(deploy) -> None:
    limits = request(deploy, replace(PLAIN, capacity=OnDemand()))["StoppingCondition"]
    assert "MaxWaitTimeInSeconds" not in limits
    left = (datetime(2026, 11, 25, 3, 49, tzinfo=UTC) - NOW).total_seconds()
    assert limits["MaxRuntimeInSeconds"] + limits["MaxPendingTimeInSeconds"] <= left


@pytest.mark.parametrize("machine_type", sagemaker.TYPES["notebook"])
def test_a_notebook_with_every_option_on_is_what_the_api_takes(deploy, machine_type: str) -> None:
    args = replace(PLAIN_NOTEBOOK, machine_type=machine_type, kms_key="arn:aws:kms:eu-central-1:1:key/k")
    inputs = deploy(lambda: Notebook(NOTEBOOK, args)).one("NotebookInstance").inputs
    body = {_RENAMED.get(key, f"{key[0].upper()}{key[1:]}"): value for key, value in inputs.items() if key != "region"}
    body["Tags"] = [{"Key": key, "Value": value} for key, value in body["Tags"].items()]
    body["VolumeSizeInGB"] = int(body["VolumeSizeInGB"])
    service_ = body["InstanceMetadataServiceConfiguration"]
    body["InstanceMetadataServiceConfiguration"] = {
        f"{key[0].upper()}{key[1:]}": item for key, item in service_.items()
    }
    check("CreateNotebookInstance", body)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"TrainingJobName": "a_b"}, "regular expression pattern"),
        ({"ResourceConfig": {"InstanceType": "ml.g5g.xlarge", "InstanceCount": 1}}, "enum value set"),
        ({"StoppingCondition": {"MaxPendingTimeInSeconds": 60}}, "1800 to 2419200"),
        ({"RoleArn": None}, "Member must not be null"),
        ({"KeepAlive": 1}, "is no member of"),
        ({"EnableNetworkIsolation": "yes"}, "is no boolean"),
    ],
)
def test_the_walk_itself_finds_what_the_api_would_refuse(deploy, change: dict[str, Any], complaint: str) -> None:
    with pytest.raises(AwsError, match=re.escape(complaint)):
        check("CreateTrainingJob", {**request(deploy, PLAIN), **change})
