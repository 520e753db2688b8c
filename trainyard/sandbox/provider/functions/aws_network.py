"""Functions of Amazon that look into networks: the account's own and those of the store."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from trainyard.sandbox import world
from trainyard.sandbox.provider.aws import DEFAULT_REGION
from trainyard.sandbox.provider.functions.question import Question
from trainyard.sandbox.provider.order import Refused
from trainyard.sandbox.store import Thing
from trainyard.servicer.values import reveal

_VPC: Final = "aws:ec2/vpc:Vpc"
_SUBNET: Final = "aws:ec2/subnet:Subnet"
_GROUP: Final = "aws:ec2/securityGroup:SecurityGroup"
_TABLE: Final = "aws:ec2/routeTable:RouteTable"
_GATEWAY: Final = "aws:ec2/internetGateway:InternetGateway"
_FILTERS: Final[Mapping[str, str]] = {
    "vpc-id": "vpcId",
    "attachment.vpc-id": "vpcId",
    "availability-zone": "availabilityZone",
    "availabilityZone": "availabilityZone",
    "cidr-block": "cidrBlock",
    "cidr": "cidrBlock",
    "group-name": "name",
    "map-public-ip-on-launch": "mapPublicIpOnLaunch",
}


def _things(question: Question, type: str) -> Iterator[Thing]:
    region = question.text("region", DEFAULT_REGION)
    yield from (thing for thing in world.amazon_things(region) if thing.type == type)
    yield from question.store.list(type=type, place=region)


def _fits(thing: Thing, question: Question) -> bool:
    told = reveal({**thing.inputs, **thing.outputs})
    args = question.args
    if args.get("default") is not None and args["default"] != (thing.project != "" and _is_default(thing)):
        return False
    if args.get("defaultForAz") and not _is_default(thing):
        return False
    for name in ("vpcId", "cidrBlock", "availabilityZone", "name"):
        if args.get(name) and args[name] != told.get(name):
            return False
    tags = told.get("tagsAll") or told.get("tags") or {}
    if any(tags.get(key) != value for key, value in (args.get("tags") or {}).items()):
        return False
    return all(_filtered(part, thing, told, tags) for part in args.get("filters") or ())


def _filtered(part: Mapping[str, Any], thing: Thing, told: Mapping[str, Any], tags: Mapping[str, Any]) -> bool:
    name, values = str(part.get("name", "")), [str(value) for value in part.get("values") or ()]
    if name.startswith("tag:"):
        return str(tags.get(name.removeprefix("tag:"))) in values
    if name in ("default-for-az", "isDefault", "is-default"):
        return str(_is_default(thing)).lower() in values
    wire = _FILTERS.get(name)
    if wire is None:
        return thing.id in values if name.endswith("-id") else True
    there = told.get(wire)
    return (str(there).lower() if isinstance(there, bool) else str(there)) in values


def _is_default(thing: Thing) -> bool:
    return world.amazon_thing([thing.type], thing.id, thing.place) is not None


def _one(question: Question, type: str, noun: str, missing: str) -> dict[str, Any]:
    id = question.args.get("id")
    found = [thing for thing in _things(question, type) if id in (None, "", thing.id) and _fits(thing, question)]
    if not found:
        msg = missing.format(id=id) if id else f"no matching EC2 {noun} found"
        raise Refused(msg)
    asked = {key for key, value in question.args.items() if value} - {"region"}
    if len(found) > 1 and asked:
        msg = f"multiple EC2 {noun}s matched; use additional constraints to reduce matches to a single EC2 {noun}"
        raise Refused(msg)
    thing = found[0]
    own = {"default": _is_default(thing), "availableIpAddressCount": 4091, "defaultForAz": _is_default(thing)}
    return {**own, **reveal(dict(thing.outputs)), "id": thing.id, "state": "available"}


def _vpc(question: Question) -> dict[str, Any]:
    return _one(question, _VPC, "VPC", "InvalidVpcID.NotFound: The vpc ID '{id}' does not exist")


def _subnet(question: Question) -> dict[str, Any]:
    return _one(question, _SUBNET, "Subnet", "InvalidSubnetID.NotFound: The subnet ID '{id}' does not exist")


def _group(question: Question) -> dict[str, Any]:
    missing = "InvalidGroup.NotFound: The security group '{id}' does not exist"
    return _one(question, _GROUP, "Security Group", missing)


def _table(question: Question) -> dict[str, Any]:
    missing = "InvalidRouteTableID.NotFound: The routeTable ID '{id}' does not exist"
    return _one(question, _TABLE, "Route Table", missing)


def _gateway(question: Question) -> dict[str, Any]:
    missing = "InvalidInternetGatewayID.NotFound: The internetGateway ID '{id}' does not exist"
    return _one(question, _GATEWAY, "Internet Gateway", missing)


def _ids(type: str) -> Callable[[Question], dict[str, Any]]:
    def answer(question: Question) -> dict[str, Any]:
        ids = sorted(thing.id for thing in _things(question, type) if _fits(thing, question))
        region = question.text("region", DEFAULT_REGION)
        return {"id": region, "region": region, "ids": ids, "tags": question.args.get("tags") or {}}

    return answer


FUNCTIONS: Final[Mapping[str, Callable[[Question], dict[str, Any]]]] = {
    "aws:ec2/getVpc:getVpc": _vpc,
    "aws:ec2/getVpcs:getVpcs": _ids(_VPC),
    "aws:ec2/getSubnet:getSubnet": _subnet,
    "aws:ec2/getSubnets:getSubnets": _ids(_SUBNET),
    "aws:ec2/getSecurityGroup:getSecurityGroup": _group,
    "aws:ec2/getSecurityGroups:getSecurityGroups": _ids(_GROUP),
    "aws:ec2/getRouteTable:getRouteTable": _table,
    "aws:ec2/getRouteTables:getRouteTables": _ids(_TABLE),
    "aws:ec2/getInternetGateway:getInternetGateway": _gateway,
}
