"""The base, a training job and a notebook on the real engine: up, unchanged, changed, made anew, gone."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from trainyard.clouds.aws import AwsRegion
from trainyard.clouds.aws.training import TrainingJobs
from trainyard.facts.origin import SANDBOX_KEY, Sandbox, sandbox_from
from trainyard.facts.sandbox_call import call
from trainyard.sandbox import environment, lifecycle
from trainyard.sandbox.folder import Folder
from trainyard.sandbox.lifecycle import Life

pytestmark = pytest.mark.engine

CHECKOUT = Path(__file__).parents[3]
ACCOUNT, REGION, LEASE = "000000000000", "eu-central-1", "dev-1a2b3c4d"
GIVEN: dict[str, Any] = {
    "run": 1,
    "wait_for": "running",
    "nodes": 1,
    "rotation": 365,
    "versions": 3,
    "gib": 1200,
    "notebook": "g5.xlarge",
    "idle": 30,
    "container": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/dev@sha256:{'a' * 64}",
}
PROGRAM = (Path(__file__).parent / "fixtures" / "lab.py").read_text()


class Lab:
    """A project folder with one stack, and a sandbox of its own."""

    def __init__(self, folder: Path, environ: dict[str, str], sandbox: Sandbox) -> None:
        self.folder, self.environ, self.sandbox = folder, environ, sandbox

    def given(self, **changes: Any) -> None:
        (self.folder / "given.json").write_text(json.dumps({**GIVEN, **changes}))

    def pulumi(self, *arguments: str) -> tuple[int, str]:
        done = subprocess.run(
            ["pulumi", *arguments, "--non-interactive", "--color", "never"],
            cwd=self.folder,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    def good(self, *arguments: str) -> str:
        code, text = self.pulumi(*arguments)
        assert code == 0, text
        return text

    def steps(self) -> dict[str, str]:
        """What a preview would do, by the type of what is not the same."""
        steps = json.loads(self.good("preview", "--json"))["steps"]
        acts = ("update", "replace", "create", "delete")
        return {
            each["newState"]["type"]: each["op"] for each in steps if each["op"] in acts and each["newState"]["custom"]
        }

    def jobs(self) -> TrainingJobs:
        return TrainingJobs(ACCOUNT, REGION, self.sandbox)

    def faults(self, *faults: dict[str, Any]) -> None:
        call(self.sandbox.api["gcp"], self.sandbox.token, "POST", "/_sandbox/faults", {"faults": list(faults)})


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("lab")
    plugin = f"plugins: {{providers: [{{name: trainyard, path: {CHECKOUT / 'trainyard' / 'provider'}}}]}}\n"
    runtime = f"runtime: {{name: python, options: {{virtualenv: {sys.prefix}}}}}\n"
    (folder / "Pulumi.yaml").write_text(f"name: lab\n{runtime}{plugin}")
    (folder / "__main__.py").write_text(PROGRAM)
    sandbox_folder = Folder(root=folder / ".sandbox")
    started = lifecycle.start(sandbox_folder, life=Life(parent_pid=os.getpid()))
    environ = environment.rehearsal(sandbox_folder, started.running, os.environ, folder)
    sandbox = sandbox_from({SANDBOX_KEY: environ[SANDBOX_KEY]})
    assert sandbox is not None
    made = Lab(folder, {**environ, "PYTHONPATH": str(CHECKOUT)}, sandbox)
    made.given()
    made.good("stack", "init", "lab")
    made.good("up", "--yes", "--skip-preview")
    yield made
    lifecycle.stop(sandbox_folder)
    shutil.rmtree(folder, ignore_errors=True)


def test_nothing_changes_by_itself(lab: Lab) -> None:
    lab.given()
    lab.good("refresh", "--yes", "--expect-no-changes")
    lab.good("preview", "--expect-no-changes")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            {
                "rotation": 180,
                "versions": 5,
                "gib": 2400,
                "wait_for": "submitted",
                "notebook": "g5.2xlarge",
                "idle": 60,
            },
            {
                "aws:sagemaker/notebookInstance:NotebookInstance": "update",
                "aws:sagemaker/notebookInstanceLifecycleConfiguration:NotebookInstanceLifecycleConfiguration": "update",
                "aws:kms/key:Key": "update",
                "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": "update",
                "aws:fsx/lustreFileSystem:LustreFileSystem": "update",
                "trainyard:aws:SagemakerTrainingJob": "update",
            },
        ),
        ({"run": 2, "nodes": 2}, {"trainyard:aws:SagemakerTrainingJob": "replace"}),
    ],
    ids=["in place", "a run with more machines"],
)
def test_which_change_updates_and_which_replaces(lab: Lab, change: dict[str, Any], expected: dict[str, str]) -> None:
    lab.given(**change)
    assert lab.steps() == expected


def test_a_changed_job_without_a_raised_run_is_refused_with_the_way_on(lab: Lab) -> None:
    lab.given(nodes=2)
    code, text = lab.pulumi("preview")
    assert code != 0
    assert "Raise `run` to 2" in text


def test_what_bills_is_found_by_its_tag(lab: Lab) -> None:
    region = AwsRegion(f"{ACCOUNT}/{REGION}", lab.sandbox)
    found = {thing.kind: thing for thing in region.list_billable(LEASE)}
    assert found["training job"].name == f"{LEASE}-finetune-1"
    assert found["notebook"].name == f"{LEASE}-lab-0"
    assert "stop-notebook-instance" in region.end_by_hand(found["notebook"])
    assert "stop-training-job --training-job-name" in region.end_by_hand(found["training job"])


def test_a_raised_run_makes_one_more_job_and_forgets_the_old_one(lab: Lab) -> None:
    lab.given(run=2, nodes=2)
    lab.good("up", "--yes", "--skip-preview")
    assert lab.jobs().get(f"{LEASE}-finetune-1") is None
    second = lab.jobs().get(f"{LEASE}-finetune-2")
    assert second is not None
    assert second["ResourceConfig"]["InstanceCount"] == 2
    assert second["EnableInterContainerTrafficEncryption"] is True


def test_a_job_whose_answer_was_lost_is_found_again_and_never_made_twice(lab: Lab) -> None:
    lab.faults({"call": "sagemaker.CreateTrainingJob", "kind": "lost-response"})
    lab.given(run=3)
    lab.good("up", "--yes", "--skip-preview")
    lab.faults()
    assert lab.jobs().get(f"{LEASE}-finetune-3") is not None


def test_destroy_stops_the_job_and_leaves_nothing_that_bills(lab: Lab) -> None:
    lab.good("destroy", "--yes", "--skip-preview")
    assert AwsRegion(f"{ACCOUNT}/{REGION}", lab.sandbox).list_billable(LEASE) == ()
    assert lab.jobs().get(f"{LEASE}-finetune-3") is None
