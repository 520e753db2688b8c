"""Azure: subnets of a network, interfaces of one machine, things of one region."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from trainyard.sandbox.provider.order import Order, Refused
from trainyard.sandbox.references import (
    cross_azure_addresses,
    cross_azure_disks,
    cross_azure_services,
    finding,
)
from trainyard.sandbox.references.finding import Hit
from trainyard.sandbox.references.ranges import Range, inside, overlap, range_of
from trainyard.sandbox.store import Thing
from trainyard.servicer.values import reveal

if TYPE_CHECKING:
    from trainyard.sandbox.references.pointing import Pointer

_NETWORK: Final = "azure-native:network:VirtualNetwork"
_SUBNET: Final = "azure-native:network:Subnet"
_MACHINE: Final = "azure-native:compute:VirtualMachine"
_INTERFACE: Final = "azure-native:network:NetworkInterface"


def _network(order: Order, pointers: Sequence[Pointer]) -> None:
    """Subnets that the network names itself: inside its ranges and apart."""
    space = _space(order.plain("addressSpace"))
    taken: list[tuple[str, Range]] = []
    for subnet in order.plain("subnets") or ():
        for one in _ranges(subnet):
            _check(one, str(subnet.get("name", "")), order.text("virtualNetworkName", order.name), space, taken)
            taken.append((str(subnet.get("name", "")), one))


def _subnet(order: Order, pointers: Sequence[Pointer]) -> None:
    """A subnet on its own: inside its network's ranges, apart from its siblings."""
    network = next((pointer.to for pointer in pointers if pointer.target == "virtualNetworkParent"), None)
    thing = order.store.get(network.type, network.id) if network is not None else None
    if thing is None or order.before is not None:
        return
    taken = list(_siblings(order, thing))
    own = order.text("subnetName", order.name)
    for one in _ranges({name: order.plain(name) for name in ("addressPrefix", "addressPrefixes")}):
        _check(one, own, thing.name, _space(reveal(thing.inputs.get("addressSpace"))), taken)


def _check(one: Range, name: str, network: str, space: list[Range], taken: list[tuple[str, Range]]) -> None:
    if space and not any(inside(one, whole) for whole in space):
        msg = (
            f"Code=\"NetcfgInvalidSubnet\" Message=\"Subnet '{name}' is not valid in virtual network '{network}'.\"; "
            f"{one} is not within {', '.join(map(str, space))}"
        )
        raise Refused(msg)
    for other_name, other in taken:
        if overlap(one, other) and other_name.lower() != name.lower():
            msg = (
                f'Code="NetcfgSubnetRangesOverlap" Message="Subnet \'{name}\' is not valid because its IP address '
                f"range overlaps with that of an existing subnet in virtual network '{network}'.\"; "
                f"'{other_name}' has {other}"
            )
            raise Refused(msg)


def _siblings(order: Order, network: Thing) -> Iterator[tuple[str, Range]]:
    for subnet in reveal(network.inputs.get("subnets")) or ():
        for one in _ranges(subnet):
            yield str(subnet.get("name", "")), one
    rows = order.store.rows(
        "SELECT id FROM refs WHERE to_type=? AND to_id=? AND type=?", network.type, network.id, _SUBNET
    )
    for (id,) in rows:
        sibling = order.store.get(_SUBNET, id)
        if sibling is not None:
            for one in _ranges(reveal(dict(sibling.inputs))):
                yield sibling.name, one


def _space(value: Any) -> list[Range]:
    given = value.get("addressPrefixes") if isinstance(value, Mapping) else None
    return [one for text in given or () if (one := range_of(text)) is not None]


def _ranges(subnet: Any) -> list[Range]:
    if not isinstance(subnet, Mapping):
        return []
    given = [subnet.get("addressPrefix"), *(subnet.get("addressPrefixes") or ())]
    return list(dict.fromkeys(one for text in given if (one := range_of(text)) is not None))


def _machine(order: Order, pointers: Sequence[Pointer]) -> None:
    """An interface belongs to one machine, as disks do, and all are in one region."""
    for pointer in pointers:
        if pointer.to is None or pointer.to.type != _INTERFACE or order.before is not None:
            continue
        for user in finding.users_of(order.store, pointer.to.type, pointer.to.id):
            if user.type == _MACHINE:
                msg = (
                    f'Code="NicInUse" Message="Network Interface {pointer.to.id} is used by existing resource '
                    f'{user.id}. In order to attach it elsewhere, it must be dissociated first."'
                )
                raise Refused(msg)
    _same_region(order, pointers)
    cross_azure_disks.attached(order, pointers)


def _same_region(order: Order, pointers: Sequence[Pointer]) -> None:
    own = _plain_place(order.text("location") or _group_place(pointers))
    for pointer in pointers:
        if pointer.to is None or pointer.target not in (
            "subnet",
            "networkInterface",
            "publicIp",
            "securityGroup",
            "disk",
        ):
            continue
        there = _plain_place(_place(order, pointer.to))
        if own and there and own != there and order.before is None:
            msg = (
                f'Code="InvalidResourceReference" Message="Resource {pointer.given} referenced by resource '
                f"{order.name} was not found. Please make sure that the referenced resource exists, and that both "
                f'resources are in the same region."; it is in {there}, this is in {own}'
            )
            raise Refused(msg)


def _place(order: Order, hit: Hit) -> str:
    """Where a thing is; a subnet is where its network is."""
    network = finding.by_path(order.store, hit.id.partition("/subnets/")[0]) if "/subnets/" in hit.id else None
    return (network or hit).place


def _group_place(pointers: Sequence[Pointer]) -> str:
    return next((pointer.to.place for pointer in pointers if pointer.target == "resourceGroup" and pointer.to), "")


def _plain_place(text: str) -> str:
    return text.replace(" ", "").lower()


def _interface(order: Order, pointers: Sequence[Pointer]) -> None:
    _same_region(order, pointers)
    cross_azure_addresses.public_addresses(order, pointers)
    cross_azure_addresses.private_addresses(order, pointers)


def _gateway(order: Order, pointers: Sequence[Pointer]) -> None:
    """What stands between networks: in their region, with addresses of its own."""
    _same_region(order, pointers)
    cross_azure_addresses.public_addresses(order, pointers)


RULES: Final[Mapping[str, Callable[[Order, Sequence[Pointer]], None]]] = {
    **cross_azure_addresses.RULES,
    **cross_azure_services.RULES,
    _NETWORK: _network,
    _SUBNET: _subnet,
    _MACHINE: _machine,
    _INTERFACE: _interface,
    **dict.fromkeys(
        (f"azure-native:network:{kind}" for kind in ("LoadBalancer", "NatGateway", "BastionHost", "AzureFirewall")),
        _gateway,
    ),
    **dict.fromkeys(
        ("azure-native:network:PrivateEndpoint", "azure-native:compute:VirtualMachineScaleSet"), _same_region
    ),
}
