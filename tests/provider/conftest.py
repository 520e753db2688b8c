"""Tiny programs with a lease and one child, run by the real CLI against a sandbox of their own."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from trainyard.facts.lease_id import lease_id
from trainyard.facts.origin import SANDBOX_KEY, Sandbox, sandbox_from, store_in
from trainyard.lease import Held, Record, Store, open_store
from trainyard.sandbox import environment, lifecycle
from trainyard.sandbox.folder import Folder
from trainyard.sandbox.lifecycle import Life

CHECKOUT = Path(__file__).parents[2]
PLUGIN = CHECKOUT / "trainyard" / "provider"
ZONE = "europe-west4-a"
CLOUD_PROJECT = "trainyard-sandbox-copy-of-acme-ml-dev"

PROGRAM = """
import json
import os
from datetime import timedelta
from pathlib import Path

import pulumi
import pulumi_random

from trainyard.facts.expiry import format_time, to_minute
from trainyard.facts.lease_id import lease_id
from trainyard.facts.origin import now, origin_of, sandbox_from, store_in
from trainyard.lease import Damaged, Held, StoreUnreachable, open_store
from trainyard.resources import Lease, LeaseArgs


async def main():
    given = json.loads(Path("lease.json").read_text())
    sandbox = sandbox_from(os.environ)
    url, ttl, extend_to = given.pop("store"), given.pop("ttl_minutes", 720), given.pop("extend_to_minutes", 1440)
    key = lease_id(url, pulumi.get_project(), pulumi.get_stack())
    start, hard_end, seen = to_minute(now(sandbox)), None, "absent"
    try:
        match open_store(store_in(sandbox, url)).read(key):
            case Held(record) if record.ended is None:
                start, hard_end = record.terms.start, record.terms.hard_end
                seen = "ending" if record.ending else "held"
            case Held():
                seen = "ended"
            case Damaged():
                seen = "damaged"
    except StoreUnreachable:
        seen = "unread"
    args = {
        "lease_id": key, "project": pulumi.get_project(), "stack": pulumi.get_stack(), "environment": "dev",
        "owner": "ml-platform", "cost_center": "ml-research", "store": url, "origin": str(origin_of(sandbox)),
        "start": format_time(start), "hard_end": format_time(hard_end or start + timedelta(minutes=extend_to)),
        "ttl_minutes": ttl, "extend_to_minutes": extend_to, "cap_usd": "100", "at_limit": "stop",
        "grace_minutes": 60, "workloads": {}, "scopes": ["gcp:acme-ml-dev"], "seen_record": seen,
    }
    lease = Lease("lease", LeaseArgs(**{**args, **given}))
    start, hard_end = await lease.terms()
    pulumi.export("terms", [start, hard_end])
    pulumi_random.RandomPet("child", keepers={"hard_end": hard_end}, opts=pulumi.ResourceOptions(parent=lease))


