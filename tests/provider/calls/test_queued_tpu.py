"""A queued TPU, call by call, against the sandbox's Cloud TPU API: taken once, found again, gone with its node."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from trainyard.clouds.gcp.tpu import CloudTpu
from trainyard.facts.expiry import format_time
from trainyard.facts.origin import Sandbox, now
from trainyard.provider.queued_tpu import resource
from trainyard.provider.queued_tpu.inputs import parse
from trainyard.provider.resource import Call, Difference, Made, NotWholeError
from trainyard.provider.stop import StopError
from trainyard.sandbox import clock, faults
from trainyard.sandbox.api import making
from trainyard.sandbox.api.server import Google
from trainyard.sandbox.api.serving import serve_cloud
from trainyard.sandbox.api.tpu import granting
from trainyard.sandbox.api.tpu.body import check_body
from trainyard.sandbox.faults import Fault
from trainyard.sandbox.store import Store
from trainyard.servicer import UNKNOWN

PROJECT = "trainyard-sandbox-copy-of-acme-ml-dev"
ZONE = "us-central2-b"
ID = f"projects/{PROJECT}/locations/{ZONE}/queuedResources/dev-1-lab-0"
CREATE = "tpu.projects.locations.queuedResources.create"
INPUTS: dict[str, Any] = {
    "project": PROJECT,
    "zone": ZONE,
    "queuedResourceId": "dev-1-lab-0",
    "nodeId": "dev-1-lab-0",
    "acceleratorType": "v4-16",
    "runtimeVersion": "tpu-ubuntu2204-base",
    "network": f"projects/{PROJECT}/global/networks/default",
    "subnetwork": f"projects/{PROJECT}/regions/us-central2/subnetworks/default",
    "serviceAccount": f"ty-dev-1@{PROJECT}.iam.gserviceaccount.com",
    "labels": {"trainyard-lease": "dev-1"},
    "metadata": {"startup-script": "#!/bin/bash\n"},
}


@dataclass(kw_only=True)
class Scene:
    store: Store
    sandbox: Sandbox
    told: list[str] = field(default_factory=list)
    cancelled: threading.Event = field(default_factory=threading.Event)

    @property
    def api(self) -> CloudTpu:
        return CloudTpu(PROJECT, self.sandbox)

    @property
    def call(self) -> Call:
        return Call(urn="urn:x", info=self.told.append, cancelled=self.cancelled)

    def create(self, **changed: Any) -> Made:
        return resource.create({**INPUTS, **changed}, self.call)

    def delete(self, **changed: Any) -> None:
        resource.delete(ID, {**INPUTS, **changed}, {}, self.call)

    def read(self) -> Made | None:
        return resource.read(ID, INPUTS, {"state": "ACCEPTED"}, self.call)

    def fail(self, *given: Fault) -> None:
        faults.replace(self.store, given)

    def names(self) -> tuple[list[str], list[str]]:
        """Requests and nodes of the project."""
        last = [
            [thing["name"].rpartition("/")[2] for thing in each]
            for each in (self.api.queued_resources(), self.api.nodes())
        ]
        return last[0], last[1]


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    store = Store.open(tmp_path / "store.sqlite")
    store.settlers[:] = [granting.settle]
    making.make(store, "gcp", "gcp:serviceaccount/account:Account", {"accountId": "ty-dev-1", "project": PROJECT}, {})
    with serve_cloud(Google, store, tmp_path / "store.sqlite", token="word") as served:
        sandbox = Sandbox(folder=tmp_path, pid=1, token="word", providers={}, api={"gcp": served.url})
        monkeypatch.setattr(resource, "rehearsal", lambda _: sandbox)
        yield Scene(store=store, sandbox=sandbox)
    store.close()


def test_queued_is_success_and_a_later_look_shows_it_active_without_a_difference(scene: Scene) -> None:
    made = scene.create()
    assert (made.id, made.outputs) == (ID, {"state": "ACCEPTED"})
    assert "is in the queue" in scene.told[0]
    clock.move(scene.store, 600)
    found = scene.read()
    assert found is not None
    assert found.outputs == {"state": "ACTIVE"}
    assert resource.diff(INPUTS, INPUTS, {"state": "ACTIVE"}) == Difference()
    assert scene.names() == (["dev-1-lab-0"], ["dev-1-lab-0"])


def test_what_is_asked_for_is_what_google_is_told(scene: Scene) -> None:
    until = format_time(now(scene.sandbox) + timedelta(hours=12))
    scene.create(spot=True, validUntil=until)
    body = scene.api.queued_resource(ZONE, "dev-1-lab-0")
    assert body is not None
    [spec] = body["tpu"]["nodeSpec"]
    assert body["spot"] == {}
    assert body["queueingPolicy"] == {"validUntilTime": until}
    assert spec["node"]["labels"] == INPUTS["labels"]
    assert spec["node"]["metadata"] == INPUTS["metadata"]
    assert spec["node"]["networkConfig"]["enableExternalIps"] is False
    assert spec["node"]["serviceAccount"]["email"] == INPUTS["serviceAccount"]
    assert "spot" not in spec["node"].get("schedulingConfig", {})


def test_a_reservation_is_named_in_full(scene: Scene) -> None:
    scene.create(guaranteed=True, reservation="week")
    body = scene.api.queued_resource(ZONE, "dev-1-lab-0")
    assert body is not None
    assert body["reservationName"] == f"projects/{PROJECT}/locations/{ZONE}/reservations/week"
    assert body["guaranteed"] == {}


@pytest.mark.parametrize("kind", ["lost-response", "server-error", "throttle"])
def test_a_create_that_is_not_answered_or_put_off_makes_one_request(scene: Scene, kind: str) -> None:
    scene.fail(Fault(call=CREATE, kind=kind, times=2))
    assert scene.create().outputs == {"state": "ACCEPTED"}
    assert scene.names()[0] == ["dev-1-lab-0"]


def test_a_create_after_one_that_was_killed_finds_its_request(scene: Scene) -> None:
    scene.create()
    clock.move(scene.store, 600)
    assert scene.create().outputs == {"state": "ACTIVE"}
    assert scene.names() == (["dev-1-lab-0"], ["dev-1-lab-0"])


def test_another_ones_request_of_that_id_is_neither_taken_nor_deleted(scene: Scene) -> None:
    scene.create(labels={"trainyard-lease": "other"})
    with pytest.raises(StopError, match="it is not of this lease's making"):
        scene.create()


def test_a_refusal_that_stays_is_told_in_googles_words_and_nothing_is_there(scene: Scene) -> None:
    scene.fail(Fault(call=CREATE, kind="refuse", code=403, message="Quota 'TPUV4PodPerProjectPerZone' exhausted"))
    with pytest.raises(StopError, match="403 Quota 'TPUV4PodPerProjectPerZone' exhausted"):
        scene.create()
    assert scene.names() == ([], [])


def test_refusals_without_end_are_given_up(scene: Scene) -> None:
    scene.fail(Fault(call=CREATE, kind="server-error"))
    with pytest.raises(StopError, match="503"):
        scene.create()
    scene.fail()
    assert scene.names() == ([], [])


def test_without_room_it_waits_then_fails_and_goes_with_the_resource(scene: Scene) -> None:
    scene.fail(Fault(call=CREATE, kind="stockout", times=1))
    until = format_time(now(scene.sandbox) + timedelta(hours=1))
    scene.create(validUntil=until)
    clock.move(scene.store, 1800)
    assert (found := scene.read()) is not None
    assert found.outputs == {"state": "WAITING_FOR_RESOURCES"}
    clock.move(scene.store, 3600)
    assert (found := scene.read()) is not None
    assert found.outputs == {"state": "FAILED"}
    scene.delete()
    assert scene.names() == ([], [])


def test_a_request_that_failed_before_is_asked_for_anew(scene: Scene) -> None:
    scene.fail(Fault(call=CREATE, kind="stockout", times=1))
    scene.create(validUntil=format_time(now(scene.sandbox) + timedelta(hours=1)))
    clock.move(scene.store, 7200)
    assert scene.create(validUntil=format_time(now(scene.sandbox) + timedelta(hours=1))).outputs == {
        "state": "ACCEPTED"
    }


def test_a_queue_that_was_to_be_left_already_is_not_entered(scene: Scene) -> None:
    with pytest.raises(StopError, match="which has passed: nothing was asked for"):
        scene.create(validUntil="2020-01-01T00:00:00Z")
    assert scene.names() == ([], [])


def test_what_fails_as_soon_as_it_is_taken_stays_in_the_state(scene: Scene) -> None:
    subnetwork = f"projects/{PROJECT}/regions/us-central2/subnetworks/none"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(granting, "GRANTED_AFTER_SECONDS", 0.0)
        with pytest.raises(NotWholeError, match=r"was taken and then failed: .*subnetworks/none") as failed:
            scene.create(subnetwork=subnetwork)
    assert failed.value.made == Made(id=ID, outputs={"state": "FAILED"})
    scene.delete(subnetwork=subnetwork)
    assert scene.names() == ([], [])


@pytest.mark.parametrize("after_seconds", [0, 60, 600])
def test_its_end_takes_request_and_node_in_any_state_and_can_be_said_twice(scene: Scene, after_seconds: int) -> None:
    scene.create()
    clock.move(scene.store, after_seconds)
    scene.delete()
    assert scene.names() == ([], [])
    scene.delete()


def test_a_suspended_one_is_deleted_as_well(scene: Scene) -> None:
    scene.create(spot=True)
    clock.move(scene.store, 600)
    scene.api.delete_node(ZONE, "dev-1-lab-0")
    clock.move(scene.store, 60)
    assert (found := resource.read(ID, {**INPUTS, "spot": True}, {}, scene.call)) is not None
    assert found.outputs == {"state": "SUSPENDED"}
    scene.delete(spot=True)
    assert scene.names() == ([], [])


def test_a_node_whose_request_is_gone_is_deleted_all_the_same(scene: Scene) -> None:
    scene.create()
    clock.move(scene.store, 600)
    scene.store.delete(granting.TYPE, ID)
    scene.delete()
    assert scene.names() == ([], [])


def test_a_delete_that_is_put_off_or_not_answered_is_done_in_the_end(scene: Scene) -> None:
    scene.create()
    scene.fail(
        Fault(call="tpu.*queuedResources.delete", kind="throttle", times=1),
        Fault(call="tpu.*queuedResources.delete", kind="lost-response", times=1),
        Fault(call="tpu.*queuedResources.delete", kind="refuse", code=409, message="being provisioned", times=1),
    )
    scene.delete()
    assert scene.names() == ([], [])


def test_a_delete_waits_until_the_node_is_gone(scene: Scene) -> None:
    scene.create()
    clock.move(scene.store, 600)
    scene.fail(Fault(call="tpu.*queuedResources.delete", kind="linger", seconds=60, times=1))
    before = scene.store.now()
    scene.delete()
    assert scene.names() == ([], [])
    assert scene.store.now() - before >= 60


def test_one_that_does_not_go_is_told_with_the_way_on(scene: Scene) -> None:
    scene.create()
    scene.fail(Fault(call="tpu.*queuedResources.delete", kind="linger", seconds=90_000))
    with pytest.raises(StopError, match=r"still there after 15 minutes.*queued-resources delete dev-1-lab-0 --force"):
        scene.delete()


def test_cancel_ends_the_waiting_and_the_same_command_goes_on(scene: Scene) -> None:
    scene.create()
    scene.fail(Fault(call="tpu.*queuedResources.delete", kind="linger", seconds=90_000))
    scene.cancelled.set()
    with pytest.raises(StopError, match="interrupted"):
        scene.delete()
    scene.cancelled.clear()
    clock.move(scene.store, 90_001)
    scene.fail()
    scene.delete()


def test_what_is_gone_leaves_the_state(scene: Scene) -> None:
    assert scene.read() is None


def test_an_import_by_id_has_the_inputs_that_made_it(scene: Scene) -> None:
    scene.create()
    found = resource.read(ID, {}, {}, scene.call)
    assert found is not None
    assert found.inputs is not None
    assert resource.diff(found.inputs, INPUTS, found.outputs) == Difference()
    with pytest.raises(StopError, match="is no queued TPU; give projects/<project>/locations/<zone>"):
        resource.read("dev-1-lab-0", {}, {}, scene.call)


def test_a_rehearsal_never_says_that_a_real_one_is_gone(scene: Scene) -> None:
    for act in (lambda: scene.delete(project="acme-ml-dev"), lambda: scene.create(project="acme-ml-dev")):
        with pytest.raises(StopError, match="it never touches real things"):
            act()


def test_any_change_replaces_but_leaving_the_queue_later_once_it_is_granted(scene: Scene) -> None:
    other = {**INPUTS, "acceleratorType": "v4-8", "labels": {"a": "b"}, "validUntil": "2030-01-01T00:00:00Z"}
    waiting = resource.diff(INPUTS, other, {"state": "ACCEPTED"})
    assert set(waiting.replaces) == {"acceleratorType", "labels", "validUntil"}
    assert set(resource.diff(INPUTS, other, {"state": "ACTIVE"}).replaces) == {"acceleratorType", "labels"}
    assert resource.diff(INPUTS, INPUTS, {"state": "SUSPENDED"}).replaces == ("queuedResourceId",)
    assert resource.diff({**INPUTS, "spot": False}, INPUTS, {"state": "ACCEPTED"}) == Difference()


@pytest.mark.parametrize(
    ("changed", "key", "text"),
    [
        ({"zone": None}, "zone", "is missing"),
        ({"colour": "red"}, "colour", "is no input of a queued TPU"),
        ({"queuedResourceId": "Lab_0"}, "queuedResourceId", "is no id"),
        ({"spot": True, "guaranteed": True}, "spot", "excludes guaranteed and reservation"),
        ({"spot": True, "reservation": "week"}, "spot", "excludes guaranteed and reservation"),
        ({"validUntil": "12h"}, "validUntil", "is no time"),
        ({"acceleratorConfig": {"type": "V4", "topology": "2x2x2"}}, "acceleratorType", "give either"),
        ({"acceleratorType": "tpu7x-8"}, "acceleratorType", "is nothing that can be queued"),
        ({"runtimeVersion": "v2-alpha-tpuv6e"}, "runtimeVersion", 'v4 takes "tpu-ubuntu2204-base"'),
        ({"labels": {"a": 1}}, "labels", "is no mapping of texts"),
        ({"zone": UNKNOWN}, "zone", "must be known in every preview"),
        ({"zone": 4}, "zone", "4 is no text"),
    ],
)
def test_wrong_inputs_are_named_before_anything_is_asked_for(changed: dict[str, Any], key: str, text: str) -> None:
    _, problems = resource.check("urn:x", {}, {**INPUTS, **changed})
    assert [(problem.key, text in problem.reason) for problem in problems] == [(key, True)]


def test_what_other_resources_give_may_be_unknown_in_a_preview() -> None:
    inputs = {**INPUTS, "network": UNKNOWN, "subnetwork": UNKNOWN, "serviceAccount": UNKNOWN}
    assert resource.check("urn:x", {}, inputs) == (inputs, ())


def test_googles_description_takes_every_field_of_a_request_with_all_options() -> None:
    config = {"acceleratorType": None, "acceleratorConfig": {"type": "V4", "topology": "2x2x2"}}
    bought = {"guaranteed": True, "reservation": "week", "validUntil": "2030-01-01T00:00:00Z"}
    for changed in (bought, {"spot": True}, config):
        given = {key: value for key, value in {**INPUTS, **changed}.items() if value is not None}
        check_body("QueuedResource", parse(given).body())
