"""Scale sets: how many machines, how they are placed, how they are brought up to date."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from trainyard.sandbox.check import Problem
from trainyard.sandbox.conflicts.azure.words import AZURERM, LEARN, REST, absent, conflict, low, types, whole
from trainyard.sandbox.conflicts.conflict import Given

_SETS: Final = types("compute:VirtualMachineScaleSet")
_MODES: Final = f"{LEARN}/virtual-machine-scale-sets/virtual-machine-scale-sets-orchestration-modes"
_REST: Final = f"{REST}/compute/virtual-machine-scale-sets/create-or-update"
_UNIFORM: Final = f"{AZURERM}/compute/linux_virtual_machine_scale_set_resource.go"
_FLEXIBLE: Final = f"{AZURERM}/compute/orchestrated_virtual_machine_scale_set_resource.go"
_HEALTH: Final = ("applicationhealthlinux", "applicationhealthwindows")
_PROFILE: Final = "virtualMachineProfile"


@conflict(
    "one-placement-group-holds-100",
    _SETS,
    "A uniform scale set in one placement group has at most 100 machines.",
    f"{LEARN}/virtual-machine-scale-sets/virtual-machine-scale-sets-placement-groups",
)
def hundred(given: Given) -> Iterator[Problem]:
    count = given.at("sku.capacity")
    if given.at("singlePlacementGroup") is True and isinstance(count, int | float) and count > 100:
        text = f"InvalidParameter: The sku capacity {count:g} is above the 100 machines of a single placement group"
        yield Problem("sku.capacity", f"{text}; give at most 100, or singlePlacementGroup false")


@conflict(
    "a-flexible-set-says-its-fault-domains",
    _SETS,
    "A flexible scale set gives its count of fault domains, has no single placement group and no overprovisioning.",
    f"{_MODES}, What has changed with Flexible orchestration mode; {_FLEXIBLE}",
)
def flexible(given: Given) -> Iterator[Problem]:
    if low(given.at("orchestrationMode")) != "flexible":
        return
    if absent(given, "platformFaultDomainCount"):
        yield Problem(
            "platformFaultDomainCount",
            "InvalidParameter: Required parameter 'platformFaultDomainCount' is missing (null).",
        )
    for name in ("singlePlacementGroup", "overprovision"):
        if given.at(name) is True:
            yield Problem(
                name, f"BadRequest: {name} true is not supported where orchestrationMode is Flexible; leave it out"
            )
    nics = f"{_PROFILE}.networkProfile.networkInterfaceConfigurations"
    version = f"{_PROFILE}.networkProfile.networkApiVersion"
    if given.at(nics) and absent(given, version):
        yield Problem(version, 'InvalidParameter: required where orchestrationMode is Flexible: give "2022-11-01"')


@conflict(
    "a-uniform-set-says-how-it-is-updated",
    _SETS,
    "A uniform scale set has an upgrade policy; a rolling one needs a health probe or extension.",
    f"{_REST}, UpgradePolicy; {_UNIFORM}",
)
def updates(given: Given) -> Iterator[Problem]:
    if low(given.at("orchestrationMode")) == "uniform" and absent(given, "upgradePolicy.mode"):
        yield Problem("upgradePolicy.mode", "InvalidParameter: Required parameter 'upgradePolicy' is missing (null).")
    if low(given.at("upgradePolicy.mode")) == "rolling" and _no_health(given):
        yield Problem(
            "upgradePolicy.mode",
            "BadRequest: Rolling Upgrade mode is not supported for this Virtual Machine Scale Set because a"
            " health probe"
            " or health extension was not provided.",
        )


@conflict(
    "repairs-need-health",
    _SETS,
    "Automatic repairs need a health probe or extension.",
    f"{LEARN}/virtual-machine-scale-sets/virtual-machine-scale-sets-automatic-instance-repairs; {_UNIFORM}",
)
def repairs(given: Given) -> Iterator[Problem]:
    if given.at("automaticRepairsPolicy.enabled") is True and _no_health(given):
        yield Problem(
            "automaticRepairsPolicy.enabled",
            "BadRequest: Automatic repairs not supported for this Virtual Machine Scale Set because a health probe or"
            " health extension was not provided.",
        )


def _no_health(given: Given) -> bool:
    extensions = given.at(f"{_PROFILE}.extensionProfile.extensions")
    if given.unknown(f"{_PROFILE}.extensionProfile.extensions") or (extensions is not None and not whole(extensions)):
        return False
    kinds = [item.get("type") for _, item in given.each(f"{_PROFILE}.extensionProfile.extensions")]
    healthy = any(kind is None or not isinstance(kind, str) or low(kind) in _HEALTH for kind in kinds)
    return not healthy and absent(given, f"{_PROFILE}.networkProfile.healthProbe")


@conflict(
    "spot-parts-are-for-spot-sets",
    _SETS,
    "A mix of priorities and the restoring of spot machines belong to a set of spot machines.",
    f"{LEARN}/virtual-machine-scale-sets/spot-priority-mix and use-spot; {_FLEXIBLE}",
)
def spot_parts(given: Given) -> Iterator[Problem]:
    if given.unknown(f"{_PROFILE}.priority") or low(given.at(f"{_PROFILE}.priority")) in ("spot", "spotplus", "low"):
        return
    for name in ("priorityMixPolicy", "spotRestorePolicy"):
        if given.at(name) is not None:
            yield Problem(name, f'BadRequest: {name} is for spot machines: give virtualMachineProfile.priority "Spot"')


@conflict(
    "balance-needs-zones",
    _SETS,
    "Strict balance is over zones.",
    f"{LEARN}/virtual-machine-scale-sets/virtual-machine-scale-sets-use-availability-zones; {_UNIFORM}",
)
def balance(given: Given) -> Iterator[Problem]:
    if given.at("zoneBalance") is True and not given.at("zones") and not given.unknown("zones"):
        yield Problem("zoneBalance", "BadRequest: zoneBalance is set where zones are; name the zones, or leave it out")


@conflict(
    "a-mix-of-sizes-is-called-mix",
    _SETS,
    'Several sizes are given with the SKU name "Mix".',
    f"{LEARN}/virtual-machine-scale-sets/instance-mix-overview; {_FLEXIBLE}",
)
def mix(given: Given) -> Iterator[Problem]:
    name = low(given.at("sku.name"))
    if given.unknown("sku.name"):
        return
    if given.at("skuProfile") is not None and name != "mix":
        yield Problem("sku.name", 'BadRequest: skuProfile goes with the SKU name "Mix"')
    if name == "mix" and absent(given, "skuProfile"):
        yield Problem("skuProfile", 'InvalidParameter: required and missing: the SKU name "Mix" needs it')


CONFLICTS: Final = (hundred, flexible, updates, repairs, spot_parts, balance, mix)
