"""Ranges of networks and subnets, the routes within a table, and what the rules of a security group lack."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import Any, Final

from trainyard.sandbox.check import Problem
from trainyard.sandbox.conflicts.aws.facts import regions, zone_prefix
from trainyard.sandbox.conflicts.aws.network import NEW_RULES, TARGETS
from trainyard.sandbox.conflicts.aws.reading import has, known, region_of, there, whole
from trainyard.sandbox.conflicts.conflict import Conflict, Given

_SUBNET: Final = "aws:ec2/subnet:Subnet"
_GROUP: Final = "aws:ec2/securityGroup:SecurityGroup"
# docs.aws.amazon.com/vpc, "VPC CIDR blocks": ranges that no VPC has.
_NEVER: Final = tuple(map(ipaddress.ip_network, ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4")))
_SOURCES: Final = ("cidrBlocks", "ipv6CidrBlocks", "prefixListIds", "securityGroups", "self")
_DESTINATIONS: Final = ("cidrBlock", "destinationPrefixListId", "ipv6CidrBlock")


def _network(given: Given) -> Iterator[Problem]:
    text = given.text("cidrBlock")
    range_ = _range(text)
    if range_ is not None and range_.version == 4 and any(range_.overlaps(one) for one in _NEVER):
        yield Problem("cidrBlock", f"InvalidVpc.Range: The CIDR '{text}' is invalid; it is kept for other uses")


def _subnet(given: Given) -> Iterator[Problem]:
    range_ = _range(given.text("ipv6CidrBlock"))
    if range_ is not None and (range_.prefixlen % 4 or not 44 <= range_.prefixlen <= 64):
        yield Problem("ipv6CidrBlock", f"InvalidSubnet.Range: /{range_.prefixlen}; /44 to /64 in steps of 4 are taken")
    of_six = any(there(given, name) for name in ("ipv6CidrBlock", "ipv6IpamPoolId", "ipv6NetmaskLength"))
    for name in ("assignIpv6AddressOnCreation", "ipv6Native"):
        if given.at(name) is True and not of_six:
            yield Problem(name, f"InvalidParameterValue: {name} needs an ipv6CidrBlock of the subnet")
    if given.at("ipv6Native") is True and has(given, "cidrBlock"):
        yield Problem("cidrBlock", "InvalidParameterCombination: an IPv6-only subnet has no IPv4 CIDR block")
    zone, region = given.text("availabilityZoneId"), region_of(given)
    if zone and region in regions() and not zone.startswith(f"{zone_prefix(region)}-"):
        yield Problem(
            "availabilityZoneId",
            f"InvalidParameterValue: Value ({zone}) for parameter availabilityZoneId is invalid; those of {region} "
            f"begin with {zone_prefix(region)}-",
        )


def _rules(given: Given) -> Iterator[Problem]:
    for list_ in ("ingress", "egress"):
        for path, rule in given.each(list_):
            protocol = str(known(rule.get("protocol")) or "").lower()
            if not any(_set(rule.get(name)) for name in _SOURCES):
                yield Problem(path, "InvalidParameterValue: a rule names who may come: " + ", ".join(_SOURCES))
            kind = whole(rule.get("fromPort"))
            if protocol in ("icmp", "1", "icmpv6", "58") and kind is not None and not -1 <= kind <= 255:
                yield Problem(
                    f"{path}.fromPort",
                    f"InvalidParameterValue: ICMP type ({kind}) is out of range; -1 to 255 are taken",
                )


def _new_rule(given: Given) -> Iterator[Problem]:
    protocol = str(given.at("ipProtocol") or "").lower()
    low, high = given.at("fromPort"), given.at("toPort")
    if protocol in ("-1", "all") and any(whole(port) not in (None, -1, 0) for port in (low, high)):
        yield Problem(
            "fromPort",
            "InvalidParameterValue: You may not specify all protocols and specific ports. Please specify each protocol "
            "and port range combination individually, or all protocols and no port range.",
        )
    for name in ("fromPort", "toPort"):
        if protocol in ("tcp", "udp", "6", "17") and not there(given, name):
            yield Problem(
                name,
                "InvalidParameterValue: Invalid value 'Must specify both from and to ports with TCP/UDP.' for "
                "portRange.",
            )


def _routes(given: Given) -> Iterator[Problem]:
    seen: set[str] = set()
    for path, route in given.each("routes"):
        targets = [name for name in TARGETS if _set(route.get(name))]
        ends = [name for name in _DESTINATIONS if _set(route.get(name))]
        for found, all_, code in ((ends, _DESTINATIONS, "cidrBlock"), (targets, TARGETS, "gatewayId")):
            if not found:
                yield Problem(f"{path}.{code}", f"MissingParameter: a route has one of {', '.join(all_)}")
            elif len(found) > 1 and all(isinstance(known(route[name]), str) for name in found):
                yield Problem(f"{path}.{found[1]}", f"InvalidParameterCombination: {' and '.join(found)} in one route")
        end = known(route.get(ends[0])) if ends else None
        if isinstance(end, str):
            if end in seen:
                text = f"RouteAlreadyExists: The route identified by {end} already exists."
                yield Problem(f"{path}.{ends[0]}", text)
            seen.add(end)


def _set(value: Any) -> bool:
    return value not in (None, "", [], False)


def _range(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text)
    except ValueError:
        return None


CONFLICTS: Final = (
    Conflict(
        name="network-range",
        types=frozenset({"aws:ec2/vpc:Vpc"}),
        says="No VPC has a range that IPv4 keeps for itself.",
        source="docs.aws.amazon.com/vpc, VPC CIDR blocks: restrictions; error InvalidVpc.Range",
        find=_network,
    ),
    Conflict(
        name="subnet-range",
        types=frozenset({_SUBNET}),
        says="IPv6 ranges are /44 to /64, IPv6 settings need one, and a zone's id is one of the region.",
        source="EC2 API CreateSubnet: Ipv6CidrBlock, Ipv6Native, AvailabilityZoneId",
        find=_subnet,
    ),
    Conflict(
        name="rules-of-a-group",
        types=frozenset({_GROUP}),
        says="A rule within a group names a source; ICMP has types up to 255.",
        source="EC2 API AuthorizeSecurityGroupIngress, IpPermission",
        find=_rules,
    ),
    Conflict(
        name="ports-of-a-rule",
        types=NEW_RULES,
        says="TCP and UDP have both ports, all protocols have none.",
        source="EC2 API AuthorizeSecurityGroupIngress; error InvalidParameterValue, portRange",
        find=_new_rule,
    ),
    Conflict(
        name="routes-of-a-table",
        types=frozenset({"aws:ec2/routeTable:RouteTable"}),
        says="Each route has one destination of its own and one target.",
        source="EC2 API CreateRoute; errors RouteAlreadyExists, MissingParameter",
        find=_routes,
    ),
)
