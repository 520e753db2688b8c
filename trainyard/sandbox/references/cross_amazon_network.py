"""Amazon: routes, rules and addresses that are there already, and things of two networks in one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from trainyard.sandbox import world
from trainyard.sandbox.provider.aws import region_of
from trainyard.sandbox.provider.order import Order, Refused
from trainyard.sandbox.references.ranges import inside, range_of
from trainyard.sandbox.store import Thing
from trainyard.servicer.values import reveal

if TYPE_CHECKING:
    from trainyard.sandbox.references.pointing import Pointer

Rule = Callable[[Order, "Sequence[Pointer]"], None]
_LISTENERS: Final = ("aws:lb/listener:Listener", "aws:alb/listener:Listener")
# Things whose subnets and security groups are of one network, with the service's answer.
_ONE_NETWORK: Final[Mapping[str, str]] = {
    "aws:lb/loadBalancer:LoadBalancer": "InvalidConfigurationRequest: One or more security groups or subnets are "
    "invalid: all must belong to the same VPC",
    "aws:alb/loadBalancer:LoadBalancer": "InvalidConfigurationRequest: One or more security groups or subnets are "
    "invalid: all must belong to the same VPC",
    "aws:eks/cluster:Cluster": "InvalidParameterException: Subnets and security groups of a cluster must belong to the "
    "same VPC",
    "aws:lambda/function:Function": "InvalidParameterValueException: Security Groups are required to be in the same "
    "VPC.",
    "aws:autoscaling/group:Group": "ValidationError: The subnets of a group must belong to the same VPC",
    "aws:ecs/service:Service": "InvalidParameterException: the subnets and security groups must be in the same VPC",
    "aws:ec2/vpcEndpoint:VpcEndpoint": "InvalidParameter: subnets, security groups and route tables are the VPC's own",
    "aws:sagemaker/notebookInstance:NotebookInstance": "ValidationException: the security groups must be for the same "
    "VPC as specified in the subnet",
    "aws:sagemaker/model:Model": "ValidationException: the security groups must be for the VPC of the subnets",
    "aws:fsx/lustreFileSystem:LustreFileSystem": "InvalidNetworkSettings: the groups must be in the VPC of the subnet",
    "aws:rds/subnetGroup:SubnetGroup": "InvalidSubnet: The subnets of a group must be in the same VPC",
}


def check_networks(order: Order, pointers: Sequence[Pointer]) -> None:
    """Refused when a thing would lie in two networks, or repeat what a network has."""
    if order.before is not None:
        return
    text = _ONE_NETWORK.get(order.type.token)
    if text is not None:
        _one_network(order, pointers, text)
    rule = _RULES.get(order.type.token)
    if rule is not None:
        rule(order, pointers)


def _one_network(order: Order, pointers: Sequence[Pointer], text: str) -> None:
    kinds = ("subnet", "securityGroup", "routeTable", "vpc")
    where = {pointer.given: _network_of(order, pointer) for pointer in pointers if pointer.target in kinds}
    networks = {one for one in where.values() if one}
    if len(networks) > 1:
        raise Refused(f"{text}; " + ", ".join(f"{id} is in {network}" for id, network in where.items() if network))


def _network_of(order: Order, pointer: Pointer) -> str:
    if pointer.to is None:
        return ""
    if pointer.target == "vpc":
        return pointer.to.id
    thing = _thing(order, pointer)
    return _text(thing, "vpcId") if thing is not None else ""


def _cluster(order: Order, pointers: Sequence[Pointer]) -> None:
    subnets = [_thing(order, pointer) for pointer in pointers if pointer.target == "subnet"]
    zones = {_text(one, "availabilityZone") for one in subnets if one is not None}
    if len(subnets) > 1 and None not in subnets and len(zones) == 1 and "" not in zones:
        raise Refused(
            "InvalidParameterException: Subnets specified must be in at least two different AZs; all are in "
            + next(iter(zones))
        )


def _route(order: Order, pointers: Sequence[Pointer]) -> None:
    found = {pointer.target: pointer for pointer in pointers}
    table = found.get("routeTable")
    there = _thing(order, table) if table is not None else None
    if table is None or there is None:
        return
    end = order.text("destinationCidrBlock") or order.text("destinationIpv6CidrBlock")
    for other in _alike(order, table.given) if end else ():
        ends = (_text(other, "destinationCidrBlock"), _text(other, "destinationIpv6CidrBlock"))
        if end in ends and reveal(other.inputs.get("routeTableId")) == table.given:
            msg = f"RouteAlreadyExists: The route identified by {end} already exists."
            raise Refused(msg)
    network, gateway = _text(there, "vpcId"), found.get("gateway")
    owner = _text(_thing(order, gateway), "vpcId") if gateway is not None else ""
    if gateway is not None and owner and network and owner != network:
        msg = (
            f"InvalidParameterValue: route table {table.given} and network gateway {gateway.given} belong to different "
            "networks"
        )
        raise Refused(msg)
    vpc = order.store.get("aws:ec2/vpc:Vpc", network)
    own, whole = range_of(end), range_of(_text(vpc, "cidrBlock"))
    if own is not None and whole is not None and gateway is not None and inside(own, whole):
        msg = (
            f"InvalidParameterValue: The destination CIDR block {end} is equal to or more specific than one of this "
            "VPC's CIDR blocks. This route can target only an interface or an instance."
        )
        raise Refused(msg)


def _association(order: Order, pointers: Sequence[Pointer]) -> None:
    found = {pointer.target: pointer for pointer in pointers}
    table, subnet = found.get("routeTable"), found.get("subnet")
    if table is None or subnet is None:
        return
    one, other = _network_of(order, table), _network_of(order, subnet)
    if one and other and one != other:
        msg = f"InvalidParameterValue: Route table {table.given} and subnet {subnet.given} belong to different networks"
        raise Refused(msg)
    for thing in _alike(order, subnet.given):
        if reveal(thing.inputs.get("subnetId")) == subnet.given:
            msg = (
                f"Resource.AlreadyAssociated: the specified association for route table {table.given} conflicts with "
                f"an existing association: {thing.id}"
            )
            raise Refused(msg)


def _nat(order: Order, _: Sequence[Pointer]) -> None:
    address = order.text("allocationId")
    for thing in _alike(order, address) if address else ():
        if reveal(thing.inputs.get("allocationId")) == address:
            msg = f"Resource.AlreadyAssociated: Elastic IP address [{address}] is already associated with {thing.id}"
            raise Refused(msg)


def _new_rule(order: Order, pointers: Sequence[Pointer]) -> None:
    _other_network(order, pointers, "referencedSecurityGroupId")
    names = ("securityGroupId", "ipProtocol", "fromPort", "toPort")
    peers = ("cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId")
    wanted = [order.plain(name) for name in (*names, *peers)]
    for thing in _alike(order, order.text("securityGroupId")):
        if [reveal(thing.inputs.get(name)) for name in (*names, *peers)] == wanted:
            peer = next((order.text(name) for name in peers if order.text(name)), "")
            raise Refused(_twice(peer, wanted[1], wanted[2], wanted[3]))


def _old_rule(order: Order, pointers: Sequence[Pointer]) -> None:
    _other_network(order, pointers, "sourceSecurityGroupId")
    names = ("type", "protocol", "fromPort", "toPort", "self", "sourceSecurityGroupId")
    wanted = [order.plain(name) for name in names]
    for thing in _alike(order, order.text("securityGroupId")):
        same = [reveal(thing.inputs.get(name)) for name in names] == wanted
        for name in ("cidrBlocks", "ipv6CidrBlocks"):
            both = set(reveal(thing.inputs.get(name)) or ()) & set(order.plain(name) or ())
            if same and both:
                raise Refused(_twice(sorted(both)[0], wanted[1], wanted[2], wanted[3]))


def _twice(peer: str, protocol: Any, low: Any, high: Any) -> str:
    rule = f"peer: {peer}, {str(protocol).upper()}, from port: {low}, to port: {high}, ALLOW"
    return f'InvalidPermission.Duplicate: the specified rule "{rule}" already exists'


def _other_network(order: Order, pointers: Sequence[Pointer], path: str) -> None:
    where = {pointer.path: _network_of(order, pointer) for pointer in pointers}
    one, other = where.get("securityGroupId"), where.get(path)
    if one and other and one != other:
        msg = (
            f"InvalidGroup.NotFound: You have specified two resources that belong to different networks.; one group is "
            f"in {one}, the other in {other}"
        )
        raise Refused(msg)


def _listener(order: Order, pointers: Sequence[Pointer]) -> None:
    balancer = next((pointer for pointer in pointers if pointer.target == "loadBalancer"), None)
    there = _thing(order, balancer) if balancer is not None else None
    if balancer is None or there is None:
        return
    for type in _LISTENERS:
        for thing in _holding(order, type, balancer.given):
            same = reveal(thing.inputs.get("loadBalancerArn")) == balancer.given
            if same and reveal(thing.inputs.get("port")) == order.plain("port"):
                msg = "DuplicateListener: A listener already exists on this port for this load balancer"
                raise Refused(msg)
    subnet = next(iter(reveal(there.inputs.get("subnets")) or ()), "")
    network = _text(order.store.get("aws:ec2/subnet:Subnet", str(subnet)), "vpcId")
    web = order.text("protocol", "HTTP").upper() in ("HTTP", "HTTPS")
    for pointer in pointers:
        group = _thing(order, pointer) if pointer.target == "targetGroup" else None
        vpc, protocol = _text(group, "vpcId"), _text(group, "protocol").upper()
        if network and vpc and vpc != network:
            msg = (
                f"InvalidConfigurationRequest: The target group {pointer.given} is in {vpc}, the load balancer in "
                f"{network}; both must be in one VPC"
            )
            raise Refused(msg)
        if protocol and (protocol in ("HTTP", "HTTPS")) != web and "/app/" in balancer.given:
            msg = (
                f"InvalidConfigurationRequest: The protocol {protocol} of target group {pointer.given} is not "
                "supported by application load balancers"
            )
            raise Refused(msg)


def _alike(order: Order, text: str) -> Iterator[Thing]:
    """Things of the order's own type that hold a text."""
    return _holding(order, order.type.token, text)


def _holding(order: Order, type: str, text: str) -> Iterator[Thing]:
    query = "SELECT id FROM resources WHERE type=? AND status<>'deleted' AND instr(inputs, ?)"
    for (id,) in order.store.rows(query, type, f'"{text}"'):
        thing = order.store.get(type, id)
        if thing is not None:
            yield thing


def _thing(order: Order, pointer: Pointer) -> Thing | None:
    hit = pointer.to
    if hit is None:
        return None
    return order.store.get(hit.type, hit.id) or world.amazon_thing([hit.type], hit.id, region_of(order))


def _text(thing: Thing | None, name: str) -> str:
    value = reveal(thing.outputs.get(name)) if thing is not None else None
    return value if isinstance(value, str) else ""


_RULES: Final[Mapping[str, Rule]] = {
    "aws:eks/cluster:Cluster": _cluster,
    "aws:ec2/route:Route": _route,
    "aws:ec2/routeTableAssociation:RouteTableAssociation": _association,
    "aws:ec2/natGateway:NatGateway": _nat,
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _new_rule,
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _new_rule,
    "aws:ec2/securityGroupRule:SecurityGroupRule": _old_rule,
    **dict.fromkeys(_LISTENERS, _listener),
}
