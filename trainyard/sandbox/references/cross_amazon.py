"""Amazon: subnets of a network, security groups of the same network, places of volumes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from trainyard.sandbox import world
from trainyard.sandbox.conflicts.aws.facts import machine
from trainyard.sandbox.provider.aws import region_of
from trainyard.sandbox.provider.order import Order, Refused
from trainyard.sandbox.references import finding
from trainyard.sandbox.references.finding import Hit
from trainyard.sandbox.references.ranges import holds, inside, overlap, range_of
from trainyard.sandbox.store import Thing
from trainyard.servicer.values import reveal

if TYPE_CHECKING:
    from trainyard.sandbox.references.pointing import Pointer

_SUBNET: Final = "aws:ec2/subnet:Subnet"
_GATEWAY: Final = "aws:ec2/internetGateway:InternetGateway"


def _subnet(order: Order, pointers: Sequence[Pointer]) -> None:
    """EC2 API reference, CreateSubnet: InvalidSubnet.Range, InvalidSubnet.Conflict."""
    own = range_of(order.plain("cidrBlock"))
    network = next((pointer.to for pointer in pointers if pointer.target == "vpc"), None)
    if order.before is not None or own is None or network is None:
        return
    vpc = _thing(order, network)
    whole = [range_of(reveal(vpc.outputs.get("cidrBlock")))] if vpc is not None else []
    whole += _more_ranges(order, network)
    known = [one for one in whole if one is not None]
    given = order.plain("cidrBlock")
    if known and not any(inside(own, one) for one in known):
        text = f"InvalidSubnet.Range: The CIDR '{given}' is invalid.; the VPC {network.id} has "
        raise Refused(text + ", ".join(map(str, known)))
    for hit in _in_vpc(order, network, _SUBNET):
        sibling = _thing(order, hit)
        other = range_of(reveal(sibling.inputs.get("cidrBlock"))) if sibling is not None else None
        if other is not None and overlap(own, other):
            text = f"InvalidSubnet.Conflict: The CIDR '{given}' conflicts with another subnet; {hit.id} has {other}"
            raise Refused(text)


def _more_ranges(order: Order, network: Hit) -> list[Any]:
    rows = order.store.rows(
        "SELECT id FROM resources WHERE type='aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation' "
        "AND status<>'deleted' AND instr(inputs, ?)",
        f'"{network.id}"',
    )
    found = (order.store.get("aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation", id) for (id,) in rows)
    return [range_of(reveal(one.inputs.get("cidrBlock"))) for one in found if one is not None]


def _in_vpc(order: Order, network: Hit, type: str) -> list[Hit]:
    made = [hit for hit in finding.users_of(order.store, network.type, network.id) if hit.type == type]
    by_rule = [
        Hit.of(thing)
        for thing in world.amazon_things(region_of(order))
        if thing.type == type and thing.inputs.get("vpcId") == network.id
    ]
    return made + by_rule


def _gateway(order: Order, pointers: Sequence[Pointer]) -> None:
    """EC2 API reference, AttachInternetGateway: a network has one."""
    network = next((pointer.to for pointer in pointers if pointer.target == "vpc"), None)
    if network is None or order.before is not None:
        return
    if _in_vpc(order, network, _GATEWAY):
        msg = f"InvalidParameterValue: Network {network.id} already has an internet gateway attached"
        raise Refused(msg)


def _machine(order: Order, pointers: Sequence[Pointer]) -> None:
    """The subnet's zone is the machine's, its network is that of its security groups, its address lies in it."""
    if order.before is not None:
        return
    _fits_type(order)
    _interface_is_free(order, pointers)
    at = next((pointer.to for pointer in pointers if pointer.target == "subnet" and pointer.to), None)
    subnet = _thing(order, at) if at is not None else None
    if subnet is not None:
        zone, wanted = _plain(subnet, "availabilityZone"), order.text("availabilityZone")
        if zone and wanted and zone != wanted:
            text = (
                f"InvalidParameterValue: Value ({wanted}) for parameter availabilityZone is invalid. Subnet "
                f"'{subnet.id}' is in the availability zone {zone}"
            )
            raise Refused(text)
        range_, address = range_of(_plain(subnet, "cidrBlock")), order.plain("privateIp")
        if range_ is not None and address and address in _kept(range_):
            msg = f"InvalidParameterValue: Address {address} is in subnet's reserved address range"
            raise Refused(msg)
        if range_ is not None and address and holds(range_, address) is False:
            msg = (
                f"InvalidParameterValue: Address {address} does not fall within the subnet's address range; it is "
                f"{range_}"
            )
            raise Refused(msg)
    own = any(pointer.target == "networkInterface" for pointer in pointers)  # with groups and a subnet of its own
    vpc = _plain(subnet, "vpcId") if subnet is not None else "" if own else _default_vpc(order)
    _check_groups(order, pointers, vpc)


def _interface_is_free(order: Order, pointers: Sequence[Pointer]) -> None:
    """EC2 API reference, RunInstances: InvalidNetworkInterface.InUse. An interface is attached to one machine."""
    for pointer in pointers:
        if pointer.target != "networkInterface" or pointer.to is None:
            continue
        for hit in finding.users_of(order.store, pointer.to.type, pointer.to.id):
            other = _thing(order, hit) if hit.type == order.type.token else None
            if other is not None and other.status != "deleted":
                msg = f"InvalidNetworkInterface.InUse: Interface: {pointer.given} in use.; by {other.id}"
                raise Refused(msg)


def _fits_type(order: Order) -> None:
    """The image's processor and the placement group's strategy are ones that the instance type has."""
    kind, image = machine(order.text("instanceType")), order.text("ami")
    of_image = world.image_architecture(order.store, image, region_of(order)) if image else ""
    if kind is not None and of_image and of_image not in kind.arch:
        text = (
            f"InvalidParameterValue: The architecture '{', '.join(kind.arch)}' of the specified instance type does not "
            f"match the architecture '{of_image}' of the specified AMI. Specify an instance type and an AMI that have "
            "matching architectures, and try again."
        )
        raise Refused(text)
    group = order.store.get("aws:ec2/placementGroup:PlacementGroup", order.text("placementGroup"))
    strategy = _plain(group, "strategy") if group is not None else ""
    if kind is not None and kind.placement and strategy and strategy not in kind.placement:
        text = (
            f"InvalidParameterCombination: {strategy.capitalize()} placement groups are not supported by the "
            f"'{order.text('instanceType')}' instance type. Specify a supported instance type or change the placement "
            "group strategy, and try again."
        )
        raise Refused(text)


def _kept(range_: Any) -> set[str]:
    """The first four addresses of a subnet and its last are Amazon's (docs.aws.amazon.com/vpc, Subnet sizing)."""
    return {str(range_[place]) for place in (0, 1, 2, 3, -1)} if range_.num_addresses > 4 else set()


