"""A machine as DescribeInstances shows it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from trainyard.sandbox.api.aws.call import AwsCall
from trainyard.sandbox.api.aws.ec2.inventory import SUBNET, devices, tags, value
from trainyard.sandbox.conflicts.aws.facts import zone_id
from trainyard.sandbox.provider.aws import ACCOUNT
from trainyard.sandbox.provider.order import stable_hex
from trainyard.sandbox.quotas.charges import vcpus
from trainyard.sandbox.store import Thing

# docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceState.html, read 2026-11-24
CODES: Final[Mapping[str, int]] = {
    "pending": 0,
    "running": 16,
    "shutting-down": 32,
    "terminated": 48,
    "stopping": 64,
    "stopped": 80,
}
_USER: Final = {
    "Code": "Client.UserInitiatedShutdown",
    "Message": "Client.UserInitiatedShutdown: User initiated shutdown",
}


def state_of(machine: Thing, note: Mapping[str, Any], now: float) -> str:
    """The machine's state at a simulated moment; a note says what it is on its way from."""
    if machine.status == "deleted":
        return "terminated"
    if machine.status == "deleting":
        return "shutting-down"
    if now < note.get("until", 0):
        return str(note["state"])
    return "stopped" if machine.status == "stopped" else "running"


def reservation_of(machine: Thing, note: Mapping[str, Any]) -> str:
    """The launch that the machine came from; each has its own unless the API started several at once."""
    return str(note.get("reservation") or f"r-{stable_hex(17, machine.id)}")


def state(name: str) -> dict[str, Any]:
    """ "running" as an InstanceState."""
    return {"Code": CODES[name], "Name": name}


def shown(call: AwsCall, machine: Thing, note: Mapping[str, Any]) -> dict[str, Any]:
    """An Instance, but for its state, which passes with time."""
    subnet = value(machine, "subnetId") or ""
    zone = str(value(machine, "availabilityZone") or "")
    options = value(machine, "instanceMarketOptions") or {}
    plain: dict[str, Any] = {
        "AmiLaunchIndex": 0,
        "ImageId": value(machine, "ami") or "",
        "InstanceId": machine.id,
        "InstanceType": value(machine, "instanceType") or "",
        "KeyName": value(machine, "keyName") or None,
        "LaunchTime": note.get("launched", machine.created),
        "Monitoring": {"State": "enabled" if value(machine, "monitoring") else "disabled"},
        "Placement": {
            "AvailabilityZone": zone,
            "AvailabilityZoneId": zone_id(machine.place, zone) if zone.startswith(machine.place) else None,
            "GroupName": value(machine, "placementGroup") or "",
            "Tenancy": value(machine, "tenancy") or "default",
        },
        "Architecture": "arm64" if re.match(r"[a-z]+\d+g[a-z]*\.", value(machine, "instanceType") or "") else "x86_64",
        "BlockDeviceMappings": [_mapping(machine, one) for one in devices(machine)],
        "CpuOptions": _cpus(str(value(machine, "instanceType") or "")),
        "ClientToken": note.get("token", ""),
        "EbsOptimized": bool(value(machine, "ebsOptimized")),
        "EnaSupport": True,
        "Hypervisor": "xen",
        "InstanceLifecycle": "spot" if options.get("marketType") == "spot" else None,
        "RootDeviceName": next((one.get("deviceName") for one in devices(machine)), "/dev/sda1"),
        "RootDeviceType": "ebs",
        "SourceDestCheck": machine.inputs.get("sourceDestCheck") is not False,
        "Tags": tags(machine),
        "VirtualizationType": "hvm",
        "PlatformDetails": "Linux/UNIX",
        "UsageOperation": "RunInstances",
        "UsageOperationUpdateTime": machine.created,
    }
    profile = value(machine, "iamInstanceProfile")
    if isinstance(profile, str) and profile:
        arn = f"arn:aws:iam::{ACCOUNT}:instance-profile/{profile}"
        plain["IamInstanceProfile"] = {"Arn": arn, "Id": f"AIPA{stable_hex(16, profile).upper()}"}
    return plain | (_gone(machine) if machine.status == "deleted" else _network(call, machine, str(subnet)))


def _cpus(machine_type: str) -> dict[str, int]:
    """Two threads a core, as EC2's machines have them unless they are asked for otherwise."""
    count = vcpus("aws", machine_type)
    return {"CoreCount": count // 2, "ThreadsPerCore": 2} if count > 1 else {"CoreCount": 1, "ThreadsPerCore": 1}


def _mapping(machine: Thing, device: Mapping[str, Any]) -> dict[str, Any]:
    ebs = {
        "AttachTime": machine.created,
        "DeleteOnTermination": bool(device.get("deleteOnTermination", True)),
        "Status": "attached",
        "VolumeId": device["volumeId"],
    }
    return {"DeviceName": device.get("deviceName", ""), "Ebs": ebs}


def _network(call: AwsCall, machine: Thing, subnet: str) -> dict[str, Any]:
    found = call.store.get(SUBNET, subnet) if subnet else None
    vpc = str(value(found, "vpcId") or "") if found else ""
    groups = [{"GroupId": str(id), "GroupName": str(id)} for id in value(machine, "vpcSecurityGroupIds") or ()]
    private, public = value(machine, "privateIp"), value(machine, "publicIp")
    interface = {
        "NetworkInterfaceId": value(machine, "primaryNetworkInterfaceId"),
        "PrivateIpAddress": private,
        "PrivateDnsName": value(machine, "privateDns"),
        "SubnetId": subnet or None,
        "VpcId": vpc or None,
        "OwnerId": ACCOUNT,
        "Status": "in-use",
        "Groups": groups,
    }
    return {
        "PrivateDnsName": value(machine, "privateDns") or "",
        "PrivateIpAddress": private,
        "PublicDnsName": value(machine, "publicDns") or "",
        "PublicIpAddress": public or None,
        "SubnetId": subnet or None,
        "VpcId": vpc or None,
        "SecurityGroups": groups,
        "NetworkInterfaces": [interface],
        "StateTransitionReason": _when(machine) if machine.status == "stopped" else "",
        **({"StateReason": _USER} if machine.status == "stopped" else {}),
    }


def _gone(machine: Thing) -> dict[str, Any]:
    return {
        "BlockDeviceMappings": [],
        "NetworkInterfaces": [],
        "SecurityGroups": [],
        "PrivateDnsName": "",
        "PublicDnsName": "",
        "StateReason": _USER,
        "StateTransitionReason": _when(machine),
    }


def _when(machine: Thing) -> str:
    return f"User initiated ({datetime.fromtimestamp(int(machine.changed), UTC):%Y-%m-%d %H:%M:%S} GMT)"
