"""The Cloud TPU API of the sandbox, driven by Google's own client."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import google_auth_httplib2
import httplib2
import pytest
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

from trainyard.facts.tpu_offers import machine_price
from trainyard.sandbox import clock, faults
from trainyard.sandbox.faults import Fault
from trainyard.sandbox.money.bill import bill
from trainyard.sandbox.provider.order import rfc3339
from trainyard.sandbox.running import Running
from trainyard.sandbox.store import Store

ZONE = "us-central2-b"
NODE = {"acceleratorType": "v4-16", "runtimeVersion": "tpu-ubuntu2204-base", "labels": {"trainyard-lease": "dev-1"}}


@pytest.fixture
def locations(sandbox: Running) -> Any:
    http = google_auth_httplib2.AuthorizedHttp(
        Credentials(sandbox.token), http=httplib2.Http(timeout=30, proxy_info=None)
    )
    options = {"api_endpoint": f"{sandbox.api['gcp']}/tpu/"}
    return build("tpu", "v2", http=http, static_discovery=True, client_options=options).projects().locations()


@pytest.fixture
def parent(project: str) -> str:
    return f"projects/{project}/locations/{ZONE}"


Ask = Callable[..., dict[str, Any]]


@pytest.fixture
def ask(locations: Any, parent: str) -> Ask:
    """Queue a request for one node; `body` on top of the plain one, `node` on top of its node."""

    def ask(name: str = "train", node: dict[str, Any] | None = None, **body: Any) -> dict[str, Any]:
        spec = {"parent": parent, "nodeId": f"{name}-node", "node": {**NODE, **(node or {})}}
        request = {"tpu": {"nodeSpec": [spec]}, **body}
        create = locations.queuedResources().create(parent=parent, queuedResourceId=name, body=request)
        answer: dict[str, Any] = create.execute()
        return answer

    return ask


def state(locations: Any, parent: str, name: str = "train") -> str:
    found = locations.queuedResources().get(name=f"{parent}/queuedResources/{name}").execute()
    return str(found["state"]["state"])


def refused(request: Any) -> tuple[int, str]:
    with pytest.raises(HttpError) as error:
        request()
    return error.value.status_code, error.value.reason


def test_a_request_is_taken_granted_and_active_as_time_passes(
    locations: Any, parent: str, ask: Ask, store: Store
) -> None:
    operation = ask(guaranteed={})
    assert operation["done"] is False
    assert locations.operations().get(name=operation["name"]).execute()["done"] is True
    assert state(locations, parent) == "ACCEPTED"
    assert "nodes" not in locations.nodes().list(parent=parent).execute()
    clock.move(store, 40)
    assert state(locations, parent) == "PROVISIONING"
    [node] = locations.nodes().list(parent=parent).execute()["nodes"]
    assert node["state"] == "CREATING"
    clock.move(store, 120)
    assert state(locations, parent) == "ACTIVE"
    [node] = locations.nodes().list(parent=parent).execute()["nodes"]
    assert node["name"] == f"{parent}/nodes/train-node"
    assert (node["state"], node["labels"]) == ("READY", NODE["labels"])
    assert node["queuedResource"] == f"{parent}/queuedResources/train"
    assert len(node["networkEndpoints"]) == 2


def test_a_granted_node_bills_from_its_grant_on(
    locations: Any, parent: str, ask: Ask, store: Store, project: str
) -> None:
    ask()
    clock.move(store, 30 + 3600)
    assert state(locations, parent) == "ACTIVE"
    [line] = [line for line in bill(store).lines if line.project == project]
    assert (line.name, line.what.shape) == ("train-node", "v4-16")
    assert line.hours == pytest.approx(1, abs=0.02)
    assert line.price == machine_price("v4-16", ZONE, "on-demand")


def test_without_room_it_waits_and_fails_at_its_valid_until(
    locations: Any, parent: str, ask: Ask, store: Store
) -> None:
    faults.replace(store, [Fault(call="tpu.projects.locations.queuedResources.create", kind="stockout", times=1)])
    until = rfc3339(store.now() + 3600)
    ask(queueingPolicy={"validUntilTime": until})
    clock.move(store, 1800)
    assert state(locations, parent) == "WAITING_FOR_RESOURCES"
    clock.move(store, 1801)
    assert state(locations, parent) == "FAILED"
    assert "nodes" not in locations.nodes().list(parent=parent).execute()


def test_it_is_granted_when_there_is_room_again(locations: Any, parent: str, ask: Ask, store: Store) -> None:
    faults.replace(
        store,
        [Fault(call="tpu.projects.locations.queuedResources.create", kind="stockout", until=store.now() + 600)],
    )
    ask(queueingPolicy={"validUntilDuration": "3600s"})
    clock.move(store, 300)
    assert state(locations, parent) == "WAITING_FOR_RESOURCES"
    clock.move(store, 600)
    assert state(locations, parent) == "ACTIVE"


def test_a_request_whose_node_is_gone_stays_suspended_until_it_is_deleted(
    locations: Any, parent: str, ask: Ask, store: Store
) -> None:
    ask(spot={})
    clock.move(store, 600)
    node = f"{parent}/nodes/train-node"
    assert locations.nodes().get(name=node).execute()["schedulingConfig"] == {"spot": True}
    locations.nodes().delete(name=node).execute()
    assert state(locations, parent) == "SUSPENDING"
    name = f"{parent}/queuedResources/train"
    assert refused(locations.queuedResources().delete(name=name).execute)[0] == 400
    clock.move(store, 6000)
    assert state(locations, parent) == "SUSPENDED"
    locations.queuedResources().delete(name=f"{parent}/queuedResources/train").execute()
    assert "queuedResources" not in locations.queuedResources().list(parent=parent).execute()


def test_what_holds_a_node_is_deleted_by_force_only_and_the_node_with_it(
    locations: Any, parent: str, ask: Ask, store: Store
) -> None:
    ask()
    clock.move(store, 600)
    name = f"{parent}/queuedResources/train"
    assert refused(locations.queuedResources().delete(name=name).execute)[0] == 400
    locations.queuedResources().delete(name=name, force=True).execute()
    assert "nodes" not in locations.nodes().list(parent=parent).execute()
    assert refused(locations.queuedResources().get(name=name).execute)[0] == 404


def test_a_name_is_given_once(ask: Ask) -> None:
    ask()
    status, text = refused(ask)
    assert status == 409
    assert "already exists" in text


def test_lists_are_paged_and_cover_all_zones_by_a_dash(locations: Any, parent: str, ask: Ask, project: str) -> None:
    for name in ("a1", "b1", "c1"):
        ask(name)
    everywhere = f"projects/{project}/locations/-"
    request = locations.queuedResources().list(parent=everywhere, pageSize=2)
    found = []
    while request is not None:
        answer = request.execute()
        found.append([one["name"].rpartition("/")[2] for one in answer["queuedResources"]])
        request = locations.queuedResources().list_next(request, answer)
    assert found == [["a1", "b1"], ["c1"]]
    assert "nodes" not in locations.nodes().list(parent=everywhere).execute()


@pytest.mark.parametrize(
    ("node", "body", "status", "text"),
    [
        ({"acceleratorType": "v4-10"}, {}, 400, "does not exist"),
        ({"acceleratorType": "tpu7x-8"}, {}, 400, 'Accelerator type "tpu7x-8" does not exist'),
        ({"acceleratorType": "v6e-8", "runtimeVersion": "v2-alpha-tpuv6e"}, {}, 400, "does not exist in zone"),
        ({"runtimeVersion": "v2-alpha-tpuv6e"}, {}, 400, "is of v6e, not of v4"),
        ({"runtimeVersion": ""}, {}, 400, "runtime_version is needed"),
        ({"spot": True}, {}, 400, "Unknown name \"spot\" at 'tpu.nodeSpec[0].node'"),
        ({"state": "READY"}, {}, 400, "output only"),
        ({"labels": {"a": 1}}, {}, 400, "Invalid value at 'tpu.nodeSpec[0].node.labels.a' (string)"),
        ({"schedulingConfig": {"spot": True}}, {}, 400, "the tier of a queued resource"),
        ({"acceleratorConfig": {"type": "V4", "topology": "2x2x2"}}, {}, 400, "exclude each other"),
        (
            {"acceleratorType": "", "acceleratorConfig": {"type": "V4", "topology": "3x3x3"}},
            {},
            400,
            'Topology "3x3x3" does not exist for V4',
        ),
        ({}, {"spot": {}, "guaranteed": {}}, 400, "oneof 'tier'"),
        ({}, {"bestEffort": {}}, 400, 'Unknown name "bestEffort"'),
        ({}, {"queueingPolicy": {"validUntilTime": "2020-01-01T00:00:00Z"}}, 400, "is in the past"),
        ({}, {"queueingPolicy": {"validAfterDuration": "60s"}}, 501, "it does not know validAfterDuration"),
        ({}, {"queueingPolicy": {"validUntilTime": "soon"}}, 400, "Invalid value at 'queueing_policy'"),
    ],
)
def test_a_request_that_is_wrong_is_refused(
    ask: Ask, node: dict[str, Any], body: dict[str, Any], status: int, text: str
) -> None:
    given, told = refused(lambda: ask(node=node, **body))
    assert given == status
    assert text in told


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"parent": "projects/other/locations/us-central2-b"}, "node_spec.parent must be"),
        ({"nodeId": "Not_Good"}, "Invalid node id"),
        ({"multisliceParams": {"nodeCount": 2}}, "grants no multislice requests"),
    ],
)
def test_a_node_spec_that_is_wrong_is_refused(locations: Any, parent: str, change: dict[str, Any], text: str) -> None:
    spec = {"parent": parent, "nodeId": "n1", "node": NODE, **change}
    create = locations.queuedResources().create(
        parent=parent, queuedResourceId="q1", body={"tpu": {"nodeSpec": [spec]}}
    )
    status, told = refused(create.execute)
    assert status == 400
    assert text in told


def test_a_node_of_one_host_stops_and_starts_one_of_several_does_not(locations: Any, parent: str) -> None:
    nodes = locations.nodes()
    for name, kind in (("one", "v4-8"), ("two", "v4-16")):
        nodes.create(parent=parent, nodeId=name, body={**NODE, "acceleratorType": kind}).execute()
    nodes.stop(name=f"{parent}/nodes/one", body={}).execute()
    assert nodes.get(name=f"{parent}/nodes/one").execute()["state"] == "STOPPED"
    nodes.start(name=f"{parent}/nodes/one", body={}).execute()
    assert nodes.get(name=f"{parent}/nodes/one").execute()["state"] == "READY"
    status, text = refused(nodes.stop(name=f"{parent}/nodes/two", body={}).execute)
    assert status == 400
    assert "cannot be stopped" in text


def test_a_preempted_spot_node_is_still_listed_and_never_starts_again(
    locations: Any, parent: str, store: Store
) -> None:
    nodes = locations.nodes()
    nodes.create(parent=parent, nodeId="spot", body={**NODE, "schedulingConfig": {"spot": True}}).execute()
    faults.replace(store, [Fault(call="gcp:tpu/v2Vm:V2Vm run", kind="preempt", seconds=30)])
    clock.move(store, 60)
    assert nodes.get(name=f"{parent}/nodes/spot").execute()["state"] == "PREEMPTED"
    assert refused(nodes.start(name=f"{parent}/nodes/spot", body={}).execute)[0] == 400


def test_places_that_are_not_there_are_refused(locations: Any, project: str, parent: str) -> None:
    assert refused(locations.nodes().list(parent=f"projects/{project}/locations/mars-a").execute)[0] == 404
    assert refused(locations.nodes().list(parent="projects/acme-ml-dev/locations/-").execute)[0] == 403
    assert refused(locations.nodes().get(name=f"{parent}/nodes/none").execute)[0] == 404
    there = locations.list(name=f"projects/{project}").execute()["locations"]
    assert ZONE in {one["locationId"] for one in there}


def test_faults_speak_as_the_cloud_tpu_api_does(locations: Any, parent: str, store: Store) -> None:
    faults.replace(store, [Fault(call="tpu.projects.locations.nodes.create", kind="stockout", times=1)])
    status, text = refused(locations.nodes().create(parent=parent, nodeId="n1", body=NODE).execute)
    assert status == 429
    assert "There is no more capacity in the zone" in text


def test_an_api_that_is_not_enabled_says_so_in_its_details(locations: Any, parent: str, store: Store) -> None:
    text = "Cloud TPU API has not been used in project 1 before or it is disabled."
    faults.replace(store, [Fault(call="tpu.*", kind="refuse", code=403, message=text, times=1)])
    with pytest.raises(HttpError) as error:
        locations.nodes().list(parent=parent).execute()
    assert error.value.error_details[0]["reason"] == "SERVICE_DISABLED"
