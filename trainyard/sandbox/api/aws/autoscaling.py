"""Auto Scaling groups: list, resize, delete; the group's own machinery then starts and ends its machines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from trainyard.sandbox.api.aws import tokens
from trainyard.sandbox.api.aws.call import AwsCall
from trainyard.sandbox.api.aws.ec2.filters import Field, at, compile_filters
from trainyard.sandbox.api.aws.ec2.inventory import value
from trainyard.sandbox.api.aws.error import AwsError
from trainyard.sandbox.api.aws.regions import zones
from trainyard.sandbox.provider.aws import ACCOUNT
from trainyard.sandbox.provider.aws_instance import TYPE as INSTANCE
from trainyard.sandbox.store import Thing
from trainyard.servicer.values import reveal

GROUP: Final = "aws:autoscaling/group:Group"
_LARGEST: Final = 100
_USUAL: Final = 50
_FIELDS: Final[Mapping[str, Field]] = {
    "tag-value": at("Tags", "Value"),
}


def describe(call: AwsCall) -> dict[str, Any]:
    names = call.values.get("AutoScalingGroupNames") or ()
    size = call.values.get("MaxRecords", _USUAL)
    if not 1 <= size <= _LARGEST:
        raise AwsError(400, "ValidationError", f"MaxRecords must be between 1 and {_LARGEST}, not {size}")
    fits = compile_filters(call.values.get("Filters") or (), _FIELDS)
    refusal = AwsError(400, "InvalidNextToken", "The NextToken value is not valid.")
    after = tokens.after(str(call.values.get("NextToken") or ""), refusal)
    groups = [
        one
        for one in sorted(_groups(call), key=lambda thing: thing.id)
        if one.id > after and one.created <= call.newest and (not names or one.id in names)
    ]
    shown = [told for told in (_shown(call, group) for group in groups) if fits(told)]
    answer: dict[str, Any] = {"AutoScalingGroups": shown[:size]}
    if len(shown) > size:
        last = shown[size - 1]["AutoScalingGroupName"]
        answer["NextToken"] = tokens.token_after(last)
    return answer


def set_desired(call: AwsCall) -> dict[str, Any]:
    group = _find(call)
    wanted = int(call.values["DesiredCapacity"])
    _check_sizes(_number(group, "minSize"), wanted, _number(group, "maxSize"))
    return _put(call, group, {"desiredCapacity": wanted})


def update(call: AwsCall) -> dict[str, Any]:
    group = _find(call)
    known = {"MinSize": "minSize", "MaxSize": "maxSize", "DesiredCapacity": "desiredCapacity"}
    changed = {name: int(call.values[key]) for key, name in known.items() if key in call.values}
    least, most = (changed.get(name, _number(group, name)) for name in ("minSize", "maxSize"))
    wanted = changed.get("desiredCapacity", min(max(_number(group, "desiredCapacity"), least), most))
    _check_sizes(least, wanted, most)
    return _put(call, group, changed | {"desiredCapacity": wanted})


def delete(call: AwsCall) -> dict[str, Any]:
    group = _find(call)
    if _machines(call, group) and not call.values.get("ForceDelete"):
        text = (
            "You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) still "
            "in the group."
        )
        raise AwsError(400, "ResourceInUse", text)
    call.store.delete(group.type, group.id)
    return {}


def tags_of(group: Thing) -> dict[str, str]:
    """The group's own tags, which the provider takes as a list."""
    given: Sequence[Mapping[str, Any]] = reveal(group.inputs.get("tags")) or ()
    return {str(tag["key"]): str(tag["value"]) for tag in given if isinstance(tag, Mapping)} | dict(group.labels)


def _groups(call: AwsCall) -> Sequence[Thing]:
    return call.store.list(type=GROUP, project=ACCOUNT, place=call.region)


def _find(call: AwsCall) -> Thing:
    name = call.values["AutoScalingGroupName"]
    found = next((one for one in _groups(call) if one.id == name), None)
    if found is None:
        raise AwsError(400, "ValidationError", f"AutoScalingGroup name not found - AutoScalingGroup '{name}' not found")
    return found


def _machines(call: AwsCall, group: Thing) -> list[Thing]:
    owner = f"{group.type} {group.id}"
    machines = call.store.list(type=INSTANCE, project=ACCOUNT, place=call.region)
    return [machine for machine in machines if machine.owner == owner]


def _machine(machine: Thing) -> dict[str, Any]:
    return {
        "InstanceId": machine.id,
        "InstanceType": value(machine, "instanceType"),
        "AvailabilityZone": value(machine, "availabilityZone"),
        "LifecycleState": "Terminating" if machine.status == "deleting" else "InService",
        "HealthStatus": "Healthy",
        "ProtectedFromScaleIn": False,
    }


def _number(group: Thing, name: str) -> int:
    told = reveal(group.outputs.get(name))
    given = reveal(group.inputs.get(name)) if told is None else told
    if given is None and name == "desiredCapacity":
        return _number(group, "minSize")
    return int(given or 0)


def _check_sizes(least: int, wanted: int, most: int) -> None:
    if not 0 <= least <= wanted <= most:
        text = (
            f"New SetDesiredCapacity value {wanted} is outside of the group's bounds: minimum {least}, maximum {most}."
        )
        raise AwsError(400, "ValidationError", text)


def _put(call: AwsCall, group: Thing, changed: Mapping[str, int]) -> dict[str, Any]:
    inputs, outputs = {**group.inputs, **changed}, {**group.outputs, **changed}
    call.store.put(replace(group, inputs=inputs, outputs=outputs))
    return {}


def _shown(call: AwsCall, group: Thing) -> dict[str, Any]:
    subnets = reveal(group.inputs.get("vpcZoneIdentifiers")) or ()
    places = reveal(group.inputs.get("availabilityZones")) or zones(group.place)[:1]
    return {
        "AutoScalingGroupName": group.id,
        "AutoScalingGroupARN": f"arn:aws:autoscaling:{group.place}:{ACCOUNT}:autoScalingGroup:{group.id}",
        "MinSize": _number(group, "minSize"),
        "MaxSize": _number(group, "maxSize"),
        "DesiredCapacity": _number(group, "desiredCapacity"),
        "DefaultCooldown": 300,
        "AvailabilityZones": list(places),
        "LoadBalancerNames": [],
        "HealthCheckType": str(reveal(group.inputs.get("healthCheckType")) or "EC2"),
        "HealthCheckGracePeriod": 300,
        "Instances": [_machine(machine) for machine in _machines(call, group)],
        "CreatedTime": group.created,
        "VPCZoneIdentifier": ",".join(map(str, subnets)),
        "Tags": [
            {
                "ResourceId": group.id,
                "ResourceType": "auto-scaling-group",
                "Key": key,
                "Value": value,
                "PropagateAtLaunch": True,
            }
            for key, value in tags_of(group).items()
        ],
    }


CALLS: Final[Mapping[str, Callable[[AwsCall], Mapping[str, Any]]]] = {
    "DeleteAutoScalingGroup": delete,
    "DescribeAutoScalingGroups": describe,
    "SetDesiredCapacity": set_desired,
    "UpdateAutoScalingGroup": update,
}
