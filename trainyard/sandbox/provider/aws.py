"""How Amazon numbers and names things."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from trainyard.sandbox.conflicts.aws import facts
from trainyard.sandbox.provider.generic import labels_in, own_name, plausible
from trainyard.sandbox.provider.names import name_property
from trainyard.sandbox.provider.order import Made, Order, hexadecimal, nobodys_address
from trainyard.sandbox.provider.tells import amazon
from trainyard.servicer.values import reveal

ACCOUNT: Final = "000000000000"  # no account has it
DEFAULT_REGION: Final = "us-east-1"
_PREFIXES: Final[Mapping[str, str]] = {
    "Instance": "i",
    "Vpc": "vpc",
    "DefaultVpc": "vpc",
    "Subnet": "subnet",
    "SecurityGroup": "sg",
    "SecurityGroupIngressRule": "sgr",
    "SecurityGroupEgressRule": "sgr",
    "SecurityGroupRule": "sgrule",
    "InternetGateway": "igw",
    "RouteTable": "rtb",
    "RouteTableAssociation": "rtbassoc",
    "NatGateway": "nat",
    "Eip": "eipalloc",
    "LaunchTemplate": "lt",
    "NetworkInterface": "eni",
    "NetworkAcl": "acl",
    "VpcEndpoint": "vpce",
    "Volume": "vol",
    "Snapshot": "snap",
    "Ami": "ami",
    "AmiCopy": "ami",
    "AmiFromInstance": "ami",
    "SnapshotCopy": "snap",
    "SnapshotImport": "snap",
    "VolumeCopy": "vol",
    "DefaultSubnet": "subnet",
    "DefaultSecurityGroup": "sg",
    "DefaultRouteTable": "rtb",
    "DefaultNetworkAcl": "acl",
    "EgressOnlyInternetGateway": "eigw",
    "CarrierGateway": "cagw",
    "CustomerGateway": "cgw",
    "VpnGateway": "vgw",
    "VpnConnection": "vpn",
    "VpcPeeringConnection": "pcx",
    "VpcDhcpOptions": "dopt",
    "ManagedPrefixList": "pl",
    "DedicatedHost": "h",
    "CapacityReservation": "cr",
    "CapacityBlockReservation": "cr",
    "FlowLog": "fl",
    "Fleet": "fleet",
    "PlacementGroup": "",
    "KeyPair": "",
    "FileSystem": "fs",
    "LustreFileSystem": "fs",
}
_NOUNS: Final[Mapping[str, str]] = {
    "SecurityGroupId": "sg",
    "RouteTableId": "rtb",
    "NetworkAclId": "acl",
    "NetworkInterfaceId": "eni",
    "DhcpOptionsId": "dopt",
    "AllocationId": "eipalloc",
    "SubnetId": "subnet",
    "VpcId": "vpc",
}
_KEBAB: Final = re.compile(r"(?<!^)(?=[A-Z])")
_NUMBERED: Final = ("ec2", "ebs", "efs", "fsx", "vpc")
_GLOBAL: Final = frozenset({"iam", "s3", "route53", "cloudfront", "budgets"})
_HOLDERS: Final = (  # inputs that name the thing in which a name is the only one of its kind
    "apiId",
    "bucket",
    "catalogId",
    "cluster",
    "clusterName",
    "databaseName",
    "eventBusName",
    "function",
    "functionName",
    "group",
    "groupName",
    "identityPoolId",
    "listenerArn",
    "loadBalancerArn",
    "logGroupName",
    "policyArn",
    "repository",
    "restApi",
    "role",
    "rule",
    "user",
    "userPoolId",
    "vpcId",
)


def region_of(order: Order) -> str:
    """The region of the thing: its own, the provider's, else the one that Amazon's tools take."""
    configured = order.config.get("region")
    return order.text("region") or (configured if isinstance(configured, str) else "") or DEFAULT_REGION


def make(order: Order) -> Made:
    """Any Amazon thing: a numbered id where the service has them, else its name."""
    service, _, rest = order.type.token.partition(":")[2].partition("/")
    kind = rest.rpartition(":")[2]
    name, region = own_name(order), region_of(order)
    prefix = _PREFIXES.get(kind, "") if service in _NUMBERED else ""
    formed = amazon.id_and_arn(order, name, region, ACCOUNT)
    if formed is not None:
        id, arn = formed
    else:
        id = order.before.id if order.before else (f"{prefix}-{hexadecimal(17)}" if prefix else _plain_id(order, name))
        arn = _arn(service, kind, region, id)
        if "arn" in order.type.outputs and service in ("sns", "scheduler") and not prefix:
            id = arn
    id = _apart(order, id, region)
    told = {**_common(order, id, arn, region), **amazon.told(order, id, arn, name, region)}
    known = {key: value for key, value in told.items() if key in order.type.outputs and _may_tell(order, key)}
    outputs = {**plausible(order, id), **_numbers(order), **_places(order, region), **known}
    tags = labels_in(order)
    shown = tags.get("Name", name) if prefix else name
    held = {key: text for key, text in {**outputs.get("tagsAll", {}), **tags}.items() if isinstance(text, str)}
    return Made(id=id, name=shown, project=ACCOUNT, place=region, labels=held, outputs=outputs)


def _plain_id(order: Order, name: str) -> str:
    """What has no name in its cloud is told apart by some digits: programs name such things alike."""
    return name if name_property(order.type) or order.text("name") else f"{name}-{hexadecimal(8)}"


def _apart(order: Order, id: str, region: str) -> str:
    """An id of its own for a thing whose namesake lives in another region, or in another thing.

    Amazon keeps them apart by the call's region and path; `id@region` is how the provider imports such a one.
    """
    there = order.store.get(order.type.token, id) if order.before is None else None
    if there is None:
        return id
    if there.place != region and order.type.token.split(":")[1].split("/")[0] not in _GLOBAL:
        return f"{id}@{region}"
    held = any(reveal(there.inputs.get(name)) != order.plain(name) for name in _HOLDERS if name in order.type.inputs)
    return f"{id}-{hexadecimal(8)}" if held else id


def _may_tell(order: Order, name: str) -> bool:
    """What a program gives is told as given, but for tags with the provider's own, and objects that gain parts."""
    return order.inputs.get(name) is None or name in ("tagsAll", "vpcConfig")


