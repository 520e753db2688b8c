"""What outlives machines and bills: volumes, addresses, snapshots, NAT gateways, reservations; network interfaces."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from trainyard.sandbox.api.aws.call import AwsCall
from trainyard.sandbox.api.aws.ec2 import inventory, part_shapes
from trainyard.sandbox.api.aws.ec2.changes import dry_run
from trainyard.sandbox.api.aws.ec2.filters import Field, at
from trainyard.sandbox.api.aws.ec2.inventory import value
from trainyard.sandbox.api.aws.ec2.pages import Listed, page
from trainyard.sandbox.api.aws.error import AwsError
from trainyard.sandbox.provider.aws import ACCOUNT
from trainyard.sandbox.provider.aws_instance import TYPE as INSTANCE
from trainyard.sandbox.provider.aws_instance import VOLUME
from trainyard.sandbox.store import Thing

Shape = Callable[[AwsCall, Thing], dict[str, Any]]


def describe_volumes(call: AwsCall) -> dict[str, Any]:
    fields: Mapping[str, Field] = {
        "volume-id": at("VolumeId"),
        "status": at("State"),
        "availability-zone": at("AvailabilityZone"),
        "volume-type": at("VolumeType"),
        "size": at("Size"),
        "snapshot-id": at("SnapshotId"),
        "encrypted": at("Encrypted"),
        "attachment.instance-id": at("Attachments", "InstanceId"),
        "attachment.device": at("Attachments", "Device"),
        "attachment.delete-on-termination": at("Attachments", "DeleteOnTermination"),
        "attachment.status": at("Attachments", "State"),
    }
    ids = _known(call, "VolumeIds", "VolumeId", VOLUME, "InvalidVolume.NotFound", "volume")
    found, following = page(call, _listed(call, part_shapes.volume, VOLUME), fields, ids=ids)
    return {"Volumes": found, **following}


def delete_volume(call: AwsCall) -> dict[str, Any]:
    volume = _one(call, str(call.values["VolumeId"]), VOLUME, "InvalidVolume.NotFound", "volume")
    holders = inventory.attached(call).get(volume.id, ())
    if holders:
        raise AwsError(400, "VolumeInUse", f"Volume {volume.id} is currently attached to {holders[0]['instance']}")
    return _deleted(call, volume)


def describe_addresses(call: AwsCall) -> dict[str, Any]:
    fields: Mapping[str, Field] = {
        "allocation-id": at("AllocationId"),
        "association-id": at("AssociationId"),
        "public-ip": at("PublicIp"),
        "domain": at("Domain"),
        "instance-id": at("InstanceId"),
        "network-interface-id": at("NetworkInterfaceId"),
    }
    code = "InvalidAllocationID.NotFound"
    ids = _known(call, "AllocationIds", "allocation", inventory.ADDRESS, code, "allocation ID")
    public = frozenset(call.values.get("PublicIps") or ())
    things = [
        one
        for one in _listed(call, part_shapes.address, inventory.ADDRESS)
        if not public or one.shown["PublicIp"] in public
    ]
    missing = public - {one.shown["PublicIp"] for one in things}
    if missing:
        raise AwsError(400, "InvalidAddress.NotFound", f"Address '{sorted(missing)[0]}' not found.")
    found, _ = page(call, things, fields, ids=ids)  # one page: an account has a handful
    return {"Addresses": found}


def release_address(call: AwsCall) -> dict[str, Any]:
    id = str(call.values.get("AllocationId") or "")
    if not id:
        raise AwsError(400, "MissingParameter", "The request must contain the parameter AllocationId")
    address = _one(call, id, inventory.ADDRESS, "InvalidAllocationID.NotFound", "allocation ID")
    if id in inventory.associated(call):
        raise AwsError(400, "InvalidIPAddress.InUse", f"Address {value(address, 'publicIp')} is in use.")
    return _deleted(call, address)


def describe_snapshots(call: AwsCall) -> dict[str, Any]:
    fields: Mapping[str, Field] = {
        "snapshot-id": at("SnapshotId"),
        "volume-id": at("VolumeId"),
        "volume-size": at("VolumeSize"),
        "status": at("State"),
        "owner-id": at("OwnerId"),
        "encrypted": at("Encrypted"),
        "description": at("Description"),
    }
    ids = _known(call, "SnapshotIds", "SnapshotId", inventory.SNAPSHOT, "InvalidSnapshot.NotFound", "snapshot")
    owners = call.values.get("OwnerIds") or ()
    ours = not owners or any(owner in ("self", ACCOUNT) for owner in owners)
    found, following = page(
        call, _listed(call, part_shapes.snapshot, inventory.SNAPSHOT) if ours else [], fields, ids=ids
    )
    return {"Snapshots": found, **following}


def delete_snapshot(call: AwsCall) -> dict[str, Any]:
    id = str(call.values["SnapshotId"])
    return _deleted(call, _one(call, id, inventory.SNAPSHOT, "InvalidSnapshot.NotFound", "snapshot"))


def describe_nat_gateways(call: AwsCall) -> dict[str, Any]:
    fields: Mapping[str, Field] = {
        "nat-gateway-id": at("NatGatewayId"),
        "state": at("State"),
        "subnet-id": at("SubnetId"),
        "vpc-id": at("VpcId"),
    }
    ids = _known(call, "NatGatewayIds", "NatGatewayId", inventory.NAT, "NatGatewayNotFound", "NAT gateway")
    found, following = page(call, _listed(call, part_shapes.nat, inventory.NAT), fields, ids=ids, filters="Filter")
    return {"NatGateways": found, **following}


def describe_reservations(call: AwsCall) -> dict[str, Any]:
    fields: Mapping[str, Field] = {
        "state": at("State"),
        "instance-type": at("InstanceType"),
        "availability-zone": at("AvailabilityZone"),
        "tenancy": at("Tenancy"),
        "owner-id": at("OwnerId"),
        "end-date-type": at("EndDateType"),
    }
    things = [
        *_listed(call, part_shapes.reservation, inventory.RESERVATION),
        *_listed(call, part_shapes.reservation, inventory.BLOCK),
    ]
    ids = tuple(call.values.get("CapacityReservationIds") or ())
    unknown = sorted(set(ids) - {one.id for one in things})
    if unknown:
        text = f"The capacity reservation ID '{unknown[0]}' does not exist."
        raise AwsError(400, "InvalidCapacityReservationId.NotFound", text)
    found, following = page(call, sorted(things, key=lambda one: one.id), fields, ids=ids, smallest=1)
    return {"CapacityReservations": found, **following}


def describe_interfaces(call: AwsCall) -> dict[str, Any]:
    fields: Mapping[str, Field] = {
        "network-interface-id": at("NetworkInterfaceId"),
        "status": at("Status"),
        "subnet-id": at("SubnetId"),
        "vpc-id": at("VpcId"),
        "availability-zone": at("AvailabilityZone"),
        "attachment.instance-id": at("Attachment", "InstanceId"),
        "private-ip-address": at("PrivateIpAddress"),
    }
    own = [
        Listed(id=one.shown["NetworkInterfaceId"], created=one.created, shown=one.shown)
        for one in _listed(call, part_shapes.own_interface, INSTANCE)
    ]
    things = sorted([*own, *_listed(call, part_shapes.interface, inventory.INTERFACE)], key=lambda one: one.id)
    ids = tuple(call.values.get("NetworkInterfaceIds") or ())
    unknown = sorted(set(ids) - {one.id for one in things})
    if unknown:
        text = f"The networkInterface ID '{unknown[0]}' does not exist"
        raise AwsError(400, "InvalidNetworkInterfaceID.NotFound", text)
    found, following = page(call, things, fields, ids=ids)
    return {"NetworkInterfaces": found, **following}


def _listed(call: AwsCall, shape: Shape, type: str) -> Sequence[Listed]:
    def make() -> Sequence[Listed]:
        found: Iterable[Thing] = inventory.things(call, type)
        return [Listed(id=one.id, created=one.created, shown=shape(call, one)) for one in found]

    return call.scene.seen.of(("aws", "listed", type, call.region), make)


def _known(call: AwsCall, parameter: str, noun: str, type: str, code: str, what: str) -> Sequence[str]:
    ids: Final = tuple(call.values.get(parameter) or ())
    for id in ids:
        _one(call, id, type, code, what)
    return ids


def _one(call: AwsCall, id: str, type: str, code: str, what: str) -> Thing:
    found = next((one for one in inventory.things(call, type) if one.id == id), None)
    if found is None:
        raise AwsError(400, code, f"The {what} '{id}' does not exist.")
    return found


def _deleted(call: AwsCall, thing: Thing) -> dict[str, Any]:
    dry_run(call)
    call.store.delete(thing.type, thing.id)
    return {}
