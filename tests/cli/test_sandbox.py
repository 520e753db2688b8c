"""`trainyard sandbox …` as a person types it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from trainyard.sandbox import lifecycle
from trainyard.sandbox.folder import Folder
from trainyard.sandbox.lifecycle import Life
from trainyard.sandbox.store import Store, Thing

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "trainyard.cli", "sandbox"]
MACHINE = "gcp:compute/instance:Instance"
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Folder]:
    """A running sandbox for the commands that leave it running."""
    folder = Folder(root=tmp_path_factory.mktemp("cli") / ".sandbox")
    lifecycle.start(folder, life=Life(parent_pid=os.getpid(), max_seconds=600))
    yield folder
    lifecycle.stop(folder)


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Folder]:
    folder = Folder(root=tmp_path / ".sandbox")
    yield folder
    lifecycle.stop(folder)


@pytest.fixture
def environ() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "TRAINYARD_SANDBOX"}
    return {**kept, "PYTHONPATH": str(ROOT)}


@pytest.fixture
def run(environ: dict[str, str], tmp_path: Path) -> Run:
    def run(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMAND, *arguments],
            capture_output=True,
            text=True,
            timeout=120,
            env={**environ, **more},
            cwd=tmp_path,
            check=False,
        )

    return run


def at(folder: Folder) -> tuple[str, str]:
    return "--folder", str(folder.root)


def bounded(folder: Folder) -> tuple[str, ...]:
    return (*at(folder), "--parent-pid", str(os.getpid()), "--max-seconds", "300")


def test_start_status_and_stop(run: Run, fresh: Folder) -> None:
    assert run("status", *at(fresh)).returncode == 1
    assert "runs: pid" in run("start", *bounded(fresh)).stdout
    again = run("start", *bounded(fresh))
    assert (again.returncode, "runs already" in again.stdout) == (0, True)
    told = run("status", *at(fresh))
    assert told.returncode == 0
    for text in ("provider gcp", "API gcp", "simulated time", "resources", str(fresh.store)):
        assert text in told.stdout
    assert "has ended" in run("stop", *at(fresh)).stdout
    assert "does not run" in run("stop", *at(fresh)).stdout


def test_status_of_a_sandbox_that_died_names_its_log(run: Run, fresh: Folder) -> None:
    there = lifecycle.start(fresh, life=Life(parent_pid=os.getpid(), max_seconds=300)).running
    os.kill(there.pid, signal.SIGKILL)
    time.sleep(0.5)
    told = run("status", *at(fresh))
    assert told.returncode == 1
    assert f"pid {there.pid} ended without a word; see {fresh.log}" in told.stdout


def test_the_folder_lies_in_the_checkout_and_the_environment_may_name_another(run: Run, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    assert str(tmp_path / ".sandbox" / "store.sqlite") in run("status").stdout
    elsewhere = tmp_path / "elsewhere"
    named = run("status", TRAINYARD_SANDBOX=str(elsewhere / "sandbox.json"))
    assert str(elsewhere / "store.sqlite") in named.stdout


def test_ls_shows_what_exists_with_its_lease(run: Run, shared: Folder) -> None:
    store = Store.open(shared.store)
    labels = {"trainyard-lease": "dev-lab-1a2b3c4d", "trainyard-workload": "lab"}
    store.add(
        Thing(
            type=MACHINE,
            id="projects/p/zones/us-central1-a/instances/vm",
            package="gcp",
            project="p",
            place="us-central1-a",
            name="vm",
            labels=labels,
            outputs={"currentStatus": "RUNNING"},
        )
    )
    table = run("ls", *at(shared)).stdout
    for text in ("gcp:compute:Instance", "vm", "us-central1-a", "RUNNING", "dev-lab-1a2b3c4d", "lab"):
        assert text in table
    (row,) = json.loads(run("ls", "--json", *at(shared)).stdout)
    assert (row["kind"], row["name"], row["labels"], row["lease"]) == (MACHINE, "vm", labels, "dev-lab-1a2b3c4d")
    store.delete(MACHINE, "projects/p/zones/us-central1-a/instances/vm")
    store.close()
    assert run("ls", *at(shared)).stdout == "Nothing exists on the sandbox.\n"
    assert json.loads(run("ls", "--json", *at(shared)).stdout) == []


def test_the_clock_is_printed_and_moved(run: Run, shared: Folder) -> None:
    before = run("clock", *at(shared)).stdout
    after = run("clock", "+12h", *at(shared)).stdout
    assert before[:2] == after[:2] == "20"
    assert before < after
    assert run("clock", "--waits", "real", *at(shared)).returncode == 0
    assert run("clock", "--waits", "instant", *at(shared)).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("clock", "12"), "give for example +12h"),
        (("clock", "--", "-12h"), "give for example +12h"),
        (("clock", "+999999999d"), "moves on by 0 to"),
        (("clock", "--waits", "never"), "give instant or real"),
        (("faults", "none.yaml"), "none.yaml: cannot be read"),
    ],
)
def test_a_wrong_argument_is_named_with_what_is_allowed(
    run: Run, shared: Folder, arguments: tuple[str, ...], text: str
) -> None:
    told = run(arguments[0], *at(shared), *arguments[1:])
    assert told.returncode == 1
    assert text in told.stderr
    assert "Traceback" not in told.stderr


def test_exec_runs_a_command_here_with_the_rehearsals_environment(run: Run, shared: Folder, tmp_path: Path) -> None:
    script = 'pwd; echo "$PULUMI_BACKEND_URL $TRAINYARD_SANDBOX ${GOOGLE_OAUTH_ACCESS_TOKEN-none}"; exit 7'
    told = run(
        "exec", *at(shared), "--", "sh", "-c", script, GOOGLE_OAUTH_ACCESS_TOKEN="x", PULUMI_BACKEND_URL="gs://real"
    )
    assert told.returncode == 7
    assert told.stdout.splitlines() == [str(tmp_path), f"file://{shared.backend} {shared.file} none"]


def test_exec_hands_the_commands_own_options_on(run: Run, shared: Folder) -> None:
    assert run("exec", *at(shared), "--", "echo", "--folder", "x", "--", "-y").stdout == "--folder x -- -y\n"


def test_exec_starts_the_sandbox_when_it_does_not_run(run: Run, fresh: Folder) -> None:
    told = run("exec", *bounded(fresh), "--", "sh", "-c", 'test -f "$TRAINYARD_SANDBOX"')
    assert (told.returncode, "was started" in told.stderr, told.stdout) == (0, True, "")


def test_exec_of_a_command_that_is_not_there_says_so(run: Run, shared: Folder) -> None:
    told = run("exec", *at(shared), "--", "no-such-command")
    assert (told.returncode, "no-such-command was not found; looked in" in told.stderr) == (127, True)
    assert run("exec", *at(shared), "--", "/").returncode == 126
    nothing = run("exec", *at(shared))
    assert (nothing.returncode, "exec needs a command" in nothing.stderr) == (2, True)


def test_an_interrupt_reaches_the_command_once(environ: dict[str, str], shared: Folder) -> None:
    script = 'trap "echo interrupted; n=1" INT; echo ready; while [ -z "$n" ]; do sleep 0.1; done; sleep 0.3; exit 3'
    command = [*COMMAND, "exec", *at(shared), "--", "sh", "-c", script]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ, start_new_session=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        os.killpg(child.pid, signal.SIGINT)  # as a terminal does
        assert child.stdout.read() == "interrupted\n"
        assert child.wait(timeout=30) == 3


def test_env_can_be_evaluated_by_a_shell(run: Run, shared: Folder) -> None:
    exports = run("env", *at(shared)).stdout
    script = f'{exports}\necho "$PULUMI_BACKEND_URL"'
    told = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=True, timeout=30)
    assert told.stdout == f"file://{shared.backend}\n"


def test_faults_are_set_told_and_cleared(run: Run, shared: Folder, tmp_path: Path) -> None:
    (tmp_path / "faults.yaml").write_text(
        "- { call: compute.instances.aggregatedList, kind: lag, seconds: 60 }\n"
        f"- {{ call: '{MACHINE} create', kind: refuse, code: 429, times: 1 }}\n"
    )
    told = "compute.instances.aggregatedList: lag, every time\ngcp:compute/instance:Instance create: refuse, 1 times\n"
    assert run("faults", "faults.yaml", *at(shared)).stdout == told
    assert run("faults", *at(shared)).stdout == told
    assert run("faults", "--clear", *at(shared)).stdout == ""
    assert run("faults", *at(shared)).stdout == ""


def test_reset_needs_yes_while_a_stack_is_locked(run: Run, fresh: Folder) -> None:
    fresh.make()
    lock = fresh.backend / ".pulumi/locks/organization/trainyard/dev-lab/1.json"
    lock.parent.mkdir(parents=True)
    lock.write_text("{}")
    refused = run("reset", *at(fresh))
    assert (refused.returncode, "trainyard/dev-lab" in refused.stderr) == (1, True)
    assert run("reset", "--yes", *at(fresh)).stdout == f"The sandbox of {fresh.root} is empty.\n"
    assert not fresh.backend.exists()


def test_a_corrupt_store_is_an_error_of_every_command_that_reads_it(run: Run, fresh: Folder) -> None:
    fresh.make()
    fresh.store.write_bytes(b"no database" * 999)
    for command in ("ls", "clock", "start", "status"):
        told = run(command, *at(fresh))
        assert told.returncode == 1
        assert "trainyard sandbox reset" in told.stderr
        assert "Traceback" not in told.stderr


def test_quotas_are_set_told_and_cleared(run: Run, shared: Folder, tmp_path: Path) -> None:
    (tmp_path / "quotas.yaml").write_text("- { cloud: gcp, metric: NVIDIA_L4_GPUS, place: us-central1, limit: 1 }\n")
    told = run("quotas", "quotas.yaml", *at(shared))
    assert (told.returncode, told.stderr) == (0, "")
    assert "gcp    NVIDIA_L4_GPUS  us-central1  1      0" in told.stdout
    assert run("quotas", "--clear", *at(shared)).stdout == "No quota is set: everything fits.\n"


def test_what_the_clouds_do_by_themselves_is_seen_by_every_command(run: Run, fresh: Folder, tmp_path: Path) -> None:
    fresh.make()
    store = Store.open(fresh.store)
    spot = {"machineType": "g2-standard-4", "scheduling": {"provisioningModel": "SPOT"}}
    id = "projects/p/zones/us-central1-a/instances/vm"
    store.add(Thing(type=MACHINE, id=id, package="gcp", place="us-central1-a", name="vm", inputs=spot))
    store.close()
    (tmp_path / "faults.yaml").write_text(f"- {{ call: '{MACHINE} run', kind: preempt, seconds: 30, after: 1h }}\n")
    assert run("faults", "faults.yaml", *at(fresh)).returncode == 0
    run("clock", "+2h", *at(fresh))
    assert "stopped" in run("ls", *at(fresh)).stdout


def test_a_full_disk_is_named_and_nothing_is_lost(run: Run, fresh: Folder, tmp_path: Path) -> None:
    (tmp_path / "faults.yaml").write_text(f"- {{ call: '{MACHINE} create', kind: stockout }}\n")
    told = run("faults", "faults.yaml", *at(fresh)).stdout
    assert "stockout" in told

    full = subprocess.run(  # no file may grow beyond a block, as on a disk that is full
        ["bash", "-c", 'ulimit -f 1; exec "$@"', "-", *COMMAND, "clock", "+1h", *at(fresh)],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert full.returncode == 1
    assert "free space on its disk" in full.stderr
    assert "reset" not in full.stderr
    assert run("faults", *at(fresh)).stdout == told


def test_a_store_of_an_older_trainyard_is_named_by_every_command_and_left_as_it_is(run: Run, fresh: Folder) -> None:
    fresh.make()
    store = Store.open(fresh.store)
    store.set_meta("schema", "1")
    store.close()
    before = fresh.store.read_bytes()
    for command in ("ls", "bill", "clock", "start"):
        told = run(command, *at(fresh))
        assert told.returncode == 1
        assert "schema version 1, this Trainyard reads 2; use the Trainyard that made it" in told.stderr
    assert fresh.store.read_bytes() == before
