"""What outlives machines, as the lists show it."""

from __future__ import annotations

from typing import Any

from trainyard.sandbox.api.aws.call import AwsCall
from trainyard.sandbox.api.aws.ec2 import inventory
from trainyard.sandbox.api.aws.ec2.inventory import tags, value
from trainyard.sandbox.provider.aws import ACCOUNT
from trainyard.sandbox.provider.aws_instance import VOLUME
from trainyard.sandbox.store import Thing


def volume(call: AwsCall, thing: Thing) -> dict[str, Any]:
    holders = inventory.attached(call).get(thing.id, ())
    attachments = [
        {
            "AttachTime": one["since"],
            "DeleteOnTermination": one["goes"],
            "Device": one["device"],
            "InstanceId": one["instance"],
            "State": "attached",
            "VolumeId": thing.id,
        }
        for one in holders
    ]
    number = {"Size": value(thing, "size"), "Iops": value(thing, "iops"), "Throughput": value(thing, "throughput")}
    return {
        "Attachments": attachments,
        "AvailabilityZone": value(thing, "availabilityZone"),
        "CreateTime": thing.created,
        "Encrypted": bool(value(thing, "encrypted")),
        "SnapshotId": value(thing, "snapshotId") or "",
        "State": "in-use" if holders else "available",
        "VolumeId": thing.id,
        "VolumeType": value(thing, "type") or "gp2",
        "MultiAttachEnabled": bool(value(thing, "multiAttachEnabled")),
        "Tags": tags(thing),
        **{key: int(figure) for key, figure in number.items() if figure},
    }


def address(call: AwsCall, thing: Thing) -> dict[str, Any]:
    holder = {key: text for key, text in inventory.associated(call).get(thing.id, {}).items() if text}
    return {
        "AllocationId": thing.id,
        "PublicIp": value(thing, "publicIp"),
        "Domain": "vpc",
        "PublicIpv4Pool": "amazon",
        "NetworkBorderGroup": thing.place,
        "Tags": tags(thing),
        **holder,
    }


def snapshot(call: AwsCall, thing: Thing) -> dict[str, Any]:
    volume = call.store.recall(VOLUME, str(value(thing, "volumeId")))
    size = value(thing, "volumeSize") or (value(volume, "size") if volume else 0)
    return {
        "SnapshotId": thing.id,
        "VolumeId": value(thing, "volumeId"),
        "VolumeSize": int(size or 0),
        "State": "completed",
        "Progress": "100%",
        "StartTime": thing.created,
        "OwnerId": ACCOUNT,
        "Description": value(thing, "description") or "",
        "Encrypted": bool(value(thing, "encrypted")),
        "StorageTier": value(thing, "storageTier") or "standard",
        "Tags": tags(thing),
    }


def nat(call: AwsCall, thing: Thing) -> dict[str, Any]:
    subnet = call.store.get(inventory.SUBNET, str(value(thing, "subnetId") or ""))
    address = {
        "AllocationId": value(thing, "allocationId"),
        "NetworkInterfaceId": value(thing, "networkInterfaceId"),
        "PrivateIp": value(thing, "privateIp"),
        "PublicIp": value(thing, "publicIp"),
        "IsPrimary": True,
        "Status": "succeeded",
    }
    return {
        "NatGatewayId": thing.id,
        "State": "available",
        "SubnetId": value(thing, "subnetId"),
        "VpcId": value(thing, "vpcId") or (value(subnet, "vpcId") if subnet else None),
        "ConnectivityType": value(thing, "connectivityType") or "public",
        "CreateTime": thing.created,
        "NatGatewayAddresses": [address],
        "Tags": tags(thing),
    }


def reservation(call: AwsCall, thing: Thing) -> dict[str, Any]:
    count = int(value(thing, "instanceCount") or 1)
    is_block = thing.type == inventory.BLOCK
    return {
        "CapacityReservationId": thing.id,
        "OwnerId": ACCOUNT,
        "InstanceType": value(thing, "instanceType"),
        "InstancePlatform": value(thing, "instancePlatform") or "Linux/UNIX",
        "AvailabilityZone": value(thing, "availabilityZone"),
        "Tenancy": value(thing, "tenancy") or "default",
        "TotalInstanceCount": count,
        "AvailableInstanceCount": count,
        "State": "active",
        "StartDate": thing.created,
        "CreateDate": thing.created,
        "EndDateType": value(thing, "endDateType") or ("limited" if is_block else "unlimited"),
        "InstanceMatchCriteria": value(thing, "instanceMatchCriteria") or "open",
        "ReservationType": "capacity-block" if is_block else "default",
        "Tags": tags(thing),
    }


def interface(call: AwsCall, thing: Thing) -> dict[str, Any]:
    subnet = call.store.get(inventory.SUBNET, str(value(thing, "subnetId") or ""))
    return {
        "NetworkInterfaceId": thing.id,
        "Status": "in-use" if value(thing, "attachments") else "available",
        "SubnetId": value(thing, "subnetId"),
        "VpcId": value(subnet, "vpcId") if subnet else None,
        "AvailabilityZone": value(subnet, "availabilityZone") if subnet else None,
        "PrivateIpAddress": value(thing, "privateIp"),
        "Description": value(thing, "description") or "",
        "InterfaceType": value(thing, "interfaceType") or "interface",
        "OwnerId": ACCOUNT,
        "TagSet": tags(thing),
    }


def own_interface(call: AwsCall, thing: Thing) -> dict[str, Any]:
    subnet = call.store.get(inventory.SUBNET, str(value(thing, "subnetId") or ""))
    return {
        "NetworkInterfaceId": value(thing, "primaryNetworkInterfaceId"),
        "Status": "in-use",
        "SubnetId": value(thing, "subnetId"),
        "VpcId": value(subnet, "vpcId") if subnet else None,
        "AvailabilityZone": value(thing, "availabilityZone"),
        "PrivateIpAddress": value(thing, "privateIp"),
        "InterfaceType": "interface",
        "OwnerId": ACCOUNT,
        "Attachment": {"InstanceId": thing.id, "DeviceIndex": 0, "Status": "attached", "DeleteOnTermination": True},
        "TagSet": [],
    }