def _interface(order: Order, pointers: Sequence[Pointer]) -> None:
    at = next((pointer.to for pointer in pointers if pointer.target == "subnet" and pointer.to), None)
    subnet = _thing(order, at) if at is not None else None
    if subnet is not None and order.before is None:
        _check_groups(order, pointers, _plain(subnet, "vpcId"))


def _check_groups(order: Order, pointers: Sequence[Pointer], vpc: str) -> None:
    for pointer in pointers:
        if pointer.target != "securityGroup" or pointer.to is None or not vpc:
            continue
        group = _thing(order, pointer.to)
        there = (_plain(group, "vpcId") or _default_vpc(order)) if group is not None else ""
        if there and there != vpc:
            text = (
                f"InvalidParameter: Security group {pointer.given} and subnet belong to different networks.; the "
                f"security group is in {there}, the subnet in {vpc}"
            )
            raise Refused(text)


def _attachment(order: Order, pointers: Sequence[Pointer]) -> None:
    """EC2 API reference, AttachVolume: the volume and the machine are in one zone; error VolumeInUse."""
    found = {pointer.target: _thing(order, pointer.to) for pointer in pointers if pointer.to is not None}
    volume, machine = found.get("volume"), found.get("instance")
    if volume is None or machine is None or order.before is not None:
        return
    other = _attached_to(order, volume)
    if other is not None and reveal(volume.inputs.get("multiAttachEnabled")) is not True:
        msg = f"VolumeInUse: {volume.id} is already attached to an instance; it is {other}, detach it there first"
        raise Refused(msg)
    one, two = _plain(volume, "availabilityZone"), _plain(machine, "availabilityZone")
    if one and two and one != two:
        msg = (
            f"InvalidVolume.ZoneMismatch: The volume '{volume.id}' is not in the same availability zone as instance "
            f"'{machine.id}'; the volume is in {one}, the instance in {two}"
        )
        raise Refused(msg)


def _attached_to(order: Order, volume: Thing) -> str | None:
    """The machine that has the volume; one that is gone has let go of it."""
    for hit in finding.users_of(order.store, volume.type, volume.id):
        held = _thing(order, hit) if hit.type == order.type.token else None
        instance = _plain(held, "instanceId") if held is not None else ""
        if finding.by_id(order.store, ["aws:ec2/instance:Instance"], instance) is not None:
            return instance
    return None


def _listener_free(order: Order, pointers: Sequence[Pointer]) -> None:
    """ELB API reference, CreateLoadBalancer: subnets of two zones at least for an application load balancer."""
    if order.before is not None or order.text("loadBalancerType", "application") != "application":
        return
    subnets = [_thing(order, pointer.to) for pointer in pointers if pointer.target == "subnet" and pointer.to]
    zones = {_plain(one, "availabilityZone") for one in subnets if one is not None}
    if subnets and None not in subnets and len(zones) == 1 and "" not in zones:
        raise Refused(
            "ValidationError: At least two subnets in two different Availability Zones must be specified; all are in "
            + next(iter(zones))
        )


def _default_vpc(order: Order) -> str:
    return next(world.amazon_things(region_of(order))).id


def _thing(order: Order, hit: Hit) -> Thing | None:
    return order.store.get(hit.type, hit.id) or world.amazon_thing([hit.type], hit.id, region_of(order))


def _plain(thing: Thing, name: str) -> str:
    value = reveal(thing.outputs.get(name))
    return value if isinstance(value, str) else ""


RULES: Final[Mapping[str, Callable[[Order, Sequence[Pointer]], None]]] = {
    _SUBNET: _subnet,
    _GATEWAY: _gateway,
    "aws:ec2/instance:Instance": _machine,
    "aws:ec2/networkInterface:NetworkInterface": _interface,
    "aws:ec2/volumeAttachment:VolumeAttachment": _attachment,
    "aws:lb/loadBalancer:LoadBalancer": _listener_free,
    "aws:alb/loadBalancer:LoadBalancer": _listener_free,
}
