"""Addresses, ports and protocols, and what networks refuse."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Any, Final

from trainyard.sandbox.check import Problem
from trainyard.sandbox.conflicts.aws.reading import has, known, leaves, there, tokens, whole
from trainyard.sandbox.conflicts.conflict import Conflict, Given

_CIDR_NAMES: Final = frozenset(
    {
        "cidrBlock",
        "cidrBlocks",
        "cidrIpv4",
        "destinationCidrBlock",
        "ipv6CidrBlock",
        "ipv6CidrBlocks",
        "cidrIpv6",
        "destinationIpv6CidrBlock",
    }
)
_V6: Final = frozenset({"ipv6CidrBlock", "ipv6CidrBlocks", "cidrIpv6", "destinationIpv6CidrBlock"})
_SIZED: Final[Mapping[str, str]] = {
    "aws:ec2/vpc:Vpc": "InvalidVpc.Range",
    "aws:ec2/subnet:Subnet": "InvalidSubnet.Range",
}
_PROTOCOLS: Final = frozenset({"tcp", "udp", "icmp", "icmpv6", "all", "-1"})
_IANA: Final = (
    frozenset(  # hashicorp/terraform-provider-aws, internal/service/ec2: the names that it turns into numbers
        [
            "ah",
            "ax.25",
            "dccp",
            "egp",
            "esp",
            "gre",
            "hopopt",
            "igmp",
            "igp",
            "ip",
            "ipip",
            "ipv4",
            "ipv6",
            "ipv6-frag",
            "ipv6-icmp",
            "ipv6-nonxt",
            "ipv6-opts",
            "ipv6-route",
            "iplt",
            "isis",
            "l2tp",
            "ospf",
            "pgm",
            "pim",
            "rsvp",
            "sctp",
            "udplite",
            "vrrp",
        ]
    )
)
TARGETS: Final = (
    "carrierGatewayId",
    "coreNetworkArn",
    "egressOnlyGatewayId",
    "gatewayId",
    "localGatewayId",
    "natGatewayId",
    "networkInterfaceId",
    "transitGatewayId",
    "vpcEndpointId",
    "vpcPeeringConnectionId",
)
_DESTINATIONS: Final = ("destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId")
_RULE: Final = "aws:ec2/securityGroupRule:SecurityGroupRule"
NEW_RULES: Final = frozenset(
    {
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
    }
)
_GROUP: Final = "aws:ec2/securityGroup:SecurityGroup"
_WITH_PORTS: Final = frozenset({_GROUP, _RULE}) | NEW_RULES


def _wrong_ranges(given: Given) -> Iterator[Problem]:
    for leaf in leaves(given):
        if leaf.name not in _CIDR_NAMES or not isinstance(leaf.value, str) or not leaf.value:
            continue
        if "/" not in leaf.value:
            yield Problem(leaf.path, f'"{leaf.value}" is not a valid CIDR block: it has no prefix length')
            continue
        try:
            network = ipaddress.ip_network(leaf.value)
        except ValueError as error:
            yield Problem(leaf.path, f'"{leaf.value}" is not a valid CIDR block: {error}')
            continue
        wanted = 6 if leaf.name in _V6 else 4
        if network.version != wanted:
            yield Problem(leaf.path, f'"{leaf.value}" is not a valid IPv{wanted} CIDR block')
        elif given.type.token in _SIZED and leaf.name == "cidrBlock" and not 16 <= network.prefixlen <= 28:
            code = _SIZED[given.type.token]
            yield Problem(leaf.path, f"{code}: The CIDR '{leaf.value}' is invalid; a prefix from /16 to /28 is needed")


def _wrong_ports(given: Given) -> Iterator[Problem]:
    for path, rule in _rules(given):
        prefix = f"{path}." if path else ""
        protocol = known(rule.get("ipProtocol", rule.get("protocol")))
        name = "ipProtocol" if "ipProtocol" in rule else "protocol"
        if protocol is None:
            continue
        text = str(protocol).lower()
        if text not in _PROTOCOLS | _IANA and not (text.isdigit() and int(text) <= 255):
            yield Problem(
                f"{prefix}{name}",
                f"InvalidParameterValue: Invalid value '{protocol}' for IP protocol. Unknown protocol; "
                "give tcp, udp, icmp, icmpv6, -1 for all, or a number",
            )
            continue
        yield from _port_range(prefix, rule, text)


def _port_range(prefix: str, rule: Mapping[str, Any], protocol: str) -> Iterator[Problem]:
    low, high = whole(rule.get("fromPort")), whole(rule.get("toPort"))
    if protocol in ("tcp", "udp", "6", "17"):
        for name, port in (("fromPort", low), ("toPort", high)):
            if port is not None and not 0 <= port <= 65535:
                yield Problem(
                    f"{prefix}{name}",
                    f"InvalidParameterValue: Invalid value '{port}' for portRange; 0 to 65535 are ports",
                )
                return
        if low is not None and high is not None and low > high:
            yield Problem(
                f"{prefix}fromPort",
                f"InvalidParameterValue: Invalid TCP/UDP port range ({low}:{high}); the first port is the lower one",
            )
    elif protocol in ("-1", "all") and not prefix.startswith(("ingress", "egress")):
        return
    elif protocol in ("-1", "all") and (low or high):
        # hashicorp/terraform-provider-aws, security_group: the rule would differ from what EC2 keeps at every refresh.
        yield Problem(
            f"{prefix}fromPort",
            f"from_port ({low}) and to_port ({high}) must both be 0 to use the 'ALL' \"-1\" protocol!",
        )


def _rules(given: Given) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if given.type.token == _GROUP:
        yield from given.each("ingress")
        yield from given.each("egress")
    else:
        yield "", given.inputs


def _rule_without_side(given: Given) -> Iterator[Problem]:
    if given.type.token == _RULE:
        names = ("cidrBlocks", "ipv6CidrBlocks", "prefixListIds", "self", "sourceSecurityGroupId")
        if not any(there(given, name) for name in names):
            yield Problem(
                "cidrBlocks",
                "One of ['cidr_blocks', 'ipv6_cidr_blocks', 'self', 'source_security_group_id', 'prefix_list_ids'] "
                "must be set to create an AWS Security Group Rule",
            )
        if has(given, "sourceSecurityGroupId") and (has(given, "cidrBlocks") or given.at("self") is True):
            other = "cidrBlocks" if has(given, "cidrBlocks") else "self"
            yield Problem(
                "sourceSecurityGroupId", f'"source_security_group_id": conflicts with {other}; give one of them'
            )
    else:
        sides = ("cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId")
        given_ = [name for name in sides if has(given, name)]
        if len(given_) > 1 or not any(there(given, name) for name in sides):
            text = f"exactly one of {', '.join(sides)} is needed; {', '.join(given_) or 'none'} given"
            yield Problem(given_[1] if given_ else "cidrIpv4", f"Invalid Attribute Combination: {text}")


def _route(given: Given) -> Iterator[Problem]:
    for names, missing in ((TARGETS, "gatewayId"), (_DESTINATIONS, "destinationCidrBlock")):
        given_ = [name for name in names if has(given, name)]
        if len(given_) > 1 or not any(there(given, name) for name in names):
            text = (
                f"one of `{','.join(names)}` must be specified"
                if not given_
                else (f"only one of `{','.join(names)}` can be specified, but `{','.join(given_)}` were specified.")
            )
            yield Problem(given_[1] if given_ else missing, f"Invalid combination of arguments: {text}")


def _association(given: Given) -> Iterator[Problem]:
    given_ = [name for name in ("subnetId", "gatewayId") if has(given, name)]
    if len(given_) > 1 or not (there(given, "subnetId") or there(given, "gatewayId")):
        text = f"exactly one of subnetId and gatewayId is needed; {' and '.join(given_) or 'none'} given"
        yield Problem(given_[-1] if given_ else "subnetId", f"Invalid combination of arguments: {text}")


def _nat(given: Given) -> Iterator[Problem]:
    kind = given.at("connectivityType") or "public"
    if given.unknown("connectivityType") or given.at("availabilityMode") == "regional":
        return
    if kind == "public" and not there(given, "allocationId") and not there(given, "availabilityZoneAddresses"):
        yield Problem(
            "allocationId",
            "MissingParameter: The request must contain the parameter AllocationId; a public one has an Eip",
        )
    if kind == "private" and has(given, "allocationId"):
        yield Problem("allocationId", "InvalidParameter: allocationId is not taken with connectivityType private")
    if not there(given, "subnetId") and not there(given, "vpcId"):
        yield Problem("subnetId", "MissingParameter: The request must contain the parameter SubnetId")


def _endpoint(given: Given) -> Iterator[Problem]:
    kind = given.at("vpcEndpointType") or "Gateway"
    if given.unknown("vpcEndpointType"):
        return
    wrong = {
        "Gateway": ("subnetIds", "securityGroupIds", "privateDnsEnabled"),
        "Interface": ("routeTableIds",),
        "GatewayLoadBalancer": ("routeTableIds", "securityGroupIds"),
    }.get(kind, ())
    for name in wrong:
        if has(given, name) and given.at(name) is not False:
            yield Problem(name, f"InvalidParameter: Endpoint type ({kind}) does not take {name}; see vpcEndpointType")
    service = given.text("serviceName")
    if kind == "Gateway" and service and service.rpartition(".")[2] not in ("s3", "dynamodb"):
        yield Problem(
            "serviceName",
            f"InvalidParameter: Endpoint type (Gateway) does not match available service types ([Interface]) "
            f"of {service}; "
            "give vpcEndpointType Interface",
        )


def _group_names(given: Given) -> Iterator[Problem]:
    name = given.text("name")
    if name.startswith("sg-"):
        yield Problem("name", "invalid value for name (cannot begin with sg-)")
    for path in ("name", "description"):
        text = given.text(path)
        wrong = [sign for sign in text if not (sign.isascii() and (sign.isalnum() or sign in " ._-:/()#,@[]+=&;{}!$*"))]
        if wrong:
            yield Problem(
                path,
                f"InvalidParameterValue: Invalid security group {path}. Valid characters are a-z, A-Z, 0-9, spaces and "
                f"._-:/()#,@[]+=&;{{}}!$*; '{wrong[0]}' is none",
            )
        if len(text) > 255:
            yield Problem(path, f"InvalidParameterValue: {path} is {len(text)} characters long; at most 255 are taken")


def _eip_twice(given: Given) -> Iterator[Problem]:
    if has(given, "instance") and has(given, "networkInterface"):
        yield Problem("networkInterface", "Conflicting configuration arguments: give instance or networkInterface")


CONFLICTS: Final = (
    Conflict(
        name="address-range",
        types=tokens("ec2", "vpc", "ec2transitgateway"),
        says="A CIDR block is a network of its own first address; those of a VPC and its subnets are /16 to /28.",
        source="EC2 API errors InvalidVpc.Range and InvalidSubnet.Range; docs.aws.amazon.com/vpc, VPC CIDR blocks",
        find=_wrong_ranges,
    ),
    Conflict(
        name="ports-and-protocols",
        types=_WITH_PORTS,
        says="Ports go from the lower to the higher, within 0 to 65535, and a protocol is a known name or number.",
        source="EC2 API AuthorizeSecurityGroupIngress, IpPermission; error InvalidParameterValue",
        find=_wrong_ports,
    ),
    Conflict(
        name="rule-has-one-other-side",
        types=frozenset({_RULE}) | NEW_RULES,
        says="A rule names who may come: one kind of source.",
        source="hashicorp/terraform-provider-aws, aws_security_group_rule and aws_vpc_security_group_ingress_rule",
        find=_rule_without_side,
    ),
    Conflict(
        name="route-has-one-target",
        types=frozenset({"aws:ec2/route:Route"}),
        says="A route has one destination and one target.",
        source="hashicorp/terraform-provider-aws, aws_route: ExactlyOneOf; EC2 API CreateRoute",
        find=_route,
    ),
    Conflict(
        name="association-of-one",
        types=frozenset({"aws:ec2/routeTableAssociation:RouteTableAssociation"}),
        says="A route table is associated with a subnet or with a gateway.",
        source="hashicorp/terraform-provider-aws, aws_route_table_association: ExactlyOneOf",
        find=_association,
    ),
    Conflict(
        name="nat-gateway-address",
        types=frozenset({"aws:ec2/natGateway:NatGateway"}),
        says="A public NAT gateway has an elastic IP's allocation, a private one has none.",
        source="EC2 API CreateNatGateway, AllocationId: required for public NAT gateway",
        find=_nat,
    ),
    Conflict(
        name="endpoint-of-its-type",
        types=frozenset({"aws:ec2/vpcEndpoint:VpcEndpoint"}),
        says="Route tables go with gateway endpoints, subnets and security groups with interface endpoints.",
        source="EC2 API CreateVpcEndpoint: RouteTableIds, SubnetIds, SecurityGroupIds; error InvalidParameter",
        find=_endpoint,
    ),
    Conflict(
        name="security-group-words",
        types=frozenset({"aws:ec2/securityGroup:SecurityGroup"}),
        says="Names and descriptions of security groups have their characters, and no name begins with sg-.",
        source="EC2 API CreateSecurityGroup, GroupName and Description: constraints",
        find=_group_names,
    ),
    Conflict(
        name="address-on-one-thing",
        types=frozenset({"aws:ec2/eip:Eip"}),
        says="An elastic IP is on an instance or on a network interface.",
        source="hashicorp/terraform-provider-aws, aws_eip: ConflictsWith",
        find=_eip_twice,
    ),
)
