"""A tiny project of its own and the real CLI on it; no Trainyard code in what runs."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from trainyard.sandbox import engine

VENV = Path(sys.prefix)


@dataclass(frozen=True, kw_only=True)
class Project:
    """A project folder with a file backend; `pulumi()` runs the CLI in it."""

    folder: Path
    state: Path

    def write(self, path: str, text: str) -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text).lstrip())

    def environ(self) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("PULUMI_", "TRAINYARD_"))}
        return kept | {
            "PATH": f"{engine.locate()}{os.pathsep}{os.environ['PATH']}",
            "PULUMI_BACKEND_URL": f"file://{self.state}",
            "PULUMI_HOME": str(self.state / "home"),
            "PULUMI_CONFIG_PASSPHRASE": "test",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        }

    def start(self, *arguments: str, environ: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
        """The CLI in a process group of its own, as a shell would start it."""
        return subprocess.Popen(
            ["pulumi", "--non-interactive", "--color", "never", *arguments],
            cwd=self.folder,
            env={**self.environ(), **(environ or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def pulumi(self, *arguments: str, environ: Mapping[str, str] | None = None) -> tuple[int, str]:
        """Exit code and everything that the CLI said."""
        process = self.start(*arguments, environ=environ)
        try:
            output, _ = process.communicate(timeout=120)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        return process.returncode, output

    def pids(self) -> list[int]:
        """The processes that the program or plugin wrote into the file `pids`, once it did."""
        file = self.folder / "pids"
        for _ in range(300):
            if file.exists() and " " in file.read_text():
                return [int(pid) for pid in file.read_text().split()]
            time.sleep(0.1)
        pytest.fail("the program did not start within 30 seconds")


def all_end(pids: list[int]) -> bool:
    """Whether all of them are gone within 10 seconds."""
    for _ in range(100):
        if not any(_runs(pid) for pid in pids):
            return True
        time.sleep(0.1)
    return False


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def diagnostics(output: str) -> str:
    """The part of the CLI's output where each message stands once; its status lines repeat the last one."""
    return output.partition("Diagnostics:\n")[2]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project with stack `one` and an empty program."""
    made = Project(folder=tmp_path / "project", state=tmp_path / "state")
    (made.state / "home").mkdir(parents=True)
    made.write("Pulumi.yaml", f"name: tiny\nruntime: {{name: python, options: {{virtualenv: {VENV}}}}}\n")
    made.write("__main__.py", "")
    code, output = made.pulumi("stack", "init", "one")
    assert code == 0, output
    return made
