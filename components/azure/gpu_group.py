"""A group of GPU machines on Azure: one Uniform scale set that repairs and updates nothing behind anyone's back."""

from typing import Any, Final

import pulumi
import pulumi_azure_native as azure

from components.azure.access import Access, AccessArgs, through_bastion
from components.azure.gpu_group_args import GpuGroupArgs, check_group_name
from components.azure.gpu_profile import (
    bought,
    extensions,
    identity,
    image_reference,
    os_disk,
    os_profile,
    security_profile,
)
from components.azure.hard_end import HardEnd, HardEndArgs
from components.azure.role import METRICS_PUBLISHER, assign, built_in

# What Azure refuses to change, and what would change the next machine only: under the policy Manual nothing that runs
# takes another model by itself, so that an update would seem to have been made.
_PROFILE: Final = "virtualMachineProfile"
REPLACES: Final = (
    "zones",
    "sku.name",
    "singlePlacementGroup",
    "platformFaultDomainCount",
    f"{_PROFILE}.priority",
    f"{_PROFILE}.evictionPolicy",
    f"{_PROFILE}.storageProfile",
    f"{_PROFILE}.networkProfile",
    f"{_PROFILE}.securityProfile",
    f"{_PROFILE}.extensionProfile",
    f"{_PROFILE}.osProfile.computerNamePrefix",
    f"{_PROFILE}.osProfile.linuxConfiguration",
)

# Repair would make again what was ended.
_POLICIES: Final[Any] = {"upgrade_policy": {"mode": "Manual"}, "automatic_repairs_policy": {"enabled": False}}


class GpuGroup(pulumi.ComponentResource):
    group_name: pulumi.Output[str]
    group_id: pulumi.Output[str]
    list_command: str
    login_command: pulumi.Input[str]

    def __init__(self, name: str, args: GpuGroupArgs, opts: pulumi.ResourceOptions | None = None):
        check_group_name(name)
        super().__init__("trainyard:azure:GpuGroup", name, {}, opts)
        node = args.node
        child = pulumi.ResourceOptions(parent=self)
        group = azure.compute.VirtualMachineScaleSet(
            f"{name}-group",
            vm_scale_set_name=name,
            resource_group_name=node.resource_group,
            location=node.location,
            zones=None if node.zone is None else [node.zone],
            sku=_sku(args),
            orchestration_mode="Uniform",
            single_placement_group=True,
            # GPU machines of one fault domain hear of events for themselves only (Scheduled Events, Scope).
            platform_fault_domain_count=1,
            overprovision=False,  # it would make more machines than were asked for, and end some of them
            **_POLICIES,
            identity=identity(node),
            virtual_machine_profile=_profile(name, args),
            tags=node.tags,
            opts=pulumi.ResourceOptions(
                parent=self,
                delete_before_replace=True,
                replace_on_changes=[*REPLACES],
                ignore_changes=[f"{_PROFILE}.osProfile.customData"],
                custom_timeouts=pulumi.CustomTimeouts(create="60m", update="60m"),
            ),
        )
        own = group.identity.apply(lambda told: told.principal_id if told else "")
        roles = (("end", node.ending_role), ("metrics", built_in(node.subscription, METRICS_PUBLISHER)))
        for what, role in roles:
            assign(
                f"{name}-{what}",
                scope=group.id,
                role=role,
                principal_id=own,
                principal_type="ServicePrincipal",
                options=child,
            )
        HardEnd(
            f"{name}-hard-end",
            HardEndArgs(
                resource_group=node.resource_group,
                location=node.location,
                target=group.id,
                ending_role=node.ending_role,
                at=node.hard_end,
                tags=node.tags,
            ),
            child,
        )
        if node.access:
            Access(
                f"{name}-access",
                AccessArgs(
                    subscription=node.subscription,
                    target=group.id,
                    principals=node.access,
                    administrators=node.administrators,
                ),
                child,
            )
        self.group_name = group.name
        self.group_id = group.id
        self.list_command = list_command(node.subscription, node.resource_group, name)
        self.login_command = _login_command(args, name)
        self.register_outputs(
            {
                "group_name": self.group_name,
                "group_id": self.group_id,
                "list_command": self.list_command,
                "login_command": self.login_command,
            }
        )


def list_command(subscription: str, resource_group: str, name: str) -> str:
    """What a person types to see the machines' numbers."""
    return f"az vmss list-instances --name {name} --resource-group {resource_group} --subscription {subscription}"


def _login_command(args: GpuGroupArgs, name: str) -> pulumi.Input[str]:
    """NUMBER stands for one of `list_command`'s."""
    node = args.node
    group = f"/subscriptions/{node.subscription}/resourceGroups/{node.resource_group}"
    target = f"{group}/providers/Microsoft.Compute/virtualMachineScaleSets/{name}/virtualMachines/NUMBER"
    if node.bastion is None:
        return f"az ssh vm --ip ADDRESS --resource-group {node.resource_group}"
    return through_bastion(node.bastion, target)


def _sku(args: GpuGroupArgs) -> Any:
    return {"name": args.node.machine_type, "tier": "Standard", "capacity": args.nodes}


def _profile(name: str, args: GpuGroupArgs) -> Any:
    node = args.node
    disk = os_disk(node)
    profile: dict[str, Any] = {
        "storage_profile": {"image_reference": image_reference(node), "os_disk": disk},
        "os_profile": os_profile(node, name, computer_name_prefix=name),
        # One interface reaches everything but InfiniBand, whose cards are no interfaces of Azure's network.
        "network_profile": {
            "network_interface_configurations": [
                {
                    "name": "node",
                    "primary": True,
                    "enable_accelerated_networking": node.size.accelerated_networking,
                    "delete_option": "Delete",
                    "ip_configurations": [{"name": "node", "primary": True, "subnet": {"id": node.subnet}}],
                }
            ]
        },
        "security_profile": security_profile(node),
        "diagnostics_profile": {"boot_diagnostics": {"enabled": True}},
        **bought(node),
    }
    if wanted := extensions(node):
        kinds = [kind for _, kind, _ in wanted]
        profile["extension_profile"] = {
            "extensions": [
                {
                    "name": kind,
                    "publisher": publisher,
                    "type": kind,
                    "type_handler_version": version,
                    "auto_upgrade_minor_version": True,
                    "provision_after_extensions": kinds[:at] or None,
                }
                for at, (publisher, kind, version) in enumerate(wanted)
            ]
        }
    return profile
