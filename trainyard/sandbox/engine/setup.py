"""What `make setup` runs: `.venv`, the Pulumi CLI and its Python host. Standard library only; safe to repeat."""

import fcntl
import hashlib
import os
import shlex
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from trainyard.sandbox.engine import cli, place, venv
from trainyard.sandbox.engine.report import SetupError, require_disk, say

HOST_PACKAGE = "trainyard.sandbox.engine.host"


def main() -> int:
    """0 when everything is there; 1 with one message on stderr."""
    try:
        project_environment()
        engine()
    except SetupError as failed:
        say(str(failed))
        return 1
    except KeyboardInterrupt:
        say("\nStopped. `make setup` carries on from here.")
        return 130
    return 0


def project_environment() -> None:
    """`.venv` with every pinned package and the project itself, editable."""
    folder = place.CHECKOUT / ".venv"
    with alone(place.CHECKOUT / "requirements"):
        if not folder.is_dir():
            require_disk(place.CHECKOUT, remedy="Free some.")
        interpreter = venv.make(folder, place.REQUIREMENTS / "dev.txt", what="Trainyard's environment")
        project = place.CHECKOUT / "pyproject.toml"
        stamp = folder / "project-made-from"
        made_from = hashlib.sha256(b"compat" + project.read_bytes()).hexdigest()
        if not stamp.is_file() or stamp.read_text() != made_from:
            # a plain path: the finder that setuptools writes otherwise delays the start of every Python
            how = ("--no-deps", "--no-build-isolation", "--config-settings", "editable_mode=compat")
            venv.pip(interpreter, "install", *how, "--editable", str(place.CHECKOUT))
            stamp.write_text(made_from)
        venv.keep_byte_code(interpreter, *(place.CHECKOUT / name for name in ("trainyard", "components", "stacks")))


def engine() -> Path:
    """The folder that holds `pulumi`: PATH's, or one built into the user's cache."""
    on_path = place.installed()
    if on_path is not None:
        return on_path
    cache = place.cache()
    cache.root.mkdir(parents=True, exist_ok=True)
    with alone(cache.root):
        built = cli.build(cache)
        python = venv.make(cache.host_python, place.REQUIREMENTS / "host.txt", what="Pulumi's Python host")
        if not cache.engine.is_dir():
            _assemble(cache.engine, built, python)
    return cache.engine


def _assemble(folder: Path, built: Path, python: Path) -> None:
    """Puts the CLI and its host side by side: elsewhere on PATH the CLI warns about the host on every run."""
    unfinished = folder.with_name(f"{folder.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    package = unfinished / "host" / Path(*HOST_PACKAGE.split("."))
    package.mkdir(parents=True)
    try:
        os.link(built, unfinished / "pulumi")
    except OSError:
        shutil.copy2(built, unfinished / "pulumi")
    for source in place.host_sources():
        shutil.copy2(source, package)
    (unfinished / "host" / "version").write_text(place.VERSION)
    # not through PYTHONPATH, which the programs that the host starts would inherit
    code = f"import sys; sys.path.insert(0, {str(folder / 'host')!r}); from {HOST_PACKAGE}.server import main; main()"
    start = unfinished / "pulumi-language-python"
    start.write_text(f'#!/bin/sh\nexec {shlex.quote(str(python))} -I -c {shlex.quote(code)} "$@"\n')
    start.chmod(0o755)
    os.replace(unfinished, folder)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Waits while another set-up works on `folder`; the lock goes with its process."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another set-up is under way for this user; waiting for it …")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


if __name__ == "__main__":
    sys.exit(main())
