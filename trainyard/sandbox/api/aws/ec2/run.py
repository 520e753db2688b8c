"""RunInstances: its values in the words of the provider side, which checks and makes the machines."""

from __future__ import annotations

import hashlib
import json
import re
from base64 import b64encode
from collections.abc import Mapping
from typing import Any, Final

from trainyard.sandbox.api import making
from trainyard.sandbox.api.aws.call import AwsCall
from trainyard.sandbox.api.aws.ec2 import inventory
from trainyard.sandbox.api.aws.ec2.changes import PENDING_SECONDS, dry_run
from trainyard.sandbox.api.aws.ec2.instance_shape import shown, state
from trainyard.sandbox.api.aws.error import AwsError
from trainyard.sandbox.provider.aws import ACCOUNT
from trainyard.sandbox.provider.aws_instance import TYPE
from trainyard.sandbox.provider.order import hexadecimal
from trainyard.sandbox.store import Thing

_SAME: Final[Mapping[str, str]] = {
    "ImageId": "ami",
    "InstanceType": "instanceType",
    "KeyName": "keyName",
    "SubnetId": "subnetId",
    "PrivateIpAddress": "privateIp",
    "EbsOptimized": "ebsOptimized",
    "DisableApiTermination": "disableApiTermination",
    "DisableApiStop": "disableApiStop",
    "InstanceInitiatedShutdownBehavior": "instanceInitiatedShutdownBehavior",
    "SecurityGroupIds": "vpcSecurityGroupIds",
    "SecurityGroups": "securityGroups",
}
_ROOTS: Final = ("/dev/sda1", "/dev/xvda")
_ERROR: Final = re.compile(r"(?P<code>[A-Z][A-Za-z]+(?:\.[A-Z][A-Za-z]+)?): (?P<text>.*)", re.DOTALL)


def run(call: AwsCall) -> dict[str, Any]:
    """RunInstances; the same client token gives the same machines."""
    wish = hashlib.sha256(json.dumps(dict(call.values), sort_keys=True, default=str).encode()).hexdigest()
    key = f"aws token {call.region} {call.values.get('ClientToken') or hexadecimal(32)}"
    with call.store.transaction():
        known = call.store.meta(key)
        if known:
            machines = _again(call, json.loads(known), wish)
        else:
            machines = _made(call)
            call.store.set_meta(key, json.dumps({"wish": wish, "ids": [machine.id for machine in machines]}))
    notes = inventory.notes(call)
    told = [shown(call, machine, notes[machine.id]) | {"State": state("pending")} for machine in machines]
    reservation = notes[machines[0].id]["reservation"]
    return {"ReservationId": reservation, "OwnerId": ACCOUNT, "Groups": [], "Instances": told}


def _made(call: AwsCall) -> list[Thing]:
    least, most = int(call.values["MinCount"]), int(call.values["MaxCount"])
    if not 1 <= least <= most:
        text = (
            f"Value ({least}) for parameter minCount is invalid. It must be at least 1 and at most maxCount ({most})."
        )
        raise AwsError(400, "InvalidParameterValue", text)
    inputs = _inputs(call.values)
    reservation, now = f"r-{hexadecimal(17)}", call.store.now()
    machines = []
    for _ in range(most):
        try:
            machine = making.make(call.store, "aws", TYPE, inputs, {"region": call.region})
        except making.NotMade as refusal:
            raise _refusal(refusal) from refusal
        inventory.note(
            call,
            machine.id,
            state="pending",
            until=now + PENDING_SECONDS,
            reservation=reservation,
            token=call.values.get("ClientToken", ""),
        )
        machines.append(machine)
    dry_run(call)  # within the transaction: it takes back what was made
    return machines


def _again(call: AwsCall, known: Mapping[str, Any], wish: str) -> list[Thing]:
    if known["wish"] != wish:
        text = "The specified client token is already in use with other request parameters."
        raise AwsError(400, "IdempotentParameterMismatch", text)
    found = (call.store.recall(TYPE, id) for id in known["ids"])
    return [machine for machine in found if machine is not None]


