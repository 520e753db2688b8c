"""Under which id a cloud's thing is imported into the state, by its type there."""

from __future__ import annotations

from trainyard.facts.billable import Billable

GROUP_TYPES = frozenset(
    {
        "gcp:compute/instanceGroupManager:InstanceGroupManager",
        "aws:autoscaling/group:Group",
        "azure-native:compute:VirtualMachineScaleSet",
    }
)
MACHINE_TYPES = frozenset(
    {
        "gcp:compute/instance:Instance",
        "aws:ec2/instance:Instance",
        "azure-native:compute:VirtualMachine",
        "gcp:tpu/v2Vm:V2Vm",
        "gcp:workbench/instance:Instance",
    }
)


def import_id(type_: str, thing: Billable, group: str) -> str | None:
    """The id that `pulumi import` takes; `group` is the name of the workload's group. None: such are made anew."""
    project = thing.scope.removeprefix("gcp:").partition("/")[0]
    match type_:
        case "gcp:compute/instance:Instance":
            return f"projects/{project}/zones/{thing.place}/instances/{thing.name}"
        case "gcp:compute/instanceGroupManager:InstanceGroupManager":
            return f"projects/{project}/zones/{thing.place}/instanceGroupManagers/{group}"
        case "gcp:workbench/instance:Instance":
            return f"projects/{project}/locations/{thing.place}/instances/{thing.name}"
        case "aws:ec2/instance:Instance":
            return thing.name
        case "aws:autoscaling/group:Group":
            return group
        case "azure-native:compute:VirtualMachine":
            return _azure(thing, "virtualMachines", thing.name.rpartition("/")[2])
        case "azure-native:compute:VirtualMachineScaleSet":
            return _azure(thing, "virtualMachineScaleSets", group)
        case _:
            return None


def _azure(thing: Billable, kind: str, name: str) -> str:
    subscription, resources = thing.scope.removeprefix("azure:"), thing.name.partition("/")[0]
    return f"/subscriptions/{subscription}/resourceGroups/{resources}/providers/Microsoft.Compute/{kind}/{name}"
