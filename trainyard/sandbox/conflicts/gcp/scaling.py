"""Autoscalers, health checks and regional groups: which of their numbers go together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from trainyard.sandbox.check import Problem
from trainyard.sandbox.conflicts.conflict import Conflict, Given
from trainyard.sandbox.provider.gcp_places import place
from trainyard.servicer.values import has_unknown

_REGION_GROUP: Final = "gcp:compute/regionInstanceGroupManager:RegionInstanceGroupManager"
_ZONES: Final = 3  # of a regional group that names none


def _replicas(given: Given) -> Iterator[Problem]:
    least, most = (given.at(f"autoscalingPolicy.{name}") for name in ("minReplicas", "maxReplicas"))
    if isinstance(least, int | float) and isinstance(most, int | float) and least > most:
        text = f"minReplicas is {least:g}, and maxReplicas is {most:g}: it must not be over it"
        path = "autoscalingPolicy.minReplicas"
        yield Problem(path, f"Invalid value for field 'resource.autoscalingPolicy.minNumReplicas': '{least:g}'. {text}")


def _timeout(given: Given) -> Iterator[Problem]:
    if given.unknown("checkIntervalSec") or given.unknown("timeoutSec"):
        return
    every, wait = given.at("checkIntervalSec") or 5, given.at("timeoutSec") or 5
    if isinstance(every, int | float) and isinstance(wait, int | float) and wait > every:
        text = f"The timeout {wait:g} must not be greater than the check interval {every:g}"
        yield Problem("timeoutSec", f"Invalid value for field 'resource.timeoutSec': '{wait:g}'. {text}")


def _zones(given: Given) -> Iterator[Problem]:
    region, zones = place("region", given.inputs, given.config), given.at("distributionPolicyZones")
    for number, zone in enumerate(zones if isinstance(zones, list) else ()):
        short = zone.rpartition("/")[2] if isinstance(zone, str) else ""
        if short and region and short.rpartition("-")[0] != region:
            path = f"distributionPolicyZones[{number}]"
            yield Problem(path, f"Invalid value for field 'resource.{path}': '{short}'. It is not in region {region}")


def _surge(given: Given) -> Iterator[Problem]:
    zones = given.at("distributionPolicyZones")
    if has_unknown(zones) or given.unknown("distributionPolicyZones"):
        return
    count = len(zones) if isinstance(zones, list) and zones else _ZONES
    for name in ("maxSurgeFixed", "maxUnavailableFixed"):
        number = given.at(f"updatePolicy.{name}")
        if isinstance(number, int | float) and 0 < number < count:
            text = f"Fixed updatePolicy.{name} for regional managed instance group has to be either 0 or at least equal"
            yield Problem(f"updatePolicy.{name}", f"{text} to the number of zones, which is {count}")


def _rule(name: str, types: set[str], says: str, source: str, find: Callable[[Given], Iterator[Problem]]) -> Conflict:
    return Conflict(name=name, types=frozenset(types), says=says, source=source, find=find)


CONFLICTS: Final[tuple[Conflict, ...]] = (
    _rule(
        "replicas-in-order",
        {"gcp:compute/autoscaler:Autoscaler", "gcp:compute/regionAutoscaler:RegionAutoscaler"},
        "the least number of machines is not over the most",
        "compute.v1 AutoscalingPolicy.minNumReplicas, maxNumReplicas",
        _replicas,
    ),
    _rule(
        "timeout-within-interval",
        {
            "gcp:compute/healthCheck:HealthCheck",
            "gcp:compute/regionHealthCheck:RegionHealthCheck",
            "gcp:compute/httpHealthCheck:HttpHealthCheck",
            "gcp:compute/httpsHealthCheck:HttpsHealthCheck",
        },
        "a check's timeout is not over its interval",
        "pulumi-gcp 10.2.0, HealthCheck.timeoutSec: it is invalid to be greater than checkIntervalSec",
        _timeout,
    ),
    _rule(
        "zones-of-a-regional-group",
        {_REGION_GROUP},
        "a group's zones are in its region",
        "cloud.google.com/compute/docs/instance-groups/distributing-instances-with-regional-instance-groups",
        _zones,
    ),
    _rule(
        "surge-of-a-regional-group",
        {_REGION_GROUP},
        "a fixed surge is 0 or one for each zone at least",
        "pulumi-gcp 10.2.0, RegionInstanceGroupManager.updatePolicy.maxSurgeFixed",
        _surge,
    ),
)
