"""A job of Azure Machine Learning on a sandbox in this process; the engine's tests are apart."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from trainyard.clouds.azure.learning_jobs import MlJobs
from trainyard.facts.origin import Sandbox
from trainyard.provider.azure_ml_job import resource
from trainyard.provider.job_life import FoundJobs
from trainyard.provider.resource import Call, NotWholeError
from trainyard.provider.run import Run
from trainyard.provider.stop import StopError
from trainyard.sandbox import clock, fault_file, faults
from trainyard.sandbox.api.azure import job_life
from trainyard.sandbox.api.azure.server import Azure
from trainyard.sandbox.api.control import known_calls
from trainyard.sandbox.api.making import make
from trainyard.sandbox.api.server import Google
from trainyard.sandbox.api.serving import serve_cloud
from trainyard.sandbox.money.bill import bill
from trainyard.sandbox.preemption import preempt
from trainyard.sandbox.store import Store, Thing
from trainyard.servicer import UNKNOWN

SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/lab"
WORKSPACE = f"{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/lab-ws"
LEASE = "dev-1-0a1b2c3d"
PUT = "Microsoft.MachineLearningServices/workspaces/jobs.createOrUpdate"
IN = {"workspaceName": "lab-ws", "resourceGroupName": "lab"}


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
    def jobs(self) -> MlJobs:
        return MlJobs(WORKSPACE, self.sandbox)

    def states(self) -> list[str]:
        names = [each.name for each in self.store.list(type="azure-native:machinelearningservices:Job")]
        return [str((self.jobs.get(name) or {})["status"]) for name in names]

    def breaks(self, call: str, kind: str, **more: Any) -> None:
        given = [{"call": call, "kind": kind, **more}]
        tokens = frozenset({"azure-native:machinelearningservices:Compute"})
        faults.replace(self.store, fault_file.parse(given, known_calls(), tokens, self.store.now()))

    def cluster(self) -> Thing:
        (found,) = self.store.list(type="azure-native:machinelearningservices:Compute")
        return found


def made(store: Store, kind: str, **given: Any) -> Thing:
    return make(store, "azure-native", f"azure-native:{kind}", given, {"subscriptionId": SUBSCRIPTION})


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    store = Store.open(tmp_path / "store.sqlite")
    store.settlers[:] = [preempt, job_life.settle]
    made(store, "resources:ResourceGroup", resourceGroupName="lab", location="westeurope")
    workspace = Thing(
        type="azure-native:machinelearningservices:Workspace",
        id=WORKSPACE,
        package="azure-native",
        project=SUBSCRIPTION,
        place="westeurope",
        name="lab-ws",
    )
    store.put(workspace)
    scale = {"minNodeCount": 0, "maxNodeCount": 2, "nodeIdleTimeBeforeScaleDown": "PT120S"}
    size = {"vmSize": "Standard_NC24ads_A100_v4", "vmPriority": "LowPriority", "scaleSettings": scale}
    cluster = {"computeType": "AmlCompute", "properties": size}
    place = {"location": "westeurope"}
    made(store, "machinelearningservices:Compute", computeName="train-ya", properties=cluster, **IN, **place)
    image = {"image": "x.azurecr.io/a:1", "osType": "Linux"}
    made(store, "machinelearningservices:EnvironmentVersion", name="env", version="1", properties=image, **IN)
    file = tmp_path / "store.sqlite"
    with (
        serve_cloud(Azure, store, file, token="word") as azure,
        serve_cloud(Google, store, file, token="word") as google,  # the clock is asked there
    ):
        api = {"gcp": google.url, "azure": azure.url}
        sandbox = Sandbox(folder=tmp_path, pid=1, token="word", providers={}, api=api)

        def of(origin: Any, *, warn: Any, cancelled: Any) -> Run:
            return Run(sandbox=sandbox, backend="file://here", warn=warn, cancelled=cancelled)

        monkeypatch.setattr(Run, "of", of)
        monkeypatch.setattr(resource, "_FOUND", FoundJobs())  # names come again from test to test
        yield Scene(store=store, sandbox=sandbox)
    store.close()


def inputs(**more: Any) -> dict[str, Any]:
    job = {
        "jobType": "Command",
        "command": "python train.py",
        "environmentId": f"{WORKSPACE}/environments/env/versions/1",
        "computeId": f"{WORKSPACE}/computes/train-ya",
        "limits": {"jobLimitsType": "Command", "timeout": "PT43200S"},
        "resources": {"instanceCount": 2},
    }
    return {
        "origin": "sandbox",
        "workspace": WORKSPACE,
        "name": f"{LEASE}-finetune",
        "run": 1,
        "tags": {"trainyard-lease": LEASE, "trainyard-hard-end": "2036-11-24T14:00:00Z"},
        "job": job,
        "hardEnd": "2036-11-24T14:00:00Z",
        "waitFor": "running",
        **more,
    }


def with_job(change: dict[str, Any], **more: Any) -> dict[str, Any]:
    given = inputs(**more)
    return {**given, "job": {**given["job"], **change}}


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"run": "1"}, "run: '1' given"),
        ({"tags": {}}, "must hold trainyard-lease"),
        ({"waitFor": "done"}, "submitted, running, finished"),
        ({"speed": 1}, "is no input of a job of Azure Machine Learning"),
        ({"workspace": "dev-base"}, "give a workspace's full id"),
        ({"name": UNKNOWN}, "must be known in every preview"),
        ({"hardEnd": "tomorrow"}, "give a time such as"),
        ({"job": {"jobType": "Command"}}, "limits.timeout is missing"),
        ({"job": {"jobType": "Sweep"}}, "only jobs of type Command"),
        ({"job": {"jobType": "Command", "limits": {"timeout": "PT1H"}}}, "computeId is missing"),
        ({"job": {"tags": {}}}, "tags is written from the other inputs"),
    ],
)
def test_check_refuses_without_the_network(change: dict[str, Any], complaint: str) -> None:
    _, problems = resource.check("urn", {}, inputs(**change))
    assert any(complaint in f"{problem.key}: {problem.reason}" for problem in problems)


def test_nothing_but_a_raised_run_starts_a_second_one() -> None:
    _, problems = resource.check("urn", inputs(), with_job({"command": "python other.py"}))
    assert [problem.key for problem in problems] == ["job"]
    assert "Raise `run` to 2" in problems[0].reason
    assert resource.diff(inputs(), with_job({"command": "x"}, run=2), {}).replaces == ("run", "job")
    assert resource.diff(inputs(), inputs(waitFor="finished"), {}).updates == ("waitFor",)


def test_what_is_not_known_in_a_preview_differs_from_nothing() -> None:
    wire = with_job({"computeId": UNKNOWN}, workspace=UNKNOWN)
    assert resource.check("urn", inputs(), wire)[1] == []


def test_a_job_runs_to_its_end_and_its_cluster_is_empty_before_and_after(scene: Scene) -> None:
    assert scene.cluster().status == "stopped"
    made = resource.create(inputs(), scene.call)
    assert (made.outputs["state"], made.outputs["reached"]) == ("running", True)
    assert made.outputs["consoleUrl"].startswith("https://ml.azure.com/runs/")
    assert scene.cluster().status == "live"
    clock.move(scene.store, 3 * 3600)
    assert scene.states() == ["Completed"]
    assert scene.cluster().status == "stopped"
    found = resource.read(made.id, inputs(), made.outputs, scene.call)
    assert found is not None
    assert found.outputs["state"] == "succeeded"


def test_only_the_time_with_nodes_bills_and_all_of_them_do(scene: Scene) -> None:
    resource.create(inputs(), scene.call)
    clock.move(scene.store, 100 * 3600)
    (line,) = [each for each in bill(scene.store).lines if each.name == "train-ya"]
    assert timedelta(minutes=60) < line.until - line.since < timedelta(minutes=65)
    assert (line.what.count, line.what.capacity) == (2, "spot")


def test_low_priority_nodes_that_are_taken_back_let_the_job_begin_anew(scene: Scene) -> None:
    resource.create(inputs(), scene.call)
    scene.breaks("azure-native:machinelearningservices:Compute run", "preempt", times=1)
    clock.move(scene.store, 1)
    assert scene.states() == ["Queued"]
    faults.replace(scene.store, ())
    clock.move(scene.store, 300)
    assert scene.states() == ["Running"]
    clock.move(scene.store, 7200)
    assert scene.states() == ["Completed"]


def test_a_busy_service_gets_one_job(scene: Scene) -> None:
    for kind in ("server-error", "throttle"):
        scene.breaks(PUT, kind, times=2)
        resource.create(inputs(), scene.call)
        assert len(scene.states()) == 1


def test_a_job_that_is_just_being_made_is_found_and_not_refused(scene: Scene) -> None:
    scene.breaks(PUT, "refuse", code=409, times=1)
    resource.create(inputs(), scene.call)
    assert scene.states() == ["Running"]


def test_an_answer_that_is_lost_is_looked_for_and_makes_no_second_job(scene: Scene) -> None:
    scene.breaks(PUT, "lost-response", times=1)
    first = resource.create(inputs(), scene.call)
    again = resource.create(inputs(), scene.call)  # as after a plugin that died before its answer
    assert first.id == again.id
    assert scene.states() == ["Running"]


def test_a_run_that_was_started_with_another_spec_is_not_taken_for_this_one(scene: Scene) -> None:
    resource.create(inputs(), scene.call)
    with pytest.raises(StopError, match=r"was started already .* with another spec") as refused:
        resource.create(with_job({"command": "python other.py"}), scene.call)
    assert "az ml job cancel --name" in str(refused.value)
    assert len(scene.states()) == 1


def test_a_job_that_another_lease_has_under_the_name_is_not_taken_over(scene: Scene) -> None:
    resource.create(inputs(tags={"trainyard-lease": "dev-2-ffffffff"}), scene.call)
    with pytest.raises(StopError, match="is not this lease's"):
        resource.create(inputs(), scene.call)


def test_a_later_run_ends_with_the_lease_too_and_none_begins_when_it_is_over(scene: Scene) -> None:
    now = datetime.fromtimestamp(int(scene.store.now()), UTC)
    soon = (now + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    name = str(resource.create(inputs(hardEnd=soon), scene.call).outputs["jobName"])
    limits = (scene.jobs.get(name) or {})["limits"]
    assert int(limits["timeout"].removeprefix("PT").removesuffix("S")) <= 7200
    over = (now + timedelta(seconds=30)).strftime("%Y-%m-%dT%H:%M:%SZ")
    with pytest.raises(StopError, match="leaves no time for job"):
        resource.create(inputs(hardEnd=over, run=2), scene.call)
    assert len(scene.states()) == 1


def test_a_job_that_fails_keeps_its_place_and_is_not_run_again(scene: Scene) -> None:
    scene.breaks(job_life.RUN, "refuse")
    with pytest.raises(
        NotWholeError, match=r"failed: why is told in the studio, https://ml\.azure\.com/runs"
    ) as failed:
        resource.create(inputs(waitFor="finished"), scene.call)
    made = failed.value.made
    assert (made.outputs["state"], made.outputs["reached"]) == ("failed", False)
    with pytest.raises(NotWholeError):
        resource.update(made.id, inputs(waitFor="finished"), made.outputs, scene.call)
    with pytest.raises(NotWholeError):
        resource.read(made.id, inputs(waitFor="finished"), made.outputs, scene.call)
    assert scene.states() == ["Failed"]


def test_a_job_that_runs_too_long_is_cancelled_by_azure(scene: Scene) -> None:
    limits = {"jobLimitsType": "Command", "timeout": "PT20M"}
    with pytest.raises(NotWholeError, match="was cancelled"):
        resource.create(with_job({"limits": limits}, waitFor="finished"), scene.call)


def test_a_job_without_nodes_is_good_and_goes_on_by_itself(scene: Scene) -> None:
    scene.breaks(job_life.START, "stockout")
    made = resource.create(inputs(), scene.call)
    assert (made.outputs["state"], made.outputs["reached"]) == ("queued", True)
    [warning] = scene.warnings
    assert "still waits for room (Queued)" in warning
    clock.move(scene.store, 3 * 86400)
    assert scene.cluster().status == "stopped"
    resource.delete(made.id, inputs(), made.outputs, scene.call)
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
    assert scene.states() == ["CancelRequested"]
    scene.cancelled.clear()
    resource.delete(made.id, inputs(), made.outputs, scene.call)
    assert scene.states() == []


def test_a_job_that_will_not_end_fails_destroy_in_bounded_time(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    made = resource.create(inputs(), scene.call)
    monkeypatch.setattr(job_life, "CANCEL_SECONDS", 86400.0)
    with pytest.raises(StopError, match="is being cancelled for 15 minutes; run `pulumi destroy` again"):
        resource.delete(made.id, inputs(), made.outputs, scene.call)
    assert scene.states() == ["CancelRequested"]


def test_a_replacement_that_nothing_differs_for_keeps_the_one_run(scene: Scene) -> None:
    made = resource.create(inputs(), scene.call)
    assert resource.create(inputs(), scene.call).id == made.id  # the engine creates before it deletes then
    resource.delete(made.id, inputs(), made.outputs, scene.call)
    assert scene.states() == ["Running"]
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
    with pytest.raises(StopError, match="is no job; give"):
        resource.read(f"{WORKSPACE}/computes/x", inputs(), {}, scene.call)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"computeId": f"{WORKSPACE}/computes/none"}, "Compute not found|was not found"),
        ({"environmentId": f"{WORKSPACE}/environments/env/versions/2"}, "was not found"),
        ({"resources": {"instanceCount": 3}}, "exceeds the maximum node count 2"),
    ],
)
def test_what_the_workspace_has_not_is_refused_in_azures_words(scene: Scene, change: dict[str, Any], says: str) -> None:
    with pytest.raises(StopError, match=says):
        resource.create(with_job(change), scene.call)
    assert scene.states() == []
