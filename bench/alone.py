"""Runs one Pulumi program without an engine; prints seconds to its first cloud resource, its memory and its SDKs.

Started as `python -m bench.alone STACK` in a project's folder; BENCH_STARTED holds the parent's time at the start.
A `base.json` in the folder holds the outputs of the base stack, else they are those of Google's network below.
"""

import asyncio
import json
import os
import resource
import runpy
import sys
import time
from pathlib import Path
from typing import Any

import pulumi
import yaml
from pulumi.runtime.mocks import MockCallArgs, MockResourceArgs, Mocks, set_mocks
from pulumi.runtime.settings import set_root_resource

_BASE = {
    "gcp": {
        "network_id": "projects/acme-bench/global/networks/bench",
        "subnetwork_ids": {
            region: f"projects/acme-bench/regions/{region}/subnetworks/bench"
            for region in ("us-central1", "europe-west4")
        },
        "data": {"training-corpus": "acme-bench-corpus", "checkpoints": "acme-bench-checkpoints"},
    }
}


class Engine(Mocks):
    """Answers with the inputs; notes when the first cloud resource came."""

    first: float | None = None

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        if self.first is None and args.typ.startswith("gcp:"):
            self.first = time.time() - float(os.environ["BENCH_STARTED"])
        identity = args.inputs.get("identity")
        if isinstance(identity, dict) and "userAssignedIdentities" in identity:  # Azure takes a list, tells a mapping
            named: dict[str, Any] = {name: {} for name in identity["userAssignedIdentities"]}
            return f"{args.name}-id", {**args.inputs, "identity": {**identity, "userAssignedIdentities": named}}
        return f"{args.name}-id", args.inputs

    def call(self, args: MockCallArgs) -> Any:
        if args.token == "pulumi:pulumi:readStackOutputs":
            file = Path("base.json")
            return {"outputs": json.loads(file.read_text()) if file.is_file() else _BASE}
        return {}


def main() -> None:
    """Run `__main__.py` of this folder as the stack named on the command line."""
    engine = Engine()
    project = yaml.safe_load(Path("Pulumi.yaml").read_text())
    sys.path.insert(0, os.getcwd())

    def program() -> None:
        runpy.run_path("__main__.py", run_name="__main__")

    async def run() -> None:
        set_mocks(engine, project=project["name"], stack=sys.argv[1], preview=True)
        set_root_resource(None)  # type: ignore[arg-type]  # the mocks made a stack of their own; run_in_stack makes the program's
        _configure(project, sys.argv[1])
        await pulumi.runtime.run_in_stack(program)

    asyncio.run(run())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps({"first": engine.first, "peak_mib": peak, "sdks": _sdks()}) + "\n")


def _sdks() -> dict[str, int]:
    """The clouds' SDKs that were imported, each with its number of modules."""
    tops = [name.partition(".")[0] for name in sys.modules if name.startswith("pulumi_")]
    return {top: tops.count(top) for top in sorted(set(tops))}


def _configure(project: dict[str, Any], stack: str) -> None:
    file = Path(project.get("stackConfigDir", "."), f"Pulumi.{stack}.yaml")
    if file.is_file():
        config = yaml.load(file.read_text(), Loader=yaml.CSafeLoader).get("config", {})
        pulumi.runtime.set_all_config({key: json.dumps(value) for key, value in config.items()})


main()
