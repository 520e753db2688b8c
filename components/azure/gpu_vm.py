"""One GPU VM on Azure that ends by itself; refuses to make a network, a public address or a password."""

from typing import Any, Final

import pulumi
import pulumi_azure_native as azure

from components.azure.access import Access, AccessArgs, inside_command, through_bastion
from components.azure.gpu_profile import (
    bought,
    data_disks,
    extensions,
    identity,
    image_reference,
    os_disk,
    os_profile,
    security_profile,
)
from components.azure.gpu_vm_args import GpuVmArgs
from components.azure.hard_end import AutoShutdown, AutoShutdownArgs, HardEnd, HardEndArgs
from components.azure.resource_name import check_name
from components.azure.role import METRICS_PUBLISHER, assign, built_in

# The provider would send these as an update, which Azure refuses always (image, priority, login, zone), or on a machine
# that runs (size, OS disk, encryption at host): it would fail in the middle of `up`, after a preview that showed one.
REPLACES: Final = (
    "hardwareProfile.vmSize",
    "zones",
    "priority",
    "evictionPolicy",
    "capacityReservation",
    "securityProfile",
    "storageProfile.imageReference",
    "storageProfile.osDisk",
    "osProfile.computerName",
    "osProfile.linuxConfiguration",
)
# It reaches no running node, and Azure refuses another: new user data must not replace a machine.
USER_DATA: Final = "osProfile.customData"


class GpuVm(pulumi.ComponentResource):
    instance_name: pulumi.Output[str]
    instance_id: pulumi.Output[str]
    login_command: pulumi.Input[str]

    def __init__(self, name: str, args: GpuVmArgs, opts: pulumi.ResourceOptions | None = None):
        check_name("machine", name, longest=64)
        super().__init__("trainyard:azure:GpuVm", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        place: Any = {"resource_group_name": args.resource_group, "location": args.location, "tags": args.tags}
        nic = azure.network.NetworkInterface(
            f"{name}-nic",
            network_interface_name=name,
            enable_accelerated_networking=args.size.accelerated_networking,
            ip_configurations=[
                {
                    "name": "node",
                    "subnet": {"id": args.subnet},
                    "private_ip_allocation_method": "Dynamic",
                }
            ],
            **place,
            opts=pulumi.ResourceOptions(
                parent=self, delete_before_replace=True, replace_on_changes=["ipConfigurations[*].subnet"]
            ),
        )
        machine = azure.compute.VirtualMachine(
            f"{name}-instance",
            vm_name=name,  # explicit, so that a repeated create collides instead of billing twice
            zones=None if args.zone is None else [args.zone],
            hardware_profile={"vm_size": args.machine_type},
            storage_profile={
                "image_reference": image_reference(args),
                "os_disk": os_disk(args, f"{name}-os"),
                "data_disks": data_disks(args),
            },
            os_profile=os_profile(args, name, computer_name=name),
            # One interface reaches everything but the fabric, which joins machines of a scale set only. It costs
            # nothing and stays when the machine goes: deleted with it, a replaced machine would find none.
            network_profile=_network(nic),
            identity=identity(args),
            security_profile=security_profile(args),
            diagnostics_profile={"boot_diagnostics": {"enabled": True}},
            **bought(args),
            **place,
            opts=pulumi.ResourceOptions(
                parent=self,
                delete_before_replace=True,
                replace_on_changes=[*REPLACES, "networkProfile"],
                ignore_changes=[USER_DATA],
            ),
        )
        own = machine.identity.apply(lambda told: told.principal_id if told else "")
        roles = (("end", args.ending_role), ("metrics", built_in(args.subscription, METRICS_PUBLISHER)))
        for what, role in roles:
            assign(
                f"{name}-{what}",
                scope=machine.id,
                role=role,
                principal_id=own,
                principal_type="ServicePrincipal",
                options=child,
            )
        self._ends(name, args, machine.id)
        self._extensions(name, args, machine.name)
        if args.access:
            Access(
                f"{name}-access",
                AccessArgs(
                    subscription=args.subscription,
                    target=machine.id,
                    principals=args.access,
                    administrators=args.administrators,
                    also_read={"nic": nic.id},
                ),
                child,
            )
        self.instance_name = machine.name
        self.instance_id = machine.id
        self.login_command = login_command(args, name)
        self.register_outputs(
            {
                "instance_name": self.instance_name,
                "instance_id": self.instance_id,
                "login_command": self.login_command,
            }
        )

    def _ends(self, name: str, args: GpuVmArgs, machine: pulumi.Output[str]) -> None:
        place = {"resource_group": args.resource_group, "location": args.location}
        HardEnd(
            f"{name}-hard-end",
            HardEndArgs(**place, target=machine, ending_role=args.ending_role, at=args.hard_end, tags=args.tags),
            pulumi.ResourceOptions(parent=self),
        )
        if args.within_a_day:
            AutoShutdown(
                f"{name}-auto-shutdown",
                AutoShutdownArgs(**place, machine=machine, machine_name=name, at=args.hard_end, tags=args.tags),
                pulumi.ResourceOptions(parent=self),
            )

    def _extensions(self, name: str, args: GpuVmArgs, machine: pulumi.Output[str]) -> None:
        last: list[pulumi.Resource] = []  # one at a time: the machine's agent takes no second one beside it
        for publisher, kind, version in extensions(args):
            made = azure.compute.VirtualMachineExtension(
                f"{name}-{kind}",
                vm_extension_name=kind,
                vm_name=machine,
                resource_group_name=args.resource_group,
                location=args.location,
                publisher=publisher,
                type=kind,
                type_handler_version=version,
                auto_upgrade_minor_version=True,
                tags=args.tags,
                opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True, depends_on=[*last]),
            )
            last = [made]


def login_command(args: GpuVmArgs, name: str) -> pulumi.Input[str]:
    """What a person types to get onto the machine."""
    group = f"/subscriptions/{args.subscription}/resourceGroups/{args.resource_group}"
    target = f"{group}/providers/Microsoft.Compute/virtualMachines/{name}"
    if args.bastion is None:
        return inside_command(args.subscription, args.resource_group, name)
    return through_bastion(args.bastion, target)


def _network(nic: azure.network.NetworkInterface) -> Any:
    return {"network_interfaces": [{"id": nic.id, "primary": True, "delete_option": "Detach"}]}
