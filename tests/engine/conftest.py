"""The whole product on the real CLI: this checkout's program and base stack, a sandbox of its own, a stack a test."""

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from trainyard.clouds.gcp.client import compute
from trainyard.facts.lease_id import lease_id
from trainyard.facts.origin import SANDBOX_KEY, Sandbox, sandbox_from, store_in
from trainyard.facts.sandbox_call import call
from trainyard.lease import Record, open_store
from trainyard.lease.store import Held
from trainyard.sandbox import environment, lifecycle
from trainyard.sandbox.folder import Folder
from trainyard.sandbox.lifecycle import Life

CHECKOUT = Path(__file__).parents[2]
PROJECT = "trainyard-sandbox-copy-of-acme-ml-sandbox"
STORE = "file://leases"
PLANT_ZONE = "us-central1-a"
SECONDS = 180


@dataclass(frozen=True)
class Result:
    code: int
    text: str  # stdout and stderr


@dataclass(frozen=True, kw_only=True)
class Yard:
    """A project folder like a checkout's, whose base stack is up."""

    folder: Path
    environ: dict[str, str]
    sandbox: Sandbox

    def run(self, *command: str, **environ: str) -> Result:
        """Any command in the project's folder; variables set to "" are left out."""
        variables = {name: value for name, value in {**self.environ, **environ}.items() if value}
        process = subprocess.Popen(
            command,
            cwd=self.folder,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            text, _ = process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        return Result(process.returncode, text)

    def pulumi(self, *arguments: str, **environ: str) -> Result:
        return self.run("pulumi", *arguments, "--non-interactive", "--color", "never", **environ)

    def control(self, path: str, **body: Any) -> None:
        """The sandbox's own calls: its clock, its faults."""
        call(self.sandbox.api["gcp"], self.sandbox.token, "POST", f"/_sandbox/{path}", body)

    def forward(self, *, hours: float) -> None:
        """Move the simulated clock on."""
        self.control("clock", seconds=hours * 3600)

    def google(self) -> Any:
        """Google's own Compute Engine client, on the sandbox."""
        return compute(self.sandbox)

    def instances(self) -> dict[str, dict[str, Any]]:
        """All machines of the simulated project by name, as Google's client lists them."""
        found = self.google().instances().aggregatedList(project=PROJECT).execute()
        return {each["name"]: each for zone in found["items"].values() for each in zone.get("instances", ())}


@dataclass(kw_only=True)
class Stack:
    """One compute stack of the yard."""

    yard: Yard
    name: str

    @property
    def file(self) -> Path:
        return self.yard.folder / "stacks" / f"Pulumi.{self.name}.yaml"

    @property
    def id(self) -> str:
        return lease_id(STORE, "trainyard", self.name)

    @property
    def record_file(self) -> Path:
        return Path(store_in(self.yard.sandbox, STORE).removeprefix("file://")) / self.id / "record.json"

    def settings(self, change: dict[str, Any] | None = None) -> dict[str, Any]:
        """The settings in the file; `change` maps dotted keys to values, None takes a key out."""
        document = yaml.safe_load(self.file.read_text())
        settings: dict[str, Any] = document["config"]["trainyard:settings"]
        for dotted, value in (change or {}).items():
            *path, last = dotted.split(".")
            place: Any = settings
            for key in path:
                place = place[int(key) if isinstance(place, list) else key]
            if value is None:
                del place[last]
            else:
                place[last] = value
        self.file.write_text(yaml.safe_dump(document, sort_keys=False))
        return settings

    def record(self) -> Record:
        reading = open_store(store_in(self.yard.sandbox, STORE)).read(self.id)
        assert isinstance(reading, Held), reading
        return reading.record

    def up(self, **environ: str) -> Result:
        return self.yard.pulumi("up", "--yes", "--stack", self.name, **environ)

    def preview(self, *arguments: str, **environ: str) -> Result:
        return self.yard.pulumi("preview", "--stack", self.name, *arguments, **environ)

    def destroy(self, **environ: str) -> Result:
        return self.yard.pulumi("destroy", "--yes", "--stack", self.name, **environ)

    def begin(self) -> None:
        """A first `up` that must be good."""
        result = self.up()
        assert result.code == 0, result.text

    def machines(self) -> list[str]:
        """Names of the lease's machines that the cloud lists."""
        listed = self.yard.instances().values()
        return [each["name"] for each in listed if each.get("labels", {}).get("trainyard-lease") == self.id]

    def plant(self, name: str) -> None:
        """A machine behind the state, with the lease's label."""
        image = (
            "projects/ubuntu-os-accelerator-images/global/images/family/ubuntu-accelerator-2404-amd64-with-nvidia-580"
        )
        zone = PLANT_ZONE
        body = {
            "name": name,
            "machineType": f"zones/{zone}/machineTypes/a3-highgpu-8g",
            "labels": {"trainyard-lease": self.id, "trainyard-workload": "workbench"},
            "disks": [{"boot": True, "autoDelete": True, "initializeParams": {"sourceImage": image}}],
            "networkInterfaces": [{"network": "global/networks/default"}],
            "scheduling": {"onHostMaintenance": "TERMINATE", "provisioningModel": "SPOT"},
        }
        self.yard.google().instances().insert(project=PROJECT, zone=zone, body=body).execute()

    def unplant(self, name: str) -> None:
        self.yard.google().instances().delete(project=PROJECT, zone=PLANT_ZONE, instance=name).execute()


@pytest.fixture(scope="session")
def yard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Yard]:
    folder = tmp_path_factory.mktemp("yard")
    project = yaml.safe_load((CHECKOUT / "Pulumi.yaml").read_text())
    project["runtime"]["options"]["virtualenv"] = sys.prefix
    project["plugins"]["providers"][0]["path"] = str(CHECKOUT / "trainyard" / "provider")
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump(project))
    shutil.copy(CHECKOUT / "__main__.py", folder)
    (folder / "stacks").mkdir()
    for file in (CHECKOUT / "stacks").glob("*.yaml"):
        shutil.copy(file, folder / "stacks")
    sandbox_folder = Folder(root=folder / ".sandbox")
    world = folder / "stacks" / "world.yaml"
    started = lifecycle.start(sandbox_folder, life=Life(parent_pid=os.getpid()), world=world)
    environ = environment.rehearsal(sandbox_folder, started.running, os.environ, folder)
    sandbox = sandbox_from({SANDBOX_KEY: environ[SANDBOX_KEY]})
    assert sandbox is not None
    made = Yard(folder=folder, environ={**environ, "PYTHONPATH": str(CHECKOUT)}, sandbox=sandbox)
    for arguments in (
        ("stack", "select", "--create", "sandbox-base"),
        ("up", "--yes", "--skip-preview", "--stack", "sandbox-base"),
    ):
        result = made.pulumi(*arguments)
        assert result.code == 0, result.text
    yield made
    lifecycle.stop(sandbox_folder)


