"""A lease of 300 GPU VMs over three clouds: its preview beside the bare program's, and which SDKs a stack imports."""

import json
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from bench.measure import Figure, in_turn, ratio_figure, run
from bench.registrations import bare_project, previewed
from bench.sdks import imported_by, shown
from bench.workplace import CHECKOUT, Workplace

EACH = 100
TIMES = 3
STACK, BASE = "bench-clouds", "bench-clouds-base"
SDKS = {"gcp": "pulumi_gcp", "aws": "pulumi_aws", "azure": "pulumi_azure_native"}
WHERE: Mapping[str, Mapping[str, Any]] = {
    "gcp": {"accelerator": "L4:1", "where": [{"cloud": "gcp", "regions": ["europe-west4"]}]},
    "aws": {"accelerator": "L4:1", "where": [{"cloud": "aws", "regions": ["eu-central-1"]}]},
    "azure": {"accelerator": "T4:1", "where": [{"cloud": "azure", "regions": ["westeurope"]}]},
}


def figures(place: Workplace) -> Iterator[Figure]:
    """The preview's ratio, then the SDKs of a stack over three clouds and of one over each."""
    folder = _project(place)
    _write(folder, STACK, tuple(WHERE), EACH)
    run(place.pulumi(folder, "stack", "select", "--create", STACK))
    states = previewed(place, folder, STACK)
    bare = bare_project(place, "bare-clouds", STACK, states)
    mine, theirs = in_turn(
        place.pulumi(folder, "preview", "--stack", STACK),
        place.pulumi(bare, "preview", "--stack", STACK),
        times=TIMES,
    )
    yield ratio_figure(
        f"preview of {EACH * len(WHERE)} GPU VMs over three clouds ({len(states)} resources)",
        [each.wall_seconds for each in mine],
        [each.wall_seconds for each in theirs],
        unit="s",
        most=1.10,
    )
    yield _imported(place, folder, tuple(WHERE))
    for cloud in WHERE:
        yield _imported(place, folder, (cloud,))


def _project(place: Workplace) -> Path:
    """The environment over three clouds that comes with the repository, with its base up and wider limits."""
    folder = place.root / "clouds"
    stacks = folder / "stacks"
    stacks.mkdir(parents=True)
    shutil.copy(CHECKOUT / "__main__.py", folder)
    told = yaml.safe_load((CHECKOUT / "stacks" / "env.sandbox-clouds.yaml").read_text())
    told |= {"base": BASE, "limits": {**told["limits"], "max_cap_usd": 100_000}}
    (stacks / "env.sandbox-clouds.yaml").write_text(yaml.safe_dump(told))
    shutil.copy(CHECKOUT / "stacks" / "Pulumi.sandbox-clouds-base.yaml", stacks / f"Pulumi.{BASE}.yaml")
    project = yaml.safe_load((CHECKOUT / "Pulumi.yaml").read_text())
    project["runtime"]["options"]["virtualenv"] = sys.prefix
    project["plugins"]["providers"][0]["path"] = str(CHECKOUT / "trainyard" / "provider")
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump(project))
    run(place.pulumi(folder, "stack", "select", "--create", BASE))
    run(place.pulumi(folder, "up", "--yes", "--skip-preview", "--stack", BASE))
    outputs = run(place.pulumi(folder, "stack", "output", "--json", "--stack", BASE)).output
    (folder / "base.json").write_text(outputs)  # for the program without the engine
    return folder


def _write(folder: Path, stack: str, clouds: tuple[str, ...], each: int) -> None:
    """A stack file with so many machines on each of the clouds."""
    owned = {"schema": 1, "environment": "sandbox-clouds", "owner": "ml-platform", "cost_center": "ml-platform"}
    settings = {
        "stack": {**owned, "layer": "compute"},
        "lease": {"ttl": "12h", "extend_to": "20h", "cap_usd": 100_000, "at_limit": "stop"},
        "workloads": {
            f"{cloud}-{number}": {"kind": "gpu-vm", **WHERE[cloud]} for cloud in clouds for number in range(each)
        },
    }
    # By way of JSON, which has no aliases: people write none either.
    (folder / "stacks" / f"Pulumi.{stack}.yaml").write_text(json.dumps({"config": {"trainyard:settings": settings}}))


def _imported(place: Workplace, folder: Path, clouds: tuple[str, ...]) -> Figure:
    """The clouds' SDKs that the whole program has imported when it ends, which must be those of its workloads."""
    stack = "-".join(("sdks", *clouds))
    _write(folder, stack, clouds, 1)
    sdks = imported_by(place, folder, stack)
    return Figure(
        name=f"cloud SDKs imported by a stack over {', '.join(clouds)}",
        ours=shown(sdks),
        reference="",
        ratio=None,
        goal=f"{len(clouds)} of 3",
        met={name for name in sdks if name in SDKS.values()} == {SDKS[cloud] for cloud in clouds},
    )
