"""Persistent resources in the sandbox, driven by Google's own client, and the jobs that run on them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import google_auth_httplib2
import httplib2
import pytest
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

from trainyard.sandbox import clock
from trainyard.sandbox.api.server import Google
from trainyard.sandbox.api.serving import serve_cloud
from trainyard.sandbox.api.vertex import life
from trainyard.sandbox.money.bill import bill
from trainyard.sandbox.store import Store

PROJECT = "trainyard-sandbox-copy-of-acme-ml-dev"
REGION = "europe-west4"
PARENT = f"projects/{PROJECT}/locations/{REGION}"
MACHINE = {"machineType": "g2-standard-8", "acceleratorType": "NVIDIA_L4", "acceleratorCount": 1}
DISK = {"bootDiskType": "pd-ssd", "bootDiskSizeGb": 200}
BODY: dict[str, Any] = {
    "labels": {"trainyard-lease": "dev-1"},
    "resourcePools": [{"machineSpec": MACHINE, "replicaCount": "2", "diskSpec": DISK}],
    "resourceRuntimeSpec": {"serviceAccountSpec": {"enableCustomServiceAccount": True}},
}
Made = Callable[..., dict[str, Any]]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.open(tmp_path / "store.sqlite")
    store.settlers[:] = [life.settle]
    yield store
    store.close()


@pytest.fixture
def locations(store: Store, tmp_path: Path) -> Iterator[Any]:
    with serve_cloud(Google, store, tmp_path / "store.sqlite", token="word") as served:
        http = google_auth_httplib2.AuthorizedHttp(Credentials("word"), http=httplib2.Http(timeout=30, proxy_info=None))
        options = {"api_endpoint": f"{served.url}/aiplatform/{REGION}/"}
        client = build("aiplatform", "v1", http=http, static_discovery=True, client_options=options)
        yield client.projects().locations()


@pytest.fixture
def make(locations: Any) -> Made:
    def make(id: str = "warm", **changes: Any) -> dict[str, Any]:
        create = locations.persistentResources().create
        return dict(create(parent=PARENT, persistentResourceId=id, body={**BODY, **changes}).execute())

    return make


@pytest.fixture
def submit(locations: Any) -> Made:
    def submit(**changes: Any) -> dict[str, Any]:
        pool = {"machineSpec": MACHINE, "diskSpec": DISK, "containerSpec": {"imageUri": "eu.example/x:1"}}
        spec = {
            "persistentResourceId": "warm",
            "workerPoolSpecs": [{**pool, "replicaCount": "1", **changes.pop("pool", {})}],
            "serviceAccount": f"ty@{PROJECT}.iam.gserviceaccount.com",
            **changes,
        }
        body = {"displayName": "tune-1", "jobSpec": spec}
        return dict(locations.customJobs().create(parent=PARENT, body=body).execute())

    return submit


def test_one_is_made_shown_listed_and_deleted(locations: Any, make: Made) -> None:
    begun = make()
    done = locations.operations().get(name=begun["name"]).execute()
    assert "done" not in begun
    assert done["done"]
    resources = locations.persistentResources()
    [found] = resources.list(parent=PARENT).execute()["persistentResources"]
    assert found == resources.get(name=found["name"]).execute()
    assert (found["state"], found["labels"]) == ("RUNNING", {"trainyard-lease": "dev-1"})
    assert found["resourcePools"] == [{"machineSpec": MACHINE, "replicaCount": "2", "diskSpec": DISK}]
    resources.delete(name=found["name"]).execute()
    assert resources.list(parent=PARENT).execute() == {}
    with pytest.raises(HttpError) as refused:
        resources.get(name=found["name"]).execute()
    assert refused.value.status_code == 404


def test_a_list_comes_in_pages(locations: Any, make: Made) -> None:
    for name in ("a", "b", "c"):
        make(name)
    resources = locations.persistentResources()
    request, found = resources.list(parent=PARENT, pageSize=2), []
    while request is not None:
        answer = request.execute()
        found += [each["name"].rpartition("/")[2] for each in answer["persistentResources"]]
        request = resources.list_next(request, answer)
    assert found == ["a", "b", "c"]


def test_a_name_is_there_once(make: Made) -> None:
    make()
    with pytest.raises(HttpError) as refused:
        make()
    assert refused.value.status_code == 409


def pools(**changes: Any) -> dict[str, Any]:
    return {"resourcePools": [{"machineSpec": MACHINE, "replicaCount": "2", **changes}]}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"resourcePools": []}, "resource_pools|resourcePools"),
        (pools(replicaCount="0"), "must be 1 or more"),
        (pools(autoscalingSpec={"minReplicaCount": "0", "maxReplicaCount": "3"}), "must be 1 or more"),
        (pools(autoscalingSpec={"minReplicaCount": "3", "maxReplicaCount": "3"}), "must be greater than"),
        (pools(machineSpec={**MACHINE, "acceleratorCount": 2}), "with count 2 is not supported"),
        (pools(machineSpec={**MACHINE, "machineType": "a3-highgpu-8g"}), "not supported for machine type"),
        ({"network": "projects/acme/global/networks/dev"}, "project number"),
        ({"encryptionSpec": {"kmsKeyName": "projects/p/locations/us/keyRings/r/cryptoKeys/k"}}, "same region"),
        ({"timeout": "3600s"}, "timeout"),
    ],
)
def test_what_vertex_ai_refuses_is_refused(make: Made, changes: dict[str, Any], says: str) -> None:
    with pytest.raises(HttpError, match=says) as refused:
        make(**changes)
    assert refused.value.status_code == 400


def test_it_bills_while_nothing_runs_and_a_job_on_it_bills_nothing(store: Store, make: Made, submit: Made) -> None:
    make()
    clock.move(store, 3600)
    idle = bill(store).usd_hour_now
    submit()
    clock.move(store, 3600)
    assert idle > 1
    assert bill(store).usd_hour_now == idle
    assert [line.name for line in bill(store).lines] == ["warm"]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"persistentResourceId": "cold"}, "does not exist"),
        ({"pool": {"machineSpec": {**MACHINE, "machineType": "g2-standard-4"}}}, "No resource pool"),
        ({"pool": {"diskSpec": {**DISK, "bootDiskSizeGb": 100}}}, "disk spec"),
        ({"network": "projects/1/global/networks/dev"}, "network"),
        ({"serviceAccount": ""}, "enable_custom_service_account"),
        ({"scheduling": {"strategy": "SPOT"}}, "strategy"),
    ],
)
def test_a_job_that_does_not_fit_is_refused(make: Made, submit: Made, changes: dict[str, Any], says: str) -> None:
    make()
    with pytest.raises(HttpError, match=says) as refused:
        submit(**changes)
    assert refused.value.status_code == 400


def test_its_jobs_are_cancelled_when_it_is_deleted(locations: Any, store: Store, make: Made, submit: Made) -> None:
    make()
    job = submit()
    clock.move(store, 600)
    assert locations.customJobs().get(name=job["name"]).execute()["state"] == "JOB_STATE_RUNNING"
    [found] = locations.persistentResources().list(parent=PARENT).execute()["persistentResources"]
    locations.persistentResources().delete(name=found["name"]).execute()
    assert locations.customJobs().get(name=job["name"]).execute()["state"] == "JOB_STATE_CANCELLED"
