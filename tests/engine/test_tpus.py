"""TPU nodes in all their forms on the real engine: up, unchanged, refreshed, changed, gone with proof."""

import json
from collections.abc import Iterator
from typing import Any

import httplib2
import pytest
from google.oauth2.credentials import Credentials
from google_auth_httplib2 import AuthorizedHttp
from googleapiclient.discovery import build

from tests.engine.conftest import PROJECT, Stack, Yard

pytestmark = pytest.mark.engine

LEASE = {"ttl": "2h", "extend_to": "4h", "cap_usd": 300, "at_limit": "stop"}


def workload(chips: str, place: dict[str, Any], *capacity: Any, **more: Any) -> dict[str, Any]:
    return {
        "kind": "tpu-node",
        "accelerator": chips,
        "where": [{"cloud": "gcp", **place}],
        "capacity": list(capacity) or ["on-demand"],
        **more,
    }


HOST = workload("v6e:4", {"regions": ["europe-west4"]}, "spot", access=["group:ml-research@acme.example"])
SLICE = workload("v6e:16", {"zones": ["us-central1-b"]}, "spot", topology="4x4")
NODE = workload("v5e:8", {"zones": ["us-central1-a"]})
QUEUED = workload("v5e:4", {"zones": ["us-central1-a"]}, {"kind": "queued", "valid_until": "1h"})


class Tpus:
    """The Cloud TPU API of the sandbox, by Google's own client."""

    def __init__(self, yard: Yard) -> None:
        http = AuthorizedHttp(Credentials(yard.sandbox.token), http=httplib2.Http(timeout=30, proxy_info=None))
        options = {"api_endpoint": f"{yard.sandbox.api['gcp']}/tpu/"}
        client = build("tpu", "v2", http=http, static_discovery=True, client_options=options)
        self.locations = client.projects().locations()

    def nodes(self, lease: str) -> dict[str, str]:
        """State by name."""
        found = self.locations.nodes().list(parent=f"projects/{PROJECT}/locations/-").execute().get("nodes", [])
        return {_last(each): each["state"] for each in found if each["labels"].get("trainyard-lease") == lease}

    def queue(self, lease: str) -> dict[str, str]:
        """State by name."""
        listed = self.locations.queuedResources().list(parent=f"projects/{PROJECT}/locations/-").execute()
        return {
            _last(each): each["state"]["state"]
            for each in listed.get("queuedResources", [])
            if each["tpu"]["nodeSpec"][0]["node"]["labels"].get("trainyard-lease") == lease
        }


def _last(thing: dict[str, Any]) -> str:
    return str(thing["name"]).rpartition("/")[2]


@pytest.fixture
def tpus(yard: Yard, stack: Stack) -> Iterator[Tpus]:
    found = Tpus(yard)
    yield found
    for name in found.queue(stack.id):
        at = f"projects/{PROJECT}/locations/us-central1-a"
        found.locations.queuedResources().delete(name=f"{at}/queuedResources/{name}", force=True).execute()


def unchanged(stack: Stack) -> None:
    for arguments in (("preview", "--expect-no-changes"), ("refresh", "--yes", "--expect-no-changes")):
        result = stack.yard.pulumi(*arguments, "--stack", stack.name)
        assert result.code == 0, result.text


def outputs(stack: Stack) -> dict[str, Any]:
    shown = stack.yard.pulumi("stack", "output", "--json", "--stack", stack.name)
    assert shown.code == 0, shown.text
    found: dict[str, Any] = json.loads(shown.text)
    return found


def gone(stack: Stack, tpus: Tpus) -> None:
    result = stack.destroy()
    assert result.code == 0, result.text
    assert (stack.machines(), tpus.nodes(stack.id), tpus.queue(stack.id)) == ([], {}, {})


def test_host_slice_and_node_go_up_stay_unchanged_are_changed_and_come_down(stack: Stack, tpus: Tpus) -> None:
    stack.settings({"lease": LEASE, "workloads": {"host": HOST, "pod": SLICE, "node": NODE}})
    up = stack.up()
    assert up.code == 0, up.text
    assert "node: 0 of 2 independent ends" in up.text
    told = outputs(stack)["workloads"]
    assert told["host"]["ends"] == told["pod"]["ends"] == ["node", "cloud"]
    assert told["node"]["ends"] == []
    assert "tpu-vm ssh" in told["node"]["login"]
    machines = stack.machines()
    assert len([name for name in machines if "-host-0" in name]) == 1
    assert len([name for name in machines if "-pod-" in name]) == 4
    assert list(tpus.nodes(stack.id).values()) == ["READY"]
    unchanged(stack)
    stack.settings(
        {"workloads.pod": {**SLICE, "accelerator": "v6e:8", "topology": "2x4", "machine_type": "ct6e-standard-4t"}}
    )
    changed = stack.up()
    assert changed.code == 0, changed.text
    assert len([name for name in stack.machines() if "-pod-" in name]) == 2
    gone(stack, tpus)


def test_a_queued_tpu_is_up_when_it_is_taken_and_active_after_a_refresh(stack: Stack, tpus: Tpus) -> None:
    stack.settings({"lease": LEASE, "workloads": {"train": QUEUED}})
    lost = {"call": "tpu.projects.locations.queuedResources.create", "kind": "lost-response", "times": 1}
    stack.yard.control("faults", faults=[lost])
    up = stack.up()
    assert up.code == 0, up.text
    [(name, state)] = tpus.queue(stack.id).items()
    assert state in ("ACCEPTED", "PROVISIONING")
    stack.yard.forward(hours=0.2)
    refreshed = stack.yard.pulumi("refresh", "--yes", "--stack", stack.name)
    assert refreshed.code == 0, refreshed.text
    assert tpus.queue(stack.id) == {name: "ACTIVE"}
    assert tpus.nodes(stack.id) == {name: "READY"}
    unchanged(stack)
    stack.settings({"workloads.train.accelerator": "v5e:1"})
    changed = stack.up()
    assert changed.code == 0, changed.text
    assert tpus.queue(stack.id) == {name: "ACCEPTED"}
    assert tpus.nodes(stack.id) == {}
    gone(stack, tpus)


