"""Every GPU family of Google Cloud in every way that it is sold, in one stack on the real engine."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from tests.engine.conftest import Stack, Yard
from trainyard.facts.machine import SHAPES
from trainyard.facts.machine_types import ATTACHABLE, attached

pytestmark = pytest.mark.engine

OWN = "acme-images/own-driver"  # Pascal, Volta and shares of a GPU run on none of Google's driver images
THERE = """
- type: gcp:compute/image:Image
  project: acme-images
  name: own-driver-1
  family: own-driver
  rawDisk: { source: "https://storage.googleapis.com/acme-images/own-driver-1.tar.gz" }
"""
IN_REGIONS: dict[str, Any] = {"regions": ["europe-west4", "us-central1"]}
IN_ONE_ZONE: dict[str, Any] = {"zones": ["us-central1-b"]}
# Chip and count, machine type, what else the workload needs: a machine of each family, the largest where sizes differ.
FAMILIES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("T4:1", "n1-highmem-4", {}),
    ("V100:8", "n1-highmem-64", {"image": OWN}),
    ("P100:4", "n1-highmem-32", {"image": OWN}),
    ("P4:2", "n1-highmem-16", {"image": OWN}),
    ("L4:8", "g2-standard-96", {}),
    ("RTX-PRO-6000:8", "g4-standard-384", {"where": IN_ONE_ZONE}),
    ("RTX-PRO-6000:0.25", "g4-standard-12", {"where": IN_ONE_ZONE, "image": OWN}),
    ("A100:1", "a2-highgpu-1g", {}),
    ("A100:16", "a2-megagpu-16g", {}),
    ("A100-80GB:8", "a2-ultragpu-8g", {}),
    ("H100:1", "a3-highgpu-1g", {}),
    ("H100:8", "a3-highgpu-8g", {}),
    ("H100:8", "a3-megagpu-8g", {}),
    ("H200:8", "a3-ultragpu-8g", {}),
    ("B200:8", "a4-highgpu-8g", {}),
)
MODELS = {"on-demand": "STANDARD", "spot": "SPOT", "flex-start": "FLEX_START", "reserved": "STANDARD"}


def sold(machine_type: str) -> tuple[str, ...]:
    shape = SHAPES.get(machine_type) or attached(machine_type, "nvidia-tesla-t4", 1)
    return shape.capacities


def workload(accelerator: str, machine_type: str, more: dict[str, Any], capacity: str) -> dict[str, Any]:
    bought = {"kind": capacity, "usd_hour": 1}
    if capacity == "reserved":
        bought["id"] = "block"
    where = deepcopy({"cloud": "gcp", **more.get("where", IN_REGIONS)})  # YAML writes what is shared as an alias
    other = {key: value for key, value in more.items() if key != "where"}
    return {
        "kind": "gpu-vm",
        "accelerator": accelerator,
        "machine_type": machine_type,
        "where": [where],
        "capacity": [bought],
        **other,
    }


def every_way() -> dict[str, tuple[str, str, dict[str, Any]]]:
    """Workload name: machine type, provisioning model, workload."""
    found = {}
    for accelerator, machine_type, more in FAMILIES:
        for capacity in sold(machine_type):
            name = f"{machine_type.replace('-', '')}-{capacity.replace('-', '')}"
            bound = capacity == "reserved" and machine_type in SHAPES and SHAPES[machine_type].bound
            model = "RESERVATION_BOUND" if bound else MODELS[capacity]
            found[name] = machine_type, model, workload(accelerator, machine_type, more, capacity)
    return found


@pytest.fixture
def own_image(yard: Yard) -> Iterator[None]:
    """The image is there, as the world file says."""
    world = yard.folder / "stacks" / "world.yaml"
    before = world.read_text()
    for text in (before + THERE, before):
        world.write_text(text)
        told = yard.run("trainyard", "sandbox", "world", str(world))
        assert told.code == 0, told.text
        if text != before:
            yield


def test_the_table_above_has_every_family_that_is_built_and_every_gpu_that_is_attached() -> None:
    used = {SHAPES[each].family for _, each, _ in FAMILIES if each in SHAPES}
    assert used == {shape.family for shape in SHAPES.values()}
    chips = {accelerator.partition(":")[0] for accelerator, machine_type, _ in FAMILIES if machine_type not in SHAPES}
    assert chips == {each.chip for each in ATTACHABLE.values()}


@pytest.mark.usefixtures("own_image")
def test_every_family_goes_up_in_every_way_it_is_sold_stays_unchanged_and_comes_down(stack: Stack) -> None:
    ways = every_way()
    stack.settings({"lease": {"ttl": "4h", "extend_to": "10h", "cap_usd": 500, "at_limit": "stop"}})
    stack.settings({"workloads": {name: asked for name, (_, _, asked) in ways.items()}})
    stack.begin()

    listed = stack.yard.instances().values()
    ours = [each for each in listed if each.get("labels", {}).get("trainyard-lease") == stack.id]
    bought = {each["labels"]["trainyard-workload"]: each for each in ours}
    assert set(bought) == set(ways)
    assert len(ours) == len(ways)
    for name, (machine_type, model, _) in ways.items():
        machine = bought[name]
        assert machine["machineType"].rpartition("/")[2] == machine_type
        assert machine["scheduling"]["provisioningModel"] == model, name
        ends = {"terminationTime", "maxRunDuration"} & machine["scheduling"].keys()
        assert len(ends) == (0 if model == "RESERVATION_BOUND" else 1), name

    for arguments in (
        ("refresh", "--yes", "--expect-no-changes"),
        ("preview", "--expect-no-changes"),
        ("destroy", "--yes"),
    ):
        result = stack.yard.pulumi(*arguments, "--stack", stack.name)
        assert result.code == 0, result.text
    assert stack.machines() == []
