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

_PORTION = 100
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
        f"PATH has no Pulumi CLI of v{oldest} or newer with a Python host: building {VERSION} from its Go modules, "
        "once for this user (5 to 7 minutes on 2 cores; an interrupted build carries on)."
    )
    (scratch / "tmp").mkdir(parents=True, exist_ok=True)
    shutil.copytree(MODULE, scratch / "module", dirs_exist_ok=True)
    compiler = go.find(scratch)
    packages = _download(compiler, scratch)
    unfinished = scratch / "pulumi"
    _compile(compiler, scratch, packages, unfinished)
    cache.cli.mkdir(parents=True, exist_ok=True)
    os.replace(unfinished, program)
    shutil.rmtree(scratch, ignore_errors=True)
    return program


def _download(compiler: Path, scratch: Path) -> list[str]:
    """The packages that the CLI is made of, each after what it imports: listing them fetches every module."""
    progress = Progress("Downloading Pulumi's Go modules (about 350 MB)")
    packages = []
    listing = ("list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", _PACKAGE)
    with _running(compiler, scratch, *listing) as lines:
        for line in lines:
            if line.startswith("go: "):
                progress.show(" ".join(line.split()[2:]))
            else:
                packages.append(line.strip())
    # unpacked and checked: the archives are a third of a gigabyte that nothing reads again
    for archive in (scratch / "modules" / "mod" / "cache" / "download").rglob("*.zip"):
        archive.unlink()
    progress.done()
    return packages


def _compile(compiler: Path, scratch: Path, packages: list[str], program: Path) -> None:
    """Builds in portions: Go keeps a second copy of all that one command compiled until that command ends."""
    progress = Progress("Compiling Pulumi")
    importable = [name for name in packages[:-1] if "/internal/" not in f"{name}/"]
    portions = [importable[start : start + _PORTION] for start in range(0, len(importable), _PORTION)]
    link = ["-ldflags", _LDFLAGS, "-o", str(program), _PACKAGE]
    compiled = 0
    for arguments in (*portions, link):
        # debugging data is cut from the CLI, so the objects need none
        with _running(compiler, scratch, "build", "-v", "-gcflags=all=-dwarf=false", *arguments) as lines:
            for line in lines:
                compiled += not line.startswith("go: ")
                progress.show(f"{compiled} packages; there are {len(packages)}, and Go's own")
    progress.done()


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
