"""Machines of Vertex AI's that wait for jobs, on the real engine: they bill while none runs, and leave with proof."""

import json
from typing import Any

import pytest

from tests.engine.conftest import PROJECT, Stack
from tests.engine.test_jobs import WORKLOAD, jobs, names
from trainyard.clouds.gcp import VertexRegion

pytestmark = pytest.mark.engine
REGION = "us-central1"


def place() -> dict[str, Any]:
    """Its own in each workload: a stack file holds no aliases."""
    where = [{"cloud": "gcp", "regions": [REGION]}]
    return {"accelerator": "A100:1", "machine_type": "a2-highgpu-1g", "where": where}


WARM = {"kind": "persistent-resource", **place(), "nodes": 2, "capacity": [{"kind": "on-demand", "usd_hour": 4.4}]}
JOB = {**{key: WORKLOAD[key] for key in ("kind", "container", "command")}, **place(), "runs_on": "warm"}
TYPE = "gcp:vertex/aiPersistentResource:AiPersistentResource"


def replicas(stack: Stack) -> list[str]:
    found = jobs(stack).persistent_resources(stack.id)
    return [pool["replicaCount"] for each in found for pool in each["resourcePools"]]


def test_it_waits_for_jobs_grows_in_place_is_replaced_and_leaves_nothing(stack: Stack) -> None:
    stack.settings({"workloads.workbench": None, "workloads.warm": WARM, "workloads.tune": JOB, "lease.cap_usd": 400})
    checked = stack.yard.run("trainyard", "check", stack.name)
    assert checked.text.splitlines()[0].startswith("warm: 0 of 2 independent ends"), checked.text
    assert "tune: 1 of 2" not in checked.text  # it bills nothing of its own
    up = stack.up()
    assert up.code == 0, up.text
    assert "warm: 0 of 2 independent ends" in up.text
    name = f"{stack.id}-tune"
    assert names(stack) == {f"{name}-1": "JOB_STATE_RUNNING"}
    [job] = jobs(stack).of_lease(stack.id)
    assert job["jobSpec"]["persistentResourceId"] == f"{stack.id}-warm"
    listed = VertexRegion(f"{PROJECT}/{REGION}", stack.yard.sandbox).list_billable(stack.id)
    billing = [thing for thing in listed if thing.billing]
    assert [thing.kind for thing in billing] == ["persistent resource"]
    shown = stack.yard.run("trainyard", "show", stack.name).text
    assert "no end by the cloud" not in shown
    assert "but not warm: destroy in time" in shown

    refreshed = stack.yard.pulumi("refresh", "--yes", "--stack", stack.name)
    assert refreshed.code == 0, refreshed.text
    unchanged = stack.preview("--expect-no-changes")
    assert unchanged.code == 0, unchanged.text

    stack.settings({"workloads.warm.nodes": 3})
    grown = stack.up()
    assert grown.code == 0, grown.text
    assert replicas(stack) == ["3"]
    assert names(stack) == {f"{name}-1": "JOB_STATE_RUNNING"}

    stack.settings({"workloads.warm.max_nodes": 5, "workloads.tune.run": 2})
    replaced = stack.up()
    assert replaced.code == 0, replaced.text
    assert replicas(stack) == ["3"]
    gone = stack.destroy()
    assert gone.code == 0, gone.text
    assert (names(stack), replicas(stack)) == ({}, [])


def test_one_behind_the_state_makes_destroy_fail_with_its_price(stack: Stack) -> None:
    stack.settings({"workloads.workbench": None, "workloads.warm": WARM, "lease.cap_usd": 400})
    up = stack.up()
    assert up.code == 0, up.text
    exported = json.loads(stack.yard.pulumi("stack", "export", "--stack", stack.name).text)
    [urn] = [each["urn"] for each in exported["deployment"]["resources"] if each["type"] == TYPE]
    forgotten = stack.yard.pulumi("state", "delete", "--yes", urn, "--stack", stack.name)
    assert forgotten.code == 0, forgotten.text
    refused = stack.destroy()
    assert refused.code != 0
    assert f"persistent resource {stack.id}-warm in {REGION}" in refused.text
    assert "without Vertex AI's own fee" in refused.text