def _refusal(refusal: making.NotMade) -> AwsError:
    told = _ERROR.fullmatch(refusal.reason)
    if told:
        return AwsError(400, told["code"], told["text"])
    where = f"{refusal.path}: " if refusal.path and refusal.path not in refusal.reason else ""
    return AwsError(400, "InvalidParameterValue", f"{where}{refusal.reason}")


def _inputs(values: Mapping[str, Any]) -> dict[str, Any]:
    """The provider's properties of a machine to be."""
    inputs = {name: values[key] for key, name in _SAME.items() if values.get(key) not in (None, [])}
    placement = values.get("Placement") or {}
    profile = values.get("IamInstanceProfile") or {}
    optional: dict[str, Any] = {
        "availabilityZone": placement.get("AvailabilityZone"),
        "placementGroup": placement.get("GroupName"),
        "tenancy": placement.get("Tenancy"),
        "hostId": placement.get("HostId"),
        "monitoring": (values.get("Monitoring") or {}).get("Enabled"),
        "iamInstanceProfile": profile.get("Name") or str(profile.get("Arn", "")).rpartition("/")[2],
        "userDataBase64": _base64(values.get("UserData")),
        "instanceMarketOptions": _lower(values.get("InstanceMarketOptions")),
        "metadataOptions": _lower(values.get("MetadataOptions")),
        "capacityReservationSpecification": _lower(values.get("CapacityReservationSpecification")),
        "launchTemplate": _template(values.get("LaunchTemplate")),
        "tags": _tags(values, "instance"),
        "volumeTags": _tags(values, "volume"),
    }
    inputs |= _network(values) | _devices(values)
    return inputs | {key: value for key, value in optional.items() if value not in (None, "", {})}


def _base64(given: Any) -> str:
    # Amazon takes Base64 only; boto3 encodes by itself.
    return given if isinstance(given, str) else b64encode(given).decode() if given else ""


def _lower(given: Any) -> Any:
    """Amazon's names with the provider's first letters."""
    if isinstance(given, Mapping):
        return {key[0].lower() + key[1:]: _lower(value) for key, value in given.items()}
    return given


def _template(given: Mapping[str, Any] | None) -> dict[str, Any]:
    names = {"LaunchTemplateId": "id", "LaunchTemplateName": "name", "Version": "version"}
    return {name: given[key] for key, name in names.items() if given.get(key)} if given else {}


def _tags(values: Mapping[str, Any], kind: str) -> dict[str, str]:
    return {
        tag["Key"]: tag.get("Value", "")
        for entry in values.get("TagSpecifications") or ()
        if entry.get("ResourceType") == kind
        for tag in entry.get("Tags") or ()
    }


def _network(values: Mapping[str, Any]) -> dict[str, Any]:
    first: Mapping[str, Any] = next(iter(values.get("NetworkInterfaces") or ()), {})
    known = {
        "subnetId": first.get("SubnetId"),
        "associatePublicIpAddress": first.get("AssociatePublicIpAddress"),
        "vpcSecurityGroupIds": first.get("Groups"),
        "privateIp": first.get("PrivateIpAddress"),
    }
    return {key: value for key, value in known.items() if value is not None}


def _devices(values: Mapping[str, Any]) -> dict[str, Any]:
    devices = [one for one in values.get("BlockDeviceMappings") or () if one.get("Ebs")]
    made = {one["DeviceName"]: {**_lower(one["Ebs"]), "deviceName": one["DeviceName"]} for one in devices}
    roots = [made.pop(name) for name in _ROOTS if name in made]
    for root in roots:
        root.pop("snapshotId", None)
    found: dict[str, Any] = {"rootBlockDevice": roots[0]} if roots else {}
    return found | ({"ebsBlockDevices": list(made.values())} if made else {})
