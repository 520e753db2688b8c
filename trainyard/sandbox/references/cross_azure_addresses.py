"""Azure: addresses that somebody has, names of hosts, priorities of rules, networks that are joined."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from trainyard.sandbox.provider.order import Order, Refused
from trainyard.sandbox.references import finding
from trainyard.sandbox.references.ranges import Range, overlap, range_of
from trainyard.sandbox.store import Thing
from trainyard.servicer.values import reveal

if TYPE_CHECKING:
    from trainyard.sandbox.references.pointing import Pointer

_INTERFACE: Final = "azure-native:network:NetworkInterface"
_RULE: Final = "azure-native:network:SecurityRule"
_ADDRESS: Final = "azure-native:network:PublicIPAddress"


def public_addresses(order: Order, pointers: Sequence[Pointer]) -> None:
    """A public address belongs to one thing."""
    for pointer in pointers if order.before is None else ():
        if pointer.to is None or pointer.to.type != _ADDRESS:
            continue
        for user in finding.users_of(order.store, pointer.to.type, pointer.to.id):
            msg = (
                f'Code="PublicIPAddressInUse" Message="Resource {order.name} is referencing public IP address '
                f'{pointer.to.id} that is already allocated to resource {user.id}."'
            )
            raise Refused(msg)


def private_addresses(order: Order, pointers: Sequence[Pointer]) -> None:
    """A fixed private address lies in its subnet, is none of Azure's five, and is nobody else's."""
    for config in order.plain("ipConfigurations") or () if order.before is None else ():
        address, id = _plain(config, "privateIPAddress"), _plain(_plain(config, "subnet"), "id")
        if not isinstance(address, str) or not isinstance(id, str):
            continue
        ranges = [one for one in _subnet_ranges(order, id) if isinstance(one, ipaddress.IPv4Network)]
        try:
            own = ipaddress.IPv4Address(address)
        except ValueError:
            continue
        home = next((one for one in ranges if own in one), None)
        if ranges and home is None:
            msg = (
                f'Code="PrivateIPAddressNotInSubnet" Message="Private static IP address {address} does not belong to '
                f'the range of subnet prefix {ranges[0]}."'
            )
            raise Refused(msg)
        if home is not None and own in (*(home[number] for number in range(4)), home[-1]):
            msg = (
                f'Code="PrivateIPAddressInReservedRange" Message="Private static IP address {address} falls within '
                f'reserved IP range of subnet prefix {home}."'
            )
            raise Refused(msg)
        _nobody_has(order, id, address)


def _nobody_has(order: Order, subnet: str, address: str) -> None:
    hit = finding.by_path(order.store, subnet)
    for user in finding.users_of(order.store, hit.type, hit.id) if hit is not None else ():
        there = order.store.get(user.type, user.id) if user.type == _INTERFACE else None
        for config in reveal(there.inputs.get("ipConfigurations")) or () if there is not None else ():
            if _plain(config, "privateIPAddress") == address and _plain(_plain(config, "subnet"), "id") == subnet:
                msg = (
                    f'Code="PrivateIPAddressIsAllocated" Message="IP configuration of {order.name} is using the '
                    f'private IP address {address} which is already allocated to resource {user.id}."'
                )
                raise Refused(msg)


def _subnet_ranges(order: Order, id: str) -> Iterator[Range]:
    hit = finding.by_path(order.store, id)
    thing = order.store.get(hit.type, hit.id) if hit is not None else None
    if thing is not None:
        yield from ranges_of(reveal(dict(thing.inputs)))
        return
    above, _, name = id.rpartition("/subnets/")
    network = finding.by_path(order.store, above)
    there = order.store.get(network.type, network.id) if network is not None else None
    for subnet in reveal(there.inputs.get("subnets")) or () if there is not None else ():
        if str(_plain(subnet, "name")).lower() == name.lower():
            yield from ranges_of(subnet)


def ranges_of(subnet: Any) -> list[Range]:
    """The ranges that a subnet's inputs name."""
    if not isinstance(subnet, Mapping):
        return []
    given = [subnet.get("addressPrefix"), *(subnet.get("addressPrefixes") or ())]
    return list(dict.fromkeys(one for text in given if (one := range_of(text)) is not None))


