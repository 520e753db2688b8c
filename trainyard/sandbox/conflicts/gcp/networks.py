"""Networks, subnetworks, firewalls, addresses, routes and NAT."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from trainyard.sandbox.check import Problem
from trainyard.sandbox.conflicts.conflict import Conflict, Given, plain
from trainyard.sandbox.conflicts.gcp.machine import text_of
from trainyard.servicer.values import has_unknown

_PORTS: Final = frozenset({"tcp", "udp", "sctp", "6", "17", "132"})
_PROXY: Final = frozenset({"REGIONAL_MANAGED_PROXY", "GLOBAL_MANAGED_PROXY", "INTERNAL_HTTPS_LOAD_BALANCER"})


def _sources(given: Given) -> Iterator[Problem]:
    names = ("sourceTags", "sourceRanges", "sourceServiceAccounts")
    if given.text("direction") != "EGRESS":
        if given.unknown("direction") or any(given.inputs.get(name) is not None for name in names):
            return
        text = "one of source_tags, source_ranges, or source_service_accounts must be defined"
        yield Problem("sourceRanges", f"{text}; sourceRanges [0.0.0.0/0] stands for everybody")
        return
    for name in ("sourceTags", "sourceServiceAccounts"):
        if given.at(name):
            text = "An EGRESS rule has no sources of this kind; give targetTags or targetServiceAccounts"
            yield Problem(name, f"Invalid value for field 'resource.{name}'. {text}")


def _ports(given: Given) -> Iterator[Problem]:
    for name, field in (("allows", "allowed"), ("denies", "denied")):
        for number, (path, rule) in enumerate(given.each(name)):
            protocol = text_of(rule, "protocol").lower()
            if protocol and protocol not in _PORTS and plain(rule.get("ports")):
                text = "ports may only be specified on rules whose protocol is one of [TCP, UDP, SCTP]."
                yield Problem(f"{path}.ports", f"Invalid value for field 'resource.{field}[{number}].ports'. {text}")


def _logging(given: Given) -> Iterator[Problem]:
    if given.at("enableLogging") is False and given.at("logConfig"):
        yield Problem("logConfig", "log_config cannot be defined when enable_logging is false")


def _network(given: Given) -> Iterator[Problem]:
    ula = "enableUlaInternalIpv6"
    if given.text("internalIpv6Range") and given.at(ula) is not True and not given.unknown(ula):
        yield Problem("internalIpv6Range", f"it needs {ula}: true")


def _subnetwork(given: Given) -> Iterator[Problem]:
    purpose = given.text("purpose")
    if purpose in _PROXY and given.at("logConfig"):
        yield Problem("logConfig", f"a subnetwork with the purpose {purpose} has no flow logs; leave it out")
    if given.text("ipv6AccessType") and given.text("stackType") == "IPV4_ONLY":
        yield Problem("ipv6AccessType", "an IPV4_ONLY subnetwork has none; give stackType IPV4_IPV6")


def _address(given: Given) -> Iterator[Problem]:
    internal = given.text("addressType") == "INTERNAL"
    if given.unknown("addressType"):
        return
    purpose = given.text("purpose")
    if not internal and given.text("subnetwork") and given.text("ipVersion") != "IPV6":
        text = "An external address is in no subnetwork; give addressType INTERNAL, or leave it out"
        yield Problem("subnetwork", f"Invalid value for field 'resource.subnetwork'. {text}")
    if not internal and purpose in ("GCE_ENDPOINT", "SHARED_LOADBALANCER_VIP", "VPC_PEERING", "IPSEC_INTERCONNECT"):
        text = f"The purpose {purpose} is of internal addresses: give addressType INTERNAL"
        yield Problem("purpose", f"Invalid value for field 'resource.purpose': '{purpose}'. {text}")
    if internal and given.text("networkTier") == "STANDARD":
        text = "An internal address has no Standard Tier; leave networkTier out"
        yield Problem("networkTier", f"Invalid value for field 'resource.networkTier': 'STANDARD'. {text}")


def _global_address(given: Given) -> Iterator[Problem]:
    if given.text("addressType") != "INTERNAL":
        return
    for name in ("purpose", "network"):
        if given.inputs.get(name) is None:
            yield Problem(name, "required and missing: a global internal address has a purpose and a network")
    if given.text("purpose") == "VPC_PEERING" and given.inputs.get("prefixLength") is None:
        yield Problem("prefixLength", "required and missing: a range for VPC_PEERING has one, such as 16")


def _nat_ranges(given: Given) -> Iterator[Problem]:
    which, path = given.text("sourceSubnetworkIpRangesToNat"), "subnetworks"
    if which == "LIST_OF_SUBNETWORKS" and not given.inputs.get(path) and given.text("type") != "PRIVATE":
        if not given.inputs.get("nat64Subnetworks"):
            yield Problem(path, "required and missing: LIST_OF_SUBNETWORKS needs the list")
    elif which.startswith("ALL_SUBNETWORKS") and given.at(path):
        text = f"{which} takes no list; give LIST_OF_SUBNETWORKS, or leave the list out"
        yield Problem(path, f"Invalid value for field 'resource.nats[0].subnetworks'. {text}")
    for at, subnetwork in given.each(path):
        which_ranges, names = plain(subnetwork.get("sourceIpRangesToNats")), subnetwork.get("secondaryIpRangeNames")
        listed = isinstance(which_ranges, list) and "LIST_OF_SECONDARY_IP_RANGES" in which_ranges
        if listed and not names:
            text = "required and missing: LIST_OF_SECONDARY_IP_RANGES needs the names"
            yield Problem(f"{at}.secondaryIpRangeNames", text)
        elif names and isinstance(which_ranges, list) and not listed and not has_unknown(which_ranges):
            text = "it goes with sourceIpRangesToNats LIST_OF_SECONDARY_IP_RANGES"
            yield Problem(f"{at}.secondaryIpRangeNames", text)


def _nat_addresses(given: Given) -> Iterator[Problem]:
    how = given.text("natIpAllocateOption")
    there = given.inputs.get("natIps") or given.inputs.get("initialNatIps") or given.inputs.get("rules")
    if how == "MANUAL_ONLY" and not there:
        yield Problem("natIps", "required and missing: MANUAL_ONLY needs the addresses")
    elif how == "AUTO_ONLY" and given.at("natIps"):
        text = "AUTO_ONLY takes no addresses; give MANUAL_ONLY, or leave natIps out"
        yield Problem("natIps", f"Invalid value for field 'resource.nats[0].natIps'. {text}")
    if given.at("enableDynamicPortAllocation") is True and given.at("enableEndpointIndependentMapping") is True:
        text = "Endpoint-independent mapping and dynamic port allocation exclude each other; set one to false"
        yield Problem("enableEndpointIndependentMapping", text)


def _route(given: Given) -> Iterator[Problem]:
    instance = given.text("nextHopInstance")
    if instance and "/" not in instance and given.inputs.get("nextHopInstanceZone") is None:
        text = "nextHopInstance is a bare name: give nextHopInstanceZone beside it, or the instance's link"
        yield Problem("nextHopInstanceZone", f"required and missing: {text}")


def _rule(name: str, type: str, says: str, source: str, find: Callable[[Given], Iterator[Problem]]) -> Conflict:
    token = f"gcp:compute/{type[0].lower()}{type[1:]}:{type}"
    return Conflict(name=name, types=frozenset({token}), says=says, source=source, find=find)


_GO: Final = "terraform-provider-google-beta 93c65b2d, resource_compute_firewall.go"
_NAT: Final = "cloud.google.com/nat/docs"
CONFLICTS: Final[tuple[Conflict, ...]] = (
    _rule(
        "firewall-sources",
        "Firewall",
        "an ingress rule says from where, an egress rule has no source tags",
        f"{_GO}, its check of sources; pulumi/pulumi-gcp issue 964 (by design)",
        _sources,
    ),
    _rule(
        "firewall-ports",
        "Firewall",
        "ports go with TCP, UDP and SCTP",
        "cloud.google.com/firewall/docs/firewalls, Protocols and ports",
        _ports,
    ),
    _rule(
        "firewall-logging",
        "Firewall",
        "logging is not configured and switched off",
        f"{_GO}, its check of logging",
        _logging,
    ),
    _rule(
        "internal-ipv6-range",
        "Network",
        "an internal IPv6 range needs ULA",
        "pulumi-gcp 10.2.0, Network.internalIpv6Range",
        _network,
    ),
    _rule(
        "subnetwork-purpose",
        "Subnetwork",
        "flow logs and IPv6 go with what has them",
        "pulumi-gcp 10.2.0, Subnetwork: logConfig, ipv6AccessType",
        _subnetwork,
    ),
    _rule(
        "address-types",
        "Address",
        "subnetwork, purpose and tier fit internal or external",
        "pulumi-gcp 10.2.0, Address: purpose, subnetwork, networkTier",
        _address,
    ),
    _rule(
        "global-internal-address",
        "GlobalAddress",
        "a global internal address has purpose and network",
        "pulumi-gcp 10.2.0, GlobalAddress: purpose, network, prefixLength",
        _global_address,
    ),
    _rule(
        "nat-ranges",
        "RouterNat",
        "the list of subnetworks is there where it is asked for",
        f"{_NAT}; pulumi-gcp 10.2.0, RouterNat.subnetworks",
        _nat_ranges,
    ),
    _rule(
        "nat-addresses",
        "RouterNat",
        "addresses are given where they are manual",
        f"{_NAT}/ports-and-addresses",
        _nat_addresses,
    ),
    _rule(
        "route-next-hop", "Route", "a bare next hop has its zone", "pulumi-gcp 10.2.0, Route.nextHopInstance", _route
    ),
)
