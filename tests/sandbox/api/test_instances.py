"""Machines through Google's own client."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest
from googleapiclient.errors import HttpError
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from trainyard.sandbox.running import Running
from trainyard.sandbox.store import Store, Thing
from trainyard.servicer import decode, encode

ZONE = "us-central1-a"
TOKEN = "gcp:compute/instance:Instance"
Body = Callable[..., dict[str, Any]]


def names(answer: dict[str, Any], collection: str = "instances") -> list[str]:
    return [thing["name"] for scope in answer["items"].values() for thing in scope.get(collection, ())]


def insert(compute: Any, project: str, body: dict[str, Any]) -> dict[str, Any]:
    operation = compute.instances().insert(project=project, zone=ZONE, body=body).execute()
    done: dict[str, Any] = (
        compute.zoneOperations().wait(project=project, zone=ZONE, operation=operation["name"]).execute()
    )
    return done


@pytest.fixture
def provider(sandbox: Running) -> Any:
    channel = grpc.insecure_channel(f"127.0.0.1:{sandbox.providers['gcp']}")
    yield provider_pb2_grpc.ResourceProviderStub(channel)
    channel.close()


def made_by_provider(provider: Any, project: str) -> str:
    inputs = {
        "name": "lab",
        "project": project,
        "zone": ZONE,
        "machineType": "g2-standard-4",
        "labels": {"trainyard-lease": "dev-lab-1"},
        "bootDisk": {"initializeParams": {"image": "debian-cloud/debian-12", "size": 100, "labels": {"disk": "yes"}}},
        "scratchDisks": [{"interface": "NVME"}],
        "networkInterfaces": [{"network": "default"}],
        "metadata": {"user-data": "#cloud-config"},
        "scheduling": {
            "onHostMaintenance": "TERMINATE",
            "maxRunDuration": {"seconds": 86400},
            "instanceTerminationAction": "DELETE",
        },
        "serviceAccount": {"email": "123456789012-compute@developer.gserviceaccount.com", "scopes": ["cloud-platform"]},
    }
    request = provider_pb2.CreateRequest(
        urn=f"urn:pulumi:s::p::{TOKEN}::lab", type=TOKEN, name="lab", properties=encode(inputs)
    )
    return str(provider.Create(request, timeout=60).id)


def test_a_machine_made_by_the_provider_is_listed_with_its_labels_and_scheduling(
    compute: Any, provider: Any, project: str
) -> None:
    made_by_provider(provider, project)
    answer = compute.instances().aggregatedList(project=project, filter='labels.trainyard-lease="dev-lab-1"').execute()
    (machine,) = answer["items"][f"zones/{ZONE}"]["instances"]
    assert machine["status"] == "RUNNING"
    assert machine["machineType"].endswith(f"/projects/{project}/zones/{ZONE}/machineTypes/g2-standard-4")
    assert machine["scheduling"]["maxRunDuration"]["seconds"] == "86400"
    assert machine["labels"] == {"trainyard-lease": "dev-lab-1"}
    assert machine["serviceAccounts"][0]["email"] == "123456789012-compute@developer.gserviceaccount.com"
    assert [disk["type"] for disk in machine["disks"]] == ["PERSISTENT", "SCRATCH"]


def test_a_machine_inserted_here_is_read_by_the_provider(
    compute: Any, provider: Any, project: str, machine_body: Body
) -> None:
    insert(compute, project, machine_body("planted", labels={"a": "b"}))
    request = provider_pb2.ReadRequest(id=f"projects/{project}/zones/{ZONE}/instances/planted", type=TOKEN)
    read = provider.Read(request, timeout=60)
    assert read.id
    assert decode(read.properties)["currentStatus"] == "RUNNING"
    assert decode(read.inputs)["labels"] == {"a": "b"}


def test_an_operation_runs_in_the_answer_and_is_done_when_asked_again(
    compute: Any, project: str, machine_body: Body
) -> None:
    first = compute.instances().insert(project=project, zone=ZONE, body=machine_body("one")).execute()
    assert first["status"] == "RUNNING"
    second = compute.zoneOperations().get(project=project, zone=ZONE, operation=first["name"]).execute()
    assert (second["status"], second["progress"]) == ("DONE", 100)
    assert second["targetLink"].endswith("/instances/one")


def test_an_unknown_operation_is_not_found(compute: Any, project: str) -> None:
    with pytest.raises(HttpError) as refused:
        compute.zoneOperations().get(project=project, zone=ZONE, operation="operation-1").execute()
    assert refused.value.status_code == 404


def test_a_stopped_machine_is_terminated_and_its_disk_stays(compute: Any, project: str, machine_body: Body) -> None:
    insert(compute, project, machine_body("one"))
    compute.instances().stop(project=project, zone=ZONE, instance="one").execute()
    assert compute.instances().get(project=project, zone=ZONE, instance="one").execute()["status"] == "TERMINATED"
    assert names(compute.disks().aggregatedList(project=project).execute(), "disks") == ["one"]
    compute.instances().start(project=project, zone=ZONE, instance="one").execute()
    assert compute.instances().get(project=project, zone=ZONE, instance="one").execute()["status"] == "RUNNING"


def test_a_boot_disk_vanishes_with_its_machine(compute: Any, project: str, machine_body: Body) -> None:
    insert(compute, project, machine_body("one"))
    (disk,) = compute.disks().list(project=project, zone=ZONE).execute()["items"]
    assert disk["sizeGb"] == "50"
    assert disk["users"] == [f"https://www.googleapis.com/compute/v1/projects/{project}/zones/{ZONE}/instances/one"]
    compute.instances().delete(project=project, zone=ZONE, instance="one").execute()
    assert names(compute.disks().aggregatedList(project=project).execute(), "disks") == []


def test_a_boot_disk_without_auto_delete_outlives_its_machine(compute: Any, project: str, machine_body: Body) -> None:
    body = machine_body("one")
    body["disks"][0]["autoDelete"] = False
    insert(compute, project, body)
    compute.instances().delete(project=project, zone=ZONE, instance="one").execute()
    (disk,) = compute.disks().list(project=project, zone=ZONE).execute()["items"]
    assert (disk["name"], disk["status"], "users" in disk) == ("one", "READY", False)


def test_the_cloud_deletes_a_machine_at_its_termination_time(
    compute: Any, store: Store, project: str, machine_body: Body
) -> None:
    end = {"maxRunDuration": {"seconds": "3600"}, "instanceTerminationAction": "DELETE"}
    insert(compute, project, machine_body("one", scheduling={"onHostMaintenance": "TERMINATE", **end}))
    assert names(compute.instances().aggregatedList(project=project).execute()) == ["one"]
    store.advance(3601)
    assert names(compute.instances().aggregatedList(project=project).execute()) == []


def test_labels_are_set_only_with_the_present_fingerprint(compute: Any, project: str, machine_body: Body) -> None:
    insert(compute, project, machine_body("one", labels={"a": "b"}))
    instances, at = compute.instances(), {"project": project, "zone": ZONE, "instance": "one"}
    before = instances.get(**at).execute()["labelFingerprint"]
    instances.setLabels(**at, body={"labels": {"a": "c"}, "labelFingerprint": before}).execute()
    assert instances.get(**at).execute()["labels"] == {"a": "c"}
    with pytest.raises(HttpError) as refused:
        instances.setLabels(**at, body={"labels": {}, "labelFingerprint": before}).execute()
    assert refused.value.status_code == 412


def test_pages_hold_each_machine_once(compute: Any, project: str, machine_body: Body) -> None:
    for number in range(5):
        insert(compute, project, machine_body(f"m{number}"))
    instances, found, sizes = compute.instances(), [], []
    request = instances.aggregatedList(project=project, maxResults=2)
    while request is not None:
        answer = request.execute()
        found += names(answer)
        sizes.append(len(names(answer)))
        request = instances.aggregatedList_next(request, answer)
    assert (found, sizes) == ([f"m{number}" for number in range(5)], [2, 2, 1])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("labels.team=red", ["m0", "m2"]),
        ('labels.team="red" AND name=m2', ["m2"]),
        ("(labels.team=red) (name!=m0)", ["m2"]),
        ("labels.team:*", ["m0", "m1", "m2"]),
        ("name eq m[01]", ["m0", "m1"]),
        ("status=TERMINATED", []),
        ("scheduling.preemptible=true", []),
    ],
)
def test_a_filter_lets_through_what_it_names(
    compute: Any, project: str, machine_body: Body, text: str, expected: list[str]
) -> None:
    for number, team in enumerate(("red", "blue", "red")):
        insert(compute, project, machine_body(f"m{number}", labels={"team": team}))
    assert names(compute.instances().aggregatedList(project=project, filter=text).execute()) == expected


def test_a_filter_that_is_not_understood_is_refused_and_never_ignored(compute: Any, project: str) -> None:
    with pytest.raises(HttpError, match="Invalid list filter expression") as refused:
        compute.instances().aggregatedList(project=project, filter="labels.a=b OR labels.a=c").execute()
    assert refused.value.status_code == 400


def test_every_zone_without_machines_says_so(compute: Any, project: str) -> None:
    items = compute.instances().aggregatedList(project=project).execute()["items"]
    assert items[f"zones/{ZONE}"]["warning"]["code"] == "NO_RESULTS_ON_PAGE"


@pytest.mark.parametrize(
    ("change", "status", "text"),
    [
        ({"name": "No Name"}, 400, "resource.name"),
        ({"machineType": "zones/us-central1-a/machineTypes/a4-highgpu-9g"}, 400, "does not exist in zone"),
        ({"colour": "red"}, 400, "Unknown name"),
        ({"disks": []}, 400, "Boot disk"),
        ({"networkInterfaces": []}, 400, "network interface"),
    ],
)
def test_a_body_that_compute_engine_refuses_is_refused(
    compute: Any, project: str, machine_body: Body, change: dict[str, Any], status: int, text: str
) -> None:
    with pytest.raises(HttpError, match=text) as refused:
        insert(compute, project, {**machine_body("one"), **change})
    assert refused.value.status_code == status


def test_a_second_machine_of_that_name_is_refused(compute: Any, project: str, machine_body: Body) -> None:
    insert(compute, project, machine_body("one"))
    with pytest.raises(HttpError, match="already exists") as refused:
        insert(compute, project, machine_body("one"))
    assert refused.value.status_code == 409


def test_a_machine_that_the_sandbox_never_gave_out_is_not_found(compute: Any, project: str) -> None:
    for verb in ("get", "delete", "stop", "start"):
        with pytest.raises(HttpError) as refused:
            getattr(compute.instances(), verb)(project=project, zone=ZONE, instance="never").execute()
        assert refused.value.status_code == 404


def test_a_protected_machine_is_not_deleted(compute: Any, project: str, machine_body: Body) -> None:
    insert(compute, project, machine_body("one", deletionProtection=True))
    with pytest.raises(HttpError) as refused:
        compute.instances().delete(project=project, zone=ZONE, instance="one").execute()
    assert refused.value.status_code == 412


def test_calls_at_the_same_time_lose_nothing(
    client_for: Callable[[str], Any], sandbox: Running, compute: Any, project: str, machine_body: Body
) -> None:
    def one(number: int) -> None:
        client = client_for(sandbox.token)  # httplib2 is not made for sharing between threads
        for part in range(5):
            insert(client, project, machine_body(f"m{number}-{part}"))
            client.instances().aggregatedList(project=project).execute()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(one, range(6)))
    assert len(names(compute.instances().aggregatedList(project=project).execute())) == 30


def test_ten_thousand_machines_are_paged_within_a_second(compute: Any, store: Store, project: str) -> None:
    inputs = {
        "machineType": "a3-highgpu-8g",
        "bootDisk": {"initializeParams": {"image": "debian-cloud/debian-12", "size": 100}},
        "networkInterfaces": [{"network": "default"}],
        "scheduling": {"preemptible": True, "provisioningModel": "SPOT"},
        "metadata": {"user-data": "#cloud-config\n" * 20},
    }
    with store.transaction():
        for number in range(10_000):
            name = f"m{number:05}"
            path = f"projects/{project}/zones/{ZONE}/instances/{name}"
            store.put(
                Thing(
                    type=TOKEN,
                    id=path,
                    package="gcp",
                    project=project,
                    place=ZONE,
                    name=name,
                    labels={"trainyard-lease": "big"},
                    inputs=inputs,
                    outputs={**inputs, "instanceId": str(number + 10**18), "currentStatus": "RUNNING"},
                )
            )
    instances, found, times = compute.instances(), 0, []
    for _ in range(2):
        begun, found = time.monotonic(), 0
        request = instances.aggregatedList(project=project, filter="labels.trainyard-lease=big")
        while request is not None:
            answer = request.execute()
            found += len(names(answer))
            request = instances.aggregatedList_next(request, answer)
        times.append(time.monotonic() - begun)
    assert found == 10_000
    # Twenty answers; the first look also reads the whole store, and the machine that tests run on may be busy.
    assert min(times) < 3, times
