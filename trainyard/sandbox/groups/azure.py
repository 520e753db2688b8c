"""Uniform scale sets: `sku.capacity` machines of one profile; one that is deleted or evicted does not come back.

learn.microsoft.com/azure/virtual-machine-scale-sets: deleting an instance lowers the capacity; automatic instance
repair acts on health signals of running instances only. A scale set whose creation failed halfway stays as it is until
the next PUT of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from trainyard.sandbox.groups.group import Wanted
from trainyard.sandbox.provider.order import Made
from trainyard.sandbox.store import Store, Thing
from trainyard.servicer.values import reveal

MACHINE: Final = "azure-native:compute:VirtualMachineScaleSetVM"
TYPES: Final = ("azure-native:compute:VirtualMachineScaleSet",)


def wanted(store: Store, group: Thing) -> Wanted | None:
    """What the scale set wants."""
    given = reveal(dict(group.inputs))
    sku = given.get("sku") or {}
    profile = given.get("virtualMachineProfile") or {}
    inputs: dict[str, Any] = {
        "location": group.place,
        "resourceGroupName": given.get("resourceGroupName"),
        "vmScaleSetName": group.name,
        "hardwareProfile": {"vmSize": sku.get("name")},
        "tags": given.get("tags") or {},
        "storageProfile": profile.get("storageProfile"),
        "priority": profile.get("priority"),
        "evictionPolicy": profile.get("evictionPolicy"),
        "zones": given.get("zones"),
    }
    return Wanted(
        type=MACHINE,
        size=int(sku.get("capacity") or 0),
        names=group.name,
        inputs={name: value for name, value in inputs.items() if value is not None},
        repairs=False,
        made=_member,
    )


def _member(group: Thing, number: int, inputs: Mapping[str, Any]) -> Made:
    """The machine of that number: a part of its scale set, whose tags it has."""
    return Made(
        id=f"{group.id}/virtualMachines/{number}",
        name=f"{group.name}_{number}",
        project=group.project,
        place=group.place,
        labels=dict(inputs["tags"]),
        outputs={"instanceId": str(number)},
    )
