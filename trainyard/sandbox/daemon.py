"""The sandbox's one process: store, provider ports, API side; ends on SIGTERM, never without a word in its log."""

from __future__ import annotations

import argparse
import faulthandler
import fcntl
import json
import logging
import os
import secrets
import signal
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from trainyard.sandbox import running
from trainyard.sandbox.api.clouds import serve_clouds
from trainyard.sandbox.api.serving import Served
from trainyard.sandbox.folder import Folder, SandboxError
from trainyard.sandbox.lifecycle import KILL_PROVIDERS, Life
from trainyard.sandbox.opening import open_clouds
from trainyard.sandbox.provider.ports import serve_all
from trainyard.sandbox.running import Running
from trainyard.sandbox.store import StoreError
from trainyard.sandbox.world_file import load_once

log = logging.getLogger("trainyard.sandbox")


class Starter:
    """The process that waits for the daemon, told over a pipe; without one nothing is told."""

    def __init__(self, pipe: int | None) -> None:
        self._pipe = pipe

    def tell(self, **what: object) -> None:
        """Send one line of JSON."""
        if self._pipe is not None:
            os.write(self._pipe, json.dumps(what).encode() + b"\n")

    def end(self) -> None:
        """Say no more."""
        if self._pipe is not None:
            os.close(self._pipe)
            self._pipe = None


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until SIGTERM, the parent's end or the longest life; 1 when it could not start or broke."""
    given = _arguments(arguments)
    if given.ready_fd is not None and os.fork():
        os._exit(0)  # the starter's child ends here: the daemon belongs to nobody and leaves no zombie
    faulthandler.enable()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    starter = Starter(given.ready_fd)
    starter.tell(pid=os.getpid())
    folder = Folder(root=given.folder)
    life = Life(parent_pid=given.parent_pid, max_seconds=given.max_seconds)
    try:
        _run(folder, given.port, given.world, life, starter)
    except (SandboxError, StoreError) as error:
        log.error("%s", error)
        starter.tell(error=str(error))
        return 1
    except BaseException:
        log.exception("the sandbox broke")
        return 1
    return 0


def _run(folder: Folder, port: int, world: Path | None, life: Life, starter: Starter) -> None:
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    with ExitStack() as held:
        held.enter_context(_Alone(folder))
        store = open_clouds(folder.store)
        held.callback(store.close)
        if world is not None:
            load_once(store, world)
        token = secrets.token_hex(24)
        providers = serve_all(store)
        held.callback(providers.stop)
        signal.signal(KILL_PROVIDERS, lambda *_: providers.kill())
        clouds = held.enter_context(serve_clouds(store, folder.store, token=token, port=port))
        me = Running(
            pid=os.getpid(),
            started=running.started(os.getpid()),
            folder=folder.root,
            store=folder.store,
            token=token,
            providers=providers.ports,
            api={name: served.url for name, served in clouds.items()},
        )
        running.write(folder, me)
        held.callback(folder.file.unlink, missing_ok=True)
        log.info("ready: pid %s, api %s, providers %s", me.pid, dict(me.api), dict(me.providers))
        starter.tell(ready=True)
        starter.end()
        why = _watch(folder, clouds, life, stopping)
        log.info("ending: %s", why)


def _watch(folder: Folder, clouds: Mapping[str, Served], life: Life, stopping: threading.Event) -> str:
    """Wait for a reason to end, and tell it."""
    began = time.monotonic()
    parent = running.started(life.parent_pid) if life.parent_pid else ""
    while not stopping.wait(1):
        if life.parent_pid and not _lives(life.parent_pid, parent):
            return f"its parent {life.parent_pid} is gone"
        if life.max_seconds is not None and time.monotonic() - began > life.max_seconds:
            return f"its longest life of {life.max_seconds:g} s is over"
        if not folder.file.exists():
            return f"{folder.file} is gone"
        dead = [name for name, served in clouds.items() if not served.alive()]
        if dead:
            message = f"the API side's thread of {', '.join(dead)} died"
            raise SandboxError(message)
    return "asked to"


def _lives(pid: int, started: str) -> bool:
    if started:
        return running.started(pid) == started
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


class _Alone:
    """Holds the folder for one daemon, even where the file of another was lost."""

    def __init__(self, folder: Folder) -> None:
        self._lock = (folder.root / "daemon.lock").open("a+")
        self._root = folder.root

    def __enter__(self) -> None:
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._lock.seek(0)
            message = (
                f"another sandbox (pid {self._lock.read().strip() or 'unknown'}) holds {self._root}, "
                "but its sandbox.json is lost; end that process, then start again"
            )
            raise SandboxError(message) from error
        self._lock.truncate(0)
        self._lock.write(str(os.getpid()))
        self._lock.flush()

    def __exit__(self, *_: object) -> None:
        self._lock.close()


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="trainyard.sandbox.daemon", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--ready-fd", type=int)
    parser.add_argument("--parent-pid", type=int)
    parser.add_argument("--max-seconds", type=float)
    parser.add_argument("--world", type=Path)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    code = main()
    logging.shutdown()
    os._exit(code)  # a thread whose call hangs by a fault must not hold up the end
