"""One machine of EC2 as the provider tells it, with its volumes as things of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from trainyard.sandbox.provider import aws
from trainyard.sandbox.provider.order import Made, Order, hexadecimal, nobodys_address, rfc3339, stable_hex
from trainyard.sandbox.provider.tells.amazon import public_name
from trainyard.sandbox.store import Thing
from trainyard.servicer.values import reveal

TYPE: Final = "aws:ec2/instance:Instance"
VOLUME: Final = "aws:ebs/volume:Volume"
SUBNET: Final = "aws:ec2/subnet:Subnet"
INTERFACE: Final = "aws:ec2/networkInterface:NetworkInterface"
ROOT_DEVICE: Final = "/dev/sda1"
# docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RequestSpotInstances.html and API_EbsBlockDevice.html, read
# 2026-11-24: a block device without a type is gp2, gp3 begins at 3000 IOPS and 125 MiB/s.
_ROOT_GIB: Final = 8  # of Ubuntu's and Amazon Linux's images
_TYPE: Final = "gp2"


def make(order: Order) -> Made:
    """Everything that the provider tells of a running machine."""
    made = aws.make(order)
    volumes = _volumes(order, made)
    zone, interface = zone_of(order, made.place), _interface(order)
    number = int(stable_hex(4, made.id), 16)
    private = order.text("privateIp") or f"10.0.{number >> 8}.{number & 255}"
    region = made.place
    public = nobodys_address(made.id, order.text("instanceType")) if _is_public(order) else ""
    outputs = {
        **made.outputs,
        "instanceState": "running",
        "availabilityZone": zone,
        "privateIp": private,
        "privateDns": f"ip-{private.replace('.', '-')}.{region}.compute.internal",
        "publicIp": public,
        "publicDns": public_name(public, region),
        "primaryNetworkInterfaceId": interface.id
        if interface is not None
        else order.keep("primaryNetworkInterfaceId", lambda: f"eni-{hexadecimal(17)}"),
        "rootBlockDevice": order.veil("rootBlockDevice", volumes[0]),
        "securityGroups": order.inputs.get("securityGroups") or [],
        "vpcSecurityGroupIds": order.inputs.get("vpcSecurityGroupIds") or [],
    }
    if interface is not None:
        outputs |= {
            "subnetId": reveal(interface.outputs.get("subnetId")),
            "vpcSecurityGroupIds": reveal(interface.outputs.get("securityGroups")) or [],
        }
    if len(volumes) > 1:
        outputs["ebsBlockDevices"] = order.veil("ebsBlockDevices", volumes[1:])
    before = order.before
    if before is not None and before.status == "stopped":
        outputs["instanceState"] = "stopped"
        made = replace(made, status="stopped")
    parts = () if before else tuple(_things(order, made, zone, volumes))
    return replace(made, outputs=outputs, parts=parts)


def _interface(order: Order) -> Thing | None:
    """The interface that the machine brings along as its first one, which is a thing of its own."""
    primary = order.plain("primaryNetworkInterface")
    given = primary.get("networkInterfaceId") if isinstance(primary, Mapping) else None
    return order.store.get(INTERFACE, given) if isinstance(given, str) else None


def subnet_of(order: Order) -> str:
    """The subnet's id: the machine's own, or that of its interface; "" where it is nowhere told."""
    interface = _interface(order)
    return order.text("subnetId") or (str(reveal(interface.outputs.get("subnetId")) or "") if interface else "")


def zone_of(order: Order, region: str) -> str:
    """The availability zone: its own, the subnet's, that of a machine which is there, else the region's first."""
    subnet = order.store.get(SUBNET, subnet_of(order)) if subnet_of(order) else None
    of_subnet = reveal(subnet.outputs.get("availabilityZone")) if subnet else None
    before = reveal(order.before.outputs.get("availabilityZone")) if order.before else None
    return order.text("availabilityZone") or of_subnet or before or f"{region}a"


def _is_public(order: Order) -> bool:
    """Whether it gets a public address: as it asks, else as its subnet has it; a default subnet gives one.

    A stop and start gives another one (docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-instance-addressing.html),
    so it follows from the instance type, which changes that way.
    """
    if _interface(order) is not None:
        return False
    asked = order.plain("associatePublicIpAddress")
    if asked is not None:
        return bool(asked)
    subnet = order.store.get(SUBNET, order.text("subnetId")) if order.text("subnetId") else None
    if subnet is None:
        return not order.text("subnetId") and not order.plain("networkInterfaces")
    return bool(reveal(subnet.outputs.get("mapPublicIpOnLaunch")))


def _volumes(order: Order, made: Made) -> list[dict[str, Any]]:
    """The root volume and the others, as the provider tells them; numbers stay."""
    before = reveal(order.before.outputs) if order.before else {}
    there = [before.get("rootBlockDevice") or {}, *(before.get("ebsBlockDevices") or ())]
    given: list[Mapping[str, Any]] = [{"deviceName": ROOT_DEVICE, **(order.plain("rootBlockDevice") or {})}]
    given += [one for one in order.plain("ebsBlockDevices") or () if isinstance(one, Mapping)]
    ids = {one.get("deviceName"): one["volumeId"] for one in there if one.get("volumeId")}
    return [_volume(one, ids.get(one["deviceName"]) or f"vol-{hexadecimal(17)}") for one in given]


def _volume(given: Mapping[str, Any], id: str) -> dict[str, Any]:
    known = {key: value for key, value in given.items() if value is not None}
    kind = known.get("volumeType", _TYPE)
    size = int(known.get("volumeSize") or _ROOT_GIB)
    told: dict[str, Any] = {
        "deleteOnTermination": True,
        "encrypted": False,
        "volumeSize": size,
        "volumeType": kind,
        "tags": {},
        "kmsKeyId": "",
        "volumeId": id,
    }
    if kind == "gp3":
        told |= {"iops": 3000, "throughput": 125}
    elif kind == "gp2":
        told |= {"iops": min(max(100, 3 * size), 16_000), "throughput": 0}
    return {**told, **known}


def _things(order: Order, made: Made, zone: str, volumes: list[dict[str, Any]]) -> Iterator[Thing]:
    of_all = order.plain("volumeTags") or {}
    for told in volumes:
        id = str(told["volumeId"])
        tags = {**_default_tags(order), **of_all, **(told.get("tags") or {})}
        same = ("encrypted", "iops", "throughput", "kmsKeyId", "snapshotId")
        inputs: dict[str, Any] = {"availabilityZone": zone, "size": told["volumeSize"], "type": told["volumeType"]}
        inputs |= {key: told[key] for key in same if told.get(key) is not None} | {"tags": tags}
        outputs = {
            **inputs,
            "arn": f"arn:aws:ec2:{made.place}:{aws.ACCOUNT}:volume/{id}",
            "createTime": rfc3339(order.created),
            "region": made.place,
            "tagsAll": tags,
        }
        yield Thing(
            type=VOLUME,
            id=id,
            package="aws",
            project=aws.ACCOUNT,
            place=made.place,
            name=tags.get("Name", id),
            labels=tags,
            inputs=inputs,
            outputs=outputs,
            owner=f"{TYPE} {made.id}" if told["deleteOnTermination"] else "",
        )


def _default_tags(order: Order) -> Mapping[str, str]:
    """The provider's default tags, which it puts on volumes too, unless the machine gives their tags as a whole."""
    given = reveal(order.config.get("defaultTags"))
    tags = given.get("tags") if isinstance(given, Mapping) and order.plain("volumeTags") is None else None
    return tags if isinstance(tags, Mapping) else {}