def _places(order: Order, region: str) -> dict[str, Any]:
    """The availability zone, where a type has one, by name and by id; one of the two may be what a program gives."""
    name, id = order.text("availabilityZone"), order.text("availabilityZoneId")
    if re.fullmatch(r"[a-z0-9]+-az[1-9]", id) and not name:
        name = facts.zone_of(region, id)
    zone = name or order.keep("availabilityZone", lambda: f"{region}a")
    told = {"availabilityZone": zone} if order.inputs.get("availabilityZone") is None else {}
    if order.inputs.get("availabilityZoneId") is None and re.fullmatch(f"{region}[a-z]", zone):
        told["availabilityZoneId"] = facts.zone_id(region, zone)
    return {key: value for key, value in told.items() if key in order.type.outputs}


def _common(order: Order, id: str, arn: str, region: str) -> dict[str, Any]:
    defaults = (order.config.get("defaultTags") or {}).get("tags") if order.config.get("defaultTags") else {}
    told = {
        "arn": arn,
        "region": region,
        "ownerId": ACCOUNT,
        "accountId": ACCOUNT,
        "tagsAll": {**(defaults if isinstance(defaults, Mapping) else {}), **labels_in(order)},
        name_property(order.type) or "name": own_name(order),
        "name": order.text("name") or own_name(order),
        "url": id,
        "bucketDomainName": f"{id}.s3.amazonaws.com",
        "bucketRegionalDomainName": f"{id}.s3.{region}.amazonaws.com",
        "publicIp": nobodys_address(id),
    }
    return {key: value for key, value in told.items() if key in order.type.outputs}


def _numbers(order: Order) -> dict[str, Any]:
    """Ids of other things that the type tells, such as a network's default security group."""
    return {
        name: order.keep(name, lambda prefix=prefix: f"{prefix}-{hexadecimal(17)}")  # type: ignore[misc]
        for name in order.type.outputs
        for noun, prefix in _NOUNS.items()
        if name not in order.type.inputs and (name.endswith(noun) or name == noun[0].lower() + noun[1:])
    }


def _arn(service: str, kind: str, region: str, id: str) -> str:
    if service == "s3":
        return f"arn:aws:s3:::{id}"
    place = "" if service in _GLOBAL else region
    noun = _KEBAB.sub("-", kind).lower()
    return f"arn:aws:{'ec2' if service in ('ebs', 'vpc') else service}:{place}:{ACCOUNT}:{noun}/{id}"
