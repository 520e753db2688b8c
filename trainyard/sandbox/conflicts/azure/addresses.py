"""Networks' ranges of addresses: whole, inside one another, without overlap."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Any, Final

from trainyard.sandbox.check import Problem
from trainyard.sandbox.conflicts.azure.words import LEARN, conflict, known, missing, objects, texts, types, whole
from trainyard.sandbox.conflicts.conflict import Given

_Range = ipaddress.IPv4Network | ipaddress.IPv6Network
_FAQ: Final = f"{LEARN}/virtual-network/virtual-networks-faq, What address ranges, How small and how large"
_NET: Final = types("network:VirtualNetwork")
_SUBNET: Final = types("network:Subnet")
# https://learn.microsoft.com/azure/virtual-network/virtual-networks-faq, What address ranges can I use
_TAKEN: Final = tuple(
    ipaddress.IPv4Network(text)
    for text in ("224.0.0.0/4", "255.255.255.255/32", "127.0.0.0/8", "169.254.0.0/16", "168.63.129.16/32")
)
# Special subnets that need room: the pages of Bastion, Azure Firewall and VPN Gateway.
_LEAST: Final = {
    "azurebastionsubnet": 26,
    "azurefirewallsubnet": 26,
    "azurefirewallmanagementsubnet": 26,
    "gatewaysubnet": 29,
}


@conflict(
    "networks-have-ranges",
    _NET,
    "A network's ranges are whole and do not overlap.",
    f"{_FAQ}; error code InvalidCIDRNotation",
)
def networks(given: Given) -> Iterator[Problem]:
    found: list[tuple[str, _Range]] = []
    for at, text in texts(given.at("addressSpace.addressPrefixes"), "addressSpace.addressPrefixes"):
        one = _read(text)
        if isinstance(one, str):
            yield Problem(at, one)
            continue
        taken = next(
            (other for other in _TAKEN if isinstance(one, ipaddress.IPv4Network) and one.overlaps(other)), None
        )
        if taken is not None:
            yield Problem(at, f"AddressPrefixNotAllowed: {one} lies in {taken}, which no virtual network may have")
        elif isinstance(one, ipaddress.IPv4Network) and one.prefixlen > 29:
            yield Problem(at, f"InvalidAddressPrefix: {one} is smaller than /29, the smallest range of a network")
        yield from _overlap(at, one, found, "NetcfgAddressSpaceOverlaps")
        found.append((at, one))
    for at, text in texts(given.at("dhcpOptions.dnsServers"), "dhcpOptions.dnsServers"):
        if not _is_address(text):
            yield Problem(at, f"InvalidIPAddressFormat: '{text}' of dnsServers is no address")
    if given.at("addressSpace.addressPrefixes") == []:
        yield Problem(
            "addressSpace.addressPrefixes",
            "MissingAddressSpace: a virtual network needs addressSpace.addressPrefixes, such as 10.0.0.0/16",
        )
    if given.at("addressSpace") is None and not given.unknown("addressSpace"):
        yield Problem(
            "addressSpace",
            "MissingAddressSpace: a virtual network needs addressSpace.addressPrefixes, such as 10.0.0.0/16",
        )


@conflict(
    "subnets-lie-in-their-network",
    _NET,
    "Subnets given with their network lie in its ranges and do not overlap.",
    f"{_FAQ}; error codes NetcfgInvalidSubnet, NetcfgSubnetRangesOverlap",
)
def inside(given: Given) -> Iterator[Problem]:
    space = given.at("addressSpace.addressPrefixes")
    ranges = [one for _, text in texts(space, "") if not isinstance(one := _read(text), str)]
    complete = whole(space) and len(ranges) == len(space)
    found: list[tuple[str, _Range]] = []
    for at, subnet in objects(given.at("subnets"), "subnets"):
        for where, one in _ranges_of(subnet, at):
            if isinstance(one, str):
                yield Problem(where, one)
                continue
            if complete and not any(_within(one, outer) for outer in ranges):
                name = known(subnet, "name") or "subnet"
                yield Problem(
                    where,
                    f"NetcfgInvalidSubnet: Subnet '{name}' is not valid in virtual network: {one} is not inside"
                    f" {', '.join(map(str, ranges))}",
                )
            yield from _overlap(where, one, found, "NetcfgSubnetRangesOverlap")
            found.append((where, one))
        yield from _small(known(subnet, "name"), _ranges_of(subnet, at))
        yield from _no_range(subnet, f"{at}.addressPrefix")


@conflict(
    "a-subnet-has-a-range", _SUBNET, "A subnet has a whole range of at least /29, a special one its own least.", _FAQ
)
def subnet(given: Given) -> Iterator[Problem]:
    for where, one in _ranges_of(given.inputs, ""):
        if isinstance(one, str):
            yield Problem(where, one)
    name = given.at("subnetName")
    yield from _small(name, _ranges_of(given.inputs, ""))
    yield from _no_range(given.inputs, "addressPrefix")
    if isinstance(name, str) and name.lower() == "gatewaysubnet":
        if given.at("networkSecurityGroup") is not None:
            yield Problem(
                "networkSecurityGroup",
                "NetworkSecurityGroupNotAllowedOnGatewaySubnet: no network security group goes on a GatewaySubnet",
            )
        if given.at("natGateway") is not None:
            yield Problem("natGateway", "NatGatewayNotAllowedOnGatewaySubnet: no NAT gateway goes on a GatewaySubnet")


def _no_range(subnet: Mapping[str, Any], at: str) -> Iterator[Problem]:
    ways = ("addressPrefix", "addressPrefixes", "ipamPoolPrefixAllocations", "id")
    if all(missing(subnet, way) for way in ways):
        yield Problem(at, "InvalidRequestFormat: a subnet needs addressPrefix, such as 10.0.1.0/24")


def _ranges_of(subnet: Mapping[str, Any], at: str) -> Iterator[tuple[str, _Range | str]]:
    """Paths of a subnet's ranges, each read, or why it is none."""
    before = f"{at}." if at else ""
    one = known(subnet, "addressPrefix")
    if isinstance(one, str):
        yield f"{before}addressPrefix", _subnet_range(one)
    for where, text in texts(known(subnet, "addressPrefixes"), f"{before}addressPrefixes"):
        yield where, _subnet_range(text)


