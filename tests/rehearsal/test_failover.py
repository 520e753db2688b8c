"""docs/failover.md as its reader plays it: one machine, six attempts, and no change from another clone."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.rehearsal.conftest import CHECKOUT, Reader
from trainyard.deploy.failure import Kind

ZONES = ("europe-west4-a", "europe-west4-b", "us-central1-a", "us-central1-b", "us-central1-c", "us-central1-f")


def ask(reader: Reader, command: str, folder: Path | None = None) -> str:
    """What a command prints that must be good, in the rehearsal that the page runs in."""
    return subprocess.run(
        ["trainyard", "sandbox", "exec", "--folder", str(reader.folder / ".sandbox"), "--", *command.split()],
        cwd=folder or reader.folder,
        env=reader.environ,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def attempts(reader: Reader) -> list[dict[str, Any]]:
    [record] = (reader.folder / ".sandbox" / "leases").glob("*/dev-scarce-*/record.json")
    found: list[dict[str, Any]] = json.loads(record.read_text())["attempts"]
    return found


@pytest.mark.engine
def test_there_is_one_machine_after_six_attempts_and_another_clone_sees_no_change(
    reader: Reader, tmp_path: Path
) -> None:
    seen = 0
    for typed in reader.plays("failover.md"):
        if typed.commands.startswith("trainyard up"):
            seen += 1
            told = [(each["candidate"].split("/")[1], each["outcome"]) for each in attempts(reader)]
            expected = [*((zone, "capacity") for zone in ZONES[:4]), (ZONES[4], "quota"), (ZONES[5], "lost-response")]
            assert told == expected
            listed = json.loads(ask(reader, "trainyard sandbox ls --json"))
            assert len([row for row in listed if row["kind"] == "gcp:compute/instance:Instance"]) == 1
            clone = tmp_path / "another" / "clone"
            shutil.copytree(reader.folder, clone, ignore=shutil.ignore_patterns(".sandbox", "another", "__pycache__"))
            ask(reader, "pulumi up --yes --expect-no-changes --non-interactive --stack dev-scarce", clone)
    assert seen == 1


def test_the_page_names_each_class_of_failure() -> None:
    page = (CHECKOUT / "docs" / "failover.md").read_text()
    assert set(re.findall(r"^\| `([a-z-]+)` \|", page, re.MULTILINE)) == {kind.value for kind in Kind}


def test_the_readme_leads_to_the_page() -> None:
    assert "(docs/failover.md)" in (CHECKOUT / "README.md").read_text()
