"""A training job of SageMaker on a sandbox in this process; the engine's tests are apart."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from trainyard.clouds.aws.training import TrainingJobs
from trainyard.facts.origin import Sandbox
from trainyard.provider.job_life import FoundJobs
from trainyard.provider.resource import Call, NotWholeError
from trainyard.provider.run import Run
from trainyard.provider.sagemaker_training_job import resource
from trainyard.provider.stop import StopError
from trainyard.sandbox import clock, fault_file, faults
from trainyard.sandbox.api.aws import job_life
from trainyard.sandbox.api.aws.server import Aws
from trainyard.sandbox.api.control import known_calls
from trainyard.sandbox.api.making import make
from trainyard.sandbox.api.server import Google
from trainyard.sandbox.api.serving import serve_cloud
from trainyard.sandbox.money.bill import bill
from trainyard.sandbox.preemption import preempt
from trainyard.sandbox.store import Store, Thing

ACCOUNT, REGION = "000000000000", "eu-central-1"
LEASE = "dev-1-0a1b2c3d"
CREATE = "sagemaker.CreateTrainingJob"
NAME = f"{LEASE}-finetune-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/jobs"
TRUST = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",'
    '"Principal":{"Service":"sagemaker.amazonaws.com"}}]}'
)


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
    def jobs(self) -> TrainingJobs:
        return TrainingJobs(ACCOUNT, REGION, self.sandbox)

    def state(self, name: str = NAME) -> tuple[str, str] | None:
        """Status and second status of a job."""
        found = self.jobs.get(name)
        return None if found is None else (found["TrainingJobStatus"], found["SecondaryStatus"])

    def listed(self) -> Sequence[Thing]:
        return self.store.list(type=job_life.JOB)

    def breaks(self, call: str, kind: str, **more: Any) -> None:
        given = [{"call": call, "kind": kind, **more}]
        tokens = frozenset({job_life.JOB})
        faults.replace(self.store, fault_file.parse(given, known_calls(), tokens, self.store.now()))


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    store = Store.open(tmp_path / "store.sqlite")
    store.settlers[:] = [preempt, job_life.settle]
    role = {"name": "jobs", "assumeRolePolicy": TRUST}
    store.put(make(store, "aws", "aws:iam/role:Role", role, {"region": REGION}))
    file = tmp_path / "store.sqlite"
    with (
        serve_cloud(Aws, store, file, token="word") as aws,
        serve_cloud(Google, store, file, token="word") as google,  # the clock is asked there
    ):
        sandbox = Sandbox(folder=tmp_path, pid=1, token="word", providers={}, api={"gcp": google.url, "aws": aws.url})

        def of(origin: Any, *, warn: Any, cancelled: Any) -> Run:
            return Run(sandbox=sandbox, backend="file://here", warn=warn, cancelled=cancelled)

        monkeypatch.setattr(Run, "of", of)
        monkeypatch.setattr(resource, "_FOUND", FoundJobs())  # names come again from test to test
        yield Scene(store=store, sandbox=sandbox)
    store.close()


def inputs(**more: Any) -> dict[str, Any]:
    request = {
        "AlgorithmSpecification": {
            "TrainingImage": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/train:1",
            "TrainingInputMode": "FastFile",
        },
        "RoleArn": ROLE,
        "OutputDataConfig": {"S3OutputPath": "s3://acme-checkpoints/out"},
        "ResourceConfig": {"InstanceType": "ml.g6.xlarge", "InstanceCount": 2, "VolumeSizeInGB": 30},
        "Environment": {"EPOCHS": "3"},
    }
    return {
        "origin": "sandbox",
        "account": ACCOUNT,
        "region": REGION,
        "name": f"{LEASE}-finetune",
        "run": 1,
        "tags": {"trainyard-lease": LEASE, "trainyard-hard-end": "2036-11-24T14:00:00Z"},
        "request": request,
        "timeoutSeconds": 43200,
        "maxWaitSeconds": 7200,
        "hardEnd": "2036-11-24T14:00:00Z",
        "waitFor": "running",
        **more,
    }


SPOT = {
    "EnableManagedSpotTraining": True,
    "CheckpointConfig": {"S3Uri": "s3://acme-checkpoints/here", "LocalPath": "/opt/ml/checkpoints"},
}


def with_request(change: dict[str, Any], **more: Any) -> dict[str, Any]:
    given = inputs(**more)
    return {**given, "request": {**given["request"], **change}}


def test_a_job_runs_to_its_end(scene: Scene) -> None:
    made = resource.create(inputs(), scene.call)
    assert (made.outputs["state"], made.outputs["reached"]) == ("running", True)
    assert scene.state() == ("InProgress", "Training")
    clock.move(scene.store, 3 * 3600)
    assert scene.state() == ("Completed", "Completed")
    found = resource.read(made.id, inputs(), made.outputs, scene.call)
    assert found is not None
    assert found.outputs["state"] == "succeeded"
    assert found.outputs["startTime"] < found.outputs["endTime"]


def test_only_the_time_with_machines_bills_and_all_of_them_do(scene: Scene) -> None:
    resource.create(inputs(), scene.call)
    clock.move(scene.store, 100 * 3600)
    (line,) = [each for each in bill(scene.store).lines if each.name == NAME]
    assert line.until - line.since == timedelta(hours=1)
    assert line.what.count == 2


def test_spot_machines_that_are_taken_back_let_the_job_go_on_with_others(scene: Scene) -> None:
    spot = with_request(SPOT)
    resource.create(spot, scene.call)
    scene.breaks(f"{job_life.JOB} run", "preempt", times=1)
    clock.move(scene.store, 1)
    assert scene.state() == ("InProgress", "Interrupted")
    clock.move(scene.store, 300)
    assert scene.state() == ("InProgress", "Training")
    clock.move(scene.store, 7200)
    assert scene.state() == ("Completed", "Completed")


def test_a_busy_service_gets_one_job(scene: Scene) -> None:
    for kind in ("server-error", "throttle"):
        scene.breaks(CREATE, kind, times=2)
        resource.create(inputs(), scene.call)
        assert len(scene.listed()) == 1


def test_an_answer_that_is_lost_is_looked_for_and_makes_no_second_job(scene: Scene) -> None:
    scene.breaks(CREATE, "lost-response", times=1)
    first = resource.create(inputs(), scene.call)
    again = resource.create(inputs(), scene.call)  # as after a plugin that died before its answer
    assert first.id == again.id
    assert len(scene.listed()) == 1


def test_a_create_that_found_its_job_and_is_interrupted_leaves_no_second_entry_for_it(scene: Scene) -> None:
    scene.breaks(job_life.START, "slow", seconds=7000)
    resource.create(inputs(waitFor="submitted"), scene.call)
    scene.cancelled.set()
    with pytest.raises(StopError, match="finds it by its name"):
        resource.create(inputs(), scene.call)


def test_a_create_that_is_interrupted_while_it_waits_has_its_job_in_the_state(scene: Scene) -> None:
    scene.cancelled.set()
    with pytest.raises(NotWholeError, match="waits again") as stopped:
        resource.create(inputs(), scene.call)
    assert stopped.value.made.outputs["reached"] is False
    scene.cancelled.clear()
    made = resource.update(stopped.value.made.id, inputs(), stopped.value.made.outputs, scene.call)
    assert made["state"] == "running"
    assert len(scene.listed()) == 1


def test_a_clock_that_jumps_while_it_waits_ends_the_wait_and_not_the_job(scene: Scene) -> None:
    scene.breaks(job_life.START, "slow", seconds=3 * 3600)
    made = resource.create(inputs(), scene.call)  # its waits pass on the simulated clock
    assert (made.outputs["state"], made.outputs["reached"]) == ("queued", True)
    clock.move(scene.store, 3 * 3600)
    assert scene.state() == ("InProgress", "Training")


def test_a_run_that_was_started_with_another_spec_is_not_taken_for_this_one(scene: Scene) -> None:
    resource.create(inputs(), scene.call)
    with pytest.raises(StopError, match=r"was started already .* with another spec") as refused:
        resource.create(with_request({"Environment": {"EPOCHS": "4"}}), scene.call)
    assert f"stop-training-job --training-job-name {NAME}" in str(refused.value)
    assert len(scene.listed()) == 1


def test_a_job_of_another_lease_under_the_name_is_not_taken_over_while_it_runs(scene: Scene) -> None:
    resource.create(inputs(tags={"trainyard-lease": "dev-2-ffffffff"}), scene.call)
    with pytest.raises(StopError, match="of another lease runs under this one's name"):
        resource.create(inputs(), scene.call)
    clock.move(scene.store, 2 * 3600)
    assert resource.create(inputs(), scene.call).outputs["state"] == "running"


def test_a_later_run_ends_with_the_lease_too_and_none_begins_when_it_is_over(scene: Scene) -> None:
    now = datetime.fromtimestamp(int(scene.store.now()), UTC)
    soon = (now + timedelta(hours=4)).strftime("%Y-%m-%dT%H:%M:%SZ")
    resource.create(inputs(hardEnd=soon), scene.call)
    limits = (scene.jobs.get(NAME) or {})["StoppingCondition"]
    assert limits["MaxRuntimeInSeconds"] + limits["MaxPendingTimeInSeconds"] <= 4 * 3600
    over = (now + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    with pytest.raises(StopError, match="leaves no time for job"):
        resource.create(inputs(hardEnd=over, run=2), scene.call)
    assert len(scene.listed()) == 1


def test_a_job_that_fails_keeps_its_place_and_is_not_run_again(scene: Scene) -> None:
    scene.breaks(job_life.RUN, "refuse", message="AlgorithmError: CUDA out of memory, exit code: 1")
    with pytest.raises(NotWholeError, match="failed: AlgorithmError: CUDA out of memory") as failed:
        resource.create(inputs(waitFor="finished"), scene.call)
    made = failed.value.made
    assert (made.outputs["state"], made.outputs["reached"]) == ("failed", False)
    with pytest.raises(NotWholeError):
        resource.update(made.id, inputs(waitFor="finished"), made.outputs, scene.call)
    with pytest.raises(NotWholeError):
        resource.read(made.id, inputs(waitFor="finished"), made.outputs, scene.call)
    assert scene.state() == ("Failed", "Failed")


def test_a_job_that_runs_too_long_is_stopped_by_sagemaker_and_told_as_expired(scene: Scene) -> None:
    with pytest.raises(NotWholeError, match="expired: MaxRuntimeExceeded"):
        resource.create(inputs(timeoutSeconds=1200, waitFor="finished"), scene.call)


def test_a_job_without_room_is_good_until_its_longest_wait_and_bills_nothing(scene: Scene) -> None:
    scene.breaks(job_life.START, "stockout")
    made = resource.create(inputs(), scene.call)
    assert (made.outputs["state"], made.outputs["reached"]) == ("queued", True)
    [warning] = scene.warnings
    assert "still waits for room (Pending)" in warning
    clock.move(scene.store, 3 * 3600)
    assert scene.state() == ("Stopped", "Stopped")
    assert [each for each in bill(scene.store).lines if each.name == NAME] == []
    found = resource.read(made.id, inputs(), made.outputs, scene.call)
    assert found is not None
    assert "Unable to provision requested ML compute capacity" in found.outputs["error"]


def test_a_spot_job_without_room_ends_with_its_longest_wait(scene: Scene) -> None:
    scene.breaks(job_life.START, "stockout")
    spot = with_request(SPOT, waitFor="finished", timeoutSeconds=3600)
    with pytest.raises(NotWholeError, match="expired"):
        resource.create(spot, scene.call)
    assert scene.state() == ("Stopped", "MaxWaitTimeExceeded")


def test_a_quota_that_is_used_up_fails_the_job_in_amazons_words(scene: Scene) -> None:
    scene.breaks(CREATE, "quota")
    with pytest.raises(StopError, match=r"The account-level service limit 'ml\.g6\.xlarge for training job usage'"):
        resource.create(inputs(), scene.call)
    assert not scene.listed()


def test_delete_stops_waits_and_deletes_and_may_be_called_again(scene: Scene) -> None:
    made = resource.create(inputs(), scene.call)
    resource.delete(made.id, inputs(), made.outputs, scene.call)
    assert scene.state() is None
    resource.delete(made.id, inputs(), made.outputs, scene.call)


def test_a_delete_that_is_interrupted_leaves_the_job_being_stopped(scene: Scene) -> None:
    made = resource.create(inputs(), scene.call)
    scene.cancelled.set()
    with pytest.raises(StopError, match="run the same command again"):
        resource.delete(made.id, inputs(), made.outputs, scene.call)
    assert scene.state() == ("Stopping", "Stopping")
    scene.cancelled.clear()
    resource.delete(made.id, inputs(), made.outputs, scene.call)
    assert scene.state() is None


def test_a_job_that_will_not_end_fails_destroy_in_bounded_time(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    made = resource.create(inputs(), scene.call)
    monkeypatch.setattr(job_life, "STOP_SECONDS", 86400.0)
    with pytest.raises(StopError, match="is being stopped for 15 minutes; run `pulumi destroy` again"):
        resource.delete(made.id, inputs(), made.outputs, scene.call)
    assert scene.state() == ("Stopping", "Stopping")


def test_a_replacement_that_nothing_differs_for_keeps_the_one_run(scene: Scene) -> None:
    made = resource.create(inputs(), scene.call)
    assert resource.create(inputs(), scene.call).id == made.id  # the engine creates before it deletes then
    resource.delete(made.id, inputs(), made.outputs, scene.call)
    assert scene.state() == ("InProgress", "Training")
    assert "raise `run`" in scene.warnings[-1]


def test_a_job_that_is_gone_stays_in_the_state_as_deleted(scene: Scene) -> None:
    made = resource.create(inputs(), scene.call)
    resource.delete(made.id, inputs(), made.outputs, scene.call)
    gone = resource.read(made.id, inputs(), made.outputs, scene.call)
    assert gone is not None
    assert gone.outputs["state"] == "deleted"


def test_a_job_is_imported_with_the_inputs_that_made_it(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    made = resource.create(inputs(), scene.call)
    monkeypatch.setattr(resource, "rehearsal", lambda _: scene.sandbox)
    found = resource.read(made.id, {}, {}, scene.call)
    assert found is not None
    assert found.inputs is not None
    imported = {**found.inputs, "waitFor": "running"}
    assert resource.check("urn", imported, inputs())[1] == []
    assert resource.diff(imported, inputs(), found.outputs).replaces == ()


def test_an_id_that_is_no_job_is_refused(scene: Scene) -> None:
    with pytest.raises(StopError, match="is no training job; give"):
        resource.read(f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:endpoint/x", inputs(), {}, scene.call)
