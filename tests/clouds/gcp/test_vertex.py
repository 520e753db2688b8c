"""What a lease has on Vertex AI in one region: all of it, or an error; driven against the sandbox's own Vertex AI."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from trainyard.clouds import open_scope
from trainyard.clouds.gcp import ScopeUnreadable, VertexRegion
from trainyard.clouds.gcp.rest import ApiError
from trainyard.clouds.gcp.vertex import VertexJobs, number_of
from trainyard.facts.origin import Sandbox
from trainyard.facts.price import AtLeast, Unknown
from trainyard.sandbox import clock, fault_file, faults
from trainyard.sandbox.api import making
from trainyard.sandbox.api.control import known_calls
from trainyard.sandbox.api.vertex import life
from trainyard.sandbox.store import Store

PROJECT = "trainyard-sandbox-copy-of-acme-ml-dev"
PLACE = f"{PROJECT}/europe-west4"
LEASE = "dev-lab-0a1b2c3d"
Submit = Callable[..., str]


@pytest.fixture
def jobs(sandbox: Sandbox, store: Store) -> VertexJobs:
    store.settlers[:] = [life.settle]
    return VertexJobs(PROJECT, "europe-west4", sandbox, lambda _: False)


@pytest.fixture
def submit(jobs: VertexJobs) -> Submit:
    """A job; its number."""

    def submit(lease: str = LEASE, strategy: str = "STANDARD", pools: int = 1) -> str:
        machine = {"machineType": "a3-highgpu-8g", "acceleratorType": "NVIDIA_H100_80GB", "acceleratorCount": 8}
        pool = {"machineSpec": machine, "replicaCount": "1", "containerSpec": {"imageUri": "eu.example/x:1"}}
        spec: dict[str, Any] = {"workerPoolSpecs": [pool] * pools, "scheduling": {"strategy": strategy}}
        body = {"displayName": "finetune-1", "labels": {"trainyard-lease": lease}, "jobSpec": spec}
        return number_of(jobs.create(body))

    return submit


def break_list(store: Store, kind: str, **more: Any) -> None:
    given = [{"call": "aiplatform.projects.locations.customJobs.list", "kind": kind, **more}]
    faults.replace(store, fault_file.parse(given, known_calls(), frozenset(), store.now()))


def test_a_region_is_a_scope_of_its_own_and_a_project_another() -> None:
    assert isinstance(open_scope(f"gcp:{PLACE}", None), VertexRegion)
    assert not isinstance(open_scope(f"gcp:{PROJECT}", None), VertexRegion)


def test_a_job_of_the_lease_bills_until_it_has_ended_with_at_least_its_machines_price(
    sandbox: Sandbox, store: Store, submit: Submit
) -> None:
    number = submit()
    submit(lease="dev-lab-ffffffff")
    region = VertexRegion(PLACE, sandbox)
    [job] = region.list_billable(LEASE)
    assert (job.kind, job.name, job.place, job.scope) == ("training job", number, "europe-west4", f"gcp:{PLACE}")
    assert (job.status, job.billing) == ("JOB_STATE_QUEUED finetune-1", True)
    assert isinstance(job.price, AtLeast)
    assert job.price.usd_hour > Decimal(50)
    assert region.end_by_hand(job) == (
        f"gcloud ai custom-jobs cancel {number} --region=europe-west4 --project={PROJECT}"
    )
    clock.move(store, 2 * 3600)
    [ended] = region.list_billable(LEASE)
    assert (ended.status, ended.billing) == ("JOB_STATE_SUCCEEDED finetune-1", False)


def test_a_spot_job_is_cheaper_and_flex_start_has_no_price(sandbox: Sandbox, submit: Submit) -> None:
    numbers = {strategy: submit(strategy=strategy) for strategy in ("STANDARD", "SPOT", "FLEX_START")}
    prices = {job.name: job.price for job in VertexRegion(PLACE, sandbox).list_billable(LEASE)}
    standard, spot = prices[numbers["STANDARD"]], prices[numbers["SPOT"]]
    assert isinstance(standard, AtLeast)
    assert isinstance(spot, AtLeast)
    assert spot.usd_hour < standard.usd_hour
    assert isinstance(prices[numbers["FLEX_START"]], Unknown)


def test_two_pools_of_one_machine_are_priced_together(sandbox: Sandbox, submit: Submit) -> None:
    one, two = submit(), submit(pools=2)
    prices = {job.name: job.price for job in VertexRegion(PLACE, sandbox).list_billable(LEASE)}
    first, second = prices[one], prices[two]
    assert isinstance(first, AtLeast)
    assert isinstance(second, AtLeast)
    assert second.usd_hour == 2 * first.usd_hour


def test_a_region_that_cannot_be_listed_is_unknown_and_never_empty(sandbox: Sandbox, store: Store) -> None:
    break_list(store, "refuse", code=403, message="Permission 'aiplatform.customJobs.list' denied")
    with pytest.raises(ScopeUnreadable, match=r"403 Permission .* denied"):
        VertexRegion(PLACE, sandbox).list_billable(LEASE)


def test_where_the_api_is_not_enabled_nothing_can_be_there(sandbox: Sandbox, store: Store) -> None:
    text = "Vertex AI API has not been used in project 1 before or it is disabled."
    break_list(store, "refuse", code=403, message=text)
    assert VertexRegion(PLACE, sandbox).list_billable(LEASE) == ()


def test_another_token_is_no_empty_region(sandbox: Sandbox) -> None:
    stranger = Sandbox(folder=sandbox.folder, pid=1, token="other", providers={}, api=sandbox.api)
    with pytest.raises(ScopeUnreadable, match="401"):
        VertexRegion(PLACE, stranger).list_billable(LEASE)


def test_cancel_and_delete_are_done_once_however_often_they_are_asked(
    jobs: VertexJobs, store: Store, submit: Submit
) -> None:
    number = submit()
    clock.move(store, 300)
    with pytest.raises(ApiError, match="only a job that has ended can be deleted"):
        jobs.delete(number)
    jobs.cancel(number)
    jobs.cancel(number)
    clock.move(store, 60)
    jobs.cancel(number)  # it has ended: nothing to cancel
    jobs.delete(number)
    jobs.delete(number)
    jobs.cancel(number)
    assert jobs.get(number) is None


POOL = {
    "machineSpec": {"machineType": "g2-standard-8", "acceleratorType": "NVIDIA_L4", "acceleratorCount": 1},
    "replicaCount": "2",
    "diskSpec": {"bootDiskType": "pd-ssd", "bootDiskSizeGb": 200},
}


@pytest.fixture
def keep(store: Store) -> Callable[..., None]:
    """A persistent resource of two machines."""

    def keep(name: str, lease: str = LEASE) -> None:
        place = {"project": PROJECT, "location": "europe-west4"}
        given = {"name": name, "labels": {"trainyard-lease": lease}, "resourcePools": [POOL], **place}
        making.make(store, "gcp", life.PERSISTENT, given, {})

    return keep


def test_a_persistent_resource_bills_its_machines_though_no_job_runs(
    sandbox: Sandbox, keep: Callable[..., None]
) -> None:
    keep("warm")
    keep("other", lease="dev-lab-ffffffff")
    region = VertexRegion(PLACE, sandbox)
    [found] = region.list_billable(LEASE)
    assert (found.kind, found.name, found.status, found.billing) == ("persistent resource", "warm", "RUNNING", True)
    assert found.machine_type == "g2-standard-8"
    assert isinstance(found.price, AtLeast)
    assert found.price.usd_hour > Decimal("1.5")
    assert region.end_by_hand(found) == (
        f"gcloud ai persistent-resources delete warm --region=europe-west4 --project={PROJECT}"
    )


def test_a_job_on_a_persistent_resource_bills_nothing_of_its_own(
    sandbox: Sandbox, jobs: VertexJobs, keep: Callable[..., None]
) -> None:
    keep("warm")
    pool = {**POOL, "replicaCount": "1", "containerSpec": {"imageUri": "eu.example/x:1"}}
    spec = {"persistentResourceId": "warm", "workerPoolSpecs": [pool]}
    jobs.create({"displayName": "tune-1", "labels": {"trainyard-lease": LEASE}, "jobSpec": spec})
    job, resource = VertexRegion(PLACE, sandbox).list_billable(LEASE)
    assert (job.kind, job.billing, resource.billing) == ("training job", False, True)


def test_persistent_resources_that_cannot_be_listed_are_unknown(
    sandbox: Sandbox, store: Store, keep: Callable[..., None]
) -> None:
    keep("warm")
    given = [
        {
            "call": "aiplatform.projects.locations.persistentResources.list",
            "kind": "refuse",
            "code": 403,
            "message": "no",
        }
    ]
    faults.replace(store, fault_file.parse(given, known_calls(), frozenset(), store.now()))
    with pytest.raises(ScopeUnreadable):
        VertexRegion(PLACE, sandbox).list_billable(LEASE)
