"""Which change of a GPU machine or group updates it, replaces it or does nothing: by the rules of the provider."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

import pytest

from components.aws.gpu_group import GpuGroup
from components.aws.gpu_vm import GpuVm
from components.aws.gpu_vm_args import DataDiskUse, RootVolume
from tests.components.aws import test_gpu_group as group
from tests.components.aws.test_gpu_vm import NAME, P5, RESERVATION
from trainyard.facts.aws.images import resolve_image
from trainyard.facts.capacity import Reserved, Spot
from trainyard.sandbox.packages import installed
from trainyard.sandbox.provider.diff import difference
from trainyard.sandbox.schema import ResourceType

Deploy = Callable[[Callable[[], Any]], Any]
DISK = DataDiskUse(name="weights", volume_id="vol-0123456789abcdef0", write=True)


def effect(old: Any, new: Any) -> str:
    """What the engine does with one resource: nothing, update or replace."""
    if old.replacement_trigger != new.replacement_trigger:
        return "replace"
    of = ResourceType(installed()["aws"], old.type)
    found = difference(of, old.name, old.inputs, new.inputs, new.ignore_changes)
    if not found.changes:
        return "nothing"
    forced = any(fnmatchcase(change.path, f"{rule}*") for change in found.changes for rule in new.replace_on_changes)
    return "replace" if forced or any(change.replaces for change in found.changes) else "update"


def effects(deploy: Deploy, old: Callable[[], Any], new: Callable[[], Any]) -> Mapping[str, str]:
    """By the type's last word, for each of Amazon's resources that both have and that something happens to."""
    before, after = ({one.name: one for one in deploy(make).all if one.type.startswith("aws:")} for make in (old, new))
    found = {after[name].type.rpartition(":")[2]: effect(before[name], after[name]) for name in before if name in after}
    return {type_: what for type_, what in found.items() if what != "nothing"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, {}),
        ({"user_data_base64": "eA=="}, {}),  # reaches no running node
        ({"ami": "ami-0fedcba9876543210"}, {}),  # a newer one of the same name
        ({"access": ("iam-role:ml",)}, {}),
        ({"data_disks": (DISK,)}, {}),  # is attached beside
        ({"root_volume": RootVolume(gib=400)}, {"Instance": "update"}),
        ({"instance_profile": "other"}, {"Instance": "update"}),
        ({"hard_end": "2026-12-02T14:00:00Z"}, {"Schedule": "update"}),
        ({"security_group_ids": ("sg-0fedcba9876543210",)}, {"NetworkInterface": "update"}),
        ({"root_volume": RootVolume(kms_key="arn:aws:kms:eu-central-1:1:key/a")}, {"Instance": "replace"}),
        ({"machine_type": "p5en.48xlarge"}, {"Instance": "replace"}),
        ({"image": resolve_image("ami-0fedcba9876543210")}, {"Instance": "replace"}),
        ({"capacity": Spot()}, {"Instance": "replace"}),
        ({"capacity": Reserved(id=RESERVATION)}, {"Instance": "replace"}),
        ({"subnet_id": "subnet-0fedcba9876543210"}, {"NetworkInterface": "replace"}),  # and the machine on it
    ],
)
def test_a_machine(deploy: Deploy, changes: dict[str, Any], expected: dict[str, str]) -> None:
    found = effects(deploy, lambda: GpuVm(NAME, P5), lambda: GpuVm(NAME, replace(P5, **changes)))
    assert found == expected


def test_a_spot_machine_that_becomes_one_on_demand_is_another_machine(deploy: Deploy) -> None:
    old, new = replace(P5, capacity=Spot()), P5
    assert effects(deploy, lambda: GpuVm(NAME, old), lambda: GpuVm(NAME, new)) == {"Instance": "replace"}


# The group follows its template: its `launchTemplate` names it, and is in replace_on_changes.
OTHER = {"LaunchTemplate": "replace"}


@pytest.mark.parametrize(
    ("nodes", "changes", "expected"),
    [
        (4, {}, {}),
        (8, {}, {"Group": "update"}),
        (4, {"user_data_base64": "eA=="}, {}),
        (4, {"ami": "ami-0fedcba9876543210"}, {}),
        (4, {"access": ("iam-role:ml",)}, {}),
        (4, {"hard_end": "2026-12-02T14:00:00Z"}, {"Schedule": "update"}),
        (4, {"root_volume": RootVolume(gib=400)}, OTHER),
        (4, {"image": resolve_image("ami-0fedcba9876543210")}, OTHER),
        (4, {"capacity": Spot()}, OTHER),
        (4, {"security_group_ids": ("sg-0fedcba9876543210",)}, OTHER),
        (4, {"subnet_id": "subnet-0fedcba9876543210"}, {**OTHER, "Group": "replace"}),
    ],
)
def test_a_group(deploy: Deploy, nodes: int, changes: dict[str, Any], expected: dict[str, str]) -> None:
    old, new = group.args(), group.args(nodes=nodes, **changes)
    assert effects(deploy, lambda: GpuGroup(group.NAME, old), lambda: GpuGroup(group.NAME, new)) == expected
