"""The file of a running sandbox, and whether the process it names is still that sandbox."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, build_opener

from trainyard.sandbox.folder import Folder

SCHEMA = 1
_PROC = Path("/proc/self/stat")


@dataclass(frozen=True, kw_only=True)
class Running:
    pid: int
    started: str  # start time of the process in ticks since boot; "" where there is no /proc
    folder: Path
    store: Path
    token: str
    providers: Mapping[str, int]  # package -> loopback port
    api: Mapping[str, str]  # cloud -> address


def write(folder: Folder, running: Running) -> None:
    """Write the file in one step, readable by its owner only."""
    value = {
        "schema": SCHEMA,
        "pid": running.pid,
        "started": running.started,
        "folder": str(running.folder),
        "store": str(running.store),
        "token": running.token,
        "providers": dict(running.providers),
        "api": dict(running.api),
    }
    draft = folder.file.with_suffix(f".{running.pid}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        json.dump(value, out, indent=1)
    draft.replace(folder.file)


def read(folder: Folder) -> Running | None:
    """What the file says, also when its process is gone; None when there is no whole file."""
    try:
        value: Any = json.loads(folder.file.read_text(encoding="utf-8"))
        return Running(
            pid=int(value["pid"]),
            started=str(value["started"]),
            folder=Path(value["folder"]),
            store=Path(value["store"]),
            token=str(value["token"]),
            providers={str(name): int(port) for name, port in value["providers"].items()},
            api={str(name): str(url) for name, url in value["api"].items()},
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def find(folder: Folder) -> Running | None:
    """The sandbox of this folder if it runs; a stale file or a pid that now is another process counts as none."""
    running = read(folder)
    return running if running is not None and is_ours(running) else None


def is_ours(running: Running) -> bool:
    """True when the pid is still the sandbox that wrote the file."""
    if running.pid <= 0:
        return False
    if _PROC.exists():
        return started(running.pid) == running.started != ""
    return _answers(running)


def started(pid: int) -> str:
    """Start time of a living process in ticks since boot; "" when it is gone, a zombie, or there is no /proc."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] in "ZX" else fields[19]


def _answers(running: Running) -> bool:
    # Without /proc a pid alone proves nothing: ask the process behind the port who it is.
    opener = build_opener(ProxyHandler({}))
    try:
        with opener.open(f"{running.api['gcp']}/", timeout=5) as answer:
            return bool(json.load(answer)["pid"] == running.pid)
    except (OSError, HTTPException, ValueError, KeyError, TypeError):
        return False
