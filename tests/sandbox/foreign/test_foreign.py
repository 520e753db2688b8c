"""Five programs that know nothing of Trainyard, as a platform engineer writes them: up, unchanged, down."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest

pytestmark = pytest.mark.engine

PROGRAMS = Path(__file__).parent / "fixtures" / "programs"
ROOT = Path(__file__).parents[3]


@dataclass(frozen=True, kw_only=True)
class Program:
    name: str
    makes: dict[str, int]  # how many of some kinds there are while it is up
    bills: frozenset[str]  # kinds of things on the bill
    priced: bool  # whether the catalogue prices its machine: one with an accelerator


ALL = (
    Program(
        name="google_gpu_vm",
        makes={"gcp:compute/instance:Instance": 1, "gcp:compute/disk:Disk": 2, "gcp:storage/bucket:Bucket": 1},
        bills=frozenset({"machine", "disk", "gateway"}),
        priced=True,
    ),
    Program(
        name="google_web_group",
        makes={"gcp:compute/instance:Instance": 2, "gcp:compute/disk:Disk": 2},
        bills=frozenset({"machine", "disk", "address"}),
        priced=False,
    ),
    Program(
        name="aws_gpu_vm",
        makes={"aws:ec2/instance:Instance": 1, "aws:ec2/natGateway:NatGateway": 1, "aws:iam/role:Role": 1},
        bills=frozenset({"machine", "disk", "address", "gateway"}),
        priced=True,
    ),
    Program(
        name="aws_queue_worker",
        makes={"aws:lambda/function:Function": 1, "aws:sqs/queue:Queue": 2, "aws:s3/bucket:Bucket": 1},
        bills=frozenset(),
        priced=False,
    ),
    Program(
        name="azure_vm",
        makes={"azure-native:compute:VirtualMachine": 1, "azure-native:storage:StorageAccount": 1},
        bills=frozenset({"machine", "disk", "address"}),
        priced=True,
    ),
)
Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Run]:
    """Types a command in the program's own folder, as its author would; its output, once it ended with 0."""
    program: Program = request.getfixturevalue("program")
    here = tmp_path / program.name
    shutil.copytree(PROGRAMS / program.name, here)
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "TRAINYARD_"))}

    def run(*arguments: str) -> str:
        result = subprocess.run(
            [sys.executable, "-m", "trainyard.cli", "sandbox", *arguments],
            cwd=here,
            env={**environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert result.returncode == 0, f"{' '.join(arguments)}\n{result.stdout[-4000:]}\n{result.stderr[-2000:]}"
        return result.stdout

    run("start", "--parent-pid", str(os.getpid()), "--max-seconds", "600")
    yield run
    run("stop")


@pytest.mark.parametrize("program", ALL, ids=lambda program: program.name)
def test_a_foreign_program_goes_up_stays_unchanged_bills_and_leaves_nothing(run: Run, program: Program) -> None:
    run("exec", "--", "pulumi", "stack", "init", "dev")
    run("exec", "--", "pulumi", "up", "--yes", "--skip-preview")

    there = [row["kind"] for row in json.loads(run("ls", "--json"))]
    assert {kind: there.count(kind) for kind in program.makes} == program.makes
    run("exec", "--", "pulumi", "refresh", "--yes", "--expect-no-changes")
    run("exec", "--", "pulumi", "preview", "--expect-no-changes")
    run("clock", "+1h")
    bill = json.loads(run("bill", "--json"))
    assert {line["kind"] for line in bill["lines"]} == program.bills
    assert (Decimal(bill["usd_hour_now"]) > 0) == program.priced

    run("exec", "--", "pulumi", "destroy", "--yes")
    assert run("ls") == "Nothing exists on the sandbox.\n"
    assert not [line for line in json.loads(run("bill", "--json"))["lines"] if line["running"]]
