"""What machines and scale sets on Azure are alike in; the SDK has two types for each part, with the same fields."""

import base64
import hashlib
from typing import Any, Final

import pulumi

from components.azure.gpu_vm_args import ADMIN, GpuVmArgs
from trainyard.facts.capacity import Reserved, Spot

# learn.microsoft.com/rest/api/compute/virtual-machines/create-or-update, OSProfile.customData
_MOST_USER_DATA: Final = 65535
# learn.microsoft.com/entra/identity/devices/howto-vm-sign-in-azure-ad-linux
LOGIN_EXTENSION: Final = ("Microsoft.Azure.ActiveDirectory", "AADSSHLoginForLinux", "1.0")
# learn.microsoft.com/azure/virtual-machines/extensions/hpccompute-gpu-linux
DRIVER_EXTENSION: Final = ("Microsoft.HpcCompute", "NvidiaGpuDriverLinux", "1.9")


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


def identity(args: GpuVmArgs) -> Any:
    """The machine's own, by which it ends itself, and the lease's, by which it reads."""
    return {"type": "SystemAssigned, UserAssigned", "user_assigned_identities": [args.identity]}


def os_disk(args: GpuVmArgs, name: str | None = None) -> Any:
    """Made with the machine and gone with it; it carries the machine's tags from its creation on."""
    managed: dict[str, Any] = {"storage_account_type": args.boot_disk.kind}
    if args.boot_disk.encryption_set is not None:
        managed["disk_encryption_set"] = {"id": args.boot_disk.encryption_set}
    return {
        **({"name": name} if name else {}),
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


def os_profile(args: GpuVmArgs, name: str, **named: str) -> Any:
    """Login by keys and Entra ID only, and what runs at the first boot."""
    return {
        **named,
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


def custom_data(user_data: Any) -> pulumi.Input[str]:
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
