"""Ranges of addresses and of ports, and numbers of routers: shapes that Google takes, and none twice."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator
from typing import Final

from trainyard.sandbox.check import Problem
from trainyard.sandbox.conflicts.conflict import Conflict, Given, plain
from trainyard.sandbox.conflicts.gcp.machine import text_of

_SUBNETWORK: Final = "gcp:compute/subnetwork:Subnetwork"
_LEAST: Final = 29  # the longest prefix of a range
_MOST: Final = 4
# cloud.google.com/vpc/docs/subnets, Prohibited IPv4 subnet ranges
_NEVER: Final = tuple(
    map(ipaddress.ip_network, ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "255.255.255.255/32"))
)
_PRIVATE_ASN: Final = (range(64512, 65535), range(4200000000, 4294967295), range(16550, 16551))


def _subnetwork(given: Given) -> Iterator[Problem]:
    seen: list[tuple[str, ipaddress.IPv4Network]] = []
    places = [("ipCidrRange", given.text("ipCidrRange"))]
    names: set[str] = set()
    for path, second in given.each("secondaryIpRanges"):
        places.append((f"{path}.ipCidrRange", text_of(second, "ipCidrRange")))
        name = text_of(second, "rangeName")
        if name and name in names:
            yield Problem(
                f"{path}.rangeName", f"Invalid value for field 'resource.{path}.rangeName': '{name}'. A second"
            )
        names.add(name)
    for path, text in places:
        reason, range_ = _shape(text)
        if reason:
            yield Problem(path, f"Invalid value for field 'resource.{path}': '{text}'. {reason}")
        if range_ is None:
            continue
        for other_path, other in seen:
            if range_.overlaps(other):
                why = f"Invalid IPCidrRange: {text} conflicts with {other_path} {other} of the same subnetwork."
                yield Problem(path, why)
        seen.append((path, range_))


def _shape(text: str) -> tuple[str, ipaddress.IPv4Network | None]:
    """Why a range is none for a subnetwork, and the range."""
    try:
        range_ = ipaddress.IPv4Network(text, strict=False)
    except ValueError:
        return "", None  # told elsewhere
    if "/" not in text:
        return "", None
    if str(range_.network_address) != text.partition("/")[0]:
        return f"The range begins at its network's address: {range_}", range_
    if not _MOST <= range_.prefixlen <= _LEAST:
        return f"A range is from /{_MOST} to /{_LEAST}", range_
    never = next((one for one in _NEVER if range_.overlaps(one)), None)
    return (f"{never} cannot be used in a VPC network" if never else ""), range_


def _dual_stack(given: Given) -> Iterator[Problem]:
    access = "ipv6AccessType"
    if given.text("stackType") == "IPV4_IPV6" and given.inputs.get(access) is None:
        yield Problem(access, "required and missing: a subnetwork with IPv6 has EXTERNAL or INTERNAL addresses")


def _ports(given: Given) -> Iterator[Problem]:
    for name in ("allows", "denies"):
        for path, rule in given.each(name):
            ports = plain(rule.get("ports"))
            for number, text in enumerate(ports if isinstance(ports, list) else ()):
                low, _, high = text.partition("-") if isinstance(text, str) else ("", "", "")
                if low.isdecimal() and high.isdecimal() and int(low) > int(high):
                    why = "A range of ports goes from the lower to the higher"
                    yield Problem(
                        f"{path}.ports[{number}]", f"Invalid value for field 'resource.{path}': '{text}'. {why}"
                    )


def _families(given: Given) -> Iterator[Problem]:
    for name in ("sourceRanges", "destinationRanges"):
        ranges = given.at(name)
        texts = [text for text in ranges if isinstance(text, str)] if isinstance(ranges, list) else []
        if any(":" in text for text in texts) and any(":" not in text for text in texts):
            why = "A rule has IPv4 or IPv6 ranges, not both; make two rules"
            yield Problem(name, f"Invalid value for field 'resource.{name}'. {why}")


def _asn(given: Given) -> Iterator[Problem]:
    asn = given.at("bgp.asn")
    if isinstance(asn, int | float) and not any(int(asn) in numbers for numbers in _PRIVATE_ASN):
        text = "expected a valid RFC6996 private ASN: 64512 to 65534, 4200000000 to 4294967294, or 16550"
        yield Problem("bgp.asn", f"Invalid value '{asn:g}': {text}")
    custom = given.text("bgp.advertiseMode") == "CUSTOM" or given.unknown("bgp.advertiseMode")
    for name in ("advertisedGroups", "advertisedIpRanges"):
        if given.at(f"bgp.{name}") and not custom:
            text = "it goes with advertiseMode CUSTOM alone"
            yield Problem(f"bgp.{name}", f"Invalid value for field 'resource.bgp.{name}'. {text}")


def _nat_ports(given: Given) -> Iterator[Problem]:
    dynamic, most = given.at("enableDynamicPortAllocation") is True, given.at("maxPortsPerVm")
    if most and not dynamic and not given.unknown("enableDynamicPortAllocation"):
        yield Problem("maxPortsPerVm", "it goes with enableDynamicPortAllocation true alone; leave it out")
    if dynamic:
        for name in ("minPortsPerVm", "maxPortsPerVm"):
            number = given.at(name)
            if isinstance(number, int | float) and number and int(number) & (int(number) - 1):
                text = "With dynamic port allocation it is a power of 2"
                yield Problem(name, f"Invalid value for field 'resource.nats[0].{name}': '{number:g}'. {text}")


def _rule(name: str, type: str, says: str, source: str, find: Callable[[Given], Iterator[Problem]]) -> Conflict:
    token = f"gcp:compute/{type[0].lower()}{type[1:]}:{type}"
    return Conflict(name=name, types=frozenset({token}), says=says, source=source, find=find)


_VPC: Final = "cloud.google.com/vpc/docs/subnets"
CONFLICTS: Final[tuple[Conflict, ...]] = (
    _rule("subnetwork-ranges", "Subnetwork", "ranges are whole, allowed, and apart from each other", _VPC, _subnetwork),
    _rule(
        "dual-stack-access",
        "Subnetwork",
        "a dual-stack subnetwork says which IPv6 it has",
        "cloud.google.com/vpc/docs/create-modify-vpc-networks, Add a dual-stack subnet; compute.v1 Subnetwork",
        _dual_stack,
    ),
    _rule(
        "ports-in-order",
        "Firewall",
        "a range of ports goes upwards",
        "cloud.google.com/firewall/docs/firewalls, Protocols and ports",
        _ports,
    ),
    _rule(
        "one-family-of-addresses",
        "Firewall",
        "a rule's ranges are of one family",
        "cloud.google.com/firewall/docs/firewalls, Sources: IPv4 or IPv6, not a combination",
        _families,
    ),
    _rule(
        "router-numbers",
        "Router",
        "a router has a private ASN, and advertises its own choice in CUSTOM mode",
        "terraform-provider-google-beta 93c65b2d, verify.ValidateRFC6996Asn; pulumi-gcp 10.2.0, RouterBgp",
        _asn,
    ),
    _rule(
        "nat-ports",
        "RouterNat",
        "dynamic port allocation has powers of 2, static has no maximum",
        "cloud.google.com/nat/docs/ports-and-addresses; pulumi-gcp 10.2.0, RouterNat.maxPortsPerVm",
        _nat_ports,
    ),
)