@pytest.fixture
def stack(yard: Yard, request: pytest.FixtureRequest) -> Iterator[Stack]:
    """A copy of the stack `sandbox` under the test's name, not up yet; nothing of it is left afterwards."""
    words = re.sub(r"[^a-z0-9]+", "-", request.node.name.removeprefix("test_"))
    name = f"{words[:20].strip('-')}-{hashlib.sha256(request.node.name.encode()).hexdigest()[:6]}"
    made = Stack(yard=yard, name=name)
    shutil.copy(CHECKOUT / "stacks" / "Pulumi.sandbox.yaml", made.file)
    result = yard.pulumi("stack", "init", name)
    assert result.code == 0, result.text
    yield made
    yard.control("faults", faults=[])
    for machine in made.machines():
        zone = yard.instances()[machine]["zone"].rpartition("/")[2]
        yard.google().instances().delete(project=PROJECT, zone=zone, instance=machine).execute()
    yard.pulumi("stack", "rm", "--yes", "--force", "--preserve-config", "--stack", name)
    made.file.unlink(missing_ok=True)


def done_to_types(preview: str) -> dict[str, str]:
    """What the steps of a preview do, by the type of the thing."""
    return {
        (step.get("newState") or step["oldState"])["type"]: step["op"]
        for step in json.loads(preview)["steps"]
        if step["op"] in ("update", "replace", "create", "delete")
    }


@contextmanager
def base_lab(
    yard: Yard, name: str, environment: str, changes: Callable[[dict[str, Any]], object], write: Callable[[], None]
) -> Iterator[Yard]:
    """The yard with an environment of its own, whose base is up; `write` puts the base's file there, at the end too."""
    told = yaml.safe_load((yard.folder / "stacks" / "env.sandbox.yaml").read_text())
    changes(told)
    told["base"] = name
    file = yard.folder / "stacks" / f"env.{environment}.yaml"
    file.write_text(yaml.safe_dump(told, sort_keys=False))
    write()
    for arguments in (("stack", "init"), ("up", "--yes", "--skip-preview")):
        result = yard.pulumi(*arguments, "--stack", name)
        assert result.code == 0, result.text
    yield yard
    write()
    for arguments in (("destroy", "--yes", "--skip-preview"), ("stack", "rm", "--yes", "--preserve-config")):
        result = yard.pulumi(*arguments, "--stack", name)
        assert result.code == 0, result.text
    file.unlink()
    (yard.folder / "stacks" / f"Pulumi.{name}.yaml").unlink()
