"""What carries a lease's label in the Cloud TPU API: all of it, or an error; through the sandbox's API."""

from collections.abc import Callable
from typing import Any

import httplib2
import pytest
from googleapiclient.discovery import build

from trainyard.clouds import open_scope
from trainyard.clouds.gcp import ScopeUnreadable
from trainyard.clouds.gcp.priced import machine
from trainyard.clouds.gcp.tpu import CloudTpu
from trainyard.clouds.gcp.tpu_things import NODE, QUEUED, GcpTpus
from trainyard.facts.origin import Sandbox
from trainyard.facts.price import Known, Unknown
from trainyard.facts.tpu_offers import machine_price
from trainyard.sandbox import clock, faults
from trainyard.sandbox.api.tpu import granting
from trainyard.sandbox.faults import Fault
from trainyard.sandbox.store import Store

PROJECT = "trainyard-sandbox-copy-of-acme-ml-dev"
ZONE = "us-central2-b"
LEASE = "dev-lab-0a1b2c3d"
PARENT = f"projects/{PROJECT}/locations/{ZONE}"
NODE_BODY = {"acceleratorType": "v4-8", "runtimeVersion": "tpu-ubuntu2204-base", "labels": {"trainyard-lease": LEASE}}


@pytest.fixture
def locations(sandbox: Sandbox, store: Store) -> Any:
    store.settlers[:] = [granting.settle]
    http = httplib2.Http(timeout=20, proxy_info=None)
    options = {"api_endpoint": f"{sandbox.api['gcp']}/tpu/"}
    client = build("tpu", "v2", http=_Bearer(http), static_discovery=True, client_options=options)
    return client.projects().locations()


class _Bearer:
    def __init__(self, http: Any) -> None:
        self._http = http

    def request(self, uri: str, method: str = "GET", body: Any = None, headers: Any = None, **more: Any) -> Any:
        return self._http.request(uri, method, body=body, headers={**(headers or {}), "Authorization": "Bearer word"})


Plant = Callable[..., None]


@pytest.fixture
def node(locations: Any) -> Plant:
    def node(name: str, **more: Any) -> None:
        body = {key: value for key, value in {**NODE_BODY, **more}.items() if value is not None}
        locations.nodes().create(parent=PARENT, nodeId=name, body=body).execute()

    return node


@pytest.fixture
def queued(locations: Any) -> Plant:
    def queued(name: str, **more: Any) -> None:
        spec = {"parent": PARENT, "nodeId": f"{name}-node", "node": NODE_BODY}
        body = {"tpu": {"nodeSpec": [spec]}, **more}
        locations.queuedResources().create(parent=PARENT, queuedResourceId=name, body=body).execute()

    return queued


def test_a_node_with_the_label_bills_at_its_slices_price(sandbox: Sandbox, node: Plant) -> None:
    node("lab-0")
    node("other-0", labels={"trainyard-lease": "dev-lab-ffffffff"})
    node("bare-0", labels={})
    [found] = GcpTpus(PROJECT, sandbox).list_billable(LEASE)
    assert (found.kind, found.name, found.place, found.machine_type) == (NODE, "lab-0", ZONE, "v4-8")
    assert found.billing
    assert isinstance(found.price, Known)
    assert found.price == machine_price("v4-8", ZONE, "on-demand")


def test_spot_costs_less_and_what_is_reserved_was_paid(sandbox: Sandbox, node: Plant) -> None:
    node("spot-0", schedulingConfig={"spot": True})
    node("held-0", schedulingConfig={"reserved": True})
    prices = {thing.name: thing.price for thing in GcpTpus(PROJECT, sandbox).list_billable(LEASE)}
    assert prices["spot-0"] == machine_price("v4-8", ZONE, "spot")
    assert isinstance(prices["held-0"], Unknown)


def test_a_node_that_was_asked_for_by_its_topology_has_its_slices_price(sandbox: Sandbox, node: Plant) -> None:
    node("lab-0", acceleratorType=None, acceleratorConfig={"type": "V4", "topology": "2x2x2"})
    [found] = GcpTpus(PROJECT, sandbox).list_billable(LEASE)
    assert found.machine_type == "v4-16"
    assert found.price == machine_price("v4-16", ZONE, "on-demand")


def test_a_stopped_node_does_not_bill(sandbox: Sandbox, node: Plant, locations: Any) -> None:
    node("lab-0")
    locations.nodes().stop(name=f"{PARENT}/nodes/lab-0", body={}).execute()
    [found] = GcpTpus(PROJECT, sandbox).list_billable(LEASE)
    assert (found.status, found.billing) == ("STOPPED", False)


def test_a_request_that_waits_counts_as_billing_for_it_may_be_granted(sandbox: Sandbox, queued: Plant) -> None:
    queued("lab-0")
    [found] = GcpTpus(PROJECT, sandbox).list_billable(LEASE)
    assert (found.kind, found.name, found.status, found.billing) == (QUEUED, "lab-0", "ACCEPTED", True)