def _subnet_range(text: str) -> _Range | str:
    one = _read(text)
    if isinstance(one, ipaddress.IPv4Network) and one.prefixlen > 29:
        return (
            f"InvalidSubnetPrefix: {text} is too small; a subnet has at least /29, of which Azure keeps five addresses"
        )
    if isinstance(one, ipaddress.IPv6Network) and one.prefixlen != 64:
        return f"InvalidIPv6SubnetPrefixLength: {text}; an IPv6 subnet is a /64"
    return one


def _small(name: Any, ranges: Iterator[tuple[str, _Range | str]]) -> Iterator[Problem]:
    most = _LEAST.get(name.lower()) if isinstance(name, str) else None
    for at, one in ranges:
        if most is not None and isinstance(one, ipaddress.IPv4Network) and one.prefixlen > most:
            yield Problem(at, f"InvalidSubnetPrefix: {name} needs at least /{most}; {one} is smaller")


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _read(text: str) -> _Range | str:
    try:
        return ipaddress.ip_network(text)
    except ValueError as error:
        whole_one = _whole_range(text)
        hint = f" For the given prefix length, the address prefix should be {whole_one}." if whole_one else ""
        return f"InvalidCIDRNotation: The address prefix {text} has an invalid CIDR notation ({error}).{hint}"


def _whole_range(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text, strict=False))
    except ValueError:
        return ""


def _within(one: _Range, outer: _Range) -> bool:
    if isinstance(one, ipaddress.IPv4Network):
        return isinstance(outer, ipaddress.IPv4Network) and one.subnet_of(outer)
    return isinstance(outer, ipaddress.IPv6Network) and one.subnet_of(outer)


def _overlap(at: str, one: _Range, found: list[tuple[str, _Range]], code: str) -> Iterator[Problem]:
    for other, before in found:
        if one.version == before.version and one.overlaps(before):
            yield Problem(at, f"{code}: {one} overlaps with {before} of {other}")


CONFLICTS: Final = (networks, inside, subnet)
