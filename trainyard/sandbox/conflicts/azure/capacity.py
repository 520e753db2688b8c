"""Spot, sets, zones, reservations and security of machines, alone and in scale sets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from trainyard.sandbox.check import Problem
from trainyard.sandbox.conflicts.azure.profiles import MACHINES, profile_of
from trainyard.sandbox.conflicts.azure.words import LEARN, REST, conflict, types
from trainyard.sandbox.conflicts.conflict import Given

_VM: Final = types("compute:VirtualMachine")
_REST_VM: Final = f"{REST}/compute/virtual-machines/create-or-update"


@conflict(
    "eviction-is-for-spot",
    MACHINES,
    "An eviction policy belongs to a spot machine.",
    f"{LEARN}/virtual-machines/spot-vms; its error http://aka.ms/AzureSpot/errormessages",
)
def eviction(given: Given) -> Iterator[Problem]:
    machine = profile_of(given)
    if machine.spot is False and machine.at("evictionPolicy") is not None:
        text = "OperationNotAllowed: Eviction policy can be set only on Azure Spot Virtual Machines."
        yield Problem(machine.path("evictionPolicy"), f'{text} Give priority "Spot", or leave the policy out')


@conflict(
    "highest-price-is-for-spot",
    MACHINES,
    "A highest price is -1 or more than zero, and belongs to a spot machine.",
    f"{_REST_VM}, BillingProfile.maxPrice; azurerm's SpotMaxPrice",
)
def price(given: Given) -> Iterator[Problem]:
    machine = profile_of(given)
    most = machine.at("billingProfile.maxPrice")
    at = machine.path("billingProfile.maxPrice")
    if most is not None and machine.spot is False:
        text = "OperationNotAllowed: Max price can be set only on Azure Spot Virtual Machines."
        yield Problem(at, f'{text} Give priority "Spot", or leave the price out')
    elif isinstance(most, int | float) and most != -1 and most < 0.00001:
        yield Problem(at, f"InvalidParameter: a highest price of {most:g}; give -1, or a price of at least 0.00001")


@conflict(
    "spot-is-in-no-availability-set",
    _VM,
    "A spot machine is in no availability set.",
    f"{LEARN}/virtual-machines/spot-vms, Limitations and its FAQ",
)
def spot_alone(given: Given) -> Iterator[Problem]:
    if profile_of(given).spot and given.at("availabilitySet") is not None:
        yield Problem("availabilitySet", "OperationNotAllowed: Azure Spot Virtual Machines are in no availability set")


@conflict(
    "a-set-a-zone-or-a-scale-set",
    _VM,
    "A machine is in an availability set, in a zone, or in a scale set: an availability set goes with neither of"
    " the others.",
    f"{_REST_VM}, properties.availabilitySet and properties.virtualMachineScaleSet",
)
def one_place(given: Given) -> Iterator[Problem]:
    if given.at("availabilitySet") is None:
        return
    if given.at("zones"):
        yield Problem(
            "zones", "BadRequest: a virtual machine in an availability set has no zones; leave one of them out"
        )
    if given.at("virtualMachineScaleSet") is not None:
        text = "BadRequest: virtualMachineScaleSet and availabilitySet are not set together; leave one of them out"
        yield Problem("virtualMachineScaleSet", text)


@conflict(
    "a-host-or-a-host-group",
    _VM,
    "A machine names a dedicated host or a group of them.",
    f"{_REST_VM}, properties.host and properties.hostGroup",
)
def one_host(given: Given) -> Iterator[Problem]:
    if given.at("host") is not None and given.at("hostGroup") is not None:
        yield Problem("hostGroup", "BadRequest: a user cannot specify both host and hostGroup properties")


@conflict(
    "reserved-is-no-spot-and-in-no-set",
    MACHINES,
    "What uses a capacity reservation is no spot machine, in no availability set, on no dedicated host.",
    f"{LEARN}/virtual-machines/capacity-reservation-overview, Limitations and restrictions",
)
def reserved(given: Given) -> Iterator[Problem]:
    machine = profile_of(given)
    at = machine.path("capacityReservation")
    if machine.at("capacityReservation.capacityReservationGroup") is None:
        return
    if machine.spot:
        yield Problem(at, "BadRequest: Azure Spot Virtual Machines use no capacity reservation")
    for other in ("availabilitySet", "host", "hostGroup"):
        if not machine.root and given.at(other) is not None:
            yield Problem(at, f"BadRequest: a capacity reservation does not go with {other}; leave one of them out")
    if machine.root and given.at("singlePlacementGroup") is True:
        yield Problem("singlePlacementGroup", "BadRequest: it must be false where a capacity reservation is used")


@conflict(
    "uefi-settings-are-for-trusted-launch",
    MACHINES,
    "Secure boot and a virtual TPM are set on machines of a security type.",
    f"{_REST_VM}, SecurityProfile.uefiSettings and .securityType",
)
def uefi(given: Given) -> Iterator[Problem]:
    machine = profile_of(given)
    known = not given.unknown(machine.path("securityProfile.securityType"))
    kind = machine.low("securityProfile.securityType")
    if machine.at("securityProfile.uefiSettings") is not None and known and kind in ("", "standard"):
        text = "InvalidParameter: Use of UefiSettings is not supported for this VM."
        hint = 'give securityType "TrustedLaunch" or "ConfidentialVM", or leave uefiSettings out'
        yield Problem(machine.path("securityProfile.uefiSettings"), f"{text} {hint}")


@conflict(
    "confidential-machines-are-encrypted",
    MACHINES,
    "A confidential machine has a virtual TPM and says how its disk is encrypted; no other machine says so.",
    f"{LEARN}/confidential-computing/confidential-vm-overview; {_REST_VM}, VMDiskSecurityProfile",
)
def confidential(given: Given) -> Iterator[Problem]:
    machine = profile_of(given)
    if given.unknown(machine.path("securityProfile.securityType")):
        return
    is_one = machine.low("securityProfile.securityType") == "confidentialvm"
    where = "storageProfile.osDisk.managedDisk.securityProfile.securityEncryptionType"
    how = machine.low(where)
    if how and not is_one:
        text = (
            "BadRequest: securityEncryptionType is set on confidential machines only: give securityType"
            ' "ConfidentialVM"'
        )
        yield Problem(machine.path(where), text)
    if not is_one:
        return
    if machine.missing(where) and machine.at("storageProfile.osDisk") is not None:
        yield Problem(machine.path(where), "InvalidParameter: required and missing: a confidential VM needs it")
    if machine.missing("securityProfile.uefiSettings.vTpmEnabled") or (
        machine.at("securityProfile.uefiSettings.vTpmEnabled") is False
    ):
        at = machine.path("securityProfile.uefiSettings.vTpmEnabled")
        yield Problem(at, "InvalidParameter: a confidential VM has a virtual TPM: give true")
    if how == "diskwithvmgueststate":
        if machine.at("securityProfile.uefiSettings.secureBootEnabled") is False:
            at = machine.path("securityProfile.uefiSettings.secureBootEnabled")
            yield Problem(at, "InvalidParameter: DiskWithVMGuestState needs secure boot: give true")
        if machine.at("securityProfile.encryptionAtHost") is True:
            at = machine.path("securityProfile.encryptionAtHost")
            yield Problem(at, "BadRequest: encryption at host does not go with DiskWithVMGuestState")


@conflict(
    "automatic-patching-needs-the-agent",
    MACHINES,
    "Patching by the platform needs the VM agent.",
    f"{_REST_VM}, LinuxPatchSettings; {LEARN}/virtual-machines/automatic-vm-guest-patching",
)
def patching(given: Given) -> Iterator[Problem]:
    machine = profile_of(given)
    for system in ("linuxConfiguration", "windowsConfiguration"):
        at = f"osProfile.{system}"
        if machine.at(f"{at}.provisionVMAgent") is False:
            for mode in ("patchMode", "assessmentMode"):
                if machine.low(f"{at}.patchSettings.{mode}") == "automaticbyplatform":
                    text = "InvalidParameter: AutomaticByPlatform needs provisionVMAgent true"
                    yield Problem(machine.path(f"{at}.patchSettings.{mode}"), text)


@conflict(
    "one-nic-is-primary",
    MACHINES,
    "Of several network interfaces exactly one is primary.",
    f"{LEARN}/virtual-machines/linux/multiple-nics; error code VirtualMachineMustHaveOneNetworkInterfaceAsPrimary",
)
def primary_nic(given: Given) -> Iterator[Problem]:
    machine = profile_of(given)
    for name in ("networkInterfaces", "networkInterfaceConfigurations"):
        found = list(machine.each(f"networkProfile.{name}"))
        marks = [item.get("primary") for _, item in found]
        if len(found) > 1 and all(mark is None or isinstance(mark, bool) for mark in marks) and marks.count(True) != 1:
            text = "VirtualMachineMustHaveOneNetworkInterfaceAsPrimary: mark exactly one network interface as primary"
            yield Problem(machine.path(f"networkProfile.{name}"), f"{text}; marked are {marks.count(True)}")


@conflict(
    "a-machine-has-nics",
    _VM,
    "A machine names its network interfaces, or describes new ones with the version of the network API.",
    f"{_REST_VM}, NetworkProfile.networkApiVersion",
)
def nics(given: Given) -> Iterator[Problem]:
    profile = given.at("networkProfile")
    if profile is None:
        return
    new = given.at("networkProfile.networkInterfaceConfigurations")
    if (
        new
        and given.at("networkProfile.networkApiVersion") is None
        and not given.unknown("networkProfile.networkApiVersion")
    ):
        text = 'InvalidParameter: required with networkInterfaceConfigurations: give "2022-11-01"'
        yield Problem("networkProfile.networkApiVersion", text)
    if new and given.at("networkProfile.networkInterfaces"):
        yield Problem("networkProfile.networkInterfaces", "BadRequest: name interfaces or describe new ones, not both")


CONFLICTS: Final = (
    eviction,
    price,
    spot_alone,
    one_place,
    one_host,
    reserved,
    uefi,
    confidential,
    patching,
    primary_nic,
    nics,
)