def test_a_forced_replacement_of_a_queued_tpu_leaves_the_new_request_and_only_that(stack: Stack, tpus: Tpus) -> None:
    stack.settings({"lease": LEASE, "workloads": {"train": QUEUED}})
    stack.begin()
    stack.yard.forward(hours=0.2)
    assert list(tpus.queue(stack.id).values()) == ["ACTIVE"]
    exported = stack.yard.pulumi("stack", "export", "--stack", stack.name)
    resources = json.loads(exported.text)["deployment"]["resources"]
    [urn] = [each["urn"] for each in resources if each["type"] == "trainyard:gcp:QueuedTpu"]
    tainted = stack.yard.pulumi("state", "taint", urn, "--yes", "--stack", stack.name)
    assert tainted.code == 0, tainted.text
    stack.begin()
    assert list(tpus.queue(stack.id).values()) == ["ACCEPTED"]
    assert tpus.nodes(stack.id) == {}
    unchanged(stack)
    gone(stack, tpus)


def test_a_node_that_the_cloud_took_back_stays_until_it_is_replaced_as_the_doctor_says(
    stack: Stack, tpus: Tpus
) -> None:
    stack.settings({"lease": LEASE, "workloads": {"node": {**NODE, "capacity": ["spot"]}}})
    stack.begin()
    stack.yard.control("faults", faults=[{"call": "gcp:tpu/v2Vm:V2Vm run", "kind": "preempt", "times": 1}])
    stack.yard.forward(hours=0.1)
    assert list(tpus.nodes(stack.id).values()) == ["PREEMPTED"]
    refreshed = stack.yard.pulumi("refresh", "--yes", "--stack", stack.name)
    assert refreshed.code == 0, refreshed.text
    unchanged(stack)
    told = stack.yard.run("trainyard", "doctor", stack.name)
    assert told.code == 1
    urn = told.text.partition("--replace '")[2].partition("'")[0]
    assert urn.startswith("urn:pulumi:"), told.text
    again = stack.yard.pulumi("up", "--yes", "--stack", stack.name, "--replace", urn)
    assert again.code == 0, again.text
    assert list(tpus.nodes(stack.id).values()) == ["READY"]
    gone(stack, tpus)


def test_a_host_that_the_cloud_ended_leaves_the_state_and_comes_back(stack: Stack, tpus: Tpus) -> None:
    stack.settings({"lease": LEASE, "workloads": {"host": HOST}})
    stack.begin()
    stack.yard.control("faults", faults=[{"call": "gcp:compute/instance:Instance run", "kind": "preempt"}])
    stack.yard.forward(hours=0.1)
    assert stack.machines() == []
    stack.yard.control("faults", faults=[])
    refreshed = stack.yard.pulumi("refresh", "--yes", "--stack", stack.name)
    assert refreshed.code == 0, refreshed.text
    stack.begin()
    assert len(stack.machines()) == 1
    gone(stack, tpus)


def test_what_the_queue_never_gave_leaves_nothing_behind(stack: Stack, tpus: Tpus) -> None:
    stack.settings({"lease": LEASE, "workloads": {"train": QUEUED}})
    stack.yard.control("faults", faults=[{"call": "tpu.projects.locations.queuedResources.create", "kind": "stockout"}])
    up = stack.up()
    assert up.code == 0, up.text
    stack.yard.forward(hours=1.1)
    assert list(tpus.queue(stack.id).values()) == ["FAILED"]
    gone(stack, tpus)


def test_a_request_of_somebody_else_is_imported_by_its_id_and_goes_with_the_stack(stack: Stack, tpus: Tpus) -> None:
    stack.settings({"lease": LEASE, "workloads": {"train": QUEUED}})
    stack.begin()
    at = f"projects/{PROJECT}/locations/us-central1-a"
    network = {"network": f"projects/{PROJECT}/global/networks/default", "enableExternalIps": False}
    node = {
        "acceleratorType": "v5litepod-1",
        "runtimeVersion": "v2-alpha-tpuv5-lite",
        "labels": {"trainyard-lease": stack.id},
        "networkConfig": {**network, "subnetwork": f"projects/{PROJECT}/regions/us-central1/subnetworks/default"},
        "serviceAccount": {"email": f"{PROJECT}@appspot.gserviceaccount.com", "scope": []},
    }
    body = {"tpu": {"nodeSpec": [{"parent": at, "nodeId": "by-hand", "node": node}]}, "spot": {}}
    tpus.locations.queuedResources().create(parent=at, queuedResourceId="by-hand", body=body).execute()
    refused = stack.destroy()
    assert "queued tpu by-hand" in refused.text
    assert refused.code != 0
    given = ("trainyard:gcp:QueuedTpu", "by-hand", f"{at}/queuedResources/by-hand")
    imported = stack.yard.pulumi(
        "import", *given, "--yes", "--protect=false", "--generate-code=false", "--stack", stack.name
    )
    assert imported.code == 0, imported.text
    gone(stack, tpus)
