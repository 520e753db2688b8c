"""Azure: a disk is one machine's, unless it is shared, and lies in the machine's zone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from trainyard.sandbox.provider.order import Order, Refused
from trainyard.sandbox.references import finding
from trainyard.sandbox.store import Thing
from trainyard.servicer.values import reveal

if TYPE_CHECKING:
    from trainyard.sandbox.references.pointing import Pointer

_DISK: Final = "azure-native:compute:Disk"
_MACHINE: Final = "azure-native:compute:VirtualMachine"


def attached(order: Order, pointers: Sequence[Pointer]) -> None:
    """What a machine attaches; Refused for another machine's disk, and for one of another zone."""
    own = order.before.id if order.before else ""
    for pointer in pointers:
        if pointer.to is None or pointer.to.type != _DISK:
            continue
        disk = order.store.get(_DISK, pointer.to.id)
        if disk is None:
            continue
        _alone(order, disk, own)
        _in_its_zone(disk, _zone(order.plain("zones")))


def _alone(order: Order, disk: Thing, own: str) -> None:
    """learn.microsoft.com/azure/virtual-machines/error-messages, ConflictingUserInput; …/disks-shared, maxShares."""
    machines = [user for user in finding.users_of(order.store, disk.type, disk.id) if user.type == _MACHINE]
    others = list(dict.fromkeys(user.id for user in machines if user.id.lower() != own.lower()))
    shares = reveal(disk.inputs.get("maxShares"))
    if len(others) >= (int(shares) if isinstance(shares, int | float) else 1):
        msg = (
            f'Code="ConflictingUserInput" Message="Disk \'{disk.id}\' cannot be attached as the disk is already owned '
            f"by VM '{others[0]}'.\""
        )
        raise Refused(msg)


def _in_its_zone(disk: Thing, zone: str) -> None:
    """…/troubleshoot/azure/azure-kubernetes/storage/fail-to-mount-azure-disk-volume, error 1."""
    there = _zone(reveal(disk.inputs.get("zones")))
    if there and there != zone:
        why = f"in zone '{zone}'" if zone else f"in the same zone as the VM. VM zone: ''. Disk zone: '{there}'"
        msg = f'Code="BadRequest" Message="Disk {disk.id} cannot be attached to the VM because it is not {why}."'
        raise Refused(msg)


def _zone(given: Any) -> str:
    return str(given[0]) if isinstance(given, list) and given else ""
