"""Builds the Pulumi CLI from its public Go modules, checked against go.sum; standard library only."""

import os
import shutil
import subprocess
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from trainyard.sandbox.engine import go
from trainyard.sandbox.engine.place import MODULE, OLDEST, VERSION, Cache
from trainyard.sandbox.engine.report import Progress, SetupError, last_lines, require_disk, say

_PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
# without it the Automation API takes the CLI for v0 and refuses it
_LDFLAGS = f"-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version={VERSION}"


def build(cache: Cache) -> Path:
    """The CLI's file; minutes where it was never built, nothing afterwards."""
    program = cache.cli / "pulumi"
    if program.is_file():
        return program
    scratch = cache.scratch
    remedy = "Free some, or point XDG_CACHE_HOME at a larger disk."
    require_disk(cache.root, already=_size(scratch), remedy=remedy)
    oldest = ".".join(map(str, OLDEST))
    say(
        f"PATH has no Pulumi CLI of v{oldest} or newer with a Python host: building {VERSION} from its Go modules, once "
        "for this user (5 to 7 minutes on 2 cores; an interrupted build carries on)."
    )
    (scratch / "tmp").mkdir(parents=True, exist_ok=True)
    module = scratch / "module"
    shutil.copytree(MODULE, module, dirs_exist_ok=True)
    compiler = go.find(scratch)
    # listing every package fetches every module that the build needs
    with _running(compiler, scratch, "list", "-deps", "-e=false", _PACKAGE) as lines:
        listed = _shown(lines, Progress("Downloading Pulumi's Go modules (about 350 MB)"), None)
        packages = sum(not line.startswith("go: ") for line in listed)
    unfinished = scratch / "pulumi"
    arguments = ("build", "-v", "-ldflags", _LDFLAGS, "-o", str(unfinished), _PACKAGE)
    with _running(compiler, scratch, *arguments) as lines:
        for _ in _shown(lines, Progress("Compiling Pulumi"), packages):
            pass
    cache.cli.mkdir(parents=True, exist_ok=True)
    os.replace(unfinished, program)
    shutil.rmtree(scratch, ignore_errors=True)
    return program


@contextmanager
def _running(compiler: Path, scratch: Path, *arguments: str) -> Iterator[Iterator[str]]:
    """The lines that Go prints; SetupError when it fails."""
    last: deque[str] = deque(maxlen=20)
    process = subprocess.Popen(
        [compiler, *arguments],
        cwd=scratch / "module",
        env=go.environment(scratch),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield _remembered(process.stdout, last)
        failed = process.wait() != 0
    finally:
        process.kill()
        process.wait()
    if failed:
        raise SetupError(_meaning("".join(last), scratch), last_lines("".join(last)))


def _remembered(lines: Iterable[str], last: deque[str]) -> Iterator[str]:
    for line in lines:
        last.append(line)
        yield line


def _shown(lines: Iterator[str], progress: Progress, total: int | None) -> Iterator[str]:
    for count, line in enumerate(lines, start=1):
        progress.show(f"{count} of about {total} packages" if total else line.split()[-1])
        yield line
    progress.done()


def _meaning(output: str, scratch: Path) -> str:
    if "no space left on device" in output:
        return f"The disk that holds {scratch} is full. Free 3 GB, or point XDG_CACHE_HOME at a larger disk."
    if "SECURITY ERROR" in output or "checksum mismatch" in output:
        return "A Go module is not the one that go.sum pins; nothing was built. Is GOPROXY one that you trust?"
    if any(sign in output for sign in ("dial tcp", "no such host", "i/o timeout", "module lookup disabled", "proxy")):
        return "Pulumi's Go modules could not be downloaded. Is there a network, and is GOPROXY right for it?"
    if "signal: killed" in output:
        return "The compiler was killed, most likely for memory; it needs about 2 GB."
    return "Pulumi's CLI could not be built."


def _size(folder: Path) -> int:
    return sum(entry.lstat().st_size for entry in folder.rglob("*") if entry.is_file()) if folder.is_dir() else 0
