"""Google Cloud: subnetworks of a network, addresses in them, disks and machines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from trainyard.sandbox import world
from trainyard.sandbox.provider.order import Order, Refused
from trainyard.sandbox.references import cross_google_fabric as fabric
from trainyard.sandbox.references import finding
from trainyard.sandbox.references.finding import Hit
from trainyard.sandbox.references.ranges import Range, holds, overlap, range_of
from trainyard.servicer.values import reveal

if TYPE_CHECKING:
    from trainyard.sandbox.references.pointing import Pointer

_SUBNETWORK: Final = "gcp:compute/subnetwork:Subnetwork"
_INSTANCE: Final = "gcp:compute/instance:Instance"
# cloud.google.com/vpc/docs/subnets, Unusable addresses in IPv4 subnet ranges
_KEPT: Final = "The first two and the last two addresses of a subnetwork's range are the network's own"
_AUTO: Final = "10.128.0.0/9"


def _subnetwork(order: Order, pointers: Sequence[Pointer]) -> None:
    """Its range is free in its network. VPC docs, "Considerations for auto mode": 10.128.0.0/9 is the network's own."""
    network = next((pointer.to for pointer in pointers if pointer.target == "network"), None)
    own = range_of(order.plain("ipCidrRange"))
    if network is None or own is None or order.before is not None:
        return
    _check_siblings(order, network)
    auto = range_of(_AUTO)
    if auto is not None and overlap(own, auto) and world.is_auto_mode(order.store, network.id):
        text = f"conflicts with the subnetworks of the auto mode network '{network.id}', which hold {_AUTO}"
        raise _taken(order, text)


def _check_siblings(order: Order, network: Hit) -> None:
    rows = order.store.rows(
        "SELECT id FROM refs WHERE to_type=? AND to_id=? AND type=?", network.type, network.id, _SUBNETWORK
    )
    own = _ranges(order.plain("ipCidrRange"), order.plain("secondaryIpRanges"))
    for (id,) in rows:
        sibling = order.store.get(_SUBNETWORK, id)
        if sibling is None:
            continue
        given = reveal(dict(sibling.inputs))
        for other in _ranges(given.get("ipCidrRange"), given.get("secondaryIpRanges")):
            taken = next((range_ for range_ in own if overlap(range_, other)), None)
            if taken is not None:
                why = f"conflicts with existing subnetwork '{sibling.name}' in region '{sibling.place}'"
                msg = f"googleapi: Error 400: Invalid IPCidrRange: {taken} {why}., invalid"
                raise Refused(msg)


def _ranges(first: object, more: object) -> list[Range]:
    """The primary range and the secondary ones."""
    seconds = [one.get("ipCidrRange") for one in more if isinstance(one, Mapping)] if isinstance(more, list) else []
    return [range_ for text in (first, *seconds) if (range_ := range_of(text)) is not None]


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
    if range_ is not None and _reserved(range_, given):
        text = (
            f"googleapi: Error 400: Invalid value for field 'resource.{path}.networkIP': '{given}'. {_KEPT}, badRequest"
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


def _reserved(range_: Range, address: object) -> bool:
    if range_.version != 4 or range_.num_addresses < 4:
        return False
    return str(address) in {str(range_[number]) for number in (0, 1, -2, -1)}


def _held(order: Order, pointers: Sequence[Pointer]) -> None:
    """An internal address that is asked for lies in its subnetwork."""
    given = order.text("address")
    subnetwork = next((pointer.to for pointer in pointers if pointer.target == "subnetwork"), None)
    if not given or subnetwork is None or order.before is not None:
        return
    thing = order.store.get(_SUBNETWORK, subnetwork.id) or world.google_thing(order.store, _SUBNETWORK, subnetwork.id)
    range_ = range_of(reveal(thing.inputs.get("ipCidrRange"))) if thing is not None else None
    if range_ is None:
        return
    start = f"googleapi: Error 400: Invalid value for field 'resource.address': '{given}'."
    if holds(range_, given) is False:
        msg = f"{start} Requested internal IP address is outside the subnetwork CIDR range {range_}., invalid"
        raise Refused(msg)
    if _reserved(range_, given):
        msg = f"{start} {_KEPT}, invalid"
        raise Refused(msg)


def _cluster(order: Order, pointers: Sequence[Pointer]) -> None:
    """The secondary ranges that a cluster names are its subnetwork's."""
    subnetwork = next((pointer.to for pointer in pointers if pointer.path == "subnetwork"), None)
    policy = order.plain("ipAllocationPolicy")
    thing = order.store.get(_SUBNETWORK, subnetwork.id) if subnetwork is not None else None
    if thing is None or not isinstance(policy, Mapping) or order.before is not None:
        return
    names = [one.get("rangeName") for one in reveal(thing.inputs.get("secondaryIpRanges")) or ()]
    for wire in ("clusterSecondaryRangeName", "servicesSecondaryRangeName"):
        if policy.get(wire) and policy[wire] not in names:
            msg = (
                f'googleapi: Error 400: Services range "{policy[wire]}" or pods range does not exist in subnetwork '
                f'"{thing.name}"; it has {", ".join(map(str, names)) or "no secondary ranges"}., badRequest'
            )
            raise Refused(msg)


def _pool(order: Order, pointers: Sequence[Pointer]) -> None:
    """A pool lies where its cluster does, where the cluster is given by its name."""
    cluster, location = (
        next((pointer for pointer in pointers if pointer.path == "cluster"), None),
        order.text("location"),
    )
    if cluster is None or cluster.to is None or "/" in cluster.given or not location or not cluster.to.place:
        return
    if cluster.to.place != location:
        path = f"projects/{cluster.to.project}/locations/{location}/clusters/{cluster.given}"
        msg = f"googleapi: Error 404: Not found: {path}., notFound; the cluster is in {cluster.to.place}"
        raise Refused(msg)


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
    "gcp:compute/address:Address": (_held,),
    "gcp:container/cluster:Cluster": (_cluster,),
    "gcp:container/nodePool:NodePool": (_pool,),
}


def _check(order: Order, pointers: Sequence[Pointer]) -> None:
    for rule in (*_OWN.get(order.type.token, ()), *fabric.RULES.get(order.type.token, ())):
        rule(order, pointers)


RULES: Final[Mapping[str, Callable[[Order, Sequence[Pointer]], None]]] = dict.fromkeys({*_OWN, *fabric.RULES}, _check)
