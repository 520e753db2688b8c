"""Where the Pulumi CLI and its Python host lie; standard library only, for it runs before `.venv` exists."""

import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

VERSION = "v3.259.0"
OLDEST = (3, 230, 0)
CHECKOUT = Path(__file__).resolve().parents[3]
MODULE = Path(__file__).parent / "module"
HOST = Path(__file__).parent / "host"
REQUIREMENTS = CHECKOUT / "requirements"


class EngineMissingError(Exception):
    """No Pulumi CLI that can run Python programs; the text says how to get one."""


@dataclass(frozen=True, kw_only=True)
class Cache:
    """The folders of a build, each named by what it was made from, so that a change makes a new one."""

    root: Path

    @property
    def scratch(self) -> Path:
        """Go, its modules and its build cache: gone once the CLI is built."""
        return self.root / "build"

    @property
    def cli(self) -> Path:
        return self.root / "cli" / f"{VERSION}-{_digest(MODULE / 'go.mod', MODULE / 'go.sum')}"

    @property
    def host_python(self) -> Path:
        python = f"{platform.python_implementation()}-{platform.python_version()}-{sys.platform}-{platform.machine()}"
        return self.root / "python" / f"{python}-{_digest(REQUIREMENTS / 'host.txt')}"

    @property
    def engine(self) -> Path:
        """Holds `pulumi` and `pulumi-language-python` side by side; complete as soon as it exists."""
        key = hashlib.sha256(f"{self.cli}\n{self.host_python}\n{_digest(*host_sources())}".encode())
        return self.root / "engine" / key.hexdigest()[:16]


def host_sources() -> tuple[Path, ...]:
    """The host's modules, sorted."""
    return tuple(sorted(HOST.glob("*.py")))


def cache(environ: Mapping[str, str] | None = None) -> Cache:
    """The user's cache: $XDG_CACHE_HOME/trainyard, else ~/.cache/trainyard."""
    environ = os.environ if environ is None else environ
    home = environ.get("XDG_CACHE_HOME", "")
    # the XDG rule: a relative path counts as unset
    folder = Path(home) if os.path.isabs(home) else Path.home() / ".cache"
    return Cache(root=folder / "trainyard")


def locate() -> Path:
    """The folder that holds `pulumi`; EngineMissingError where `make setup` has not been run."""
    on_path = installed()
    if on_path is not None:
        return on_path
    built = cache().engine
    if built.is_dir():
        return built
    msg = (
        f"There is no Pulumi CLI that Trainyard can use: PATH has none of v{'.'.join(map(str, OLDEST))} or newer with "
        f"pulumi-language-python, and {built} was not built. Run `make setup` in {CHECKOUT}."
    )
    raise EngineMissingError(msg)


def installed() -> Path | None:
    """The folder of a usable Pulumi CLI on PATH, or None."""
    found = shutil.which("pulumi")
    if found is None:
        return None
    folder = Path(found).parent
    if not (folder / "pulumi-language-python").exists() and shutil.which("pulumi-language-python") is None:
        return None
    return folder if (version_of(found) or (0,)) >= OLDEST else None


def version_of(program: str) -> tuple[int, ...] | None:
    """(3, 259, 0) for a program that answers `version`; None for one that does not run."""
    environ = {**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"}
    try:
        answer = subprocess.run([program, "version"], capture_output=True, text=True, timeout=60, env=environ)
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", answer.stdout)
    return tuple(int(part or 0) for part in match.groups()) if match and answer.returncode == 0 else None


def _digest(*files: Path) -> str:
    whole = hashlib.sha256()
    for file in files:
        whole.update(f"{file.name} {file.stat().st_size}\n".encode() + file.read_bytes())
    return whole.hexdigest()[:12]
