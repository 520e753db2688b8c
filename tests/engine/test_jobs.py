"""A training job under its lease on the real engine: one run, listed in its region, ended with proof."""

from typing import Any

import pytest

from tests.engine.conftest import PROJECT, Stack
from trainyard.clouds.gcp.vertex import VertexJobs, number_of

pytestmark = pytest.mark.engine
REGION = "us-central1"
WORKLOAD: dict[str, Any] = {
    "kind": "training-job",
    "accelerator": "A100:1",
    "machine_type": "a2-highgpu-1g",
    "where": [{"cloud": "gcp", "regions": [REGION]}],
    "capacity": [{"kind": "on-demand", "usd_hour": 4.4}],
    "container": "europe-docker.pkg.dev/acme/train/llama@sha256:" + "9f" * 32,
    "command": ["torchrun", "train.py"],
    "env": {"EPOCHS": "3"},
}


def jobs(stack: Stack) -> VertexJobs:
    return VertexJobs(PROJECT, REGION, stack.yard.sandbox, lambda _: False)


def names(stack: Stack) -> dict[str, str]:
    return {job["displayName"]: job["state"] for job in jobs(stack).of_lease(stack.id)}


def test_a_job_runs_once_under_its_lease_and_a_raised_run_runs_it_again(stack: Stack) -> None:
    stack.settings({"workloads.workbench": WORKLOAD})
    stack.begin()
    name = f"{stack.id}-workbench"
    assert names(stack) == {f"{name}-1": "JOB_STATE_RUNNING"}
    assert set(stack.record().scopes) == {f"gcp:{PROJECT}", f"gcp:{PROJECT}/{REGION}"}
    stack.yard.forward(hours=2)
    refreshed = stack.yard.pulumi("refresh", "--yes", "--stack", stack.name)
    assert refreshed.code == 0, refreshed.text
    unchanged = stack.preview("--expect-no-changes")
    assert unchanged.code == 0, unchanged.text
    assert names(stack) == {f"{name}-1": "JOB_STATE_SUCCEEDED"}

    stack.settings({"workloads.workbench.env.EPOCHS": "4"})
    refused = stack.preview()
    assert refused.code != 0
    assert "containerSpec.env[0].value differs" in refused.text
    stack.settings({"workloads.workbench.run": 2})
    again = stack.up()
    assert again.code == 0, again.text
    assert names(stack) == {f"{name}-2": "JOB_STATE_RUNNING"}
    # It ends with the lease, which is 2 hours older than when the first one began.
    [job] = jobs(stack).of_lease(stack.id)
    assert int(job["jobSpec"]["scheduling"]["timeout"].removesuffix("s")) <= 22 * 3600
    gone = stack.destroy()
    assert gone.code == 0, gone.text
    assert names(stack) == {}


def test_a_job_behind_the_state_makes_destroy_fail_with_its_region_and_price(stack: Stack) -> None:
    stack.settings({"workloads.workbench": WORKLOAD})
    stack.begin()
    [made] = jobs(stack).of_lease(stack.id)
    body = {key: made[key] for key in ("displayName", "labels", "jobSpec")}
    forgotten = number_of(jobs(stack).create(body))
    refused = stack.destroy()
    assert refused.code != 0
    assert f"training job {forgotten} in {REGION} (gcp:{PROJECT}/{REGION})" in refused.text
    assert "without Vertex AI's own fee" in refused.text
    jobs(stack).cancel(forgotten)
    stack.yard.forward(hours=0.1)
    gone = stack.destroy()
    assert gone.code == 0, gone.text
