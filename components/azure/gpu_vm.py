"""One GPU VM on Azure that ends by itself; refuses to make a network, a public address or a password."""

import base64
import hashlib
from typing import Any, Final

import pulumi
import pulumi_azure_native as azure

from components.azure.access import Access, AccessArgs, bastion_command, inside_command
from components.azure.gpu_vm_args import ADMIN, GpuVmArgs
from components.azure.hard_end import AutoShutdown, AutoShutdownArgs, HardEnd, HardEndArgs
from components.azure.resource_name import check_name
from components.azure.role import METRICS_PUBLISHER, assign, built_in
from trainyard.facts.capacity import Reserved, Spot

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
# learn.microsoft.com/rest/api/compute/virtual-machines/create-or-update, OSProfile.customData
_MOST_USER_DATA: Final = 65535
# learn.microsoft.com/entra/identity/devices/howto-vm-sign-in-azure-ad-linux
LOGIN_EXTENSION: Final = ("Microsoft.Azure.ActiveDirectory", "AADSSHLoginForLinux", "1.0")
# learn.microsoft.com/azure/virtual-machines/extensions/hpccompute-gpu-linux
DRIVER_EXTENSION: Final = ("Microsoft.HpcCompute", "NvidiaGpuDriverLinux", "1.9")


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
                "os_disk": {"name": f"{name}-os", **os_disk(args)},
                "data_disks": data_disks(args),
            },
            os_profile={"computer_name": name, **os_profile(name, args)},
            # One interface reaches everything but the fabric, which joins machines of a scale set only. It costs
            # nothing and stays when the machine goes: deleted with it, a replaced machine would find none.
            network_profile={"network_interfaces": [{"id": nic.id, "primary": True, "delete_option": "Detach"}]},
            identity={"type": "SystemAssigned, UserAssigned", "user_assigned_identities": [args.identity]},
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
        own = machine.identity.apply(lambda identity: identity.principal_id if identity else "")
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
    if isinstance(args.bastion, str):
        return bastion_command(args.bastion, target)
    return pulumi.Output.from_input(args.bastion).apply(lambda bastion: bastion_command(bastion, target))


# What follows serves machines and scale sets, for which the SDK has two types with the same fields.


def extensions(args: GpuVmArgs) -> tuple[tuple[str, str, str], ...]:
    """Publisher, type and version of what Azure's agent installs on the machine."""
    login = [LOGIN_EXTENSION] if args.access else []
    return (*login, *([DRIVER_EXTENSION] if args.driver_extension else []))


def image_reference(args: GpuVmArgs) -> Any:
    """The marketplace's image by its four words, or a gallery's by its id."""
    image = args.image
    if image.gallery_id:
        return {"id": image.gallery_id}
    return {"publisher": image.publisher, "offer": image.offer, "sku": image.sku, "version": image.version}


def os_disk(args: GpuVmArgs) -> Any:
    """Made with the machine and gone with it; it carries the machine's tags from its creation on."""
    managed: dict[str, Any] = {"storage_account_type": args.boot_disk.kind}
    if args.boot_disk.encryption_set is not None:
        managed["disk_encryption_set"] = {"id": args.boot_disk.encryption_set}
    return {
        "create_option": "FromImage",
        "delete_option": "Delete",
        "caching": "ReadOnly",
        "disk_size_gb": args.boot_disk.gib,
        "os_type": "Linux",
        "managed_disk": managed,
    }


def data_disks(args: GpuVmArgs) -> Any:
    """Attached in the order of the list, never deleted with the machine."""
    return [
        {
            "lun": lun,
            "create_option": "Attach",
            "delete_option": "Detach",
            "caching": "None",
            "managed_disk": {"id": each.disk},
        }
        for lun, each in enumerate(args.data_disks)
    ] or None


def os_profile(name: str, args: GpuVmArgs) -> Any:
    """Login by keys and Entra ID only, and what runs at the first boot."""
    return {
        "admin_username": ADMIN,
        "custom_data": custom_data(args.user_data),
        "linux_configuration": {
            "disable_password_authentication": True,
            "provision_vm_agent": True,
            "ssh": {
                "public_keys": [
                    {
                        "path": f"/home/{ADMIN}/.ssh/authorized_keys",
                        "key_data": args.ssh_public_key or nobodys_key(name),
                    }
                ]
            },
        },
    }


def nobodys_key(name: str) -> str:
    """An ED25519 public key whose private half nobody has: Azure asks for a key, and a hash has no other half."""
    point = hashlib.sha256(f"trainyard: nobody logs in to {name} by this key".encode()).digest()
    kind = b"ssh-ed25519"
    blob = len(kind).to_bytes(4, "big") + kind + len(point).to_bytes(4, "big") + point
    return f"ssh-ed25519 {base64.b64encode(blob).decode()} nobody"


def custom_data(user_data: pulumi.Input[str]) -> pulumi.Input[str]:
    """The cloud-init document as Azure takes it; ValueError above 64 KiB."""
    if isinstance(user_data, str):
        return _encoded(user_data)
    return pulumi.Output.from_input(user_data).apply(_encoded)


def _encoded(user_data: str) -> str:
    document = user_data.encode()
    if len(document) > _MOST_USER_DATA:
        message = (
            f"The user data has {len(document)} bytes, Azure takes {_MOST_USER_DATA}; mount fewer data sets, or bring "
            "large files with the image."
        )
        raise ValueError(message)
    return base64.b64encode(document).decode()


def security_profile(args: GpuVmArgs) -> Any:
    """Trusted launch where image and size allow it, and disks that are encrypted on the host as well."""
    profile: dict[str, Any] = {"encryption_at_host": True} if args.encryption_at_host else {}
    if args.trusted_launch:
        profile["security_type"] = "TrustedLaunch"
        profile["uefi_settings"] = {"secure_boot_enabled": args.image.secure_boot, "v_tpm_enabled": True}
    return profile or None


def bought(args: GpuVmArgs) -> Any:
    """How the machine is bought; a spot machine pays up to the price on demand."""
    match args.capacity:
        case Spot():
            return {"priority": "Spot", "eviction_policy": args.eviction, "billing_profile": {"max_price": -1}}
        case Reserved():
            return {"capacity_reservation": {"capacity_reservation_group": {"id": args.reservation}}}
        case _:
            return {"priority": "Regular"}
