"""The rules of a job on every cloud, and of Vertex AI's on a sandbox in this process; the engine's tests are apart."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from trainyard.clouds.gcp.vertex import VertexJobs
from trainyard.facts.origin import Sandbox
from trainyard.provider import job
from trainyard.provider.job import CancelledWaitError, Look
from trainyard.provider.resource import Call, Difference, NotWholeError
from trainyard.provider.run import Run
from trainyard.provider.stop import StopError
from trainyard.provider.vertex_custom_job import resource
from trainyard.sandbox import clock, fault_file, faults
from trainyard.sandbox.api.control import known_calls
from trainyard.sandbox.api.server import Google
from trainyard.sandbox.api.serving import serve_cloud
from trainyard.sandbox.api.vertex import life
from trainyard.sandbox.store import Store
from trainyard.servicer import UNKNOWN, Secret

PROJECT = "trainyard-sandbox-copy-of-acme-ml-dev"
REGION = "europe-west4"
LEASE = "dev-1-0a1b2c3d"
CREATE = "aiplatform.projects.locations.customJobs.create"
NOW = datetime(2026, 11, 24, 14, tzinfo=UTC)
SPEC = ("jobSpec", "labels")


@dataclass(kw_only=True)
class Scene:
    """A sandbox, and the calls of one engine against it."""

    store: Store
    sandbox: Sandbox
    warnings: list[str] = field(default_factory=list)
    cancelled: threading.Event = field(default_factory=threading.Event)

    @property
    def call(self) -> Call:
        return Call(urn="urn", warn=self.warnings.append, cancelled=self.cancelled)

    @property
    def jobs(self) -> VertexJobs:
        return VertexJobs(PROJECT, REGION, self.sandbox, lambda _: False)

    def states(self) -> list[str]:
        return [str(each["state"]) for each in self.jobs.of_lease(LEASE)]

    def breaks(self, call: str, kind: str, **more: Any) -> None:
        given = [{"call": call, "kind": kind, **more}]
        faults.replace(self.store, fault_file.parse(given, known_calls(), frozenset(), self.store.now()))


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    store = Store.open(tmp_path / "store.sqlite")
    store.settlers[:] = [life.settle]
    with serve_cloud(Google, store, tmp_path / "store.sqlite", token="word") as served:
        sandbox = Sandbox(folder=tmp_path, pid=1, token="word", providers={}, api={"gcp": served.url})
        made = Scene(store=store, sandbox=sandbox)

        def of(origin: Any, *, warn: Any, cancelled: Any) -> Run:
            return Run(sandbox=sandbox, backend="file://here", warn=warn, cancelled=cancelled)

        monkeypatch.setattr(Run, "of", of)
        yield made
    store.close()


def inputs(**more: Any) -> dict[str, Any]:
    machine = {"machineType": "a2-highgpu-1g", "acceleratorType": "NVIDIA_TESLA_A100", "acceleratorCount": 1}
    pool = {"machineSpec": machine, "replicaCount": "1", "containerSpec": {"imageUri": "eu.example/x:1"}}
    scheduling = {"strategy": "STANDARD", "timeout": "43200s", "maxWaitDuration": "3600s"}
    return {
        "origin": "sandbox",
        "project": PROJECT,
        "region": REGION,
        "name": f"{LEASE}-finetune",
        "run": 1,
        "labels": {"trainyard-lease": LEASE, "trainyard-hard-end": "20361124t140000z"},
        "jobSpec": {"workerPoolSpecs": [pool], "scheduling": scheduling},
        "hardEnd": "2036-11-24T14:00:00Z",
        "waitFor": "running",
        **more,
    }


def with_image(image: str, **more: Any) -> dict[str, Any]:
    given = inputs(**more)
    given["jobSpec"]["workerPoolSpecs"][0]["containerSpec"]["imageUri"] = image
    return given


def test_what_changed_is_named_by_its_path_and_what_is_the_same_to_a_cloud_is_not() -> None:
    old = {"run": 1, "jobSpec": {"a": [{"b": 1}], "c": None, "flag": False, "d": {}}, "labels": {"x": "y"}}
    same = {"run": 1, "jobSpec": {"a": [{"b": "1"}]}, "labels": {"x": Secret("y")}}
    assert job.spec_changes(old, same, SPEC) == []
    changed = {"run": 1, "jobSpec": {"a": [{"b": 2}], "e": 1}, "labels": {"x": "z"}}
    assert job.spec_changes(old, changed, SPEC) == ["jobSpec.a[0].b", "jobSpec.e", "labels.x"]
    unknown = {"run": 1, "jobSpec": {"a": [{"b": UNKNOWN}]}, "labels": UNKNOWN}
    assert job.spec_changes(old, unknown, SPEC) == []


def test_nothing_but_a_raised_run_starts_a_second_one() -> None:
    old = {"run": 2, "jobSpec": {"a": 1}, "waitFor": "running"}
    [problem] = job.check_run(old, {**old, "jobSpec": {"a": 2}}, SPEC)
    assert problem.key == "jobSpec"
    assert "run 2 was started already" in problem.reason
    assert "jobSpec.a differs" in problem.reason
    assert "Raise `run` to 3" in problem.reason
    [problem] = job.check_run(old, {**old, "run": 1}, SPEC)
    assert "a run is never taken back" in problem.reason
    assert list(job.check_run(old, {**old, "run": 3, "jobSpec": {"a": 2}}, SPEC)) == []
    assert list(job.check_run({}, old, SPEC)) == []
    assert job.difference(old, {**old, "run": 3, "jobSpec": {"a": 2}}, SPEC).replaces == ("run", "jobSpec")
    assert job.difference(old, {**old, "waitFor": "finished"}, SPEC).updates == ("waitFor",)
    assert job.difference(old, old, SPEC) == Difference()


@pytest.mark.parametrize(
    ("wait_for", "state", "reached", "fails"),
    [
        ("submitted", "queued", True, False),
        ("submitted", "failed", True, False),
        ("running", "queued", False, False),
        ("running", "running", True, False),
        ("running", "succeeded", True, False),
        ("running", "failed", False, True),
        ("running", "cancelled", False, True),
        ("finished", "running", False, False),
        ("finished", "succeeded", True, False),
        ("finished", "expired", False, True),
    ],
)
def test_what_is_waited_for(wait_for: str, state: str, *, reached: bool, fails: bool) -> None:
    assert job.has_reached(wait_for, state) is reached
    reason = job.unmet(wait_for, Look(state=state, error="CUDA out of memory"), "finetune-1", 1)
    assert (reason is not None) is fails
    if reason:
        assert "CUDA out of memory" in reason
        assert "raise `run` to 2" in reason


def test_a_wait_is_bounded_and_ended_by_cancel() -> None:
    passed: list[float] = []

    def pause(seconds: float) -> bool:
        passed.append(seconds)
        return len(passed) > 40

    seen = job.wait_until(
        "running",
        lambda: Look(state="queued"),
        until=NOW + timedelta(minutes=15),
        now=lambda: NOW + timedelta(seconds=sum(passed)),
        pause=pause,
    )
    assert seen.state == "queued"
    assert 15 * 60 <= sum(passed) <= 16 * 60
    assert max(passed) == 30
    with pytest.raises(CancelledWaitError):
        job.wait_until(
            "running", lambda: Look(state="queued"), until=NOW, now=lambda: NOW - timedelta(1), pause=lambda _: True
        )
    hour = timedelta(hours=1)
    assert job.bound("running", hour, hour) == timedelta(minutes=15)
    assert job.bound("running", timedelta(minutes=5), hour) == timedelta(minutes=5)
    assert job.bound("finished", hour, hour) > 2 * hour


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"run": "1"}, "run: '1' given"),
        ({"labels": {}}, "must hold trainyard-lease"),
        ({"waitFor": "done"}, "submitted, running, finished"),
        ({"speed": 1}, "is no input of a Vertex AI custom job"),
        ({"region": UNKNOWN}, "must be known in every preview"),
        ({"hardEnd": "tomorrow"}, "give a time such as"),
        ({"name": None}, "name: is required"),
        ({"jobSpec": {"workerPoolSpecs": [{}], "enableWebAccess": True}}, "opens a shell"),
    ],
)
def test_check_refuses_without_the_network(change: dict[str, Any], complaint: str) -> None:
    _, problems = resource.check("urn", {}, inputs(**change))
    assert any(complaint in f"{problem.key}: {problem.reason}" for problem in problems)


@pytest.mark.parametrize("wait", [None, "0s", "", 3600])
def test_a_job_that_might_wait_for_ever_is_refused(wait: Any) -> None:
    given = inputs()
    given["jobSpec"]["scheduling"]["maxWaitDuration"] = wait
    _, problems = resource.check("urn", {}, given)
    assert any("give whole seconds above 0" in problem.reason for problem in problems)


def test_another_origin_is_refused_before_anything_is_called() -> None:
    _, problems = resource.check("urn", inputs(), inputs(origin="cloud"))
    assert [problem.key for problem in problems] == ["origin"]


def test_a_busy_service_gets_one_job(scene: Scene) -> None:
    scene.breaks(CREATE, "server-error", times=2)
    made = resource.create(inputs(), scene.call)
    assert made.outputs["state"] == "running"
    assert scene.states() == ["JOB_STATE_RUNNING"]


def test_an_answer_that_is_lost_is_looked_for_and_makes_no_second_job(scene: Scene) -> None:
    scene.breaks(CREATE, "lost-response", times=1)
    first = resource.create(inputs(), scene.call)
    again = resource.create(inputs(), scene.call)  # as after a plugin that died before its answer
    assert first.id == again.id
    assert scene.states() == ["JOB_STATE_RUNNING"]


def test_a_list_that_lags_behind_a_lost_answer_makes_no_second_job_either(scene: Scene) -> None:
    given = [
        {"call": CREATE, "kind": "lost-response", "times": 1},
        {"call": CREATE.replace("create", "list"), "kind": "lag", "seconds": 60},
    ]
    faults.replace(scene.store, fault_file.parse(given, known_calls(), frozenset(), scene.store.now()))
    resource.create(inputs(), scene.call)
    faults.replace(scene.store, ())
    assert scene.states() == ["JOB_STATE_RUNNING"]


def test_a_run_that_was_started_with_another_spec_is_not_taken_for_this_one(scene: Scene) -> None:
    resource.create(inputs(), scene.call)
    with pytest.raises(StopError, match=r"was started already .* with another spec") as refused:
        resource.create(with_image("eu.example/x:2"), scene.call)
    assert "Raise `run` to 2" in str(refused.value)
    assert "gcloud ai custom-jobs cancel" in str(refused.value)
    assert len(scene.states()) == 1


def test_a_create_that_found_its_job_and_is_interrupted_leaves_no_second_entry_for_it(scene: Scene) -> None:
    first = resource.create(inputs(waitFor="submitted"), scene.call)
    scene.cancelled.set()
    with pytest.raises(StopError, match="goes on, and `pulumi up` finds it by its name"):
        resource.create(inputs(waitFor="finished"), scene.call)
    scene.cancelled.clear()
    assert resource.create(inputs(waitFor="submitted"), scene.call).id == first.id
    assert len(scene.states()) == 1


def test_a_second_job_of_the_same_run_is_told_and_the_first_is_kept(scene: Scene) -> None:
    first = resource.create(inputs(), scene.call)
    [made] = scene.jobs.of_lease(LEASE)
    clock.move(scene.store, 1)
    scene.jobs.create({key: made[key] for key in ("displayName", "labels", "jobSpec")})
    again = resource.create(inputs(), scene.call)
    assert again.id == first.id
    [warning] = scene.warnings
    assert "is a second one of the same run" in warning


def test_a_job_of_an_earlier_lease_is_not_taken_over(scene: Scene) -> None:
    old = inputs(labels={"trainyard-lease": LEASE, "trainyard-hard-end": "20261124t140000z"})
    resource.create(old, scene.call)
    resource.create(inputs(), scene.call)
    assert len(scene.states()) == 2
    [warning] = scene.warnings
    assert "of an earlier lease" in warning


def test_a_later_run_ends_with_the_lease_too_and_none_begins_when_it_is_over(scene: Scene) -> None:
    now = datetime.fromtimestamp(int(scene.store.now()), UTC)
    soon = (now + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    resource.create(inputs(hardEnd=soon), scene.call)
    [made] = scene.jobs.of_lease(LEASE)
    assert int(made["jobSpec"]["scheduling"]["timeout"].removesuffix("s")) <= 7200
    over = (now + timedelta(seconds=30)).strftime("%Y-%m-%dT%H:%M:%SZ")
    with pytest.raises(StopError, match="leaves no time for job"):
        resource.create(inputs(hardEnd=over, run=2), scene.call)
    assert len(scene.states()) == 1


def test_a_job_that_fails_keeps_its_place_and_is_not_run_again(scene: Scene) -> None:
    scene.breaks(life.RUN, "refuse", message="CUDA out of memory")
    with pytest.raises(NotWholeError, match="CUDA out of memory") as failed:
        resource.create(inputs(waitFor="finished"), scene.call)
    made = failed.value.made
    assert (made.outputs["state"], made.outputs["reached"]) == ("failed", False)
    with pytest.raises(NotWholeError, match="CUDA out of memory"):
        resource.update(made.id, inputs(waitFor="finished"), made.outputs, scene.call)
    with pytest.raises(NotWholeError):
        resource.read(made.id, inputs(waitFor="finished"), made.outputs, scene.call)
    assert scene.states() == ["JOB_STATE_FAILED"]


def test_a_job_that_fails_later_is_only_told_by_a_refresh(scene: Scene) -> None:
    made = resource.create(inputs(), scene.call)
    scene.breaks(life.RUN, "refuse")
    clock.move(scene.store, 7200)
    found = resource.read(made.id, inputs(), made.outputs, scene.call)
    assert found is not None
    assert found.outputs["state"] == "succeeded"  # the fault came after its start
    scene.jobs.delete(made.id.rpartition("/")[2])
    gone = resource.read(made.id, inputs(), made.outputs, scene.call)
    assert gone is not None
    assert gone.outputs["state"] == "deleted"


def test_a_quota_that_is_used_up_is_told_in_googles_words_and_not_asked_for_again(scene: Scene) -> None:
    scene.breaks(CREATE, "quota")
    before = scene.store.now()
    with pytest.raises(StopError, match="The following quota metrics exceed quota limits"):
        resource.create(inputs(), scene.call)
    assert scene.store.now() - before < 5  # no simulated pauses
    assert scene.states() == []


def test_delete_cancels_waits_and_deletes_and_may_be_called_again(scene: Scene) -> None:
    made = resource.create(inputs(), scene.call)
    resource.delete(made.id, inputs(), made.outputs, scene.call)
    assert scene.states() == []
    resource.delete(made.id, inputs(), made.outputs, scene.call)


def test_a_delete_that_is_interrupted_leaves_the_job_being_cancelled(scene: Scene) -> None:
    made = resource.create(inputs(), scene.call)
    scene.cancelled.set()
    with pytest.raises(StopError, match="run the same command again"):
        resource.delete(made.id, inputs(), made.outputs, scene.call)
    assert scene.states() == ["JOB_STATE_CANCELLING"]
    scene.cancelled.clear()
    resource.delete(made.id, inputs(), made.outputs, scene.call)
    assert scene.states() == []


def test_a_replacement_that_nothing_differs_for_keeps_the_one_run(scene: Scene) -> None:
    made = resource.create(inputs(), scene.call)
    assert resource.create(inputs(), scene.call).id == made.id  # the engine creates before it deletes then
    resource.delete(made.id, inputs(), made.outputs, scene.call)
    assert scene.states() == ["JOB_STATE_RUNNING"]
    assert "raise `run`" in scene.warnings[-1]
    resource.delete(made.id, inputs(), made.outputs, scene.call)
    assert scene.states() == []


def test_a_job_that_will_not_end_fails_destroy_in_bounded_time_and_stays(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = resource.create(inputs(), scene.call)
    monkeypatch.setattr(life, "CANCEL_SECONDS", 86400.0)
    before = scene.store.now()
    with pytest.raises(StopError, match="is being cancelled for 15 minutes; run `pulumi destroy` again"):
        resource.delete(made.id, inputs(), made.outputs, scene.call)
    assert 15 * 60 <= scene.store.now() - before <= 17 * 60
    assert scene.states() == ["JOB_STATE_CANCELLING"]


def test_an_id_that_is_no_job_is_refused(scene: Scene) -> None:
    with pytest.raises(StopError, match="is no custom job"):
        resource.read("projects/p/locations/r/endpoints/1", inputs(), {}, scene.call)


def test_a_job_without_room_is_good_and_goes_on_by_itself(scene: Scene) -> None:
    scene.breaks(life.START, "stockout")
    made = resource.create(inputs(), scene.call)
    assert (made.outputs["state"], made.outputs["reached"]) == ("queued", True)
    [warning] = scene.warnings
    assert "still waits for room" in warning
    resource.delete(made.id, inputs(), made.outputs, scene.call)
    assert scene.states() == []
