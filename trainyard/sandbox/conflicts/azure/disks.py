"""Disks of their own: what they are made from, how large and how fast they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from trainyard.sandbox.check import Problem
from trainyard.sandbox.conflicts.azure.words import AZURERM, LEARN, REST, absent, conflict, low, types
from trainyard.sandbox.conflicts.conflict import Given

_DISK: Final = types("compute:Disk")
DISK_TYPES: Final = f"{LEARN}/virtual-machines/disks-types"
_MANAGED_DISK: Final = f"{AZURERM}/compute/managed_disk_resource.go"
PREMIUM: Final = ("premium_lrs", "premium_zrs")
NEW: Final = ("ultrassd_lrs", "premiumv2_lrs")
_NEEDED: Final = {  # createOption of a disk: what it is made from
    "copy": ("sourceResourceId", "sourceUri"),
    "restore": ("sourceResourceId",),
    "import": ("sourceUri",),
    "fromimage": ("imageReference", "galleryImageReference"),
    "upload": ("uploadSizeBytes",),
}

# most GiB of the size whose performance a tier is: https://learn.microsoft.com/azure/virtual-machines/disks-types
_TIERS: Final = {
    "P1": 4,
    "P2": 8,
    "P3": 16,
    "P4": 32,
    "P6": 64,
    "P10": 128,
    "P15": 256,
    "P20": 512,
    "P30": 1024,
    "P40": 2048,
    "P50": 4096,
    "P60": 8192,
    "P70": 16384,
    "P80": 32767,
}


@conflict(
    "a-disk-is-made-from-something",
    _DISK,
    "Each way to make a disk needs what it is made from; an empty one needs a size.",
    f"{_MANAGED_DISK}; {REST}/compute/disks/create-or-update, CreationData",
)
def made_from(given: Given) -> Iterator[Problem]:
    how = low(given.at("creationData.createOption"))
    needed = _NEEDED.get(how, ())
    if needed and all(absent(given, f"creationData.{name}") for name in needed):
        yield Problem(
            f"creationData.{needed[0]}",
            f"InvalidParameter: Required parameter '{needed[0]}' is missing (null): createOption {how} needs it",
        )
    if how == "empty" and absent(given, "diskSizeGB") and absent(given, "diskSizeBytes"):
        yield Problem("diskSizeGB", "InvalidParameter: Required parameter 'disk.diskSizeGB' is missing (null).")


@conflict(
    "a-disk-is-as-large-as-its-kind",
    _DISK,
    "Disks hold up to 32767 GiB, ultra and premium v2 ones 65536; speeds are set on those two and in their ranges.",
    f"{DISK_TYPES}, the tables of each kind; {_MANAGED_DISK}",
)
def sizes(given: Given) -> Iterator[Problem]:
    kind, size = low(given.at("sku.name")), given.at("diskSizeGB")
    if given.unknown("sku") or given.unknown("sku.name"):
        return
    if isinstance(size, int) and kind not in NEW and size > 32767:
        yield Problem(
            "diskSizeGB",
            f"InvalidParameter: The value '{size}' of parameter 'disk.diskSizeGB' is out of range. The value"
            " must be between '1' and '32767', inclusive.",
        )
    for name, most in (
        ("diskIOPSReadWrite", {"premiumv2_lrs": 80_000, "ultrassd_lrs": 400_000}),
        ("diskMBpsReadWrite", {"premiumv2_lrs": 2_000, "ultrassd_lrs": 10_000}),
    ):
        speed = given.at(name)
        if speed is not None and kind not in NEW:
            yield Problem(name, f"InvalidParameter: {name} is set on UltraSSD_LRS and PremiumV2_LRS disks only")
        elif isinstance(speed, int | float) and speed > most.get(kind, speed):
            yield Problem(
                name, f"InvalidParameter: {speed:g} is more than the {most[kind]} that a disk of this kind has"
            )
    iops = given.at("diskIOPSReadWrite")
    if (
        kind == "premiumv2_lrs"
        and isinstance(iops, int | float)
        and isinstance(size, int)
        and iops > max(3000, 500 * size)
    ):
        text = f"InvalidParameter: a PremiumV2_LRS disk of {size} GiB has at most {max(3000, 500 * size)} IOPS"
        yield Problem("diskIOPSReadWrite", text)


@conflict(
    "a-tier-is-not-below-the-size",
    _DISK,
    "A performance tier is one of premium disks and not below the one that the disk's size has by itself.",
    f"{LEARN}/virtual-machines/disks-change-performance, Restrictions; {LEARN}/virtual-machines/disks-types, Premium",
)
def tiers(given: Given) -> Iterator[Problem]:
    tier, size = given.at("tier"), given.at("diskSizeGB")
    if not isinstance(tier, str):
        return
    if tier.upper() not in _TIERS:
        yield Problem("tier", f"InvalidParameter: '{tier}' is no performance tier; tiers are {', '.join(_TIERS)}")
    elif isinstance(size, int | float) and _TIERS[tier.upper()] < size <= 4096:
        own = next(name for name, most in _TIERS.items() if size <= most)
        yield Problem("tier", f"InvalidParameter: {tier} is below {own}, which a disk of {size:g} GiB has by itself")


@conflict(
    "few-machines-share-a-disk",
    _DISK,
    "Only SSDs are shared, by at most 15 machines at once, and small ones by fewer.",
    f"{LEARN}/virtual-machines/disks-shared, Disk sizes",
)
def shares(given: Given) -> Iterator[Problem]:
    count, kind, size = given.at("maxShares"), low(given.at("sku.name")), given.at("diskSizeGB")
    if not isinstance(count, int | float) or count <= 1 or not kind:
        return
    most = 15 if kind in NEW else 10
    if kind not in NEW and isinstance(size, int | float):
        most = 3 if size <= 512 else 5 if size <= 4096 else 10
    if kind == "standard_lrs":
        yield Problem("maxShares", "InvalidParameter: a disk of Standard_LRS is not shared; give an SSD")
    elif count > most:
        yield Problem("maxShares", f"InvalidParameter: {count:g} machines; this disk is shared by at most {most}")


@conflict(
    "disk-features-are-of-some-kinds",
    _DISK,
    "Performance tiers and bursting are of premium disks; a disk access of private ones; a zone of locally"
    " redundant ones.",
    _MANAGED_DISK,
)
def features(given: Given) -> Iterator[Problem]:
    kind = low(given.at("sku.name"))
    size = given.at("diskSizeGB")
    if not given.unknown("sku.name") and kind not in PREMIUM:
        if given.at("tier") is not None:
            yield Problem(
                "tier", "InvalidParameter: a performance tier is set on Premium_LRS and Premium_ZRS disks only"
            )
        if given.at("burstingEnabled") is True:
            yield Problem(
                "burstingEnabled", "InvalidParameter: on-demand bursting is of Premium_LRS and Premium_ZRS disks only"
            )
    if given.at("burstingEnabled") is True and isinstance(size, int) and size <= 512:
        yield Problem("burstingEnabled", f"InvalidParameter: on-demand bursting needs more than 512 GiB; it has {size}")
    if given.at("diskAccessId") is not None and not given.unknown("networkAccessPolicy"):
        if low(given.at("networkAccessPolicy")) != "allowprivate":
            yield Problem("diskAccessId", 'InvalidParameter: diskAccessId goes with networkAccessPolicy "AllowPrivate"')
    elif low(given.at("networkAccessPolicy")) == "allowprivate" and absent(given, "diskAccessId"):
        yield Problem(
            "diskAccessId", 'InvalidParameter: required and missing: networkAccessPolicy "AllowPrivate" needs it'
        )
    if kind.endswith("_zrs") and given.at("zones"):
        yield Problem(
            "zones", f"InvalidParameter: a disk of {given.at('sku.name')} lies in every zone; leave zones out"
        )


CONFLICTS: Final = (made_from, sizes, tiers, shares, features)
