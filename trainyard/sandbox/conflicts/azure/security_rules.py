"""What network security groups and route tables say: ports, ranges, priorities, next hops."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from trainyard.sandbox.check import Problem
from trainyard.sandbox.conflicts.azure.words import LEARN, REST, conflict, known, low, missing, texts, types, words
from trainyard.sandbox.conflicts.conflict import Given

_GROUP: Final = "azure-native:network:NetworkSecurityGroup"
_RULES: Final = types("network:NetworkSecurityGroup", "network:SecurityRule")
_ROUTES: Final = types("network:RouteTable", "network:Route")
_OVERVIEW: Final = f"{LEARN}/virtual-network/network-security-groups-overview, Security rules"
# learn.microsoft.com/azure/virtual-network/service-tags-overview, Available service tags; new ones begin with Azure or
# Microsoft, and are not held against the list.
_TAGS: Final = words("service tags")
_REST: Final = f"{REST}/virtualnetwork/security-rules/create-or-update"


def _each(given: Given) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each rule with what its paths begin with."""
    if given.type.token == _GROUP:
        for at, rule in given.each("securityRules"):
            yield f"{at}.", rule
    else:
        yield "", given.inputs


@conflict(
    "rule-ports-are-ports",
    _RULES,
    "A port is a number of 0 to 65535, a range of two, or *.",
    f"{_OVERVIEW}; error code SecurityRuleInvalidPortRange",
)
def ports(given: Given) -> Iterator[Problem]:
    for at, rule in _each(given):
        for name in ("sourcePortRange", "destinationPortRange"):
            one = known(rule, name)
            found = [(f"{at}{name}", one)] if isinstance(one, str) and one else []
            for path, text in [*found, *texts(known(rule, f"{name}s"), f"{at}{name}s")]:
                if not _is_port(text):
                    yield Problem(
                        path,
                        "SecurityRuleInvalidPortRange: Security rule has invalid Port range. Value provided:"
                        f" {text}. Value"
                        " should be an integer OR integer range with '-' delimiter. Valid range 0-65535.",
                    )


def _is_port(text: str) -> bool:
    if text == "*":
        return True
    found = re.fullmatch(r"(\d{1,5})(?:-(\d{1,5}))?", text.strip())
    return found is not None and int(found.group(1)) <= int(found.group(2) or found.group(1)) <= 65535


@conflict(
    "rule-addresses-are-addresses",
    _RULES,
    "An address is a range, an address, * or the name of a service tag.",
    f"{_OVERVIEW}; error code SecurityRuleInvalidAddressPrefix",
)
def addresses(given: Given) -> Iterator[Problem]:
    for at, rule in _each(given):
        for name in ("sourceAddressPrefix", "destinationAddressPrefix"):
            one = known(rule, name)
            found = [(f"{at}{name}", one)] if isinstance(one, str) and one else []
            many = list(texts(known(rule, f"{name}es"), f"{at}{name}es"))
            for path, text in [*found, *many]:
                if not _is_address(text) or (len(many) > 1 and text == "*" and (path, text) in many):
                    yield Problem(
                        path,
                        "SecurityRuleInvalidAddressPrefix: Security rule has invalid Address prefix. Value"
                        f" provided: {text}",
                    )


@conflict(
    "both-sides-of-a-rule-are-of-one-version",
    _RULES,
    "The addresses of a rule's two sides are all of IPv4 or all of IPv6.",
    f"{LEARN}/virtual-network/ip-services/ipv6-overview; error code SecurityRuleAddressPrefixesMixedIPFamilies",
)
def versions(given: Given) -> Iterator[Problem]:
    for at, rule in _each(given):
        found: set[int] = set()
        for name in ("sourceAddressPrefix", "destinationAddressPrefix"):
            one = known(rule, name)
            for text in [one, *(text for _, text in texts(known(rule, f"{name}es"), ""))]:
                if isinstance(text, str) and (version := _version(text)):
                    found.add(version)
        if len(found) > 1:
            yield Problem(
                f"{at}destinationAddressPrefix",
                "SecurityRuleAddressPrefixesMixedIPFamilies: IPv4 and IPv6 do not go together in a rule",
            )


def _version(text: str) -> int:
    try:
        return ipaddress.ip_network(text, strict=False).version
    except ValueError:
        return 0


@conflict(
    "rules-have-plain-names",
    types("network:NetworkSecurityGroup", "network:RouteTable"),
    "A rule's and a route's name has 1 to 80 letters, digits, underscores, periods and hyphens.",
    f"{LEARN}/azure-resource-manager/management/resource-name-rules, Microsoft.Network; error code InvalidResourceName",
)
def names(given: Given) -> Iterator[Problem]:
    for kind in ("securityRules", "routes"):
        for at, rule in given.each(kind):
            name = known(rule, "name")
            if isinstance(name, str) and not re.fullmatch(r"[A-Za-z0-9]([\w.-]{0,78}\w)?", name):
                yield Problem(
                    f"{at}.name",
                    f"InvalidResourceName: Resource name {name} is invalid. The name can be up to 80 characters long."
                    " It must begin with a word character, and it must end with a word character or with '_'. The name"
                    " may contain word characters or '.', '-', '_'.",
                )


