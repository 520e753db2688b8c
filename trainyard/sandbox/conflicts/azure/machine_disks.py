"""Disks of machines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from trainyard.sandbox.check import Problem
from trainyard.sandbox.conflicts.azure.disks import DISK_TYPES, NEW, PREMIUM
from trainyard.sandbox.conflicts.azure.profiles import MACHINES, Profile, profile_of, takes_premium
from trainyard.sandbox.conflicts.azure.words import LEARN, REST, absent, conflict, known, low, missing
from trainyard.sandbox.conflicts.conflict import Given

_REST_VM: Final = f"{REST}/compute/virtual-machines/create-or-update"
_OS: Final = "storageProfile.osDisk"


@conflict(
    "an-image-is-named-whole",
    MACHINES,
    "An image is an id, or publisher, offer, sku and version together; a version is latest or three numbers.",
    f"{_REST_VM}, ImageReference",
)
def image(given: Given) -> Iterator[Problem]:
    machine = profile_of(given)
    there, at = machine.at("storageProfile.imageReference"), machine.path("storageProfile.imageReference")
    if not isinstance(there, dict):
        return
    parts = ("publisher", "offer", "sku", "version")
    named = [name for name in parts if known(there, name) is not None]
    others = [name for name in ("id", "sharedGalleryImageId", "communityGalleryImageId") if not missing(there, name)]
    sure = [name for name in others if known(there, name) is not None]
    if sure and named and named != ["version"]:
        yield Problem(at, f"InvalidParameter: {sure[0]} does not go with {', '.join(named)}; give one or the other")
    if not others:
        for name in parts:
            if missing(there, name):
                yield Problem(
                    f"{at}.{name}", f"InvalidParameter: Required parameter 'imageReference.{name}' is missing (null)."
                )
    version = known(there, "version")
    if isinstance(version, str) and not re.fullmatch(r"latest|\d+\.\d+\.\d+(\.\d+)?", version, re.IGNORECASE):
        yield Problem(
            f"{at}.version",
            f"InvalidParameter: The value '{version}' of parameter 'imageReference.version' is invalid; give"
            ' "latest" or x.y.z',
        )


@conflict(
    "an-os-disk-is-made-from-something",
    MACHINES,
    "An OS disk from an image has an image and a login; one that is attached has its id and its system, and"
    " neither of both.",
    f"{_REST_VM}, OSDisk.createOption, .osType and OSProfile",
)
def os_disk(given: Given) -> Iterator[Problem]:
    machine = profile_of(given)
    how = machine.low(f"{_OS}.createOption")
    if how == "fromimage":
        if machine.missing("storageProfile.imageReference") and machine.missing(f"{_OS}.image"):
            at = machine.path("storageProfile.imageReference")
            yield Problem(at, "InvalidParameter: Required parameter 'imageReference' is missing (null).")
        if machine.at("storageProfile.imageReference.publisher") and machine.missing("osProfile"):
            yield Problem(
                machine.path("osProfile"), "InvalidParameter: Required parameter 'osProfile' is missing (null)."
            )
    if how == "attach":
        if machine.missing(f"{_OS}.managedDisk.id") and machine.missing(f"{_OS}.vhd"):
            yield Problem(
                machine.path(f"{_OS}.managedDisk.id"),
                "InvalidParameter: Required parameter 'osDisk.managedDisk.id' is missing (null).",
            )
        if machine.missing(f"{_OS}.osType"):
            yield Problem(
                machine.path(f"{_OS}.osType"), "InvalidParameter: Required parameter 'osDisk.osType' is missing (null)."
            )
        for other in ("osProfile", "storageProfile.imageReference"):
            if machine.at(other) is not None:
                text = (
                    f"InvalidParameter: Parameter '{other.rpartition('.')[2]}' is not allowed: the disk is"
                    " attached as it is"
                )
                yield Problem(machine.path(other), text)


@conflict(
    "an-ephemeral-disk-is-read-only-cached",
    MACHINES,
    "An ephemeral OS disk comes from an image, is cached ReadOnly, and ends with its spot machine.",
    f"{LEARN}/virtual-machines/ephemeral-os-disks; {LEARN}/virtual-machine-scale-sets/use-spot",
)
def ephemeral(given: Given) -> Iterator[Problem]:
    machine = profile_of(given)
    if machine.low(f"{_OS}.diffDiskSettings.option") != "local":
        return
    caching = machine.low(f"{_OS}.caching")
    nvme = machine.low(f"{_OS}.diffDiskSettings.placement") == "nvmedisk"
    if not nvme and caching != "readonly" and not given.unknown(machine.path(f"{_OS}.caching")):
        text = "InvalidParameter: Parameter 'osDisk.caching' of an ephemeral OS disk must be 'ReadOnly'"
        yield Problem(machine.path(f"{_OS}.caching"), text)
    if machine.low(f"{_OS}.createOption") == "attach":
        yield Problem(machine.path(f"{_OS}.createOption"), "InvalidParameter: an ephemeral OS disk is made FromImage")
    if machine.spot and machine.low("evictionPolicy") == "deallocate":
        text = 'OperationNotAllowed: a machine on an ephemeral OS disk cannot be deallocated; give "Delete"'
        yield Problem(machine.path("evictionPolicy"), text)


@conflict(
    "premium-disks-need-a-size-with-s",
    MACHINES,
    "Premium, ultra and premium v2 disks go on sizes whose name has an s.",
    f"{LEARN}/virtual-machines/vm-naming-conventions; {DISK_TYPES}",
)
def premium(given: Given) -> Iterator[Problem]:
    machine = profile_of(given)
    if not machine.size or takes_premium(machine.size) is not False:
        return
    for at, kind in _kinds(machine):
        if low(kind) in (*PREMIUM, *NEW):
            yield Problem(
                at,
                f"InvalidParameter: Requested operation cannot be performed because the VM size {machine.size} does not"
                f" support the storage account type {kind} of disk. Consider updating the VM to a size that supports"
                " Premium storage.",
            )


@conflict(
    "ultra-disks-hold-data",
    MACHINES,
    "Ultra and premium v2 disks hold data only, uncached; ultra ones need ultraSSDEnabled on a single machine.",
    f"{DISK_TYPES}, Ultra disks and Premium SSD v2 limitations; {LEARN}/virtual-machines/disks-enable-ultra-ssd",
)
def ultra(given: Given) -> Iterator[Problem]:
    machine = profile_of(given)
    for at, kind in _kinds(machine):
        if low(kind) in NEW and "osDisk" in at:
            yield Problem(at, f"InvalidParameter: a disk of type {kind} cannot be an OS disk; give Premium_LRS")
    for at, disk in machine.each("storageProfile.dataDisks"):
        kind = low(known(disk, "managedDisk.storageAccountType"))
        if kind in NEW and low(disk.get("caching")) not in ("", "none"):
            yield Problem(
                f"{at}.caching", "InvalidParameter: Caching must be set to None on UltraSSD and PremiumV2 disks"
            )
        enabled = "additionalCapabilities.ultraSSDEnabled"
        if kind == "ultrassd_lrs" and (given.at(enabled) is False or absent(given, enabled)):
            text = f"InvalidParameter: StorageAccountType UltraSSD_LRS needs {enabled} true on the machine"
            yield Problem(f"{at}.managedDisk.storageAccountType", text)


@conflict(
    "data-disks-have-their-own-luns",
    MACHINES,
    "Each data disk has a LUN of its own; an empty one has a size, an attached one an id.",
    f"{_REST_VM}, DataDisk.lun, .diskSizeGB and .managedDisk",
)
def luns(given: Given) -> Iterator[Problem]:
    machine = profile_of(given)
    seen: set[int] = set()
    for at, disk in machine.each("storageProfile.dataDisks"):
        lun = known(disk, "lun")
        if isinstance(lun, int):
            if lun in seen:
                yield Problem(
                    f"{at}.lun", f"InvalidParameter: A disk at LUN {lun} already exists; give each data disk its own"
                )
            seen.add(lun)
        if low(disk.get("createOption")) == "empty" and missing(disk, "diskSizeGB"):
            yield Problem(
                f"{at}.diskSizeGB", "InvalidParameter: Required parameter 'dataDisk.diskSizeGB' is missing (null)."
            )
        if low(disk.get("createOption")) == "attach" and missing(disk, "managedDisk.id") and missing(disk, "vhd"):
            yield Problem(
                f"{at}.managedDisk.id",
                "InvalidParameter: Required parameter 'dataDisk.managedDisk.id' is missing (null).",
            )


def _kinds(machine: Profile) -> Iterator[tuple[str, str]]:
    """The known storage types of a machine's disks, with their paths."""
    at = f"{_OS}.managedDisk.storageAccountType"
    if isinstance(machine.at(at), str):
        yield machine.path(at), machine.at(at)
    for path, disk in machine.each("storageProfile.dataDisks"):
        kind = known(disk, "managedDisk.storageAccountType")
        if isinstance(kind, str):
            yield f"{path}.managedDisk.storageAccountType", kind


CONFLICTS: Final = (image, os_disk, ephemeral, premium, ultra, luns)
