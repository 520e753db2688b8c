"""Auto Scaling groups: they launch what is missing, whoever ended it, until the group itself is made smaller.

docs.aws.amazon.com/autoscaling/ec2/userguide, "Health checks for instances in an Auto Scaling group": a terminated or
unhealthy instance is replaced. What could not be launched is tried again later: "Troubleshoot issues in Amazon EC2
Auto Scaling" there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from trainyard.sandbox.groups.group import Wanted
from trainyard.sandbox.store import Store, Thing
from trainyard.servicer.values import reveal

MACHINE: Final = "aws:ec2/instance:Instance"
TYPES: Final = ("aws:autoscaling/group:Group",)
_TEMPLATE: Final = "aws:ec2/launchTemplate:LaunchTemplate"
ALSO: Final = (_TEMPLATE,)  # of which a group's machines depend as well
_SAME: Final = (
    "instanceType",
    "keyName",
    "iamInstanceProfile",
    "userData",
    "vpcSecurityGroupIds",
    "metadataOptions",
    "instanceInitiatedShutdownBehavior",
    "capacityReservationSpecification",
    "instanceMarketOptions",
)


def wanted(store: Store, group: Thing) -> Wanted | None:
    """What the group wants; None when its launch template is gone."""
    given = reveal(dict(group.inputs))
    template = _template(store, group, given)
    if template is None:
        return None
    launched = reveal(dict(template.inputs))
    inputs: dict[str, Any] = {name: launched[name] for name in _SAME if launched.get(name) is not None}
    subnets = given.get("vpcZoneIdentifiers") or []
    zones = given.get("availabilityZones") or []
    size = given.get("desiredCapacity")
    suspended = given.get("suspendedProcesses") or ()
    return Wanted(
        type=MACHINE,
        size=int(size if size is not None else given.get("minSize") or 0),
        names=group.name,
        inputs={
            **inputs,
            **({"ami": launched["imageId"]} if launched.get("imageId") else {}),
            **({"subnetId": subnets[0]} if subnets else {"availabilityZone": zones[0]} if zones else {}),
            "region": group.place,
            "tags": _tags(group, given, launched),
        },
        repairs="ReplaceUnhealthy" not in suspended and "Launch" not in suspended,
        tries="Launch" not in suspended,
    )


def _template(store: Store, group: Thing, given: Mapping[str, Any]) -> Thing | None:
    mixed = (given.get("mixedInstancesPolicy") or {}).get("launchTemplate") or {}
    named = given.get("launchTemplate") or mixed.get("launchTemplateSpecification") or {}
    id, name = named.get("id") or named.get("launchTemplateId"), named.get("name") or named.get("launchTemplateName")
    if id:
        return store.get(_TEMPLATE, str(id))
    there = store.list(type=_TEMPLATE, project=group.project, place=group.place)
    return next((one for one in there if reveal(one.inputs.get("name")) == name), None)


def _tags(group: Thing, given: Mapping[str, Any], launched: Mapping[str, Any]) -> dict[str, str]:
    """The template's tags for instances, then the group's that it passes on, then the service's own."""
    of_template = [
        one.get("tags") or {}
        for one in launched.get("tagSpecifications") or ()
        if one.get("resourceType") == "instance"
    ]
    passed_on = {one["key"]: one["value"] for one in given.get("tags") or () if one.get("propagateAtLaunch")}
    tags = {key: value for each in of_template for key, value in each.items()}
    return {**tags, **passed_on, "aws:autoscaling:groupName": group.name}
