"""Where a sandbox lives: one git-ignored folder, and the files in it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

VARIABLE = "TRAINYARD_SANDBOX"


class SandboxError(Exception):
    """What the sandbox cannot do: what was given, what is allowed, what to do next."""


@dataclass(frozen=True, kw_only=True)
class Folder:
    root: Path  # absolute

    @property
    def file(self) -> Path:
        """The file that a running sandbox writes: pid, ports, store, token (mode 0600)."""
        return self.root / "sandbox.json"

    @property
    def store(self) -> Path:
        return self.root / "store.sqlite"

    @property
    def backend(self) -> Path:
        return self.root / "backend"

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def leases(self) -> Path:
        return self.root / "leases"

    @property
    def log(self) -> Path:
        return self.root / "log"

    def make(self) -> None:
        """Make the folder and what the engine needs in it; SandboxError when it cannot be written."""
        try:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            for part in (self.backend, self.home, self.leases):
                part.mkdir(exist_ok=True)
            probe = self.root / f".write-{os.getpid()}"
            probe.write_text("")
            probe.unlink()
        except OSError as error:
            message = (
                f"the sandbox's folder {self.root} cannot be written ({error.strerror}); "
                f"give another one with --folder or {VARIABLE}, or mend its owner and mode"
            )
            raise SandboxError(message) from error


def find_folder(given: Path | None, environ: Mapping[str, str], cwd: Path) -> Folder:
    """The folder given, else what TRAINYARD_SANDBOX names (it or its sandbox.json), else the checkout's .sandbox."""
    if given is not None:
        return Folder(root=_absolute(cwd / given))
    named = environ.get(VARIABLE)
    if named:
        path = _absolute(cwd / named)
        return Folder(root=path.parent if path.suffix == ".json" else path)
    return Folder(root=_absolute(checkout(cwd) / ".sandbox"))


def checkout(cwd: Path) -> Path:
    """The nearest folder upwards that git keeps, else `cwd`."""
    for folder in (cwd, *cwd.parents):
        if (folder / ".git").exists():
            return folder
    return cwd


def _absolute(path: Path) -> Path:
    return Path(os.path.abspath(path))
