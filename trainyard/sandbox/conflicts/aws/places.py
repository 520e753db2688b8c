"""Regions, zones and instance types that there are, and types where they are offered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from trainyard.sandbox.check import Problem, nearest
from trainyard.sandbox.conflicts.aws.facts import machine_types, regions, types_in, zones
from trainyard.sandbox.conflicts.aws.reading import leaves, region_of, tokens
from trainyard.sandbox.conflicts.conflict import Conflict, Given

_LOCAL_ZONE: Final = re.compile(r"^([a-z]{2}(?:-[a-z]+)+-\d)-[a-z0-9-]+$")  # Local and Wavelength Zones
# Zones that only some accounts see: docs.aws.amazon.com/ec2, "Regions and Zones"; accounts map the letters themselves.
_OTHER_ZONES: Final = frozenset({"ap-northeast-1b", "ca-central-1c", "us-west-1c", "ap-south-1d", "sa-east-1d"})
_TYPE_NAMES: Final = frozenset({"instanceType", "instanceTypes"})
_WITH_MACHINES: Final = ("ec2", "autoscaling", "eks")
_WILD: Final = re.compile(r"[*?]")


def _no_region(given: Given) -> Iterator[Problem]:
    told = given.at("region")
    if isinstance(told, str) and told and told not in regions():
        near = nearest(told, sorted(regions()))
        hint = f'; did you mean "{near}"?' if near else ""
        yield Problem("region", f"invalid AWS Region: {told}{hint}")


def _no_zone(given: Given) -> Iterator[Problem]:
    configured = given.config.get("region")
    region = given.text("region") or (configured if isinstance(configured, str) else "")
    for leaf in leaves(given):
        if leaf.name not in ("availabilityZone", "availabilityZones") or not isinstance(leaf.value, str):
            continue
        zone = leaf.value
        local = _LOCAL_ZONE.match(zone)
        home = local.group(1) if local else zone[:-1]
        allowed = zones(home)
        if (local and home in regions()) or zone in _OTHER_ZONES or (home in regions() and not allowed):
            continue
        if zone not in allowed:
            near = ", ".join(allowed or zones(zone) or zones(region))
            hint = f"; zones there: {near}" if near else ""
            yield Problem(leaf.path, f"InvalidParameterValue: Invalid availability zone: [{zone}]{hint}")
        elif region and region in regions() and home != region:
            hint = f"zones of {region}: {', '.join(zones(region))}"
            yield Problem(leaf.path, f"InvalidParameterValue: Invalid availability zone: [{zone}]; {hint}")


def _no_such_type(given: Given) -> Iterator[Problem]:
    region = region_of(given)
    for leaf in leaves(given):
        if leaf.name not in _TYPE_NAMES or not isinstance(leaf.value, str) or _WILD.search(leaf.value):
            continue
        where = machine_types().get(leaf.value)
        if where is None:
            near = nearest(leaf.value, sorted(machine_types()))
            hint = f'; did you mean "{near}"?' if near else ""
            yield Problem(leaf.path, f"InvalidParameterValue: Invalid value '{leaf.value}' for InstanceType.{hint}")
        elif where and region and types_in(region) and region not in where:
            zone = given.text("availabilityZone")
            there = f"Availability Zone ({zone})" if zone else f"region ({region})"
            text = f"Unsupported: Your requested instance type ({leaf.value}) is not supported in your requested"
            yield Problem(leaf.path, f"{text} {there}.; regions that have it: {', '.join(sorted(where))}")


CONFLICTS: Final = (
    Conflict(
        name="region-exists",
        types=tokens(),
        says="A region is one that Amazon has.",
        source="botocore, endpoints.json; hashicorp/terraform-provider-aws, names.ValidateRegion",
        find=_no_region,
    ),
    Conflict(
        name="zone-exists",
        types=tokens(),
        says="An availability zone is one of its region, and of the region that the thing is in.",
        source="EC2 API error InvalidParameterValue, and DescribeAvailabilityZones as moto tells it",
        find=_no_zone,
    ),
    Conflict(
        name="instance-type-exists-there",
        types=tokens(*_WITH_MACHINES),
        says="An instance type is one that Amazon has, and that the region offers.",
        source="EC2 API errors InvalidParameterValue and Unsupported; DescribeInstanceTypeOfferings",
        find=_no_such_type,
    ),
)
