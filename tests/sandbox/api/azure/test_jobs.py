"""Jobs of Azure Machine Learning as Resource Manager has them, asked plainly: no client of Microsoft's is installed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.api.azure.conftest import GROUP, SUBSCRIPTION, Azure
from trainyard.sandbox import clock
from trainyard.sandbox.api.azure import job_life
from trainyard.sandbox.api.making import make
from trainyard.sandbox.store import Store, Thing

ROOT = f"/resourceGroups/{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/lab-ws"
WORKSPACE = f"/subscriptions/{SUBSCRIPTION}{ROOT}"
JOB, COMPUTE = f"{ROOT}/jobs/run-1", f"{ROOT}/computes/train-ya"


@pytest.fixture
def workspace(azure: Azure, store: Store) -> Azure:
    """A workspace with an environment and an empty cluster of two low-priority machines."""
    store.settlers[:] = [job_life.settle]
    kind = "azure-native:machinelearningservices"
    store.put(
        Thing(
            type=f"{kind}:Workspace",
            id=WORKSPACE,
            package="azure-native",
            project=SUBSCRIPTION,
            place="eastus",
            name="lab-ws",
        )
    )
    inside = {"workspaceName": "lab-ws", "resourceGroupName": GROUP}
    image = {"image": "x.azurecr.io/a:1", "osType": "Linux"}
    environment = {"name": "env", "version": "1", "properties": image, **inside}
    make(store, "azure-native", f"{kind}:EnvironmentVersion", environment, {"subscriptionId": SUBSCRIPTION})
    scale = {"minNodeCount": 0, "maxNodeCount": 2, "nodeIdleTimeBeforeScaleDown": "PT120S"}
    own = {"vmSize": "Standard_NC24ads_A100_v4", "vmPriority": "LowPriority", "scaleSettings": scale}
    body = {"location": "eastus", "properties": {"computeType": "AmlCompute", "properties": own}}
    assert azure.ask("PUT", COMPUTE, body).status_code == 201
    return azure


def job(**more: Any) -> dict[str, Any]:
    given = {
        "jobType": "Command",
        "command": "python train.py",
        "environmentId": f"{WORKSPACE}/environments/env/versions/1",
        "computeId": f"{WORKSPACE}/computes/train-ya",
        "limits": {"jobLimitsType": "Command", "timeout": "PT2H"},
        "resources": {"instanceCount": 2},
        "tags": {"trainyard-lease": "a"},
        **more,
    }
    return {"properties": {key: value for key, value in given.items() if value is not None}}


def status(azure: Azure) -> str:
    return str(azure.ask("GET", JOB).json()["properties"]["status"])


def nodes(azure: Azure) -> int:
    return int(azure.ask("GET", COMPUTE).json()["properties"]["properties"]["currentNodeCount"])


def test_a_job_takes_the_clusters_machines_while_it_runs_and_a_while_longer(workspace: Azure, store: Store) -> None:
    assert nodes(workspace) == 0
    made = workspace.ask("PUT", JOB, job())
    assert (made.status_code, made.json()["name"]) == (201, "run-1")
    seen = [(status(workspace), nodes(workspace))]
    for seconds in (11, 120, 60, 3600, 30, 121):
        clock.move(store, seconds)
        seen.append((status(workspace), nodes(workspace)))
    assert seen == [
        ("NotStarted", 0),
        ("Queued", 0),
        ("Preparing", 2),
        ("Running", 2),
        ("Finalizing", 2),
        ("Completed", 2),
        ("Completed", 0),
    ]


def test_a_job_that_is_there_takes_other_tags_and_no_other_spec(workspace: Azure) -> None:
    workspace.ask("PUT", JOB, job())
    again = workspace.ask("PUT", JOB, job(command="python other.py", tags={"b": "c"}))
    assert again.status_code == 200
    assert again.json()["properties"]["tags"] == {"b": "c"}
    assert again.json()["properties"]["command"] == "python train.py"


def test_a_running_job_is_cancelled_before_it_is_deleted_and_its_name_never_comes_free(
    workspace: Azure, store: Store
) -> None:
    workspace.ask("PUT", JOB, job())
    clock.move(store, 600)
    running = workspace.ask("DELETE", JOB)
    assert (running.status_code, status(workspace)) == (409, "Running")
    assert workspace.ask("POST", f"{JOB}/cancel").status_code == 202
    assert status(workspace) == "CancelRequested"
    clock.move(store, 60)
    assert status(workspace) == "Canceled"
    assert workspace.ask("POST", f"{JOB}/cancel").status_code == 400
    assert workspace.finish(workspace.ask("DELETE", JOB)).json()["status"] == "Succeeded"
    assert workspace.ask("GET", JOB).status_code == 404
    again = workspace.ask("PUT", JOB, job())
    assert (again.status_code, "names are not reused" in again.text) == (400, True)


def test_a_job_that_waits_is_cancelled_at_once(workspace: Azure, store: Store) -> None:
    workspace.ask("PUT", JOB, job())
    clock.move(store, 30)
    workspace.ask("POST", f"{JOB}/cancel")
    assert status(workspace) == "Canceled"
    assert nodes(workspace) == 0


def test_a_job_ends_at_its_timeout(workspace: Azure, store: Store) -> None:
    workspace.ask("PUT", JOB, job(limits={"jobLimitsType": "Command", "timeout": "PT30M"}))
    clock.move(store, 2100)
    assert status(workspace) == "Canceled"


def test_a_job_fails_when_its_cluster_is_deleted(workspace: Azure, store: Store) -> None:
    workspace.ask("PUT", JOB, job())
    clock.move(store, 600)
    store.delete("azure-native:machinelearningservices:Compute", f"{WORKSPACE}/computes/train-ya")
    assert status(workspace) == "Failed"


def test_jobs_are_listed_by_tag(workspace: Azure) -> None:
    workspace.ask("PUT", JOB, job())
    workspace.ask("PUT", f"{ROOT}/jobs/run-2", job(tags={"b": "c"}))
    found = workspace.ask("GET", f"{ROOT}/jobs?tag=trainyard-lease").json()["value"]
    assert [each["name"] for each in found] == ["run-1"]


@pytest.mark.parametrize(
    ("change", "status", "says"),
    [
        ({"jobType": "Pipeline"}, 501, "jobs of type Command"),
        ({"computeId": None}, 400, "properties.computeId is required"),
        ({"computeId": f"{WORKSPACE}/computes/none"}, 400, "Compute not found"),
        ({"environmentId": f"{WORKSPACE}/environments/env/versions/9"}, 400, "was not found"),
        ({"resources": {"instanceCount": 3}}, 400, "exceeds the maximum node count 2"),
        ({"limits": {"jobLimitsType": "Command", "timeout": "PT0S"}}, 400, "InvalidTimeout"),
        ({"distribution": {"distributionType": "Torch"}}, 400, "distributionType"),
    ],
)
def test_what_no_job_can_be_is_refused(workspace: Azure, change: dict[str, Any], status: int, says: str) -> None:
    answer = workspace.ask("PUT", JOB, job(**change))
    assert (answer.status_code, says in answer.text) == (status, True), answer.text
    assert workspace.ask("GET", JOB).status_code == 404
