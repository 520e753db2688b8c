"""A training job of SageMaker on the real engine: killed between, interrupted, failed, imported, a year later."""

import signal
import time
from typing import Any

import pytest

from tests.provider.conftest import Program
from trainyard.clouds.aws.training import Job, TrainingJobs

pytestmark = pytest.mark.engine
JOB = "trainyard:aws:SagemakerTrainingJob"
ACCOUNT, REGION = "000000000000", "eu-central-1"
RUN = "sagemaker.TrainingJob.run"
PROGRAM = """
import json
import os
from pathlib import Path

import pulumi
import pulumi_aws as aws

from trainyard.facts.origin import origin_of, sandbox_from
from trainyard.resources import SagemakerTrainingJob, SagemakerTrainingJobArgs

given = json.loads(Path("lease.json").read_text())
trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "sagemaker.amazonaws.com"}}
role = aws.iam.Role(
    "role",
    name=f"{given['lease']}-job",
    assume_role_policy=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
)
job = SagemakerTrainingJob(
    "job",
    SagemakerTrainingJobArgs(
        origin=str(origin_of(sandbox_from(os.environ))),
        account="000000000000",
        region="eu-central-1",
        name=f"{given['lease']}-finetune",
        run=given["run"],
        tags={"trainyard-lease": given["lease"], "trainyard-hard-end": "2036-01-01T00:00:00Z"},
        hard_end="2036-01-01T00:00:00Z",
        wait_for=given["wait_for"],
        timeout_seconds=43200,
        max_wait_seconds=7200,
        request={
            "AlgorithmSpecification": {"TrainingImage": given["image"], "TrainingInputMode": "FastFile"},
            "RoleArn": role.arn,
            "OutputDataConfig": {"S3OutputPath": "s3://acme-checkpoints/out"},
            "ResourceConfig": {"InstanceType": "ml.g6.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 30},
            "Environment": {"EPOCHS": given["epochs"]},
        },
    ),
)
pulumi.export("state", job.state)
"""


@pytest.fixture
def job(program: Program) -> Program:
    (program.folder / "__main__.py").write_text(PROGRAM)
    image = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/train:1"
    program.write(lease=f"dev-1-{program.name[1:9]}", run=1, wait_for="running", image=image, epochs="3")
    return program


def told(program: Program, run: int = 1) -> Job | None:
    return TrainingJobs(ACCOUNT, REGION, program.sandbox).get(f"{program.given['lease']}-finetune-{run}")


def status(program: Program, run: int = 1) -> str | None:
    found = told(program, run)
    return None if found is None else str(found["TrainingJobStatus"])


def break_call(program: Program, call: str, kind: str, **more: Any) -> None:
    program.control("faults", faults=[{"call": call, "kind": kind, **more}])


def test_a_plugin_that_dies_before_its_answer_makes_no_second_job(job: Program) -> None:
    job.lose_the_answer_of("Create", "up")
    assert JOB not in job.state()
    first = told(job)
    assert first is not None
    result = job.up()
    assert result.code == 0, result.text
    second = told(job)
    assert second is not None
    assert second["CreationTime"] == first["CreationTime"]
    assert job.destroy().code == 0
    assert told(job) is None


def test_a_job_that_fails_fails_up_with_its_own_text_until_run_is_raised(job: Program) -> None:
    break_call(job, RUN, "refuse", message="AlgorithmError: CUDA out of memory, exit code: 1")
    job.write(wait_for="finished")
    result = job.up()
    assert result.code != 0
    assert "failed: AlgorithmError: CUDA out of memory" in result.text
    job.control("faults", faults=[])
    again = job.up()
    assert again.code != 0
    assert "failed: AlgorithmError: CUDA out of memory" in again.text
    job.write(run=2)
    result = job.up()
    assert result.code == 0, result.text
    assert (status(job), status(job, 2)) == (None, "Completed")
    assert job.destroy().code == 0


def test_interrupted_while_it_waits_the_job_is_in_the_state_and_up_waits_again(job: Program) -> None:
    job.control("clock", waits="real")
    process = job.start("up", "--yes", "--skip-preview", "--non-interactive", "--color", "never")
    deadline = time.monotonic() + 90
    while told(job) is None and time.monotonic() < deadline:
        time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    text, _ = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "interrupted while job" in text, text
    assert JOB in job.state()
    job.control("clock", waits="instant")
    result = job.up()
    assert result.code == 0, result.text
    assert status(job) == "InProgress"
    assert job.destroy().code == 0


def test_a_clock_that_jumps_a_year_starts_no_second_run(job: Program) -> None:
    job.begin()
    job.control("clock", seconds=365 * 86_400)
    assert status(job) == "Completed"
    refresh = job.run("refresh", "--yes", "--skip-preview")
    assert refresh.code == 0, refresh.text
    assert job.state()[JOB]["outputs"]["state"] == "succeeded"
    preview = job.run("preview", "--expect-no-changes")
    assert preview.code == 0, preview.text
    assert job.destroy().code == 0


def test_a_job_that_is_there_is_imported_by_its_arn_and_is_the_programs(job: Program) -> None:
    job.begin()
    made = told(job)
    assert made is not None
    state = job.state()[JOB]
    assert job.run("state", "delete", "--yes", state["urn"]).code == 0
    arguments = ("--yes", "--generate-code=false", "--skip-preview", "--protect=false")
    result = job.run("import", JOB, "job", state["id"], *arguments)
    assert result.code == 0, result.text
    imported = job.state()[JOB]
    assert (imported["inputs"]["run"], imported["inputs"]["region"]) == (1, REGION)
    up = job.up()  # `waitFor` alone differs
    assert up.code == 0, up.text
    again = told(job)
    assert again is not None
    assert again["CreationTime"] == made["CreationTime"]
    assert job.destroy().code == 0
    assert told(job) is None
