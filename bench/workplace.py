"""Two project folders with the same machines, Trainyard's and a bare Pulumi program's, on one sandbox."""

import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import yaml

from bench.measure import Command, run
from components.bootstrap.container_runtime import container_runtime
from components.bootstrap.driver_check import driver_check
from components.bootstrap.heartbeat import heartbeat
from components.bootstrap.node_end import node_end
from components.bootstrap.preemption_watch import preemption_watch
from components.bootstrap.user_data import user_data
from trainyard.facts.expiry import format_time
from trainyard.facts.images import DEFAULT_IMAGE, resolve_image
from trainyard.facts.origin import now, project_in, sandbox_from
from trainyard.sandbox import environment, lifecycle
from trainyard.sandbox.folder import Folder
from trainyard.sandbox.lifecycle import Life
from trainyard.sandbox.running import Running

CHECKOUT = Path(__file__).parents[1]
REGION = "us-central1"
BASE = "bench-base"


@dataclass(frozen=True, kw_only=True)
class Workplace:
    """`ours` and `bare` are project folders; both run in `environ`, whose sandbox is up."""

    root: Path
    environ: dict[str, str]

    @property
    def ours(self) -> Path:
        """Trainyard's program with a stack file a count."""
        return self.root / "ours"

    @property
    def bare(self) -> Path:
        """The reference program; `given.json` says how many."""
        return self.root / "bare"

    def pulumi(self, folder: Path, *arguments: str) -> Command:
        """One CLI call in a project."""
        line = ["pulumi", *arguments, "--non-interactive", "--color", "never"]
        return Command(line=line, folder=folder, environment=self.environ)

    def prepare(self, count: int) -> str:
        """Both projects with `count` machines and a stack of that name in each."""
        stack = f"bench-{count}"
        (self.ours / "stacks" / f"Pulumi.{stack}.yaml").write_text(_stack_file(count))
        (self.bare / "given.json").write_text(json.dumps(self._given(count)))
        for folder in (self.ours, self.bare):
            run(self.pulumi(folder, "stack", "select", "--create", stack))
        return stack

    def _given(self, count: int) -> dict[str, object]:
        sandbox = sandbox_from(self.environ)
        hard_end = format_time(now(sandbox) + timedelta(hours=24))
        project = project_in(sandbox, "acme-ml-bench")
        return {
            "count": count,
            "project": project,
            "image": resolve_image(DEFAULT_IMAGE).path,
            "subnetwork": f"projects/{project}/regions/{REGION}/subnetworks/{BASE}-{REGION}",
            "labels": {"owner": "ml-platform", "cost-center": "ml-platform", "lease": "bench", "hard-end": "soon"},
            "hard_end": hard_end,
            "user_data": _user_data(hard_end),
        }


def _user_data(hard_end: str) -> str:
    """What Trainyard gives a machine without data and secrets, so that both programs carry a text of one length."""
    end = node_end(hard_end=hard_end)
    served = driver_check(accelerator_count=1), container_runtime(gpus=True, registries=())
    return user_data((end, preemption_watch(), heartbeat(lease="bench"), *served))


@contextmanager
def workplace(root: Path) -> Iterator[Workplace]:
    """Folders and sandbox under `root`; the sandbox ends with the block, or with this process."""
    folder = Folder(root=root / ".sandbox")
    started = lifecycle.start(folder, life=Life(parent_pid=os.getpid()))
    try:
        environ = environment.rehearsal(folder, started.running, os.environ, root)
        made = Workplace(root=root, environ={**environ, "PYTHONPATH": str(CHECKOUT)})
        _projects(made)
        run(made.pulumi(made.ours, "stack", "select", "--create", BASE))
        run(made.pulumi(made.ours, "up", "--yes", "--skip-preview", "--stack", BASE))
        yield made
    finally:
        lifecycle.stop(folder)


@contextmanager
def sandbox(root: Path) -> Iterator[tuple[Folder, Running]]:
    """A sandbox in a process of its own, with an empty store; it ends with the block, or with this process."""
    folder = Folder(root=root / ".sandbox")
    started = lifecycle.start(folder, life=Life(parent_pid=os.getpid(), max_seconds=600))
    try:
        yield folder, started.running
    finally:
        lifecycle.stop(folder)


def _projects(made: Workplace) -> None:
    stacks = made.ours / "stacks"
    stacks.mkdir(parents=True)
    shutil.copy(CHECKOUT / "__main__.py", made.ours)
    (stacks / "env.bench.yaml").write_text(_ENVIRONMENT)
    (stacks / f"Pulumi.{BASE}.yaml").write_text(_BASE)
    _project(made.ours, CHECKOUT / "trainyard" / "provider", "stacks")
    made.bare.mkdir()
    shutil.copy(CHECKOUT / "bench" / "bare" / "__main__.py", made.bare)
    _project(made.bare, CHECKOUT / "bench" / "idle_plugin", None)


def _project(folder: Path, plugin: Path, stacks: str | None) -> None:
    project: dict[str, object] = {
        "name": folder.name,
        "runtime": {"name": "python", "options": {"virtualenv": sys.prefix}},
        "plugins": {"providers": [{"name": "trainyard", "path": str(plugin)}]},
    }
    if stacks:
        project["stackConfigDir"] = stacks
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump(project))


def _stack_file(count: int) -> str:
    machine = {
        "kind": "gpu-vm",
        "accelerator": "L4:1",
        "machine_type": "g2-standard-4",
        "where": [{"cloud": "gcp", "regions": [REGION]}],
    }
    settings = {
        "stack": {**_OWNED, "layer": "compute"},
        "lease": {"ttl": "12h", "extend_to": "24h", "cap_usd": 100000},
        "workloads": {f"machine-{number}": machine for number in range(count)},
    }
    return yaml.dump({"config": {"trainyard:settings": settings}}, Dumper=_NoAliases, sort_keys=False)


class _NoAliases(yaml.SafeDumper):
    def ignore_aliases(self, data: object) -> bool:
        return True


_OWNED = {"schema": 1, "environment": "bench", "owner": "ml-platform", "cost_center": "ml-platform"}
_BASE = yaml.safe_dump(
    {
        "config": {
            "trainyard:settings": {
                "stack": {**_OWNED, "layer": "base"},
                "base": {"gcp": {"network": {"regions": {REGION: "10.10.0.0/20"}}}},
            }
        }
    }
)
_ENVIRONMENT = """
schema: 1
base: bench-base
leases: file://leases
protect: false
gcp: { project: acme-ml-bench }
limits: { max_ttl: 2d, max_cap_usd: 100000, regions: [us-central1] }
contacts: { ml-platform: ml-platform@acme.example }
"""
