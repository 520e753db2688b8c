"""One of each kind: its preview beside the same registrations by a bare program, and its whole life."""

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import yaml

from bench.measure import Figure, difference_figure, in_turn, run
from bench.registrations import bare_project, previewed
from bench.sdks import imported_by, shown
from bench.workplace import CHECKOUT, Workplace

TIMES = 5
STACK = "sandbox-kinds"
_OTHER_SDKS = ("pulumi_aws", "pulumi_azure_native", "pulumi_kubernetes", "pulumi_coreweave")


def figures(place: Workplace) -> Iterator[Figure]:
    """The preview's difference, which SDKs the program imports, and up, refresh, preview and destroy together."""
    folder = _project(place)
    preview = place.pulumi(folder, "preview", "--stack", STACK)
    states = previewed(place, folder, STACK)
    bare = bare_project(place, "bare-kinds", STACK, states)
    mine, theirs = in_turn(preview, place.pulumi(bare, "preview", "--stack", STACK), times=TIMES)
    walls = [each.wall_seconds for each in mine], [each.wall_seconds for each in theirs]
    yield difference_figure(f"preview of one of each kind ({len(states)} resources)", *walls, most_seconds=0.5)
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


def _imported(place: Workplace, folder: Path) -> Figure:
    sdks = imported_by(place, folder, STACK)
    return Figure(
        name="cloud SDKs imported by it",
        ours=shown(sdks),
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
