"""Azure: what azure-native sends as an update and Azure Resource Manager refuses, since it cannot change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from trainyard.sandbox.provider.in_place.step import Step
from trainyard.sandbox.provider.order import Refused

# learn.microsoft.com/azure/virtual-machines: what is set when a machine is made; hashicorp/terraform-provider-azurerm
# 69697b7f makes a new machine for each of them (linux_virtual_machine_resource.go, virtual_machine_resource.go).
_MACHINE: Final = (
    "osProfile.computerName",
    "osProfile.adminUsername",
    "osProfile.adminPassword",
    "osProfile.customData",
    "osProfile.linuxConfiguration.ssh",
    "osProfile.linuxConfiguration.disablePasswordAuthentication",
    "storageProfile.imageReference",
    "storageProfile.osDisk.createOption",
    "storageProfile.osDisk.name",
    "storageProfile.osDisk.diffDiskSettings",
    "availabilitySet",
    "plan",
    "priority",
    "virtualMachineScaleSet",
)
_SET: Final = (
    "orchestrationMode",
    "platformFaultDomainCount",
    "singlePlacementGroup",
    "virtualMachineProfile.priority",
    "virtualMachineProfile.osProfile.computerNamePrefix",
    "virtualMachineProfile.osProfile.adminUsername",
)


def fixed(*paths: str, below: str = "") -> Callable[[Step], None]:
    """Properties that are set once; told from the profile on, as the API does."""

    def rule(step: Step) -> None:
        for path in paths:
            if any(step.touching(path)):
                name = path.removeprefix("storageProfile.").removeprefix("osProfile.")
                name = name if path.startswith("storageProfile.") else path
                msg = (
                    f'Code="PropertyChangeNotAllowed" Message="Changing property \'{below}{name}\' is not allowed." '
                    f'Target="{below}{name}"; the provider does not replace it for this: give replace_on_changes, or '
                    "another name"
                )
                raise Refused(msg)

    return rule


def zones(step: Step) -> None:
    if any(step.touching("zones")):
        old, new = (", ".join(map(str, given.get("zones") or ())) for given in (step.old, step.new))
        msg = (
            f'Code="ResourceAvailabilityZonesCannotBeModified" Message="Resource \'{step.thing.id}\' has an existing '
            f"availability zone constraint '{old}' and the new request has availability zone constraint '{new}', which "
            "do not match. Zones cannot be added/updated/removed once the resource is created. The resource cannot be "
            'updated from regional to zonal or vice-versa."'
        )
        raise Refused(msg)


def disk_grows(path: str) -> Callable[[Step], None]:
    def rule(step: Step) -> None:
        found = step.shrinks(path)
        if found:
            msg = (
                f'Code="OperationNotAllowed" Message="Disk {step.thing.name} of size {found[0]:g} GB cannot be resized '
                f'to the smaller size {found[1]:g} GB." Target="{path}"; a disk only grows'
            )
            raise Refused(msg)

    return rule


def account(step: Step) -> None:
    """An account's kind goes from Storage and BlobStorage to StorageV2 and no other way."""
    for leaf in step.touching("kind"):
        if not (leaf.new == "StorageV2" and leaf.old in ("Storage", "BlobStorage")):
            msg = (
                'Code="AccountPropertyCannotBeUpdated" Message="The property \'kind\' was specified in the input, but '
                f'it cannot be updated." Target="kind"; it is {leaf.old}'
            )
            raise Refused(msg)
    if any(step.touching("isNfsV3Enabled")):
        msg = (
            'Code="AccountPropertyCannotBeUpdated" Message="The property \'isNfsV3Enabled\' was specified in the input,'
            ' but it cannot be updated." Target="isNfsV3Enabled"'
        )
        raise Refused(msg)


RULES: Final[Mapping[str, tuple[Callable[[Step], None], ...]]] = {
    "azure-native:compute:VirtualMachine": (
        fixed(*_MACHINE),
        zones,
        disk_grows("storageProfile.osDisk.diskSizeGB"),
        disk_grows("storageProfile.dataDisks.diskSizeGB"),
    ),
    "azure-native:compute:VirtualMachineScaleSet": (fixed(*_SET), zones),
    "azure-native:compute:Disk": (
        zones,
        disk_grows("diskSizeGB"),
        fixed("creationData.createOption", "creationData.sourceResourceId", "creationData.imageReference"),
    ),
    "azure-native:compute:AvailabilitySet": (fixed("platformFaultDomainCount", "platformUpdateDomainCount"),),
    "azure-native:network:PublicIPAddress": (zones,),
    "azure-native:storage:StorageAccount": (account,),
    "azure-native:containerservice:ManagedCluster": (
        fixed("agentPoolProfiles.vmSize", "agentPoolProfiles.osDiskSizeGB", below="properties."),
    ),
}
