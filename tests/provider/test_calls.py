"""Create, Read, Update and Delete in this process, against the sandbox's API: what an engine's test cannot reach."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from trainyard.clouds import open_scope
from trainyard.clouds.gcp.client import compute
from trainyard.facts.expiry import to_minute
from trainyard.facts.origin import Origin, RehearsalError, Sandbox, now
from trainyard.lease import Absent, Certificate, Held, Record, RefusedError, Store, Terms, with_ended
from trainyard.provider.lease import create, delete, read, update
from trainyard.provider.lease.inputs import Inputs
from trainyard.provider.run import Run
from trainyard.provider.stop import StopError
from trainyard.sandbox import clock, fault_file, faults
from trainyard.sandbox.api.control import known_calls
from trainyard.sandbox.api.server import serve
from trainyard.sandbox.store import Store as CloudStore

PROJECT = "trainyard-sandbox-copy-of-acme-ml-dev"
ZONE = "europe-west4-a"
LIST = "compute.instances.aggregatedList"


@dataclass(kw_only=True)
class Scene:
    """A sandbox, a run in it, and the inputs of one lease."""

    cloud: CloudStore
    run: Run
    inputs: Inputs
    warnings: list[str] = field(default_factory=list)

    @property
    def store(self) -> Store:
        return self.run.store(self.inputs.store)

    def record(self) -> Record:
        reading = self.store.read(self.inputs.lease_id)
        assert isinstance(reading, Held), reading
        return reading.record

    def plant(self, name: str) -> None:
        body: dict[str, Any] = {
            "name": name,
            "machineType": f"zones/{ZONE}/machineTypes/g2-standard-8",
            "labels": {"trainyard-lease": self.inputs.lease_id},
            "disks": [{"boot": True, "autoDelete": True, "initializeParams": {"sourceImage": "global/images/x"}}],
            "networkInterfaces": [{"network": "global/networks/default"}],
            "scheduling": {"onHostMaintenance": "TERMINATE"},
        }
        compute(self.run.sandbox).instances().insert(project=PROJECT, zone=ZONE, body=body).execute()

    def break_list(self, **fault: Any) -> None:
        given = [{"call": LIST, **fault}] if fault else []
        faults.replace(self.cloud, fault_file.parse(given, known_calls(), frozenset()))


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    cloud = CloudStore.open(tmp_path / "store.sqlite")
    with serve(cloud, tmp_path / "store.sqlite", token="word") as served:
        sandbox = Sandbox(folder=tmp_path, pid=1, token="word", providers={}, api={"gcp": served.url})
        warnings: list[str] = []
        run = Run(sandbox=sandbox, backend="file://here/a", warn=warnings.append, cancelled=threading.Event())
        start = to_minute(now(sandbox))
        terms = Terms(
            start=start,
            ttl=timedelta(hours=12),
            extend_to=timedelta(hours=24),
            hard_end=start + timedelta(hours=24),
            cap_usd=Decimal(100),
            at_limit="stop",
            grace=timedelta(hours=1),
            owner="ml-platform",
            cost_center="ml-research",
            workloads={},
        )
        inputs = Inputs(
            lease_id="dev-lab-0a1b2c3d",
            project="acme",
            stack="dev-lab",
            environment="dev",
            store="gs://acme-ml-dev-leases",
            origin=Origin.SANDBOX,
            terms=terms,
            scopes=("gcp:acme-ml-dev",),
            seen_record="absent",
        )
        yield Scene(cloud=cloud, run=run, inputs=inputs, warnings=warnings)
    cloud.close()


def ended(scene: Scene) -> Record:
    certificate = Certificate(origin=Origin.SANDBOX, by="guard", looks=())
    return scene.store.update(scene.inputs.lease_id, lambda held: with_ended(held, scene.run.now, certificate))


def test_two_creates_at_once_leave_one_record_with_one_holder(scene: Scene) -> None:
    holders: list[str] = []

    def begin() -> None:
        try:
            holders.append(create(scene.inputs, scene.run))
        except StopError as error:
            assert "at the same moment" in str(error)  # noqa: PT017 - both outcomes are right

    threads = [threading.Thread(target=begin) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert scene.record().holder in holders


def test_a_damaged_record_without_a_state_is_refused_and_left_as_it_is(scene: Scene, tmp_path: Path) -> None:
    create(scene.inputs, scene.run)
    file = tmp_path / "leases" / "gs-acme-ml-dev-leases" / scene.inputs.lease_id / "record.json"
    file.write_text("{")
    with pytest.raises(StopError, match="Without a state nobody knows its times"):
        create(scene.inputs, scene.run)
    assert file.read_text() == "{"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"stack": "dev-other"}, 'belongs to project "acme", stack "dev-lab"'),
        ({"project": "other"}, 'belongs to project "acme", stack "dev-lab"'),
        ({"origin": Origin.CLOUD}, 'has the origin "sandbox", this run is "cloud"'),
    ],
)
def test_a_record_of_another_stack_or_origin_is_refused(scene: Scene, change: dict[str, Any], reason: str) -> None:
    create(scene.inputs, scene.run)
    before = scene.record()
    with pytest.raises(StopError, match=reason):
        create(replace(scene.inputs, **change), scene.run)
    with pytest.raises(StopError, match=reason):
        update(replace(scene.inputs, **change), "h", scene.run)
    assert scene.record() == before


def test_other_times_than_the_records_are_refused(scene: Scene) -> None:
    create(scene.inputs, scene.run)
    later = replace(scene.inputs.terms, start=scene.inputs.terms.start - timedelta(hours=1))
    with pytest.raises(RefusedError, match="run the command again"):
        create(replace(scene.inputs, terms=replace(later, hard_end=later.start + later.extend_to)), scene.run)


def test_an_expired_lease_is_not_adopted_and_the_ways_on_are_told(scene: Scene) -> None:
    create(scene.inputs, scene.run)
    clock.move(scene.cloud, 13 * 3600)
    with pytest.raises(StopError, match=r"expired at .*guard extend dev-lab.*pulumi destroy"):
        create(scene.inputs, scene.run)
    create(replace(scene.inputs, terms=replace(scene.inputs.terms, ttl=timedelta(hours=20))), scene.run)


def test_a_list_that_fails_at_adoption_gives_the_lease_back_to_its_holder(scene: Scene) -> None:
    holder = create(scene.inputs, scene.run)
    scene.break_list(kind="refuse", code=403)
    with pytest.raises(StopError, match="No right to list, no lease"):
        create(scene.inputs, scene.run)
    assert scene.record().holder == holder


def test_a_list_that_fails_after_an_ended_lease_leaves_the_ended_record(scene: Scene) -> None:
    create(scene.inputs, scene.run)
    before = ended(scene)
    scene.break_list(kind="refuse", code=403)
    with pytest.raises(StopError, match="No right to list, no lease"):
        create(scene.inputs, scene.run)
    assert scene.record() == before


def test_a_scope_of_a_cloud_that_is_not_built_leaves_no_record(scene: Scene) -> None:
    with pytest.raises(StopError, match='cloud "aws" is not built yet'):
        create(replace(scene.inputs, scopes=("aws:1234:eu-west-1",)), scene.run)
    assert scene.store.read(scene.inputs.lease_id) == Absent()


def test_a_new_lease_over_a_used_label_names_what_bills(scene: Scene) -> None:
    scene.plant("stray")
    create(scene.inputs, scene.run)
    assert "its label is in use" in scene.warnings[0]
    assert "machine stray" in scene.warnings[0]


@pytest.mark.parametrize("state", ["ending", "ended"])
def test_update_is_refused_once_an_end_began(scene: Scene, state: str) -> None:
    holder = create(scene.inputs, scene.run)
    if state == "ending":
        scene.plant("stray")
        with pytest.raises(StopError):
            delete(scene.inputs, holder, frozenset(), scene.run)
    else:
        ended(scene)
    with pytest.raises(StopError, match="is ending" if state == "ending" else "ended at"):
        update(scene.inputs, holder, scene.run)


def test_update_never_shortens_the_ttl_and_says_so(scene: Scene) -> None:
    holder = create(scene.inputs, scene.run)
    update(replace(scene.inputs, terms=replace(scene.inputs.terms, ttl=timedelta(hours=1))), holder, scene.run)
    assert scene.record().terms.ttl == timedelta(hours=12)
    assert scene.warnings == ["the lease's ttl stays 12h: what was granted is never shortened."]


def test_update_writes_a_new_scope_before_it_asks_it_for_a_list(scene: Scene) -> None:
    holder = create(scene.inputs, scene.run)
    scene.break_list(kind="refuse", code=403)
    with pytest.raises(StopError, match="No right to list"):
        update(replace(scene.inputs, scopes=("gcp:acme-ml-dev", "gcp:acme-2")), holder, scene.run)
    assert scene.record().scopes == (f"gcp:{PROJECT}", "gcp:trainyard-sandbox-copy-of-acme-2")


def test_update_by_the_holder_in_the_state_takes_the_lease_back(scene: Scene) -> None:
    first = create(scene.inputs, scene.run)
    create(scene.inputs, scene.run)
    update(scene.inputs, first, scene.run)
    assert (scene.record().holder, scene.record().holder_in_state) == (first, True)


def test_an_old_holders_delete_does_nothing_when_the_new_one_was_made_in_this_process(scene: Scene) -> None:
    first = create(scene.inputs, scene.run)
    second = create(scene.inputs, scene.run)
    scene.plant("lab")
    delete(scene.inputs, first, frozenset({first, second}), scene.run)
    assert (scene.record().ending, scene.record().holder) == (None, second)


def test_an_old_holders_delete_does_nothing_when_a_state_has_the_new_one(scene: Scene) -> None:
    first = create(scene.inputs, scene.run)
    second = create(scene.inputs, scene.run)
    scene.plant("lab")
    read(scene.inputs, second, scene.run)
    delete(scene.inputs, first, frozenset(), scene.run)
    assert scene.record().ending is None


def test_an_old_holders_delete_ends_green_only_over_nothing_when_the_new_one_may_be_lost(scene: Scene) -> None:
    first = create(scene.inputs, scene.run)
    create(scene.inputs, scene.run)
    delete(scene.inputs, first, frozenset(), scene.run)
    scene.plant("lab")
    with pytest.raises(StopError, match="machine lab"):
        delete(scene.inputs, first, frozenset(), scene.run)
    assert scene.record().ending is None


def test_read_of_an_old_holder_confirms_nothing(scene: Scene) -> None:
    first = create(scene.inputs, scene.run)
    create(scene.inputs, scene.run)
    read(scene.inputs, first, scene.run)
    assert scene.record().holder_in_state is False


def test_read_with_a_store_that_is_down_only_warns(scene: Scene) -> None:
    read(replace(scene.inputs, store="gs://x?endpoint=http://127.0.0.1:1"), "h", scene.run)
    assert "The lease stays in the state" in scene.warnings[0]


def test_a_cancelled_delete_leaves_the_lease_ending_and_goes_on_later(scene: Scene) -> None:
    holder = create(scene.inputs, scene.run)
    scene.run.cancelled.set()
    with pytest.raises(StopError, match="interrupted between the two looks"):
        delete(scene.inputs, holder, frozenset(), scene.run)
    assert (scene.record().ending is None, scene.record().ended) == (False, None)
    scene.run.cancelled.clear()
    delete(scene.inputs, holder, frozenset(), scene.run)
    assert scene.record().ended is not None


def test_delete_of_an_ended_lease_looks_again_and_fails_over_what_started_since(scene: Scene) -> None:
    holder = create(scene.inputs, scene.run)
    delete(scene.inputs, holder, frozenset(), scene.run)
    certificate = scene.record().certificate
    scene.plant("later")
    with pytest.raises(StopError, match="machine later"):
        delete(scene.inputs, holder, frozenset(), scene.run)
    assert scene.record().certificate == certificate


def test_two_looks_are_apart_by_what_a_list_may_lag(scene: Scene) -> None:
    holder = create(scene.inputs, scene.run)
    delete(scene.inputs, holder, frozenset(), scene.run)
    certificate = scene.record().certificate
    assert certificate is not None
    first, second = certificate.looks
    assert timedelta(seconds=60) <= second.at - first.at <= timedelta(minutes=10)
    assert certificate.origin is Origin.SANDBOX


def test_a_run_in_another_origin_than_the_leases_is_refused() -> None:
    environ = {"HOME": "/"}
    cancelled = threading.Event()
    with pytest.raises(StopError, match=r'lives in the origin "sandbox", this run is in "cloud".*sandbox exec'):
        Run.of(Origin.SANDBOX, warn=print, cancelled=cancelled, environ=environ)
    with pytest.raises(RehearsalError, match="no provider may be attached"):
        Run.of(Origin.CLOUD, warn=print, cancelled=cancelled, environ={**environ, "PULUMI_DEBUG_PROVIDERS": "gcp:1"})


def test_outside_a_rehearsal_the_way_by_hand_is_told(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    holder = create(scene.inputs, scene.run)
    scene.plant("stray")
    sandbox, store = scene.run.sandbox, scene.store
    monkeypatch.setattr(Run, "lister", lambda self, scope: open_scope(scope, sandbox))
    monkeypatch.setattr(Run, "store", lambda self, url: store)
    outside = replace(scene.run, sandbox=None)
    with pytest.raises(StopError) as caught:
        delete(replace(scene.inputs, scopes=(f"gcp:{PROJECT}",)), holder, frozenset(), outside)
    assert f"gcloud compute instances delete stray --zone={ZONE} --project={PROJECT}" in str(caught.value)
