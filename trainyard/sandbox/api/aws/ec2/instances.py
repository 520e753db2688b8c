"""The lists of machines: DescribeInstances and DescribeInstanceStatus."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from trainyard.sandbox.api.aws.call import AwsCall
from trainyard.sandbox.api.aws.ec2 import inventory
from trainyard.sandbox.api.aws.ec2.filters import Field, at
from trainyard.sandbox.api.aws.ec2.instance_shape import reservation_of, shown, state, state_of
from trainyard.sandbox.api.aws.ec2.pages import Listed, page
from trainyard.sandbox.api.aws.error import AwsError
from trainyard.sandbox.provider.aws import ACCOUNT
from trainyard.sandbox.store import Thing

# docs.aws.amazon.com/AWSEC2/latest/UserGuide/terminating-instances.html: "remains visible … for a short while (usually
# an hour)"
SHOWN_AFTER_ITS_END: Final = 3600.0

FIELDS: Final[Mapping[str, Field]] = {
    "instance-id": at("InstanceId"),
    "instance-type": at("InstanceType"),
    "instance-state-name": at("State", "Name"),
    "instance-state-code": at("State", "Code"),
    "instance-lifecycle": at("InstanceLifecycle"),
    "image-id": at("ImageId"),
    "key-name": at("KeyName"),
    "availability-zone": at("Placement", "AvailabilityZone"),
    "placement-group-name": at("Placement", "GroupName"),
    "subnet-id": at("SubnetId"),
    "vpc-id": at("VpcId"),
    "private-ip-address": at("PrivateIpAddress"),
    "ip-address": at("PublicIpAddress"),
    "instance.group-id": at("SecurityGroups", "GroupId"),
    "network-interface.network-interface-id": at("NetworkInterfaces", "NetworkInterfaceId"),
    "block-device-mapping.volume-id": at("BlockDeviceMappings", "Ebs", "VolumeId"),
    "iam-instance-profile.arn": at("IamInstanceProfile", "Arn"),
    "client-token": at("ClientToken"),
    "architecture": at("Architecture"),
    "root-device-type": at("RootDeviceType"),
    "reservation-id": at("ReservationId"),
    "owner-id": at("OwnerId"),
}


def describe(call: AwsCall) -> dict[str, Any]:
    """DescribeInstances."""
    ids = _ids(call)
    found, following = page(call, _listed(call, ids), FIELDS, ids=ids)
    reservations: dict[str, dict[str, Any]] = {}
    for instance in found:
        told = {key: value for key, value in instance.items() if key not in ("ReservationId", "OwnerId")}
        reservation = reservations.setdefault(
            instance["ReservationId"],
            {"ReservationId": instance["ReservationId"], "OwnerId": ACCOUNT, "Groups": [], "Instances": []},
        )
        reservation["Instances"].append(told)
    return {"Reservations": list(reservations.values()), **following}


def describe_status(call: AwsCall) -> dict[str, Any]:
    """DescribeInstanceStatus: running ones, all when asked."""
    ids = _ids(call)
    every = bool(call.values.get("IncludeAllInstances"))
    things = [
        Listed(id=one.id, created=one.created, shown=_status(one.shown))
        for one in _listed(call, ids)
        if every or one.shown["State"]["Name"] == "running"
    ]
    fields = {
        "instance-state-name": at("InstanceState", "Name"),
        "instance-state-code": at("InstanceState", "Code"),
        "availability-zone": at("AvailabilityZone"),
        "instance-status.status": at("InstanceStatus", "Status"),
        "system-status.status": at("SystemStatus", "Status"),
    }
    found, following = page(call, things, fields, ids=ids)
    return {"InstanceStatuses": found, **following}


def find(call: AwsCall, ids: Sequence[str]) -> list[Thing]:
    """The machines of these ids, in their order; AwsError for one that is not there."""
    for id in ids:
        if not re.fullmatch(r"i-([0-9a-f]{8}|[0-9a-f]{17})", id):
            raise AwsError(400, "InvalidInstanceID.Malformed", f'Invalid id: "{id}"')
    known = {machine.id: machine for machine in visible(call)}
    missing = [id for id in ids if id not in known]
    if missing:
        many = len(missing) > 1
        text = f"The instance ID{'s' if many else ''} '{', '.join(missing)}' do{'' if many else 'es'} not exist"
        raise AwsError(400, "InvalidInstanceID.NotFound", text)
    return [known[id] for id in ids]


def visible(call: AwsCall) -> list[Thing]:
    """The region's machines that can be seen: the living, and the terminated for an hour."""
    oldest = call.store.now() - SHOWN_AFTER_ITS_END
    return [
        one
        for one in inventory.instances(call)
        if one.created <= call.newest and (one.status != "deleted" or one.changed > oldest)
    ]


def _ids(call: AwsCall) -> Sequence[str]:
    ids = call.values.get("InstanceIds") or ()
    if ids and call.values.get("MaxResults") is not None:
        text = "The parameter instancesSet cannot be used with the parameter maxResults"
        raise AwsError(400, "InvalidParameterCombination", text)
    if ids:
        find(call, ids)
    return tuple(ids)


def _listed(call: AwsCall, ids: Sequence[str]) -> list[Listed]:
    notes, now = inventory.notes(call), call.store.now()
    plain = call.scene.seen.of(("aws", "shown", call.region), dict[str, dict[str, Any]])
    wanted = frozenset(ids)
    found = []
    for machine in visible(call):
        if wanted and machine.id not in wanted:
            continue
        note = notes.get(machine.id, {})
        told = plain.get(machine.id)
        if told is None:
            more = {"ReservationId": reservation_of(machine, note), "OwnerId": ACCOUNT}
            told = plain[machine.id] = shown(call, machine, note) | more
        name = state_of(machine, note, now)
        found.append(Listed(id=machine.id, created=machine.created, shown={**told, "State": state(name)}))
    return found


def _status(instance: Mapping[str, Any]) -> dict[str, Any]:
    name = instance["State"]["Name"]
    health = {"running": "ok", "pending": "initializing"}.get(name, "not-applicable")
    checked = {"running": "passed", "pending": "initializing"}.get(name)
    status = {"Status": health, "Details": [{"Name": "reachability", "Status": checked}] if checked else []}
    return {
        "AvailabilityZone": instance["Placement"]["AvailabilityZone"],
        "InstanceId": instance["InstanceId"],
        "InstanceState": instance["State"],
        "InstanceStatus": status,
        "SystemStatus": status,
        "Events": [],
    }