@conflict(
    "routes-lead-different-ways",
    types("network:RouteTable"),
    "In a table no two routes have the same range.",
    "error code RouteConflict of Microsoft.Network",
)
def ranges(given: Given) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for at, route in given.each("routes"):
        prefix, name = low(route.get("addressPrefix")), str(known(route, "name"))
        if prefix in seen:
            yield Problem(
                f"{at}.addressPrefix",
                f"RouteConflict: Route {name} conflicts with route {seen[prefix]}. Routes cannot have the same"
                " AddressPrefix.",
            )
        if prefix:
            seen[prefix] = name


def _is_address(text: str) -> bool:
    if text == "*" or re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*(\.[A-Za-z0-9_]+)*", text):
        tag = low(text.partition(".")[0])  # "Storage.WestEurope" is Storage of a region
        return text == "*" or tag.startswith(("azure", "microsoft")) or tag in _TAGS
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True


@conflict(
    "a-rule-is-whole",
    _RULES,
    "A rule names the ports and addresses of both sides, each in one way.",
    f"{_REST}; error code SecurityRuleParameterMissing",
)
def whole_rule(given: Given) -> Iterator[Problem]:
    for at, rule in _each(given):
        if not missing(rule, "id") and missing(rule, "direction"):
            continue
        for side in ("source", "destination"):
            for one, many in (
                (f"{side}PortRange", f"{side}PortRanges"),
                (f"{side}AddressPrefix", f"{side}AddressPrefixes"),
            ):
                ways = [one, many, *([f"{side}ApplicationSecurityGroups"] if "Address" in one else [])]
                if all(missing(rule, way) or known(rule, way) in ("", []) for way in ways):
                    yield Problem(
                        f"{at}{one}",
                        "SecurityRuleParameterMissing: Required security rule parameters are missing: specify"
                        f" {' or '.join(ways)}",
                    )
                elif known(rule, one) and known(rule, many):
                    yield Problem(f"{at}{many}", f"SecurityRuleParameterConflict: specify {one} or {many}, not both")


@conflict(
    "priorities-are-used-once",
    types("network:NetworkSecurityGroup"),
    "In a direction each priority and each name is used once.",
    f"{_OVERVIEW}; error code SecurityRuleConflict",
)
def priorities(given: Given) -> Iterator[Problem]:
    seen: dict[tuple[str, int], str] = {}
    names: set[str] = set()
    for at, rule in given.each("securityRules"):
        name, number, way = known(rule, "name"), known(rule, "priority"), low(rule.get("direction"))
        if isinstance(name, str):
            if name.lower() in names:
                yield Problem(f"{at}.name", f"InvalidRequestFormat: a rule named {name} is there already")
            names.add(name.lower())
        if isinstance(number, int | float) and way:
            other = seen.get((way, int(number)))
            seen[way, int(number)] = str(name)
            if other is not None:
                yield Problem(
                    f"{at}.priority",
                    f"SecurityRuleConflict: Security rule {name} conflicts with rule {other}. Rules cannot have"
                    " the same Priority and Direction.",
                )


@conflict(
    "next-hops-have-addresses",
    _ROUTES,
    "A virtual appliance as next hop has an address, another next hop has none; a route has a range or a tag.",
    f"{LEARN}/virtual-network/virtual-networks-udr-overview",
)
def routes(given: Given) -> Iterator[Problem]:
    rules = given.each("routes") if given.type.token.endswith(":RouteTable") else [("", given.inputs)]
    for at, route in rules:
        before = f"{at}." if at else ""
        hop = low(route.get("nextHopType"))
        if hop == "virtualappliance" and missing(route, "nextHopIpAddress"):
            yield Problem(
                f"{before}nextHopIpAddress",
                "RouteNextHopIpAddressRequired: required where nextHopType is VirtualAppliance",
            )
        elif hop not in ("", "virtualappliance", "virtualapplianceecmp") and known(route, "nextHopIpAddress"):
            yield Problem(
                f"{before}nextHopIpAddress",
                f"RouteNextHopIpAddressNotAllowed: nextHopType {route.get('nextHopType')} takes none",
            )
        prefix = known(route, "addressPrefix")
        if isinstance(prefix, str) and not _is_address(prefix):
            yield Problem(
                f"{before}addressPrefix", f"InvalidAddressPrefixFormat: {prefix} is no range and no service tag"
            )


CONFLICTS: Final = (ports, addresses, versions, names, ranges, whole_rule, priorities, routes)
