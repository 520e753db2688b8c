"""The bare program that registers what a preview of ours registers: same types, inputs and parents, no decision."""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import yaml

from bench.measure import run
from bench.workplace import CHECKOUT, Workplace


def previewed(place: Workplace, folder: Path, stack: str) -> list[dict[str, Any]]:
    """The states that a preview of the stack would make, in the order of their registration."""
    steps = json.loads(run(place.pulumi(folder, "preview", "--stack", stack, "--json")).output)["steps"]
    return [step["newState"] for step in steps]


def bare_project(place: Workplace, name: str, stack: str, states: list[dict[str, Any]]) -> Path:
    """A project of that name under the workplace, with the stack made.

    Trainyard's own types stand for one of a plugin that does nothing.
    """
    folder = place.root / name
    folder.mkdir()
    shutil.copy(CHECKOUT / "bench" / "bare_kinds" / "__main__.py", folder)
    given = [
        {
            "urn": state["urn"],
            "parent": state.get("parent", ""),
            "custom": state["custom"],
            "type": "trainyard:index:Idle" if _own(state) else state["type"],
            "name": state["urn"].rpartition("::")[2],
            "inputs": {} if _own(state) else state.get("inputs", {}),
        }
        for state in states
        if not state["type"].startswith("pulumi:")
    ]
    (folder / "given.json").write_text(json.dumps(given))
    project = {
        "name": name,
        "runtime": {"name": "python", "options": {"virtualenv": sys.prefix}},
        "plugins": {"providers": [{"name": "trainyard", "path": str(CHECKOUT / "bench" / "idle_plugin")}]},
    }
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump(project))
    run(place.pulumi(folder, "stack", "select", "--create", stack))
    return folder


def _own(state: dict[str, Any]) -> bool:
    return bool(state["custom"]) and str(state["type"]).startswith("trainyard:")
