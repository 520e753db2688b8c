"""What carries a lease's label on Compute Engine, through Google's own client: all of it, or an error."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import httplib2
import pytest
from googleapiclient.http import HttpMock, HttpMockSequence

from trainyard.clouds import UnknownScopeError, open_scope
from trainyard.clouds.gcp import GcpCompute, ScopeUnreadable
from trainyard.clouds.gcp import compute as module
from trainyard.facts.origin import Sandbox
from trainyard.facts.price import Known, Unknown

PROJECT = "trainyard-sandbox-copy-of-acme-ml-dev"
ZONE = "europe-west4-a"
LEASE = "dev-lab-0a1b2c3d"
SCOPE = f"gcp:{PROJECT}"
Plant = Callable[..., None]


def answering(monkeypatch: pytest.MonkeyPatch, *answers: dict[str, Any]) -> GcpCompute:
    """A client whose calls are answered one after another: what the sandbox cannot be made to say."""
    from googleapiclient.discovery import build

    no_groups: dict[str, Any] = {"items": {}}
    http = HttpMockSequence([({"status": "200"}, json.dumps(each).encode()) for each in (*answers, no_groups)])
    monkeypatch.setattr(module, "compute", lambda _: build("compute", "v1", http=http, static_discovery=True))
    return GcpCompute(PROJECT, None)


def test_a_machine_with_the_label_is_listed_with_place_and_price(sandbox: Sandbox, plant: Plant) -> None:
    plant("lab-0", LEASE)
    plant("other-0", "dev-lab-ffffffff")
    plant("unlabelled-0", None)
    (machine,) = GcpCompute(PROJECT, sandbox).list_billable(LEASE)
    assert (machine.kind, machine.name, machine.place, machine.scope) == ("machine", "lab-0", ZONE, SCOPE)
    assert (machine.machine_type, machine.billing) == ("g2-standard-8", True)
    assert isinstance(machine.price, Known)
    assert machine.price.usd_hour > Decimal("0.5")


def test_a_spot_machine_has_the_spot_price(sandbox: Sandbox, plant: Plant) -> None:
    plant("lab-0", LEASE)
    plant("lab-1", LEASE, scheduling={"provisioningModel": "SPOT", "onHostMaintenance": "TERMINATE"})
    listed = {thing.name: thing.price for thing in GcpCompute(PROJECT, sandbox).list_billable(LEASE)}
    spot, on_demand = listed["lab-1"], listed["lab-0"]
    assert isinstance(spot, Known)
    assert isinstance(on_demand, Known)
    assert spot.usd_hour < on_demand.usd_hour


def test_a_stopped_machine_does_not_bill_but_its_disk_does(sandbox: Sandbox, plant: Plant, google: Any) -> None:
    plant("lab-0", LEASE)
    google.instances().stop(project=PROJECT, zone=ZONE, instance="lab-0").execute()
    listed = GcpCompute(PROJECT, sandbox).list_billable(LEASE)
    assert [(thing.kind, thing.name, thing.billing) for thing in listed] == [
        ("machine", "lab-0", False),
        ("disk", "lab-0", True),
    ]


def test_disks_addresses_and_snapshots_with_the_label_bill(sandbox: Sandbox, google: Any) -> None:
    labels = {"trainyard-lease": LEASE}
    google.disks().insert(
        project=PROJECT, zone=ZONE, body={"name": "left", "sizeGb": "100", "labels": labels}
    ).execute()
    google.addresses().insert(project=PROJECT, region="europe-west4", body={"name": "ip", "labels": labels}).execute()
    google.snapshots().insert(
        project=PROJECT,
        body={"name": "snap", "sourceDisk": f"projects/{PROJECT}/zones/{ZONE}/disks/left", "labels": labels},
    ).execute()
    listed = GcpCompute(PROJECT, sandbox).list_billable(LEASE)
    assert {(thing.kind, thing.name, thing.place) for thing in listed} == {
        ("disk", "left", ZONE),
        ("address", "ip", "europe-west4"),
        ("snapshot", "snap", "global"),
    }
    assert all(thing.billing and isinstance(thing.price, Unknown) for thing in listed)


def test_each_thing_has_the_command_that_ends_it(sandbox: Sandbox, plant: Plant, google: Any) -> None:
    plant("lab-0", LEASE)
    google.addresses().insert(
        project=PROJECT, region="europe-west4", body={"name": "ip", "labels": {"trainyard-lease": LEASE}}
    ).execute()
    client = GcpCompute(PROJECT, sandbox)
    assert [client.end_by_hand(thing) for thing in client.list_billable(LEASE)] == [
        f"gcloud compute instances delete lab-0 --zone={ZONE} --project={PROJECT}",
        f"gcloud compute addresses delete ip --region=europe-west4 --project={PROJECT}",
    ]


def test_all_pages_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def page(name: str, token: str | None) -> dict[str, Any]:
        item = {"name": name, "zone": f"zones/{ZONE}", "status": "RUNNING", "machineType": "x/g2-standard-8"}
        found = {"items": {f"zones/{ZONE}": {"instances": [item]}}}
        return {**found, "nextPageToken": token} if token else found

    client = answering(monkeypatch, page("a", "next"), page("b", None), {}, {}, {})
    assert [thing.name for thing in client.list_billable(LEASE)] == ["a", "b"]


def test_an_empty_zone_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    empty = {"items": {f"zones/{ZONE}": {"warning": {"code": "NO_RESULTS_ON_PAGE", "message": "none"}}}}
    assert answering(monkeypatch, empty, {}, {}, {}).list_billable(LEASE) == ()


@pytest.mark.parametrize(
    "part",
    [
        {"items": {f"zones/{ZONE}": {"warning": {"code": "UNREACHABLE", "message": "zone is down"}}}},
        {"items": {}, "unreachables": [f"zones/{ZONE}"]},
        {"items": {}, "warning": {"code": "PARTIAL_SUCCESS", "message": "zone is down"}},
    ],
)
def test_a_list_that_lacks_a_zone_is_unreadable_and_never_empty(
    monkeypatch: pytest.MonkeyPatch, part: dict[str, Any]
) -> None:
    with pytest.raises(ScopeUnreadable, match=rf"{SCOPE} cannot be listed: only a part of the instances"):
        answering(monkeypatch, part, {}, {}, {}).list_billable(LEASE)


@pytest.mark.parametrize(("status", "reason"), [(401, "Invalid Credentials"), (403, "Forbidden"), (404, "not found")])
def test_a_refused_list_names_scope_and_reason(monkeypatch: pytest.MonkeyPatch, status: int, reason: str) -> None:
    from googleapiclient.discovery import build

    body = json.dumps({"error": {"code": status, "message": reason}}).encode()
    http = HttpMockSequence([({"status": str(status), "content-type": "application/json"}, body)])
    monkeypatch.setattr(module, "compute", lambda _: build("compute", "v1", http=http, static_discovery=True))
    with pytest.raises(ScopeUnreadable, match=f"{SCOPE} cannot be listed: {status} {reason}") as caught:
        GcpCompute(PROJECT, None).list_billable(LEASE)
    assert (caught.value.scope, caught.value.reason) == (SCOPE, f"{status} {reason}")


@pytest.mark.parametrize("error", [TimeoutError("timed out"), httplib2.ServerNotFoundError("no such host"), OSError()])
def test_no_answer_is_unreadable(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    from googleapiclient.discovery import build

    class Broken(HttpMock):  # type: ignore[misc]
        def request(self, *_: object, **__: object) -> None:
            raise error

    monkeypatch.setattr(module, "compute", lambda _: build("compute", "v1", http=Broken(), static_discovery=True))
    monkeypatch.setattr(module, "_RETRIES", 0)
    with pytest.raises(ScopeUnreadable, match=f"{SCOPE} cannot be listed: no answer"):
        GcpCompute(PROJECT, None).list_billable(LEASE)


def test_without_a_login_the_scope_is_unreadable(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "missing.json"))
    with pytest.raises(ScopeUnreadable, match="acme-ml-dev cannot be listed: no valid login"):
        GcpCompute("acme-ml-dev", None).list_billable(LEASE)


def test_a_wrong_token_is_unreadable(sandbox: Sandbox) -> None:
    stranger = Sandbox(folder=sandbox.folder, pid=1, token="other", providers={}, api=sandbox.api)
    with pytest.raises(ScopeUnreadable, match="no valid login"):
        GcpCompute(PROJECT, stranger).list_billable(LEASE)


@pytest.mark.parametrize(
    ("scope", "reason"),
    [("lambda:1", 'cloud "lambda" is not built yet'), ("gcp", "is no scope"), ("gcp:", "is no scope")],
)
def test_a_scope_of_no_built_cloud_is_refused(scope: str, reason: str) -> None:
    with pytest.raises(UnknownScopeError, match=reason):
        open_scope(scope, None)


GROUP = f"{LEASE}-train"


def grouped(monkeypatch: pytest.MonkeyPatch, group: dict[str, Any], *machines: str) -> GcpCompute:
    """A project with these machines of the lease, and one group."""
    from googleapiclient.discovery import build

    place = f"zones/{ZONE}"
    listed = [{"name": name, "zone": place, "status": "RUNNING", "labels": {}} for name in machines]
    groups = [{"zone": place, **group}]
    answers = (
        {"items": {place: {"instances": listed}}},
        {},
        {},
        {},
        {"items": {place: {"instanceGroupManagers": groups}}},
    )
    http = HttpMockSequence([({"status": "200"}, json.dumps(answer).encode()) for answer in answers])
    monkeypatch.setattr(module, "compute", lambda _: build("compute", "v1", http=http, static_discovery=True))
    return GcpCompute(PROJECT, None)


@pytest.mark.parametrize(
    ("group", "machines", "says"),
    [
        ({"name": GROUP, "targetSize": 2}, 1, "may still make 1 or more machines"),
        ({"name": GROUP, "targetSize": 0}, 0, "may still make 1 or more machines"),  # a resize request may wait
        ({"name": GROUP, "targetSize": 2}, 2, None),
        ({"name": "dev-lab-ffffffff-train", "targetSize": 2}, 0, None),
        ({"name": "somebody-s", "targetSize": 2}, 0, None),
    ],
)
def test_a_group_that_lacks_machines_may_make_them_and_counts_as_billing(
    monkeypatch: pytest.MonkeyPatch, group: dict[str, Any], machines: int, says: str | None
) -> None:
    cloud = grouped(monkeypatch, group, *(f"{GROUP}-{number:03d}" for number in range(1, machines + 1)))
    found = [thing for thing in cloud.list_billable(LEASE) if thing.kind == "group"]
    if says is None:
        assert found == []
        return
    [thing] = found
    assert (thing.status, thing.billing, thing.place) == (says, True, ZONE)
    assert isinstance(thing.price, Unknown)
    assert cloud.end_by_hand(thing) == (
        f"gcloud compute instance-groups managed delete {GROUP} --zone={ZONE} --project={PROJECT}"
    )
