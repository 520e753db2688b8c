"""A node in a temporary folder: the scripts run for real, and every program that could touch this machine is a stub."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from components.bootstrap.fragment import ETC, Fragment
from tests.components.bootstrap.fixtures.metadata import Metadata, serve_metadata

SCRIPTS = Path(__file__).parents[3] / "components" / "bootstrap" / "scripts"
# Nothing else is on the node's PATH, so that a forgotten stub fails instead of shutting this machine down.
HARMLESS = (
    "base64",
    "bash",
    "timeout",
    "awk",
    "cat",
    "chmod",
    "curl",
    "date",
    "grep",
    "head",
    "mkdir",
    "mv",
    "rm",
    "sed",
    "sort",
    "tee",
)


@dataclass(frozen=True, kw_only=True)
class Node:
    folder: Path

    def program(self, name: str, body: str = "") -> None:
        """A stub that writes its call down, then runs `body`."""
        path = self.folder / "bin" / name
        path.unlink(missing_ok=True)
        path.write_text(f'#!/bin/bash\necho "{name} $*" >>"$CALLS"\n{body}\n')
        path.chmod(0o755)

    def configure(self, fragment: Fragment, **instead: str) -> None:
        """Writes the fragment's values where the script will look; `instead` replaces some, "_" standing for "-"."""
        config = self.folder / "etc"
        shutil.rmtree(config, ignore_errors=True)
        config.mkdir()
        given = {Path(f.path).name: f.content for f in fragment.files if f.path.startswith(f"{ETC}/{fragment.name}/")}
        for name, content in (given | {key.replace("_", "-"): value for key, value in instead.items()}).items():
            (config / name).write_text(content)

    def run(self, script: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        calls = self.folder / "calls"
        calls.write_text("")
        environment = {
            "PATH": str(self.folder / "bin"),
            "CALLS": str(calls),
            "STATE_DIRECTORY": str(self.folder / "state"),
            "RUNTIME_DIRECTORY": str(self.folder / "run"),
            "LC_ALL": "C.UTF-8",
            **variables,
        }
        command = ["/bin/bash", str(SCRIPTS / script), str(self.folder / "etc"), *arguments]
        return subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=60, check=False
        )

    def calls(self, name: str) -> list[str]:
        """What the stub `name` was called with in the last run, oldest first."""
        lines = (self.folder / "calls").read_text().splitlines()
        return [line.removeprefix(f"{name}").strip() for line in lines if line.split()[0] == name]

    def reboot(self) -> None:
        shutil.rmtree(self.folder / "run")
        (self.folder / "run").mkdir()


@pytest.fixture
def node(tmp_path: Path) -> Node:
    for name in ("bin", "state", "run", "etc"):
        (tmp_path / name).mkdir()
    for name in HARMLESS:
        if found := shutil.which(name):
            (tmp_path / "bin" / name).symlink_to(found)
    made = Node(folder=tmp_path)
    for name in ("shutdown", "systemctl"):
        made.program(name)
    return made


@pytest.fixture
def metadata() -> Iterator[Metadata]:
    with serve_metadata() as made:
        yield made


@pytest.fixture
def executable() -> Callable[[Path, str], None]:
    def write(path: Path, body: str) -> None:
        path.write_text(f"#!/bin/bash\n{body}\n")
        os.chmod(path, 0o755)

    return write
