"""`trainyard up` on the real engine when clouds have no room, refuse, or lose an answer: one machine, never two."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.engine.conftest import CHECKOUT, Result, Stack, Yard
from trainyard.clouds import open_scope
from trainyard.facts.billable import Billable

pytestmark = pytest.mark.engine

VM = "gcp:compute/instance:Instance create"
GROUP = "gcp:compute/instanceGroupManager:InstanceGroupManager create"
BENCH = "workloads.workbench"
SECONDS = 600
CLOUDS_BASE = "sandbox-clouds-base"


@contextmanager
def running(stack: Stack, **environ: str) -> Iterator[subprocess.Popen[str]]:
    """`trainyard up` on the stack, in the background."""
    process = subprocess.Popen(
        ["trainyard", "up", stack.name, "--yes"],
        cwd=stack.yard.folder,
        env={name: value for name, value in {**stack.yard.environ, **environ}.items() if value},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def up(stack: Stack) -> Result:
    with running(stack) as process:
        text, _ = process.communicate(timeout=SECONDS)
        return Result(process.returncode, text)


def faults(stack: Stack, *given: dict[str, Any]) -> None:
    stack.yard.control("faults", faults=list(given))


def met(stack: Stack) -> None:
    """Returns once the one fault that waits was met: the call that it slows is under way."""
    while "create" in stack.yard.run("trainyard", "sandbox", "faults").text:
        time.sleep(0.2)


def outcomes(stack: Stack) -> list[tuple[str, str]]:
    """Place and class of each attempt in the lease's record."""
    return [(each.candidate.split("/")[1], each.outcome) for each in stack.record().attempts]