def _plain(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, Mapping) else None


def _label(order: Order, pointers: Sequence[Pointer]) -> None:
    """A label is used once in a region."""
    own = _label_of(order.plain("dnsSettings"))
    if not own or order.before is not None:
        return
    place = _low(order.text("location")) or next((_low(one.to.place) for one in pointers if one.to), "")
    for thing in order.store.list(type=_ADDRESS):
        if _label_of(reveal(thing.inputs.get("dnsSettings"))) == own and _low(thing.place) == place:
            msg = (
                f'Code="DnsRecordInUse" Message="DNS record {own}.{place}.cloudapp.azure.com is already used by '
                f'another public IP."; {thing.id} has it: give another domainNameLabel'
            )
            raise Refused(msg)


def _label_of(settings: Any) -> str:
    return str(_plain(settings, "domainNameLabel") or "").lower()


def _low(text: str) -> str:
    return text.replace(" ", "").lower()


def _rule(order: Order, pointers: Sequence[Pointer]) -> None:
    """In a group each priority is used once in a direction, by rules of its own and by those beside it."""
    group = next((one.to for one in pointers if one.target == "securityGroupParent"), None)
    there = order.store.get(group.type, group.id) if group is not None else None
    if there is None or group is None:
        return
    own = order.text("securityRuleName", order.name).lower()
    rules = [(str(_plain(one, "name")), one) for one in reveal(there.inputs.get("securityRules")) or ()]
    for part in finding.parts_of(order.store, group.type, group.id):
        thing = order.store.get(_RULE, part.id) if part.type == _RULE else None
        if thing is not None:
            rules.append((thing.name, reveal(dict(thing.inputs))))
    way = _low(order.text("direction"))
    for name, rule in rules:
        same = _plain(rule, "priority") == order.plain("priority") and _low(str(_plain(rule, "direction"))) == way
        if same and name.lower() != own:
            msg = (
                f'Code="SecurityRuleConflict" Message="Security rule {own} conflicts with rule {name}. Rules cannot '
                'have the same Priority and Direction."'
            )
            raise Refused(msg)


def _peering(order: Order, pointers: Sequence[Pointer]) -> None:
    """A network is joined to another one, whose ranges are apart from its own."""
    ends = [one.to for one in pointers if one.to is not None and one.to.type.endswith(":VirtualNetwork")]
    if len(ends) != 2 or order.before is not None:
        return
    if ends[0].id.lower() == ends[1].id.lower():
        msg = f'Code="VirtualNetworkCannotBePeeredWithItself" Message="{ends[0].id} cannot be peered with itself."'
        raise Refused(msg)
    own, other = (_space(order.store.get(end.type, end.id)) for end in ends)
    for one in own:
        for there in other:
            if overlap(one, there):
                msg = (
                    f'Code="VnetAddressSpacesOverlap" Message="Cannot create or update peering {order.name}. Virtual '
                    f"networks {ends[0].id} and {ends[1].id} cannot be peered because their address spaces overlap. "
                    f'Overlapping address prefixes: {one}, {there}"'
                )
                raise Refused(msg)


def _space(network: Thing | None) -> list[Range]:
    given = _plain(reveal(network.inputs.get("addressSpace")), "addressPrefixes") if network is not None else None
    return [one for text in given or () if (one := range_of(text)) is not None]


RULES: Final[Mapping[str, Callable[[Order, Sequence[Pointer]], None]]] = {
    _ADDRESS: _label,
    _RULE: _rule,
    "azure-native:network:VirtualNetworkPeering": _peering,
}
