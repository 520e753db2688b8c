"""A Vertex AI custom job on the real engine: one run, whatever happens on the way."""

import signal
import time
from typing import Any

import pytest

from tests.provider.conftest import CLOUD_PROJECT, Program
from trainyard.clouds.gcp.vertex import VertexJobs

pytestmark = pytest.mark.engine
JOB = "trainyard:gcp:VertexCustomJob"
REGION = "europe-west4"

PROGRAM = """
import json
import os
from pathlib import Path

import pulumi

from trainyard.facts.origin import origin_of, sandbox_from
from trainyard.resources import VertexCustomJob, VertexCustomJobArgs

given = json.loads(Path("lease.json").read_text())
job = VertexCustomJob(
    "job",
    VertexCustomJobArgs(
        origin=str(origin_of(sandbox_from(os.environ))),
        project="trainyard-sandbox-copy-of-acme-ml-dev",
        region="europe-west4",
        name=f"{given['lease']}-finetune",
        run=given["run"],
        labels={"trainyard-lease": given["lease"]},
        hard_end="2036-01-01T00:00:00Z",
        wait_for=given["wait_for"],
        job_spec={
            "workerPoolSpecs": [
                {
                    "machineSpec": {
                        "machineType": "a2-highgpu-1g",
                        "acceleratorType": "NVIDIA_TESLA_A100",
                        "acceleratorCount": 1,
                    },
                    "replicaCount": "1",
                    "containerSpec": {"imageUri": given["image"], "args": given["args"]},
                }
            ],
            "scheduling": {"strategy": "STANDARD", "timeout": "43200s", "maxWaitDuration": "3600s"},
        },
    ),
)
pulumi.export("state", job.state)
"""


@pytest.fixture
def job(program: Program) -> Program:
    (program.folder / "__main__.py").write_text(PROGRAM)
    lease = f"dev-1-{program.name[1:9]}"
    program.write(lease=lease, run=1, wait_for="running", image="eu.example/llama@sha256:1", args=["train.py"])
    return program


def jobs(program: Program) -> list[dict[str, Any]]:
    return VertexJobs(CLOUD_PROJECT, REGION, program.sandbox, lambda _: False).of_lease(program.given["lease"])


def states(program: Program) -> list[str]:
    return [str(each["state"]) for each in jobs(program)]


def break_call(program: Program, call: str, kind: str, **more: Any) -> None:
    program.control("faults", faults=[{"call": call, "kind": kind, **more}])


def test_a_job_runs_once_changes_nothing_later_and_goes_when_it_is_destroyed(job: Program) -> None:
    job.begin()
    assert states(job) == ["JOB_STATE_RUNNING"]
    assert job.state()[JOB]["outputs"]["state"] == "running"
    preview = job.run("preview", "--expect-no-changes")
    assert preview.code == 0, preview.text
    job.control("clock", seconds=7200)
    refresh = job.run("refresh", "--yes", "--skip-preview")
    assert refresh.code == 0, refresh.text
    assert job.state()[JOB]["outputs"]["state"] == "succeeded"
    [first] = jobs(job)
    preview = job.run("preview", "--expect-no-changes")
    assert preview.code == 0, preview.text
    forced = job.up("--replace", job.state()[JOB]["urn"])
    assert forced.code == 0, forced.text
    assert "raise `run` to run it again" in forced.text
    assert [each["name"] for each in jobs(job)] == [first["name"]]
    destroy = job.destroy()
    assert destroy.code == 0, destroy.text
    assert jobs(job) == []


def test_another_spec_is_refused_by_name_until_run_is_raised_and_then_runs_anew(job: Program) -> None:
    job.begin()
    job.write(args=["train.py", "--lr=1"])
    refused = job.run("preview")
    assert refused.code != 0
    assert "jobSpec.workerPoolSpecs[0].containerSpec.args differs" in refused.text
    assert "Raise `run` to 2" in refused.text
    job.write(run=2)
    preview = job.run("preview", "--diff")
    assert "(replace)" in preview.text, preview.text
    result = job.up()
    assert result.code == 0, result.text
    [left] = jobs(job)
    assert (left["displayName"], left["state"]) == (f"{job.given['lease']}-finetune-2", "JOB_STATE_RUNNING")
    job.write(run=1)
    assert "a run is never taken back" in job.run("preview").text
    assert job.destroy().code == 0


def test_a_plugin_that_dies_before_its_answer_makes_no_second_job(job: Program) -> None:
    job.lose_the_answer_of("Create", "up")
    assert JOB not in job.state()
    [first] = jobs(job)
    result = job.up()
    assert result.code == 0, result.text
    [second] = jobs(job)
    assert second["name"] == first["name"]
    assert job.destroy().code == 0


def test_a_job_that_fails_fails_up_with_its_own_text_and_is_not_run_again(job: Program) -> None:
    break_call(job, "aiplatform.customJobs.run", "refuse", message="CUDA out of memory")
    job.write(wait_for="finished")
    result = job.up()
    assert result.code != 0
    assert "failed: CUDA out of memory" in result.text
    assert job.state()[JOB]["outputs"]["state"] == "failed"
    job.control("faults", faults=[])
    again = job.up()
    assert again.code != 0
    assert "failed: CUDA out of memory" in again.text
    refresh = job.run("refresh", "--yes", "--skip-preview")
    assert "Refreshed resource is in an unhealthy state" in refresh.text
    again = job.up()
    assert again.code != 0, again.text
    assert len(jobs(job)) == 1
    job.write(run=2)
    result = job.up()
    assert result.code == 0, result.text
    assert states(job) == ["JOB_STATE_SUCCEEDED"]
    assert job.destroy().code == 0


def test_interrupted_while_it_waits_the_job_is_in_the_state_and_up_waits_again(job: Program) -> None:
    job.control("clock", waits="real")
    process = job.start("up", "--yes", "--skip-preview", "--non-interactive", "--color", "never")
    deadline = time.monotonic() + 60
    while not jobs(job) and time.monotonic() < deadline:
        time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    text, _ = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "interrupted while job" in text, text
    assert JOB in job.state()
    job.control("clock", waits="instant")
    result = job.up()
    assert result.code == 0, result.text
    assert states(job) == ["JOB_STATE_RUNNING"]
    assert job.destroy().code == 0


def test_a_job_is_imported_by_its_name(job: Program) -> None:
    job.begin()
    [made] = jobs(job)
    id_ = job.state()[JOB]["id"]
    assert job.run("state", "delete", "--yes", job.state()[JOB]["urn"]).code == 0
    result = job.run("import", JOB, "job", id_, "--yes", "--generate-code=false", "--skip-preview", "--protect=false")
    assert result.code == 0, result.text
    state = job.state()[JOB]
    assert (state["inputs"]["run"], state["inputs"]["region"]) == (1, REGION)
    assert state["outputs"]["displayName"] == made["displayName"]
    assert job.destroy().code == 0
    assert jobs(job) == []
