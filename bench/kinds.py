"""One of each kind: its preview beside the same registrations by a bare program, and its whole life."""

import json
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from bench.measure import Command, Figure, difference_figure, in_turn, run
from bench.workplace import CHECKOUT, Workplace

TIMES = 5
STACK = "sandbox-kinds"
_OTHER_SDKS = ("pulumi_aws", "pulumi_azure_native", "pulumi_kubernetes", "pulumi_coreweave")


def figures(place: Workplace) -> Iterator[Figure]:
    """The preview's difference, which SDKs the program imports, and up, refresh, preview and destroy together."""
    folder = _project(place)
    preview = place.pulumi(folder, "preview", "--stack", STACK)
    steps = json.loads(run(place.pulumi(folder, "preview", "--stack", STACK, "--json")).output)["steps"]
    bare = _bare(place, [step["newState"] for step in steps])
    mine, theirs = in_turn(preview, place.pulumi(bare, "preview", "--stack", STACK), times=TIMES)
    walls = [each.wall_seconds for each in mine], [each.wall_seconds for each in theirs]
    yield difference_figure(f"preview of one of each kind ({len(steps)} resources)", *walls, most_seconds=0.5)
    yield _imported(place, folder)
    yield _life(place, folder)


def _project(place: Workplace) -> Path:
    """This checkout's own stacks in a folder of their own, with their base up."""
    folder = place.root / "kinds"
    (folder / "stacks").mkdir(parents=True)
    shutil.copy(CHECKOUT / "__main__.py", folder)
    for name in ("env.sandbox.yaml", "Pulumi.sandbox-base.yaml", f"Pulumi.{STACK}.yaml"):
        shutil.copy(CHECKOUT / "stacks" / name, folder / "stacks")
    project = yaml.safe_load((CHECKOUT / "Pulumi.yaml").read_text())
    project["runtime"]["options"]["virtualenv"] = sys.prefix
    project["plugins"]["providers"][0]["path"] = str(CHECKOUT / "trainyard" / "provider")
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump(project))
    for stack in ("sandbox-base", STACK):
        run(place.pulumi(folder, "stack", "select", "--create", stack))
    run(place.pulumi(folder, "up", "--yes", "--skip-preview", "--stack", "sandbox-base"))
    return folder


def _bare(place: Workplace, states: list[dict[str, Any]]) -> Path:
    """A program that registers the same types with the same inputs under the same parents, and decides nothing.

    Trainyard's own types stand for one of a plugin that does nothing.
    """
    folder = place.root / "bare-kinds"
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
        "name": "bare-kinds",
        "runtime": {"name": "python", "options": {"virtualenv": sys.prefix}},
        "plugins": {"providers": [{"name": "trainyard", "path": str(CHECKOUT / "bench" / "idle_plugin")}]},
    }
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump(project))
    run(place.pulumi(folder, "stack", "select", "--create", STACK))
    return folder


def _own(state: dict[str, Any]) -> bool:
    return bool(state["custom"]) and str(state["type"]).startswith("trainyard:")


def _imported(place: Workplace, folder: Path) -> Figure:
    environ = {**place.environ, "BENCH_STARTED": str(time.time())}
    command = Command(line=[sys.executable, "-m", "bench.alone", STACK], folder=folder, environment=environ)
    line = next(line for line in run(command).output.splitlines() if line.startswith('{"first"'))
    sdks = json.loads(line)["sdks"]
    return Figure(
        name="cloud SDKs imported by it",
        ours=", ".join(f"{name} ({count} modules)" for name, count in sdks.items()),
        reference="",
        ratio=None,
        goal="those of the clouds in use",
        met=not any(name in _OTHER_SDKS for name in sdks),
    )


def _life(place: Workplace, folder: Path) -> Figure:
    seconds = 0.0
    for arguments in (
        ("up", "--yes", "--skip-preview"),
        ("refresh", "--yes", "--expect-no-changes"),
        ("preview", "--expect-no-changes"),
        ("destroy", "--yes"),
    ):
        seconds += run(place.pulumi(folder, *arguments, "--stack", STACK)).wall_seconds
    left = json.loads(run(place.pulumi(folder, "stack", "export", "--stack", STACK)).output)
    return Figure(
        name="up, refresh and preview without change, destroy of it",
        ours=f"{seconds:.1f} s",
        reference="",
        ratio=None,
        goal="nothing left",
        met=not left["deployment"].get("resources"),
    )