pulumi.run(main)
"""


LOSSY_PLUGIN = '''
import os
import sys

sys.path[0] = {checkout!r}

from trainyard.provider.provider import TrainyardProvider
from trainyard.servicer import serve


class Lossy(TrainyardProvider):
    """Does the work, and dies before it answers."""

    def {verb}(self, request, context):
        super().{verb}(request, context)
        os._exit(9)


serve(Lossy(engine_address=sys.argv[1]))
'''


@dataclass(frozen=True)
class Result:
    code: int
    text: str  # stdout and stderr


@dataclass(kw_only=True)
class Program:
    """A project folder with one stack."""

    folder: Path
    name: str
    stack: str
    environ: dict[str, str]
    sandbox: Sandbox
    given: dict[str, Any] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return str(self.given["store"])

    @property
    def id(self) -> str:
        return lease_id(self.url, self.name, self.stack)

    @property
    def store(self) -> Store:
        return open_store(store_in(self.sandbox, self.url))

    @property
    def record_file(self) -> Path:
        return Path(self.store.url.removeprefix("file://")) / self.id / "record.json"

    def record(self) -> Record:
        reading = self.store.read(self.id)
        assert isinstance(reading, Held), reading
        return reading.record

    def write(self, **given: Any) -> None:
        self.given |= given
        (self.folder / "lease.json").write_text(json.dumps(self.given))

    def start(self, *arguments: str, **environ: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            ["pulumi", *arguments],
            cwd=self.folder,
            env={**self.environ, **environ},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, **environ: str) -> Result:
        process = self.start(*arguments, "--non-interactive", "--color", "never", **environ)
        try:
            text, _ = process.communicate(timeout=120)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        return Result(process.returncode, text)

    def up(self, *arguments: str, **environ: str) -> Result:
        return self.run("up", "--yes", "--skip-preview", *arguments, **environ)

    def destroy(self, **environ: str) -> Result:
        return self.run("destroy", "--yes", "--skip-preview", **environ)

    def write_project(self, plugin: Path) -> None:
        project = {
            "name": self.name,
            "runtime": {"name": "python", "options": {"virtualenv": sys.prefix}},
            "plugins": {"providers": [{"name": "trainyard", "path": str(plugin)}]},
        }
        (self.folder / "Pulumi.yaml").write_text(json.dumps(project))

    def lose_the_answer_of(self, verb: str, *command: str) -> None:
        """Run a command with a plugin that dies between its work and its answer."""
        plugin = self.folder / f"lossy-{verb}"
        plugin.mkdir()
        runtime = {"runtime": {"name": "python", "options": {"virtualenv": sys.prefix}}}
        (plugin / "PulumiPlugin.yaml").write_text(json.dumps(runtime))
        (plugin / "__main__.py").write_text(LOSSY_PLUGIN.format(checkout=str(CHECKOUT), verb=verb))
        self.write_project(plugin)
        result = self.run(*command, "--yes", "--skip-preview")
        self.write_project(PLUGIN)
        assert result.code != 0, result.text

    def begin(self) -> None:
        """A first `up` that must be good."""
        result = self.up()
        assert result.code == 0, result.text

    def state(self) -> dict[str, Any]:
        """Resources of the state by type; the lease's inputs and outputs lie in there."""
        stacks = self.sandbox.folder / "backend" / ".pulumi" / "stacks"
        checkpoint = json.loads((stacks / self.name / f"{self.stack}.json").read_text())["checkpoint"]["latest"]
        return {resource["type"]: resource for resource in (checkpoint or {}).get("resources", ())}

    def plant(self, name: str, **more: Any) -> None:
        """A machine behind the state, with the lease's label."""
        disk = {
            "boot": True,
            "autoDelete": True,
            "initializeParams": {
                "sourceImage": "projects/debian-cloud/global/images/family/debian-12",
                "diskType": f"zones/{ZONE}/diskTypes/pd-balanced",
            },
        }
        body = {
            "name": name,
            "machineType": f"zones/{ZONE}/machineTypes/g2-standard-8",
            "labels": {"trainyard-lease": self.id},
            "disks": [disk],
            "networkInterfaces": [{"network": "global/networks/default"}],
            "scheduling": {"onHostMaintenance": "TERMINATE"},
            **more,
        }
        self.google().instances().insert(project=CLOUD_PROJECT, zone=ZONE, body=body).execute()

    def unplant(self, name: str) -> None:
        self.google().instances().delete(project=CLOUD_PROJECT, zone=ZONE, instance=name).execute()

    def google(self) -> Any:
        from trainyard.clouds.gcp.client import compute

        return compute(self.sandbox)

    def control(self, path: str, **body: Any) -> None:
        """The sandbox's own calls: faults, clock."""
        from trainyard.facts.sandbox_call import call

        call(self.sandbox.api["gcp"], self.sandbox.token, "POST", f"/_sandbox/{path}", body)

    def break_list(self, kind: str, **more: Any) -> None:
        self.control("faults", faults=[{"call": "compute.instances.aggregatedList", "kind": kind, **more}])


@pytest.fixture(scope="session")
def sandbox_environ(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    folder = Folder(root=tmp_path_factory.mktemp("sandbox"))
    started = lifecycle.start(folder, life=Life(parent_pid=os.getpid()))
    yield environment.rehearsal(folder, started.running, os.environ, folder.root)
    lifecycle.stop(folder)


@pytest.fixture
def program(sandbox_environ: dict[str, str], tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Program]:
    sandbox = sandbox_from({SANDBOX_KEY: sandbox_environ[SANDBOX_KEY]})
    assert sandbox is not None
    name = f"p{abs(hash(request.node.nodeid)) % 10**8}"
    (tmp_path / "__main__.py").write_text(PROGRAM)
    environ = {**sandbox_environ, "PYTHONPATH": str(CHECKOUT)}
    made = Program(folder=tmp_path, name=name, stack="dev-lab", environ=environ, sandbox=sandbox)
    made.write_project(PLUGIN)
    made.write(store="gs://acme-ml-dev-leases")
    result = made.run("stack", "init", made.stack)
    assert result.code == 0, result.text
    yield made
    made.control("faults", faults=[])
    made.control("clock", waits="instant")
