"""Child processes of the host: started with an order, read line by line, ended with the host."""

import contextlib
import json
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CHILD = Path(__file__).with_name("child.py")
GRACE_SECONDS = 2.0

_living: set[subprocess.Popen[bytes]] = set()
_lock = threading.Lock()


@dataclass(frozen=True, kw_only=True)
class Order:
    """What a child is to run: a dictionary for `child.py`, in which Python, folder and environment."""

    python: str
    cwd: str
    environ: Mapping[str, str]
    body: Mapping[str, Any]


class Child:
    """One running child; its pipe closes with this process, however that ends."""

    def __init__(self, order: Order):
        taken, self._pipe = os.pipe()
        try:
            self._process = _start([order.python, str(CHILD), str(taken)], order, taken)
        finally:
            os.close(taken)
        # a child that ended before it read its order: the exit code says so
        with contextlib.suppress(BrokenPipeError):
            _write(self._pipe, json.dumps(order.body).encode() + b"\n")

    def wait(self, on_line: Callable[[str, bytes], None]) -> int:
        """The exit code, after `on_line("stdout" | "stderr", line)` has seen every line."""
        readers = [
            threading.Thread(target=_read, args=(stream, name, on_line), daemon=True)
            for name, stream in (("stdout", self._process.stdout), ("stderr", self._process.stderr))
        ]
        for reader in readers:
            reader.start()
        code = self._process.wait()
        for reader in readers:
            # a grandchild that keeps the stream open must not keep the run open
            reader.join(timeout=GRACE_SECONDS)
        os.close(self._pipe)
        with _lock:
            _living.discard(self._process)
        return code

    def stop(self) -> None:
        """Asks it to end, then ends it."""
        stop([self._process])


def run(command: Sequence[str], *, cwd: str, environ: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """A plain command of the same process group, its two streams in one."""
    return subprocess.Popen(
        command, cwd=cwd, env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


def stop_all() -> None:
    """Ends every child."""
    with _lock:
        processes = list(_living)
    stop(processes)


def stop(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        process.terminate()
    for process in processes:
        try:
            process.wait(timeout=GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()


def end_group() -> None:
    """Ends this process and all that it started; the CLI gives each host a process group of its own."""
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(0)


def _start(command: list[str], order: Order, pipe: int) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        command,
        cwd=order.cwd,
        env={**order.environ, "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        pass_fds=[pipe],
    )
    with _lock:
        _living.add(process)
    return process


def _write(pipe: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(pipe, view) :]


def _read(stream: Any, name: str, on_line: Callable[[str, bytes], None]) -> None:
    for line in stream:
        on_line(name, line)
