"""Vertex AI's custom jobs in the sandbox, driven by Google's own client."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import google_auth_httplib2
import httplib2
import pytest
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

from trainyard.facts.price import AtLeast
from trainyard.sandbox import clock, fault_file, faults
from trainyard.sandbox.api.control import known_calls
from trainyard.sandbox.api.server import Google
from trainyard.sandbox.api.serving import serve_cloud
from trainyard.sandbox.api.vertex import life
from trainyard.sandbox.faults import Fault
from trainyard.sandbox.listing import rows
from trainyard.sandbox.money.bill import bill
from trainyard.sandbox.preemption import preempt
from trainyard.sandbox.store import Store

PROJECT = "trainyard-sandbox-copy-of-acme-ml-dev"
REGION = "europe-west4"
PARENT = f"projects/{PROJECT}/locations/{REGION}"
IMAGE = "europe-docker.pkg.dev/acme/train/llama@sha256:" + "0" * 64
MACHINE = {"machineType": "a3-highgpu-8g", "acceleratorType": "NVIDIA_H100_80GB", "acceleratorCount": 8}
JOB: Mapping[str, Any] = {
    "displayName": "dev-1-finetune-1",
    "labels": {"trainyard-lease": "dev-1", "trainyard-workload": "finetune"},
    "jobSpec": {
        "workerPoolSpecs": [
            {"machineSpec": MACHINE, "replicaCount": "1", "containerSpec": {"imageUri": IMAGE, "command": ["train"]}}
        ],
        "scheduling": {"strategy": "SPOT", "timeout": "43200s", "maxWaitDuration": "3600s"},
        "serviceAccount": f"ty-dev-1@{PROJECT}.iam.gserviceaccount.com",
    },
}
Create = Callable[..., dict[str, Any]]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.open(tmp_path / "store.sqlite")
    store.settlers[:] = [life.settle]
    yield store
    store.close()


@pytest.fixture
def url(store: Store, tmp_path: Path) -> Iterator[str]:
    with serve_cloud(Google, store, tmp_path / "store.sqlite", token="word") as served:
        yield served.url


@pytest.fixture
def jobs(url: str) -> Any:
    return client(url, REGION).projects().locations().customJobs()


def client(url: str, endpoint: str) -> Any:
    http = google_auth_httplib2.AuthorizedHttp(Credentials("word"), http=httplib2.Http(timeout=30, proxy_info=None))
    options = {"api_endpoint": f"{url}/aiplatform/{endpoint}/"}
    return build("aiplatform", "v1", http=http, static_discovery=True, client_options=options)


@pytest.fixture
def create(jobs: Any) -> Create:
    return lambda job=JOB: jobs.create(parent=PARENT, body=job).execute()


def changed(path: str, value: Any) -> dict[str, Any]:
    """The job with another value at a dotted path, or without it for None."""
    job: Any = deepcopy(JOB)
    *steps, last = path.split(".")
    place = job
    for step in steps:
        place = place[int(step)] if isinstance(place, list) else place.setdefault(step, {})
    if value is None:
        del place[last]
    else:
        place[last] = value
    return dict(job)


def state(jobs: Any, job: dict[str, Any]) -> str:
    return str(jobs.get(name=job["name"]).execute()["state"])


def break_call(store: Store, call: str, kind: str, **more: Any) -> None:
    given = [{"call": call, "kind": kind, **more}]
    faults.replace(store, fault_file.parse(given, known_calls(), frozenset(), store.now()))


def test_a_job_waits_runs_and_ends_by_the_simulated_clock(create: Create, jobs: Any, store: Store) -> None:
    job = create()
    assert job["state"] == "JOB_STATE_QUEUED"
    assert not job["name"].startswith(f"projects/{PROJECT}/")  # the API tells the project's number
    seen = []
    for seconds in (15, 150, 3600):
        clock.move(store, seconds)
        seen.append(state(jobs, job))
    assert seen == ["JOB_STATE_PENDING", "JOB_STATE_RUNNING", "JOB_STATE_SUCCEEDED"]
    ended = jobs.get(name=job["name"]).execute()
    assert ended["startTime"] < ended["endTime"]


def test_what_runs_bills_from_its_start_to_its_end_and_what_waits_does_not(create: Create, store: Store) -> None:
    create()
    clock.move(store, 120)
    assert bill(store).lines == []
    clock.move(store, 2 * 3600)
    [line] = bill(store).lines
    assert (line.what.kind, line.what.shape, line.what.capacity) == ("managed machine", "a3-highgpu-8g", "spot")
    assert line.hours == pytest.approx(1, abs=0.01)
    assert not line.running
    assert line.group("lease") == "dev-1"
    assert isinstance(line.price, AtLeast)
    assert line.price.lacks == "the service's own fee"
    assert line.usd > 30


def test_it_shows_among_what_the_sandbox_holds(create: Create, store: Store) -> None:
    create()
    [row] = rows(store)
    assert (row.name, row.place, row.status, row.lease) == ("dev-1-finetune-1", REGION, "JOB_STATE_QUEUED", "dev-1")


def test_a_job_past_its_timeout_is_cancelled_with_the_reason(create: Create, jobs: Any, store: Store) -> None:
    job = create(changed("jobSpec.scheduling.timeout", "600s"))
    clock.move(store, 3600)
    ended = jobs.get(name=job["name"]).execute()
    assert (ended["state"], ended["error"]["code"]) == ("JOB_STATE_CANCELLED", 1)
    assert "timeout of 600 seconds" in ended["error"]["message"]


def test_only_a_job_that_ended_is_deleted_and_a_running_one_takes_its_time_to_cancel(
    create: Create, jobs: Any, store: Store
) -> None:
    job = create()
    clock.move(store, 300)
    with pytest.raises(HttpError, match="only a job that has ended can be deleted"):
        jobs.delete(name=job["name"]).execute()
    jobs.cancel(name=job["name"], body={}).execute()
    assert state(jobs, job) == "JOB_STATE_CANCELLING"
    clock.move(store, 31)
    assert state(jobs, job) == "JOB_STATE_CANCELLED"
    with pytest.raises(HttpError, match="JOB_STATE_CANCELLED"):
        jobs.cancel(name=job["name"], body={}).execute()
    assert jobs.delete(name=job["name"]).execute()["name"].startswith("projects/")
    with pytest.raises(HttpError) as gone:
        jobs.get(name=job["name"]).execute()
    assert gone.value.status_code == 404


def test_a_list_filters_by_label_name_and_state_over_pages(create: Create, jobs: Any, store: Store) -> None:
    for number in range(5):
        create(changed("displayName", f"dev-1-finetune-{number}"))
    create(changed("labels", {"trainyard-lease": "dev-2"}))
    found, request = [], jobs.list(parent=PARENT, filter='labels.trainyard-lease="dev-1"', pageSize=2)
    pages = 0
    while request is not None:
        answer = request.execute()
        found += [job["displayName"] for job in answer.get("customJobs", ())]
        request, pages = jobs.list_next(request, answer), pages + 1
    assert sorted(found) == [f"dev-1-finetune-{number}" for number in range(5)]
    assert pages == 3
    one = 'display_name="dev-1-finetune-3" AND state="JOB_STATE_QUEUED"'
    [job] = jobs.list(parent=PARENT, filter=one).execute()["customJobs"]
    assert job["displayName"] == "dev-1-finetune-3"
    with pytest.raises(HttpError, match="'owner' is none of"):
        jobs.list(parent=PARENT, filter='owner="me"').execute()


@pytest.mark.parametrize(
    ("path", "value", "complaint"),
    [
        ("jobSpec.scheduling.speed", "fast", 'Unknown name "speed"'),
        ("jobSpec.scheduling.strategy", "CHEAP", "allowed: .*FLEX_START"),
        ("jobSpec.scheduling.timeout", "12h", "google-duration"),
        ("jobSpec.workerPoolSpecs.0.replicaCount", 1, r"replicaCount' \(string\)"),
        ("jobSpec.workerPoolSpecs.0.containerSpec.imageUri", None, "Required field is not set: .*imageUri"),
        ("displayName", None, "Required field is not set: custom_job.displayName"),
        ("state", "JOB_STATE_RUNNING", "output only"),
        ("jobSpec.workerPoolSpecs.0.machineSpec.acceleratorType", "NVIDIA_L4", "it has 8 of NVIDIA_H100_80GB"),
        ("jobSpec.workerPoolSpecs.0.machineSpec.acceleratorCount", 16, "count 16 is not supported"),
        ("jobSpec.workerPoolSpecs.0.machineSpec.machineType", "a3-bestgpu-8g", "is not supported"),
        ("jobSpec.workerPoolSpecs.0.machineSpec.machineType", "a4-highgpu-8g", "A?a4-highgpu-8g"),
        ("jobSpec.workerPoolSpecs.0.replicaCount", "2", "exactly 1 replica"),
        ("jobSpec.network", f"projects/{PROJECT}/global/networks/dev", "project number"),
        ("jobSpec.tensorboard", "projects/1/locations/europe-west4/tensorboards/1", "base_output_directory"),
        ("encryptionSpec", {"kmsKeyName": "projects/p/locations/us/keyRings/r/cryptoKeys/k"}, "same region"),
        ("labels", {"owner": "ml-platform@acme.example"}, "is invalid"),
        ("jobSpec.workerPoolSpecs.0.containerSpec.env", [{"name": "1x", "value": "y"}], "no valid C identifier"),
    ],
)
def test_what_the_api_refuses_is_refused(create: Create, path: str, value: Any, complaint: str) -> None:
    with pytest.raises(HttpError, match=complaint) as refused:
        create(changed(path, value))
    assert refused.value.status_code == 400


def test_flex_start_takes_seven_days_and_the_gpus_that_it_serves(create: Create) -> None:
    flex = changed("jobSpec.scheduling", {"strategy": "FLEX_START", "timeout": "604801s", "maxWaitDuration": "60s"})
    with pytest.raises(HttpError, match="at most 604800s"):
        create(flex)
    flex["jobSpec"]["scheduling"]["timeout"] = "604800s"
    assert create(flex)["state"] == "JOB_STATE_QUEUED"


def test_a_flex_start_job_without_room_fails_when_its_wait_is_over(create: Create, jobs: Any, store: Store) -> None:
    break_call(store, life.START, "stockout")
    job = create(
        changed("jobSpec.scheduling", {"strategy": "FLEX_START", "timeout": "600s", "maxWaitDuration": "7200s"})
    )
    clock.move(store, 7100)
    assert state(jobs, job) == "JOB_STATE_PENDING"
    clock.move(store, 200)
    ended = jobs.get(name=job["name"]).execute()
    assert ended["state"] == "JOB_STATE_FAILED"
    assert ended["error"]["message"] == f"Resources are insufficient in region: {REGION}"


def test_with_a_wait_of_0_it_waits_for_ever(create: Create, jobs: Any, store: Store) -> None:
    break_call(store, life.START, "stockout")
    job = create(changed("jobSpec.scheduling", {"strategy": "FLEX_START", "timeout": "600s", "maxWaitDuration": "0s"}))
    clock.move(store, 30 * 86400)
    assert state(jobs, job) == "JOB_STATE_PENDING"


def test_a_job_fails_with_its_own_text_and_one_over_quota_with_googles(create: Create, jobs: Any, store: Store) -> None:
    break_call(store, life.RUN, "refuse", message="CUDA out of memory")
    job = create()
    clock.move(store, 600)
    failed = jobs.get(name=job["name"]).execute()
    assert (failed["state"], failed["error"]["message"]) == ("JOB_STATE_FAILED", "CUDA out of memory")
    break_call(store, life.START, "quota")
    job = create()
    clock.move(store, 600)
    assert "quota metrics exceed quota limits" in jobs.get(name=job["name"]).execute()["error"]["message"]


@pytest.mark.parametrize(
    ("retries", "ends"),
    [({"restartJobOnWorkerRestart": True}, "JOB_STATE_PENDING"), ({"disableRetries": True}, "JOB_STATE_FAILED")],
)
def test_a_spot_job_whose_machine_is_taken_back_begins_again_or_fails(
    create: Create, jobs: Any, store: Store, retries: dict[str, bool], ends: str
) -> None:
    store.settlers[:] = [preempt, life.settle]
    job = create(changed("jobSpec.scheduling", {**JOB["jobSpec"]["scheduling"], **retries}))
    clock.move(store, 600)
    assert state(jobs, job) == "JOB_STATE_RUNNING"
    faults.replace(store, [Fault(call=f"{life.TYPE} run", kind="preempt", since=store.now(), times=1)])
    clock.move(store, 10)
    assert state(jobs, job) == ends
    clock.move(store, 7200)
    billed = [line.running for line in bill(store).lines]
    assert billed == ([False, False] if ends == "JOB_STATE_PENDING" else [False])


def test_a_region_is_served_at_its_own_endpoint_only(url: str) -> None:
    other = client(url, "us-central1").projects().locations().customJobs()
    with pytest.raises(HttpError, match="use europe-west4-aiplatform"):
        other.list(parent=PARENT).execute()


def test_a_throttled_call_says_when_to_come_back(create: Create, store: Store) -> None:
    break_call(store, "aiplatform.projects.locations.customJobs.create", "throttle", seconds=7, times=1)
    with pytest.raises(HttpError) as refused:
        create()
    assert (refused.value.status_code, refused.value.resp["retry-after"]) == (429, "7")
    assert create()["state"] == "JOB_STATE_QUEUED"