def test_a_granted_request_is_listed_with_its_node(sandbox: Sandbox, queued: Plant, store: Store) -> None:
    queued("lab-0")
    clock.move(store, 600)
    found = GcpTpus(PROJECT, sandbox).list_billable(LEASE)
    assert {(thing.kind, thing.name, thing.billing) for thing in found} == {
        (NODE, "lab-0-node", True),
        (QUEUED, "lab-0", True),
    }


def test_a_request_that_can_get_nothing_any_more_does_not_bill(
    sandbox: Sandbox, queued: Plant, store: Store, locations: Any
) -> None:
    queued("lab-0")
    clock.move(store, 600)
    locations.nodes().delete(name=f"{PARENT}/nodes/lab-0-node").execute()
    [going] = GcpTpus(PROJECT, sandbox).list_billable(LEASE)
    assert (going.status, going.billing) == ("SUSPENDING", True)
    clock.move(store, 60)
    [found] = GcpTpus(PROJECT, sandbox).list_billable(LEASE)
    assert (found.status, found.billing) == ("SUSPENDED", False)


def test_lists_of_many_pages_are_read_whole(sandbox: Sandbox, store: Store, queued: Plant) -> None:
    for number in range(101):
        queued(f"q{number:03}")
    assert len(GcpTpus(PROJECT, sandbox).list_billable(LEASE)) == 101


def test_the_project_lists_its_tpus_and_names_the_command_that_ends_each(
    sandbox: Sandbox, node: Plant, queued: Plant
) -> None:
    node("lab-0")
    queued("lab-1")
    project = open_scope(f"gcp:{PROJECT}", sandbox)
    commands = [project.end_by_hand(thing) for thing in project.list_billable(LEASE)]
    assert commands == [
        f"gcloud compute tpus tpu-vm delete lab-0 --zone={ZONE} --project={PROJECT}",
        f"gcloud compute tpus queued-resources delete --force lab-1 --zone={ZONE} --project={PROJECT}",
    ]


def test_an_api_that_is_not_enabled_has_nothing(sandbox: Sandbox, store: Store) -> None:
    text = "Cloud TPU API has not been used in project 1 before or it is disabled."
    faults.replace(store, [Fault(call="tpu.*", kind="refuse", code=403, message=text)])
    assert GcpTpus(PROJECT, sandbox).list_billable(LEASE) == ()


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        (Fault(call="tpu.*nodes.list", kind="refuse", code=403, message="Permission denied"), "403 Permission denied"),
        (Fault(call="tpu.*nodes.list", kind="expired-credentials"), "401"),
        (Fault(call="tpu.*nodes.list", kind="server-error"), "503"),
        (Fault(call="tpu.*nodes.list", kind="lost-response"), "no answer"),
        (Fault(call="tpu.*queuedResources.list", kind="throttle"), "429"),
    ],
)
def test_any_other_refusal_makes_the_scope_unreadable_never_empty(
    sandbox: Sandbox, store: Store, fault: Fault, text: str
) -> None:
    faults.replace(store, [fault])
    with pytest.raises(ScopeUnreadable, match=text):
        GcpTpus(PROJECT, sandbox).list_billable(LEASE)


def test_a_refusal_that_passes_is_asked_again(sandbox: Sandbox, store: Store, node: Plant) -> None:
    node("lab-0")
    faults.replace(store, [Fault(call="tpu.*nodes.list", kind="throttle", times=2)])
    assert len(GcpTpus(PROJECT, sandbox).list_billable(LEASE)) == 1


def test_a_list_that_zones_are_missing_from_is_no_list(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = {"nodes": [], "unreachable": ["projects/p/locations/us-east5-a"]}
    monkeypatch.setattr("trainyard.clouds.gcp.rest.Rest.call", lambda *_, **__: answer)
    with pytest.raises(ScopeUnreadable, match="us-east5-a not reached"):
        GcpTpus(PROJECT, sandbox).list_billable(LEASE)


def test_where_all_zones_cannot_be_asked_at_once_each_is(sandbox: Sandbox, store: Store, node: Plant) -> None:
    node("lab-0")
    text = "Invalid location: -"
    faults.replace(store, [Fault(call="tpu.*nodes.list", kind="refuse", code=400, message=text, times=1)])
    assert [thing["name"] for thing in CloudTpu(PROJECT, sandbox).nodes()] == [f"{PARENT}/nodes/lab-0"]


def test_compute_engines_tpu_machines_cost_what_their_chips_do() -> None:
    item = {
        "name": "lab-0",
        "zone": "zones/us-east5-a",
        "machineType": "machineTypes/ct6e-standard-4t",
        "status": "RUNNING",
        "scheduling": {"provisioningModel": "SPOT"},
    }
    assert machine(f"gcp:{PROJECT}", item).price == machine_price("v6e-4", "us-east5-a", "spot")
