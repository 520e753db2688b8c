"""Google Cloud: what changes on a stopped machine only, and disks that cannot shrink."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from trainyard.sandbox.provider.gcp_instance import TYPE as INSTANCE
from trainyard.sandbox.provider.gcp_machines import built_in
from trainyard.sandbox.provider.in_place.step import Step
from trainyard.sandbox.provider.order import Refused

# hashicorp/terraform-provider-google-beta 93c65b2d, resource_compute_instance.go: needToStopInstanceBeforeUpdating.
_NEEDS_STOP: Final = (
    "machineType",
    "minCpuPlatform",
    "serviceAccount.email",
    "serviceAccount.scopes",
    "enableDisplay",
    "shieldedInstanceConfig",
    "scheduling.nodeAffinities",
    "networkInterfaces.network",
    "networkInterfaces.subnetwork",
    "networkInterfaces.subnetworkProject",
    "advancedMachineFeatures",
)
_BOOT_GIB: Final = "bootDisk.initializeParams.size"


def only_stopped(step: Step) -> None:
    changes = list(step.touching(*_NEEDS_STOP, "serviceAccount"))
    names = list(dict.fromkeys(leaf.bare.partition(".")[0] for leaf in changes))
    runs = step.thing.status != "stopped" and step.new.get("desiredStatus") != "TERMINATED"
    if names and runs and not step.new.get("allowStoppingForUpdate"):
        msg = (
            f"Changing the {', '.join(names)} on a started instance requires stopping it. To acknowledge this, "
            "please set allowStoppingForUpdate = true in your config. You can also stop it by setting desiredStatus = "
            '"TERMINATED", but the instance will not be restarted after the update.'
        )
        raise Refused(msg)


def same_accelerators(step: Step) -> None:
    old, new = str(step.old.get("machineType")), str(step.new.get("machineType"))
    old_chip, new_chip = built_in(old.rpartition("/")[2]), built_in(new.rpartition("/")[2])
    if (old_chip and old_chip[0]) != (new_chip and new_chip[0]):
        chip = (old_chip or new_chip or ("",))[0]
        msg = f"[{chip}, {new}] features are not compatible: a machine keeps its accelerators; replace it instead."
        raise Refused(msg)


def boot_disk_grows(step: Step) -> None:
    """disks.resize takes a larger size only."""
    found = step.shrinks(_BOOT_GIB)
    if found:
        old, new = found
        msg = (
            f"googleapi: Error 400: Invalid value for field 'sizeGb': '{new:g}'. New disk size '{new:g}' GiB must be "
            f"larger than existing size '{old:g}' GiB., invalid; a disk grows in place and never shrinks"
        )
        raise Refused(msg)


def capacity_grows(path: str, unit: str) -> Callable[[Step], None]:
    """A file system whose capacity can only be raised."""

    def rule(step: Step) -> None:
        found = step.shrinks(path)
        if found:
            old, new = found
            msg = (
                f"googleapi: Error 400: Invalid value for {path}: {new:g}. The capacity cannot be decreased from "
                f"{old:g} {unit}, badRequest; make a new one, or keep {old:g}"
            )
            raise Refused(msg)

    return rule


RULES: Final[Mapping[str, tuple[Callable[[Step], None], ...]]] = {
    INSTANCE: (only_stopped, same_accelerators, boot_disk_grows),
    # cloud.google.com/filestore/docs/scale: basic instances grow only; cloud.google.com/managed-lustre/docs
    "gcp:lustre/instance:Instance": (capacity_grows("capacityGib", "GiB"),),
}
