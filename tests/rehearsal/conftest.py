"""A folder like a checkout's, with a sandbox of its own, for the pages of the docs."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.rehearsal.fixtures.page import Typed, play
from trainyard.sandbox import lifecycle
from trainyard.sandbox.folder import Folder
from trainyard.sandbox.lifecycle import Life

CHECKOUT = Path(__file__).parents[2]


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Someone in a checkout who plays a page of its docs."""

    folder: Path
    environ: dict[str, str]

    def plays(self, page: str) -> Iterator[Typed]:
        """The page's blocks of commands, typed one after the other and held against the page."""
        for typed in play(CHECKOUT / "docs" / page, self.folder, self.environ):
            typed.check()
            yield typed


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    project = yaml.safe_load((CHECKOUT / "Pulumi.yaml").read_text())
    project["runtime"]["options"]["virtualenv"] = sys.prefix
    project["plugins"]["providers"][0]["path"] = str(CHECKOUT / "trainyard" / "provider")
    (tmp_path / "Pulumi.yaml").write_text(yaml.safe_dump(project))
    shutil.copy(CHECKOUT / "__main__.py", tmp_path)
    shutil.copytree(CHECKOUT / "stacks", tmp_path / "stacks", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    (tmp_path / ".git").mkdir()
    sandbox = Folder(root=tmp_path / ".sandbox")
    lifecycle.start(
        sandbox, life=Life(parent_pid=os.getpid(), max_seconds=1200), world=tmp_path / "stacks" / "world.yaml"
    )
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TRAINYARD_", "PULUMI_"))}
    path = f"{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}"
    yield Reader(
        folder=tmp_path,
        environ={**kept, "PATH": path, "PYTHONPATH": str(CHECKOUT), "COLUMNS": "200", "NO_COLOR": "1"},
    )
    lifecycle.stop(sandbox)
