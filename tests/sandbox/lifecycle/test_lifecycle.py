"""Starting and stopping real daemons; every one of them ends with the test process or after five minutes."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from trainyard.sandbox import faults, lifecycle, running
from trainyard.sandbox.faults import Fault
from trainyard.sandbox.folder import Folder, SandboxError
from trainyard.sandbox.lifecycle import Life
from trainyard.sandbox.store import Store, Thing

LIFE = Life(parent_pid=os.getpid(), max_seconds=300)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    folder = Folder(root=tmp_path / ".sandbox")
    yield folder
    lifecycle.stop(folder)


def wait_until(what: Callable[[], bool], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while not what() and time.monotonic() < deadline:
        time.sleep(0.05)
    return what()


def gone(there: running.Running) -> bool:
    return not running.is_ours(there)


def name_another_process(folder: Folder, pid: int, started: str) -> None:
    there = running.read(folder)
    assert there is not None
    running.write(folder, running.Running(**{**vars(there), "pid": pid, "started": started}))


def fake_python(folder: Path, script: str) -> str:
    path = folder / "python"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def test_a_started_sandbox_is_described_by_a_file_that_only_its_owner_reads(folder: Folder) -> None:
    begun = lifecycle.start(folder, life=LIFE)
    assert begun.fresh
    assert stat.S_IMODE(folder.file.stat().st_mode) == 0o600
    told = json.loads(folder.file.read_text())
    assert (told["schema"], told["pid"], told["folder"]) == (1, begun.running.pid, str(folder.root))
    assert told["started"] == running.started(begun.running.pid)
    assert "gcp" in told["providers"]
    for port in told["providers"].values():
        socket.create_connection(("127.0.0.1", port), timeout=5).close()


def test_starting_twice_finds_the_first(folder: Folder) -> None:
    first = lifecycle.start(folder, life=LIFE)
    second = lifecycle.start(folder, life=LIFE)
    assert (second.fresh, second.running) == (False, first.running)


def test_starts_at_the_same_time_give_one_sandbox(folder: Folder) -> None:
    command = [sys.executable, "-m", "trainyard.cli", "sandbox", "start", "--folder", str(folder.root)]
    command += ["--parent-pid", str(os.getpid()), "--max-seconds", "300"]
    starts = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    told = [start.communicate(timeout=120)[0] for start in starts]
    assert [start.returncode for start in starts] == [0, 0, 0]
    assert sorted("already" in text for text in told) == [False, True, True]


def test_stop_waits_until_the_sandbox_is_gone_and_it_says_why_it_ended(folder: Folder) -> None:
    there = lifecycle.start(folder, life=LIFE).running
    assert lifecycle.stop(folder) == there
    assert gone(there)
    assert not folder.file.exists()
    assert "ending: asked to" in folder.log.read_text()


def test_a_call_that_hangs_does_not_hold_up_the_end(folder: Folder) -> None:
    there = lifecycle.start(folder, life=LIFE).running
    store = Store.open(folder.store)
    faults.replace(store, (Fault(call="gcp:compute/disk:Disk read", kind="hang", seconds=60),))
    store.close()
    with grpc.insecure_channel(f"127.0.0.1:{there.providers['gcp']}") as channel:
        provider = provider_pb2_grpc.ResourceProviderStub(channel)
        hanging = provider.Read.future(provider_pb2.ReadRequest(type="gcp:compute/disk:Disk", id="x"), timeout=60)
        time.sleep(0.5)
        begun = time.monotonic()
        lifecycle.stop(folder)
        assert time.monotonic() - begun < 10
        assert hanging.exception(timeout=10) is not None


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="the environment is read from /proc")
def test_the_sandbox_itself_gets_no_credentials(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "very-secret")
    there = lifecycle.start(folder, life=LIFE).running
    assert b"very-secret" not in Path(f"/proc/{there.pid}/environ").read_bytes()


def test_stop_without_a_sandbox_finds_nothing(folder: Folder) -> None:
    assert lifecycle.stop(folder) is None


def test_what_the_sandbox_holds_outlives_a_stop(folder: Folder) -> None:
    lifecycle.start(folder, life=LIFE)
    store = Store.open(folder.store)
    store.add(Thing(type="t", id="1", package="gcp"))
    store.close()
    lifecycle.stop(folder)
    lifecycle.start(folder, life=LIFE)
    store = Store.open(folder.store)
    assert len(store.list()) == 1
    store.close()


def test_a_taken_port_is_named(folder: Folder) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SandboxError, match=f"port {port} of 127.0.0.1 cannot be used .*leave --port out"):
            lifecycle.start(folder, port=port, life=LIFE)
    assert not folder.file.exists()


def test_a_killed_sandbox_is_not_running_and_starts_again(folder: Folder) -> None:
    first = lifecycle.start(folder, life=LIFE).running
    os.kill(first.pid, signal.SIGKILL)
    assert wait_until(lambda: gone(first))
    assert folder.file.exists()
    assert running.find(folder) is None
    assert lifecycle.start(folder, life=LIFE).fresh


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="start times come from /proc")
def test_a_pid_that_is_now_another_process_is_neither_believed_nor_killed(folder: Folder) -> None:
    there = lifecycle.start(folder, life=LIFE).running
    with subprocess.Popen(["sleep", "60"]) as bystander:
        try:
            name_another_process(folder, bystander.pid, there.started)
            assert lifecycle.stop(folder) is None
            assert bystander.poll() is None
            assert not folder.file.exists()
        finally:
            bystander.kill()
    assert wait_until(lambda: gone(there)), "without its file the sandbox ends by itself"


def test_a_sandbox_whose_file_is_gone_ends(folder: Folder) -> None:
    there = lifecycle.start(folder, life=LIFE).running
    folder.file.unlink()
    assert wait_until(lambda: gone(there))
    assert "sandbox.json is gone" in folder.log.read_text()


def test_a_second_daemon_on_a_folder_is_refused(folder: Folder) -> None:
    there = lifecycle.start(folder, life=LIFE).running
    second = [sys.executable, "-m", "trainyard.sandbox.daemon", "--folder", str(folder.root), "--max-seconds", "60"]
    ended = subprocess.run(second, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 1
    assert f"another sandbox (pid {there.pid}) holds {folder.root}" in ended.stderr
    assert running.find(folder) == there


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema": 1, "pid": "x"}'])
def test_a_damaged_file_counts_as_no_sandbox(folder: Folder, text: str) -> None:
    folder.make()
    folder.file.write_text(text)
    assert running.find(folder) is None
    assert lifecycle.stop(folder) is None


def test_a_corrupt_store_is_named_with_the_way_out(folder: Folder) -> None:
    folder.make()
    folder.store.write_bytes(b"this is no database" * 1000)
    with pytest.raises(SandboxError, match=r"store\.sqlite cannot be read .*trainyard sandbox reset"):
        lifecycle.start(folder, life=LIFE)
    lifecycle.reset(folder)
    assert lifecycle.start(folder, life=LIFE).fresh


def test_a_store_of_a_newer_trainyard_is_left_alone(folder: Folder) -> None:
    folder.make()
    Store.open(folder.store).close()
    with sqlite3.connect(folder.store) as connection:
        connection.execute("UPDATE meta SET value='99' WHERE key='schema'")
    connection.close()
    with pytest.raises(SandboxError, match="schema version 99, this Trainyard reads 2"):
        lifecycle.start(folder, life=LIFE)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SandboxError, match=r"file/\.sandbox cannot be written .*--folder"):
        lifecycle.start(Folder(root=tmp_path / "file" / ".sandbox"), life=LIFE)


def test_a_daemon_that_dies_at_its_start_is_told_with_the_end_of_its_log(
    folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", fake_python(tmp_path, "echo 'no module named x' >&2; exit 3"))
    with pytest.raises(SandboxError, match=r"(?s)it died while it started.*no module named x"):
        lifecycle.start(folder, life=LIFE)


def test_a_daemon_that_is_never_ready_is_ended(folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", fake_python(tmp_path, "exec sleep 60"))
    begun = time.monotonic()
    with pytest.raises(SandboxError, match="was not ready after 0 s"):
        lifecycle.start(folder, life=LIFE, seconds=0.4)
    assert time.monotonic() - begun < 20


def test_a_sandbox_ends_with_its_parent(folder: Folder) -> None:
    with subprocess.Popen(["sleep", "60"]) as parent:
        there = lifecycle.start(folder, life=Life(parent_pid=parent.pid, max_seconds=300)).running
        parent.kill()
    assert wait_until(lambda: gone(there))
    assert not folder.file.exists()


def test_a_sandbox_ends_after_its_longest_life(folder: Folder) -> None:
    there = lifecycle.start(folder, life=Life(parent_pid=os.getpid(), max_seconds=1)).running
    assert wait_until(lambda: gone(there))
    assert "longest life of 1 s is over" in folder.log.read_text()


def test_reset_stops_and_empties(folder: Folder) -> None:
    there = lifecycle.start(folder, life=LIFE).running
    (folder.backend / "state").write_text("")
    (folder.leases / "record").write_text("")
    lifecycle.reset(folder)
    assert gone(there)
    assert sorted(path.name for path in folder.root.iterdir() if path.suffix != ".lock") == ["log"]


def test_reset_refuses_while_a_stack_is_locked(folder: Folder) -> None:
    folder.make()
    lock = folder.backend / ".pulumi" / "locks" / "organization" / "trainyard" / "dev-lab" / "1.json"
    lock.parent.mkdir(parents=True)
    lock.write_text("{}")
    with pytest.raises(SandboxError, match=r"trainyard/dev-lab.*--yes"):
        lifecycle.reset(folder)
    assert lock.exists()
    lifecycle.reset(folder, even_if_locked=True)
    assert not lock.exists()


def test_providers_that_are_killed_cut_their_calls_off_and_serve_again_on_the_same_ports(folder: Folder) -> None:
    begun = lifecycle.start(folder, life=LIFE)
    port = begun.running.providers["random"]
    store = Store.open(folder.store)
    token = "random:index/randomPet:RandomPet"
    faults.replace(store, [Fault(call=f"{token} create", kind="hang", seconds=60, times=1)])
    request = provider_pb2.CreateRequest(type=token, name="pet", urn=f"urn:pulumi:s::p::{token}::pet")
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        hanging = provider_pb2_grpc.ResourceProviderStub(channel).Create.future(request)
        assert wait_until(lambda: faults.all_of(store) == ())
        lifecycle.kill_providers(folder)
        with pytest.raises(grpc.RpcError):
            hanging.result(timeout=20)

    def serves() -> bool:
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            try:
                provider_pb2_grpc.ResourceProviderStub(channel).Create(request, timeout=5)
            except grpc.RpcError:
                return False
            return True

    assert wait_until(serves)
    store.close()


def test_a_sandbox_that_does_not_run_has_no_providers_to_kill(folder: Folder) -> None:
    folder.make()
    with pytest.raises(SandboxError, match="no sandbox runs"):
        lifecycle.kill_providers(folder)
