"""The end that Azure itself holds: at a time it deallocates one machine or scale set, then deletes it.

A workflow of Logic Apps and no Automation runbook: Resource Manager takes a runbook's script by a public address only
(Microsoft.Automation runbooks, publishContentLink.uri; github.com/pulumi/pulumi-azure-native/issues/3029), a workflow
whole. Nor does it need a schedule's five minutes ahead, and what fails is tried again until the thing is gone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pulumi
import pulumi_azure_native as azure

from components.azure.resource_name import check_location, check_name
from components.azure.role import assign
from components.instant import check_instant

_ARM: Final = "https://management.azure.com"
COMPUTE_API: Final = "2024-07-01"
_SCHEMA: Final = (
    "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#"
)
# Recurrence begins at `startTime` and then comes again: a first try that failed whole is not the last.
# learn.microsoft.com/azure/logic-apps/concepts-schedule-automated-recurring-tasks-workflows, Patterns for start date
_AGAIN_MINUTES: Final = 15


@dataclass(frozen=True, kw_only=True)
class HardEndArgs:
    """`target`: full id of a virtual machine or scale set; `ending_role`: full id of `NodeIdentity`'s role."""

    resource_group: str
    location: str
    target: pulumi.Input[str]
    ending_role: pulumi.Input[str]
    at: str  # RFC 3339, UTC
    tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """ValueError for a time or a location that is none."""
        check_instant("hard end", self.at)
        check_location(self.location)


class HardEnd(pulumi.ComponentResource):
    """Its identity may end that one thing and nothing else."""

    def __init__(self, name: str, args: HardEndArgs, opts: pulumi.ResourceOptions | None = None):
        check_name("workflow", name)
        super().__init__("trainyard:azure:HardEnd", name, {}, opts)
        workflow = azure.logic.Workflow(
            f"{name}-workflow",
            workflow_name=name,
            resource_group_name=args.resource_group,
            location=args.location,
            identity={"type": "SystemAssigned"},
            state="Enabled",
            definition=pulumi.Output.from_input(args.target).apply(lambda target: definition(target, args.at)),
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        assign(
            f"{name}-role",
            scope=args.target,
            role=args.ending_role,
            principal_id=workflow.identity.apply(lambda identity: identity.principal_id if identity else ""),
            principal_type="ServicePrincipal",
            options=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({})


def definition(target: str, at: str) -> dict[str, Any]:
    """What the workflow does: the accelerator first, for what is deallocated no longer bills, then all of it."""
    return {
        "$schema": _SCHEMA,
        "contentVersion": "1.0.0.0",
        "triggers": {
            "hard_end": {
                "type": "Recurrence",
                "recurrence": {"frequency": "Minute", "interval": _AGAIN_MINUTES, "startTime": at},
            }
        },
        "actions": {
            "deallocate": _call("POST", f"{target}/deallocate", {}),
            "delete": _call("DELETE", target, {"deallocate": ["Succeeded", "Failed", "TimedOut"]}),
        },
    }


def _call(method: str, path: str, after: dict[str, list[str]]) -> dict[str, Any]:
    return {
        "type": "Http",
        "inputs": {
            "method": method,
            "uri": f"{_ARM}{path}?api-version={COMPUTE_API}",
            "authentication": {"type": "ManagedServiceIdentity", "audience": f"{_ARM}/"},
            "retryPolicy": {"type": "exponential", "count": 5, "interval": "PT20S"},
        },
        "runAfter": after,
    }


@dataclass(frozen=True, kw_only=True)
class AutoShutdownArgs:
    """For machines that live less than a day: its time of day comes once before then, at the hard end."""

    resource_group: str
    location: str
    machine: pulumi.Input[str]  # full id
    machine_name: str
    at: str  # RFC 3339, UTC
    tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """ValueError for a time or a location that is none."""
        check_instant("hard end", self.at)
        check_location(self.location)


class AutoShutdown(pulumi.ComponentResource):
    """A second end beside the workflow's, which needs no identity and no role; it deallocates only.

    learn.microsoft.com/azure/virtual-machines/auto-shutdown-vm: daily, of virtual machines; no page names scale sets.
    """

    def __init__(self, name: str, args: AutoShutdownArgs, opts: pulumi.ResourceOptions | None = None):
        super().__init__("trainyard:azure:AutoShutdown", name, {}, opts)
        azure.devtestlab.GlobalSchedule(
            f"{name}-schedule",
            name=f"shutdown-computevm-{args.machine_name}",  # Azure asks for this very name
            resource_group_name=args.resource_group,
            location=args.location,
            status="Enabled",
            task_type="ComputeVmShutdownTask",
            daily_recurrence={"time": args.at[11:13] + args.at[14:16]},
            time_zone_id="UTC",
            target_resource_id=args.machine,
            notification_settings={"status": "Disabled"},
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        self.register_outputs({})
