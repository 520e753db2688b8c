"""A Pulumi program that knows nothing of Trainyard, run by the real engine through `trainyard sandbox exec`."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from trainyard.sandbox import engine, lifecycle
from trainyard.sandbox.folder import Folder

pytestmark = pytest.mark.engine

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import pulumi_gcp as gcp

gcp.compute.Instance(
    "vm",
    name="vm",
    project="acme",
    zone="us-central1-a",
    machine_type="g2-standard-4",
    boot_disk={"initialize_params": {"image": "debian-cloud/debian-12", "type": "pd-balanced"}},
    network_interfaces=[{"network": "default"}],
    scheduling={"on_host_maintenance": "TERMINATE"},
)
"""
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def program(tmp_path: Path) -> Path:
    folder = tmp_path / "program"
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text("name: foreign\nruntime: python\n")
    (folder / "__main__.py").write_text(PROGRAM)
    return folder


@pytest.fixture
def run(tmp_path: Path, program: Path) -> Iterator[Run]:
    try:
        engine.locate()
    except engine.EngineMissingError as error:
        pytest.skip(str(error))
    folder = Folder(root=tmp_path / ".sandbox")
    life = ["--parent-pid", str(os.getpid()), "--max-seconds", "600"]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PULUMI_")}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        verb, *rest = arguments
        command = [sys.executable, "-m", "trainyard.cli", "sandbox", verb, "--folder", str(folder.root)]
        command += [*(life if verb == "exec" else ()), *rest]
        env = {**environ, "PYTHONPATH": str(ROOT), "PULUMI_BACKEND_URL": "gs://a-real-backend"}
        return subprocess.run(command, cwd=program, env=env, capture_output=True, text=True, timeout=300, check=False)

    yield run
    lifecycle.stop(folder)


def machines(run: Run) -> list[str]:
    return [
        f"{row['name']} {row['status']}" for row in json.loads(run("ls", "--json").stdout) if ":Instance" in row["kind"]
    ]


def test_a_foreign_program_goes_up_and_down_on_the_sandbox_and_never_on_the_real_backend(
    run: Run, program: Path
) -> None:
    assert run("exec", "--", "pulumi", "stack", "init", "dev").returncode == 0
    up = run("exec", "--", "pulumi", "up", "--yes", "--skip-preview")
    assert up.returncode == 0, up.stdout + up.stderr
    assert machines(run) == ["vm RUNNING"]
    assert (program.parent / ".sandbox" / "backend" / ".pulumi" / "stacks" / "foreign" / "dev.json").exists()
    down = run("exec", "--", "pulumi", "destroy", "--yes", "--skip-preview")
    assert down.returncode == 0, down.stdout + down.stderr
    assert machines(run) == []


def test_a_fault_of_the_provider_reaches_the_engine(run: Run, program: Path) -> None:
    (program / "faults.yaml").write_text(
        "- { call: 'gcp:compute/instance:Instance create', kind: refuse, code: 429, message: no capacity left }\n"
    )
    assert run("exec", "--", "pulumi", "stack", "init", "dev").returncode == 0
    assert run("faults", "faults.yaml").returncode == 0
    up = run("exec", "--", "pulumi", "up", "--yes", "--skip-preview")
    assert up.returncode != 0
    assert "no capacity left" in up.stdout + up.stderr
    assert machines(run) == []


def test_reset_forgets_the_foreign_stack(run: Run, program: Path) -> None:
    assert run("exec", "--", "pulumi", "stack", "init", "dev").returncode == 0
    assert run("reset").returncode == 0
    shutil.rmtree(program / ".pulumi", ignore_errors=True)
    assert json.loads(run("exec", "--", "pulumi", "stack", "ls", "--json").stdout) == []
