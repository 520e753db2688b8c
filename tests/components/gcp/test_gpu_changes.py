"""Which change of a GPU machine or group updates it, replaces it or does nothing: by the rules of the provider."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

import pytest

from components.gcp.gpu_group import GpuGroup
from components.gcp.gpu_vm import GpuVm
from components.gcp.gpu_vm_args import BootDisk
from tests.components.gcp import test_gpu_group as group
from trainyard.facts.capacity import Reserved, Spot
from trainyard.facts.images import resolve_image
from trainyard.sandbox.packages import installed
from trainyard.sandbox.provider.diff import difference
from trainyard.sandbox.schema import ResourceType

VM = replace(group.NODE, machine_type="a2-highgpu-1g", local_ssd=1)
ANOTHER_SUBNETWORK = "projects/acme-ml-dev/regions/us-central1/subnetworks/other"
DEBUG = resolve_image("acme-images/debug")
Deploy = Callable[[Callable[[], Any]], Any]


def effect(old: Any, new: Any) -> str:
    """What the engine does with one resource: nothing, update or replace."""
    token = f"{old.type}"
    found = difference(ResourceType(installed()["gcp"], token), old.name, old.inputs, new.inputs, new.ignore_changes)
    if not found.changes:
        return "nothing"
    asked = [rule.replace("[", "[[]").replace("[[]*]", "[[]*[]]") for rule in new.replace_on_changes]
    forced = any(fnmatchcase(change.path, f"{rule}*") for change in found.changes for rule in asked)
    return "replace" if forced or any(change.replaces for change in found.changes) else "update"


def effects(deploy: Deploy, old: Callable[[], Any], new: Callable[[], Any]) -> Mapping[str, str]:
    """By the type's last word, for each of Google's resources that both have."""
    before, after = ({one.name: one for one in deploy(make).all if one.type.startswith("gcp:")} for make in (old, new))
    return {after[name].type.rpartition(":")[2]: effect(before[name], after[name]) for name in before if name in after}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"user_data": "#cloud-config\n{ other: 1 }\n"}, "update"),  # reaches no running node
        ({"boot_disk": BootDisk(gib=400)}, "update"),
        ({"boot_disk": BootDisk(kind="pd-ssd")}, "replace"),
        ({"machine_type": "a2-highgpu-2g", "local_ssd": 2}, "replace"),
        ({"local_ssd": 2}, "replace"),
        ({"image": DEBUG}, "replace"),
        ({"capacity": Spot()}, "replace"),
        ({"capacity": Reserved(id="week")}, "replace"),
        ({"zone": "us-central1-b"}, "replace"),
        ({"subnetwork": ANOTHER_SUBNETWORK}, "replace"),
        ({"service_account": "other@acme-ml-dev.iam.gserviceaccount.com"}, "replace"),
        ({"hard_end": "2026-12-02T14:00:00Z"}, "replace"),
        ({"access": ("group:ml@acme.example",)}, "nothing"),
    ],
)
def test_a_machine(deploy: Deploy, changes: dict[str, Any], expected: str) -> None:
    found = effects(deploy, lambda: GpuVm("lab-0", VM), lambda: GpuVm("lab-0", replace(VM, **changes)))
    assert found == {"Instance": expected}


SAME = {"InstanceTemplate": "nothing", "InstanceGroupManager": "nothing", "ResourcePolicy": "nothing"}
# The group follows its template: its `versions` name it, and are in replace_on_changes.
OTHER = {**SAME, "InstanceTemplate": "replace"}


@pytest.mark.parametrize(
    ("nodes", "changes", "expected"),
    [
        (9, {}, {**SAME, "InstanceGroupManager": "update"}),
        (160, {}, {**SAME, "InstanceGroupManager": "update"}),
        (16, {"user_data": "#cloud-config\n{ other: 1 }\n"}, SAME),
        (16, {"access": ("group:ml@acme.example",)}, SAME),
        (16, {"boot_disk": BootDisk(gib=400)}, OTHER),
        (16, {"image": DEBUG}, OTHER),
        (16, {"capacity": Spot()}, OTHER),
        (16, {"subnetwork": ANOTHER_SUBNETWORK}, OTHER),
        (16, {"hard_end": "2026-12-02T14:00:00Z"}, OTHER),
        (16, {"zone": "us-central1-b"}, {**SAME, "InstanceGroupManager": "replace"}),
    ],
)
def test_a_group(deploy: Deploy, nodes: int, changes: dict[str, Any], expected: dict[str, str]) -> None:
    old, new = group.args(), group.args(nodes=nodes, **changes)
    assert effects(deploy, lambda: GpuGroup(group.NAME, old), lambda: GpuGroup(group.NAME, new)) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"nodes": 3}, {"InstanceGroupManager": "replace", "ResizeRequest": "replace", "InstanceTemplate": "nothing"}),
        (
            {"run_seconds": 7200},
            {"InstanceGroupManager": "replace", "ResizeRequest": "replace", "InstanceTemplate": "replace"},
        ),
    ],
)
def test_a_group_that_waits(deploy: Deploy, changes: dict[str, Any], expected: dict[str, str]) -> None:
    old = group.flex(nodes=2)
    run = {"run_seconds": changes.get("run_seconds", 36000)}
    new = replace(group.flex(nodes=changes.get("nodes", 2)), node=replace(old.node, **run))
    assert effects(deploy, lambda: GpuGroup(group.NAME, old), lambda: GpuGroup(group.NAME, new)) == expected
