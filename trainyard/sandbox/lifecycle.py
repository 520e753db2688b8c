"""Start, stop and empty the sandbox of one folder; never touches a process that is not it."""

from __future__ import annotations

import fcntl
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from trainyard.sandbox import running
from trainyard.sandbox.environment import withheld
from trainyard.sandbox.folder import Folder, SandboxError
from trainyard.sandbox.running import Running

KILL_PROVIDERS = signal.SIGUSR1
_PACKAGE_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, kw_only=True)
class Life:
    """How long a daemon may live; both None: until it is stopped."""

    parent_pid: int | None = None  # ends with this process
    max_seconds: float | None = None


@dataclass(frozen=True, kw_only=True)
class Started:
    running: Running
    fresh: bool  # False: it ran already


def start(
    folder: Folder, *, port: int = 0, life: Life | None = None, world: Path | None = None, seconds: float = 90
) -> Started:
    """Start the sandbox unless it runs, and wait until it is ready; SandboxError when it dies or takes longer."""
    folder.make()
    with _one_at_a_time(folder):
        there = running.find(folder)
        if there is not None:
            return Started(running=there, fresh=False)
        folder.file.unlink(missing_ok=True)
        _launch(folder, port=port, life=life or Life(), world=world, seconds=seconds)
        there = running.find(folder)
        if there is None:
            raise SandboxError(_died(folder, "it ended right after it was ready"))
        return Started(running=there, fresh=True)


def stop(folder: Folder, *, seconds: float = 30) -> Running | None:
    """End the sandbox and wait until it is gone; None when none runs."""
    there = running.find(folder)
    if there is None:
        stale = running.read(folder)
        if stale is not None:
            folder.file.unlink(missing_ok=True)
        return None
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.kill(there.pid, number)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not running.is_ours(there):
                _forget(folder, there)
                return there
            time.sleep(0.02)
    message = f"the sandbox (pid {there.pid}) did not end within {2 * seconds:.0f} s; see {folder.log}"
    raise SandboxError(message)


def kill_providers(folder: Folder) -> Running:
    """Cut off the calls that run on the providers, as if their processes had died; SandboxError when none runs."""
    there = running.find(folder)
    if there is None:
        message = f"no sandbox runs in {folder.root}; start one with `trainyard sandbox start`"
        raise SandboxError(message)
    os.kill(there.pid, KILL_PROVIDERS)
    return there


def reset(folder: Folder, *, even_if_locked: bool = False) -> None:
    """Stop the sandbox and empty it: store, stacks, leases, home; refused while a stack is locked."""
    locks = locked(folder)
    if locks and not even_if_locked:
        message = (
            f"a stack of this sandbox is locked, so an update may be running: {', '.join(locks)}; "
            "wait for it, or run `trainyard sandbox reset --yes`"
        )
        raise SandboxError(message)
    stop(folder)
    for suffix in ("", "-wal", "-shm"):
        folder.store.with_name(folder.store.name + suffix).unlink(missing_ok=True)
    for part in (folder.backend, folder.leases, folder.home):
        shutil.rmtree(part, ignore_errors=True)


def locked(folder: Folder) -> tuple[str, ...]:
    """The stacks of the sandbox's backend that an update holds, as "project/stack"."""
    locks = folder.backend / ".pulumi" / "locks"
    found = {path.parent.relative_to(locks) for path in locks.rglob("*.json")}
    return tuple(sorted("/".join(path.parts[-2:]) for path in found))


def _launch(folder: Folder, *, port: int, life: Life, world: Path | None, seconds: float) -> None:
    _shorten(folder.log)
    reader, writer = os.pipe()
    command = [sys.executable, "-m", "trainyard.sandbox.daemon", "--folder", str(folder.root)]
    command += ["--port", str(port), "--ready-fd", str(writer)]
    if life.parent_pid is not None:
        command += ["--parent-pid", str(life.parent_pid)]
    if life.max_seconds is not None:
        command += ["--max-seconds", str(life.max_seconds)]
    if world is not None:
        command += ["--world", str(world)]
    path = os.pathsep.join(filter(None, (str(_PACKAGE_ROOT), os.environ.get("PYTHONPATH", ""))))
    kept = {name: value for name, value in os.environ.items() if not withheld(name)}
    with folder.log.open("ab") as log:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            env={**kept, "PYTHONPATH": path},
            pass_fds=(writer,),
            start_new_session=True,
        )
    os.close(writer)
    try:
        pid, outcome = _hear(reader, seconds)
        if outcome == "late":
            child.kill()
            if pid is not None:
                os.kill(pid, signal.SIGKILL)
    finally:
        os.close(reader)
        child.wait()  # the daemon itself is this child's child, so that it belongs to nobody
    if outcome == "ready":
        return
    if outcome == "late":
        raise SandboxError(_died(folder, f"it was not ready after {seconds:.0f} s and was ended"))
    if outcome == "gone":
        raise SandboxError(_died(folder, "it died while it started"))
    raise SandboxError(outcome)


def _hear(reader: int, seconds: float) -> tuple[int | None, str]:
    """The daemon's pid, and "ready", "late", "gone" or the error that it tells."""
    deadline = time.monotonic() + seconds
    heard, pid = b"", None
    while True:
        if not select.select([reader], [], [], max(0.0, deadline - time.monotonic()))[0]:
            return pid, "late"
        more = os.read(reader, 65536)
        heard += more
        *lines, heard = heard.split(b"\n")
        for line in lines:
            told = json.loads(line)
            if "pid" in told:
                pid = int(told["pid"])
            else:
                return pid, "ready" if told.get("ready") else str(told["error"])
        if not more:
            return pid, "gone"


def _died(folder: Folder, how: str) -> str:
    tail = folder.log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:] if folder.log.exists() else []
    return "\n  ".join([f"the sandbox did not start: {how}; the end of {folder.log}:", *tail])


def _forget(folder: Folder, gone: Running) -> None:
    left = running.read(folder)
    if left is not None and left.pid == gone.pid:
        folder.file.unlink(missing_ok=True)


def _shorten(log: Path, limit_bytes: int = 5_000_000) -> None:
    if log.exists() and log.stat().st_size > limit_bytes:
        log.replace(log.with_name(f"{log.name}.old"))


@contextmanager
def _one_at_a_time(folder: Folder) -> Iterator[None]:
    with (folder.root / "start.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
