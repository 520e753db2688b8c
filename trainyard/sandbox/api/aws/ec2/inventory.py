"""What a region holds as the store has it; made once for each state of the store."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from trainyard.sandbox.api.aws.call import AwsCall
from trainyard.sandbox.provider.aws import ACCOUNT
from trainyard.sandbox.provider.aws_instance import TYPE as INSTANCE
from trainyard.sandbox.store import Thing
from trainyard.servicer.values import reveal

ADDRESS: Final = "aws:ec2/eip:Eip"
SNAPSHOT: Final = "aws:ebs/snapshot:Snapshot"
NAT: Final = "aws:ec2/natGateway:NatGateway"
RESERVATION: Final = "aws:ec2/capacityReservation:CapacityReservation"
BLOCK: Final = "aws:ec2/capacityBlockReservation:CapacityBlockReservation"
INTERFACE: Final = "aws:ec2/networkInterface:NetworkInterface"
SUBNET: Final = "aws:ec2/subnet:Subnet"
_ATTACHMENT: Final = "aws:ec2/volumeAttachment:VolumeAttachment"
_ASSOCIATION: Final = "aws:ec2/eipAssociation:EipAssociation"
_NOTE: Final = "aws note "


def things(call: AwsCall, type: str) -> Sequence[Thing]:
    """The living things of a type in the call's region, by id."""
    place = call.region
    return call.scene.seen.of(("aws", type, place), lambda: call.store.list(type=type, project=ACCOUNT, place=place))


def instances(call: AwsCall) -> Sequence[Thing]:
    """The region's machines, those too that are gone."""
    place = call.region

    def read() -> Sequence[Thing]:
        return call.store.list(type=INSTANCE, project=ACCOUNT, place=place, deleted=True)

    return call.scene.seen.of(("aws", "machines", place), read)


def value(thing: Thing, name: str) -> Any:
    """What the thing tells, else what was given, opened."""
    told = thing.outputs.get(name)
    return reveal(thing.inputs.get(name) if told is None else told)


def tags(thing: Thing) -> list[dict[str, str]]:
    """The thing's tags as Amazon lists them."""
    return [{"Key": key, "Value": text} for key, text in thing.labels.items()]


def devices(machine: Thing) -> list[Mapping[str, Any]]:
    """The volumes of a machine as the provider tells them, its root first."""
    root = value(machine, "rootBlockDevice")
    others = value(machine, "ebsBlockDevices") or ()
    return [one for one in (root, *others) if isinstance(one, Mapping) and one.get("volumeId")]


def attached(call: AwsCall) -> Mapping[str, list[dict[str, Any]]]:
    """Volume -> the machines that hold it: instance, device, whether it goes with the machine."""
    place = call.region

    def make() -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = {}
        for machine in things(call, INSTANCE):
            for one in devices(machine):
                how = {
                    "instance": machine.id,
                    "device": one.get("deviceName", ""),
                    "goes": bool(one.get("deleteOnTermination", True)),
                    "since": machine.created,
                }
                found.setdefault(str(one["volumeId"]), []).append(how)
        for link in call.store.list(type=_ATTACHMENT, place=place):
            how = {"instance": value(link, "instanceId"), "device": value(link, "deviceName"), "goes": False}
            found.setdefault(str(value(link, "volumeId")), []).append(how | {"since": link.created})
        return found

    return call.scene.seen.of(("aws", "attached", place), make)


def associated(call: AwsCall) -> Mapping[str, dict[str, str]]:
    """Address (its allocation) -> what holds it: instance or network interface, and the association."""
    place = call.region

    def make() -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for one in call.store.list(type=_ASSOCIATION, place=place):
            how = {"AssociationId": one.id, "InstanceId": value(one, "instanceId") or ""}
            found[str(value(one, "allocationId"))] = how
        for gateway in things(call, NAT):
            if value(gateway, "allocationId"):
                interface = str(value(gateway, "networkInterfaceId") or "")
                found[str(value(gateway, "allocationId"))] = {"NetworkInterfaceId": interface}
        for address in things(call, ADDRESS):
            holder = {
                "InstanceId": reveal(address.inputs.get("instance")) or "",
                "NetworkInterfaceId": reveal(address.inputs.get("networkInterface")) or "",
            }
            if any(holder.values()):
                found[address.id] = holder | {"AssociationId": f"eipassoc-{address.id.partition('-')[2]}"}
        return found

    return call.scene.seen.of(("aws", "associated", place), make)


def note(call: AwsCall, id: str, **what: Any) -> None:
    """Keep what only the API knows of a machine: a state that it is on its way to, its reservation, its token."""
    key = _NOTE + id
    call.store.set_meta(key, json.dumps(json.loads(call.store.meta(key, "{}")) | what))


def notes(call: AwsCall) -> Mapping[str, Mapping[str, Any]]:
    """The notes by machine."""

    def read() -> dict[str, Mapping[str, Any]]:
        rows = call.store.rows("SELECT key, value FROM meta WHERE key LIKE ?", f"{_NOTE}%")
        return {key.removeprefix(_NOTE): json.loads(text) for key, text in rows}

    return call.scene.seen.of(("aws", "notes"), read)
