"""Google Cloud: subnetworks of a network, addresses in them, disks and machines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from trainyard.sandbox import world
from trainyard.sandbox.provider.order import Order, Refused
from trainyard.sandbox.references import cross_google_fabric as fabric
from trainyard.sandbox.references import finding
from trainyard.sandbox.references.ranges import Range, holds, overlap, range_of
from trainyard.servicer.values import reveal

if TYPE_CHECKING:
    from trainyard.sandbox.references.pointing import Pointer

_SUBNETWORK: Final = "gcp:compute/subnetwork:Subnetwork"
_INSTANCE: Final = "gcp:compute/instance:Instance"
_AUTO: Final = "10.128.0.0/9"


def _subnetwork(order: Order, pointers: Sequence[Pointer]) -> None:
    """Its range is free in its network. VPC docs, "Considerations for auto mode": 10.128.0.0/9 is the network's own."""
    network = next((pointer.to for pointer in pointers if pointer.target == "network"), None)
    own = range_of(order.plain("ipCidrRange"))
    if network is None or own is None or order.before is not None:
        return
    auto = range_of(_AUTO)
    if auto is not None and overlap(own, auto) and world.is_auto_mode(order.store, network.id):
        text = f"conflicts with the subnetworks of the auto mode network '{network.id}', which hold {_AUTO}"
        raise _taken(order, text)
    rows = order.store.rows(
        "SELECT id FROM refs WHERE to_type=? AND to_id=? AND type=?", network.type, network.id, _SUBNETWORK
    )
    for (id,) in rows:
        sibling = order.store.get(_SUBNETWORK, id)
        other = range_of(reveal(sibling.inputs.get("ipCidrRange"))) if sibling is not None else None
        if sibling is not None and other is not None and overlap(own, other):
            raise _taken(order, f"conflicts with existing subnetwork '{sibling.name}' in region '{sibling.place}'")


def _taken(order: Order, why: str) -> Refused:
    given = order.plain("ipCidrRange")
    return Refused(f"googleapi: Error 400: Invalid IPCidrRange: {given} {why}., invalid")


def _instance(order: Order, pointers: Sequence[Pointer]) -> None:
    by_path = {pointer.path: pointer for pointer in pointers}
    for number, interface in enumerate(order.plain("networkInterfaces") or ()):
        path = f"networkInterfaces[{number}]"
        subnetwork = by_path.get(f"{path}.subnetwork")
        network = by_path.get(f"{path}.network")
        if subnetwork is None and network is not None and network.to is not None and order.before is None:
            _check_auto(order, network.to.id, path)
        if subnetwork is not None and subnetwork.to is not None and isinstance(interface, Mapping):
            _check_address(order, subnetwork.to.id, interface, path)
    if order.before is None:
        _check_disks(order, pointers)


def _check_auto(order: Order, network: str, path: str) -> None:
    if not world.is_auto_mode(order.store, network):
        text = (
            f"googleapi: Error 400: Invalid value for field 'resource.{path}': ''. Subnetwork should be specified for "
            f"custom subnetmode network, invalid; '{network}' makes no subnetworks of its own"
        )
        raise Refused(text)


def _check_address(order: Order, subnetwork: str, interface: Mapping[str, Any], path: str) -> None:
    given = interface.get("networkIp")
    if not given or order.before is not None:
        return
    thing = order.store.get(_SUBNETWORK, subnetwork) or world.google_thing(order.store, _SUBNETWORK, subnetwork)
    range_: Range | None = range_of(reveal(thing.inputs.get("ipCidrRange"))) if thing is not None else None
    if range_ is not None and holds(range_, given) is False:
        text = (
            f"googleapi: Error 400: Invalid value for field 'resource.{path}.networkIP': '{given}'. IP address "
            f"'{given}' is not in the range of the specified subnetwork, {range_}, badRequest"
        )
        raise Refused(text)
    if range_ is not None:
        for user in finding.users_of(order.store, _SUBNETWORK, subnetwork):
            other = order.store.get(user.type, user.id) if user.type == _INSTANCE else None
            told = reveal(other.outputs.get("networkInterfaces")) if other is not None else None
            if any(one.get("networkIp") == given for one in told or () if isinstance(one, Mapping)):
                text = (
                    f"googleapi: Error 400: IP address '{given}' is already being used by another resource "
                    f"('{user.id}')., IP_IN_USE_BY_ANOTHER_RESOURCE"
                )
                raise Refused(text)


def _check_disks(order: Order, pointers: Sequence[Pointer]) -> None:
    """A disk that may be written to is attached to one machine only."""
    for pointer in pointers:
        if pointer.target != "disk" or pointer.to is None or not pointer.path.endswith("source"):
            continue
        for user in finding.users_of(order.store, pointer.to.type, pointer.to.id):
            if user.type == _INSTANCE and not _read_only(order, pointer.path):
                text = (
                    f"googleapi: Error 400: The disk resource '{pointer.to.id}' is already being used by '{user.id}', "
                    "resourceInUseByAnotherResource"
                )
                raise Refused(text)


def _read_only(order: Order, path: str) -> bool:
    if not path.startswith("attachedDisks["):
        return False
    number = int(path.removeprefix("attachedDisks[").partition("]")[0])
    return bool((order.plain("attachedDisks") or [{}])[number].get("mode") == "READ_ONLY")


_OWN: Final[Mapping[str, tuple[Callable[[Order, Sequence[Pointer]], None], ...]]] = {
    _SUBNETWORK: (_subnetwork,),
    _INSTANCE: (_instance,),
}


def _check(order: Order, pointers: Sequence[Pointer]) -> None:
    for rule in (*_OWN.get(order.type.token, ()), *fabric.RULES.get(order.type.token, ())):
        rule(order, pointers)


RULES: Final[Mapping[str, Callable[[Order, Sequence[Pointer]], None]]] = dict.fromkeys({*_OWN, *fabric.RULES}, _check)