def unchanged_from_another_clone(stack: Stack) -> None:
    """A plain `pulumi up` in a folder that holds the project's files only."""
    clone = stack.yard.folder.with_name(f"clone-of-{stack.name}")
    shutil.copytree(stack.yard.folder, clone, ignore=shutil.ignore_patterns(".sandbox", "__pycache__"))
    command = ["pulumi", "up", "--yes", "--expect-no-changes", "--non-interactive", "--stack", stack.name]
    done = subprocess.run(
        command, cwd=clone, env=stack.yard.environ, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_group_that_came_in_part_is_ended_whole_before_the_next_zone_is_tried(stack: Stack) -> None:
    """L22."""
    asked = {"accelerator": "L4:1", "memory_gib": None, "nodes": 3, "fabric": "none", "machine_type": "g2-standard-4"}
    stack.settings({f"{BENCH}.{key}": value for key, value in asked.items()})
    faults(stack, {"call": GROUP, "kind": "partial", "made": 2, "times": 1})
    done = up(stack)
    assert done.code == 0, done.text
    assert "ending what was left" in done.text
    (first, capacity), (second, got) = outcomes(stack)
    assert (capacity, got) == ("capacity", "got")
    assert first != second
    # All at once: a group of Google Cloud that cannot have all three gets none, and waits for them.
    assert stack.record().attempts[0].text.startswith("0 of 3 machines came")
    there = stack.yard.instances()
    assert [there[name]["zone"].rpartition("/")[2] for name in stack.machines()] == [second] * 3
    unchanged_from_another_clone(stack)
    gone = stack.destroy()
    assert gone.code == 0, gone.text


def test_one_sigint_stops_cleanly_and_the_next_up_goes_on(stack: Stack) -> None:
    faults(stack, {"call": VM, "kind": "hang", "seconds": 5, "times": 1})
    with running(stack) as process:
        met(stack)
        process.send_signal(signal.SIGINT)
        text, _ = process.communicate(timeout=SECONDS)
    assert process.returncode == 130, text
    assert "goes on from here" in text
    export = stack.yard.pulumi("stack", "export", "--stack", stack.name)
    assert "pending_operations" not in export.text, export.text
    assert stack.record().ending is None
    done = up(stack)  # no lock is left, so no engine lives
    assert done.code == 0, done.text
    assert len(stack.machines()) == 1
    gone = stack.destroy()
    assert gone.code == 0, gone.text


def test_a_create_whose_engine_was_killed_is_looked_for_and_taken_over(stack: Stack) -> None:
    faults(stack, {"call": VM, "kind": "hang", "seconds": 20, "times": 1})
    with running(stack, PULUMI_SKIP_CHECKPOINTS="") as process:  # the state is written at each step, as on real clouds
        met(stack)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        for child in children:
            os.kill(int(child), signal.SIGKILL)
        process.communicate(timeout=SECONDS)
    stack.yard.pulumi("cancel", "--yes", "--stack", stack.name)  # the killed engine's lock
    faults(stack)
    done = up(stack)
    assert done.code == 0, done.text
    assert "an earlier run was killed while it made" in done.text
    assert len(stack.machines()) == 1
    export = stack.yard.pulumi("stack", "export", "--stack", stack.name)
    assert "pending_operations" not in export.text, export.text
    gone = stack.destroy()
    assert gone.code == 0, gone.text


@pytest.fixture
def over_clouds(yard: Yard, stack: Stack) -> Iterator[Stack]:
    """A stack with one workload that Azure, AWS and Google Cloud may take, in that order; the clouds' base is up."""
    for arguments in (("stack", "select", "--create", CLOUDS_BASE), ("up", "--yes", "--skip-preview")):
        result = yard.pulumi(*arguments, *(("--stack", CLOUDS_BASE) if arguments[0] == "up" else ()))
        assert result.code == 0, result.text
    document = yaml.safe_load((CHECKOUT / "stacks" / "Pulumi.sandbox-clouds.yaml").read_text())
    settings = document["config"]["trainyard:settings"]
    settings["workloads"] = {
        "anywhere": {
            "kind": "gpu-vm",
            "accelerator": "T4:4",
            "where": [
                {"cloud": "azure", "regions": ["westeurope"]},
                {"cloud": "aws", "regions": ["eu-central-1"]},
                {"cloud": "gcp", "regions": ["europe-west4"]},
            ],
        }
    }
    stack.file.write_text(yaml.safe_dump(document, sort_keys=False))
    yield stack
    stack.yard.control("faults", faults=[])
    yard.pulumi("destroy", "--yes", "--stack", stack.name)


def machines(stack: Stack) -> list[Billable]:
    return [
        thing
        for scope in stack.record().scopes
        for thing in open_scope(scope, stack.yard.sandbox).list_billable(stack.id)
        if thing.kind == "machine"
    ]


def test_azure_and_aws_without_room_and_a_lost_answer_of_aws_leave_one_machine(over_clouds: Stack) -> None:
    stack = over_clouds
    aws = "aws:ec2/instance:Instance create"
    faults(
        stack,
        {"call": "azure-native:compute:VirtualMachine create", "kind": "stockout"},
        {"call": aws, "kind": "stockout", "times": 1},
        {"call": aws, "kind": "lost-response", "times": 1},
    )
    done = up(stack)
    assert done.code == 0, done.text
    assert [outcome for _, outcome in outcomes(stack)] == ["capacity", "capacity", "lost-response"]
    assert [each.candidate.split("/")[0] for each in stack.record().attempts] == ["azure", "aws", "aws"]
    [machine] = machines(stack)
    assert (machine.cloud, machine.machine_type) == ("aws", "g4dn.12xlarge")
    unchanged_from_another_clone(stack)


def test_a_group_of_aws_that_came_in_part_is_ended_with_its_machines_and_another_zone_has_all(
    over_clouds: Stack,
) -> None:
    """L22: machines that run already are in no state of their own, only in the cloud's list."""
    stack = over_clouds
    stack.settings(
        {
            "workloads.anywhere": {
                "kind": "gpu-vm",
                "accelerator": "T4:1",
                "nodes": 2,
                "fabric": "none",
                "where": [{"cloud": "aws", "regions": ["eu-central-1"]}],
            }
        }
    )
    faults(stack, {"call": "aws:autoscaling/group:Group create", "kind": "partial", "made": 1, "times": 1})
    done = up(stack)
    assert done.code == 0, done.text
    (first, capacity), (second, got) = outcomes(stack)
    assert (capacity, got) == ("capacity", "got")
    assert first != second
    assert stack.record().attempts[0].text.startswith("1 of 2 machines came")
    assert "ending what was left: group" in done.text
    assert len(machines(stack)) == 2
    unchanged_from_another_clone(stack)
