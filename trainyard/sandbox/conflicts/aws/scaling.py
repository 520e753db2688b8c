"""Groups of machines: Auto Scaling, and its schedules and policies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from trainyard.sandbox.check import Problem
from trainyard.sandbox.conflicts.aws.reading import has, known, number, repeated, there, whole
from trainyard.sandbox.conflicts.aws.times import cron_problem
from trainyard.sandbox.conflicts.conflict import Conflict, Given

_GROUP: Final = "aws:autoscaling/group:Group"
_OF_POLICY: Final = {
    "SimpleScaling": ("stepAdjustments", "targetTrackingConfiguration", "predictiveScalingConfiguration"),
    "StepScaling": ("scalingAdjustment", "targetTrackingConfiguration", "predictiveScalingConfiguration", "cooldown"),
    "TargetTrackingScaling": ("scalingAdjustment", "stepAdjustments", "adjustmentType", "cooldown"),
}


def _sizes(given: Given) -> Iterator[Problem]:
    least, most, wanted = (number(given, name) for name in ("minSize", "maxSize", "desiredCapacity"))
    for name, count in (("minSize", least), ("maxSize", most), ("desiredCapacity", wanted)):
        # A scheduled action keeps a size that it is given as -1.
        if count is not None and count < (0 if given.type.token == _GROUP else -1):
            yield Problem(name, f"ValidationError: {name} is {count}; it is 0 or more")
            return
    if least is not None and most is not None and least > most >= 0:
        yield Problem(
            "minSize", f"ValidationError: Max bound, {most}, must be greater than or equal to min bound, {least}"
        )
    elif wanted is not None and wanted >= 0:
        if most is not None and wanted > most >= 0:
            yield Problem(
                "desiredCapacity",
                f"ValidationError: Desired capacity:{wanted} must be between the specified min size:{least or 0} "
                f"and max size:{most}",
            )
        elif least is not None and wanted < least and (wanted or given.type.token != _GROUP):
            yield Problem(
                "desiredCapacity",
                f"ValidationError: Desired capacity:{wanted} must be between the specified min size:{least} "
                f"and max size:{most if most is not None else '…'}",
            )


def _made_of(given: Given) -> Iterator[Problem]:
    for names in (("launchConfiguration", "launchTemplate", "mixedInstancesPolicy"),):
        set_ = [name for name in names if has(given, name)]
        if len(set_) > 1 or not any(there(given, name) for name in names):
            text = f"exactly one of `{','.join(names)}` must be specified; {' and '.join(set_) or 'none'} given"
            yield Problem(set_[1] if set_ else "launchTemplate", f"Invalid combination of arguments: {text}")
    where = ("availabilityZones", "vpcZoneIdentifiers")
    set_ = [name for name in where if has(given, name)]
    if len(set_) == 2:
        yield Problem("availabilityZones", '"availability_zones": conflicts with vpc_zone_identifier; give one of them')
    elif not any(there(given, name) for name in where):
        yield Problem(
            "vpcZoneIdentifiers",
            "ValidationError: At least one Availability Zone or VPC Subnet is required.",
        )
    if has(given, "launchTemplate.id") and has(given, "launchTemplate.name"):
        yield Problem("launchTemplate.name", '"launch_template.0.name": conflicts with launch_template.0.id; give one')
    if has(given, "name") and has(given, "namePrefix"):
        return
    if len(given.text("name")) > 255:
        yield Problem("name", "ValidationError: a group's name has at most 255 characters")


def _health(given: Given) -> Iterator[Problem]:
    grace = number(given, "healthCheckGracePeriod")
    if grace is not None and grace < 0:
        yield Problem("healthCheckGracePeriod", f"ValidationError: {grace} seconds; 0 or more are taken")
    life = number(given, "maxInstanceLifetime")
    if life and not 86400 <= life <= 31536000:
        yield Problem("maxInstanceLifetime", f"ValidationError: {life} seconds; 0, or 86400 to 31536000, are taken")


def _spread(given: Given) -> Iterator[Problem]:
    base = "mixedInstancesPolicy.instancesDistribution"
    share = number(given, f"{base}.onDemandPercentageAboveBaseCapacity")
    if share is not None and not 0 <= share <= 100:
        yield Problem(f"{base}.onDemandPercentageAboveBaseCapacity", f"ValidationError: {share} %; 0 to 100 are taken")
    strategy = given.text(f"{base}.spotAllocationStrategy")
    pools = number(given, f"{base}.spotInstancePools")
    if pools and strategy and strategy != "lowest-price":
        yield Problem(
            f"{base}.spotInstancePools",
            f"ValidationError: SpotInstancePools is only available with lowest-price, not {strategy}",
        )


def _policy(given: Given) -> Iterator[Problem]:
    kind = given.at("policyType") or "SimpleScaling"
    if given.unknown("policyType"):
        return
    for name in _OF_POLICY.get(kind, ()):
        if has(given, name):
            yield Problem(name, f"ValidationError: {name} is not taken with policyType {kind}")
    if kind == "TargetTrackingScaling" and not there(given, "targetTrackingConfiguration"):
        yield Problem("targetTrackingConfiguration", "ValidationError: required with TargetTrackingScaling")
    if kind == "StepScaling" and not there(given, "stepAdjustments"):
        yield Problem("stepAdjustments", "ValidationError: at least one StepAdjustment is required with StepScaling")
    if kind in ("SimpleScaling", "StepScaling") and not there(given, "adjustmentType"):
        yield Problem("adjustmentType", f"ValidationError: AdjustmentType is required with policyType {kind}")


def _schedule(given: Given) -> Iterator[Problem]:
    recurrence = given.text("recurrence")
    reason = cron_problem(recurrence, fields=5) if recurrence else None
    if reason:
        yield Problem("recurrence", f"ValidationError: Given recurrence string: {recurrence} is invalid; {reason}")
    if not any(there(given, name) for name in ("minSize", "maxSize", "desiredCapacity")):
        yield Problem("desiredCapacity", "ValidationError: At least one of the sizes must be specified")
    start, end = given.text("startTime"), given.text("endTime")
    if start and end and start >= end and start.endswith("Z") and end.endswith("Z"):
        yield Problem("endTime", f"ValidationError: the end {end} is not after the start {start}")


def _tags(given: Given) -> Iterator[Problem]:
    for path, key in repeated(given, "tags", "key"):
        yield Problem(path, f"ValidationError: Duplicate tag key {key}")
    for path, tag in given.each("tags"):
        key = known(tag.get("key"))
        if isinstance(key, str) and key.lower().startswith("aws:"):
            yield Problem(f"{path}.key", "ValidationError: Tag keys that begin with aws: are Amazon's own")


def _node_group(given: Given) -> Iterator[Problem]:
    least, most, wanted = (whole(given.at(f"scalingConfig.{name}")) for name in ("minSize", "maxSize", "desiredSize"))
    if least is not None and most is not None and least > most:
        yield Problem(
            "scalingConfig.minSize",
            f"InvalidParameterException: Minimum capacity {least} can't be greater than maximum {most}",
        )
    elif wanted is not None and most is not None and wanted > most:
        yield Problem(
            "scalingConfig.desiredSize",
            f"InvalidParameterException: Desired capacity {wanted} can't be greater than max size {most}",
        )
    elif wanted is not None and least is not None and wanted < least:
        yield Problem(
            "scalingConfig.desiredSize",
            f"InvalidParameterException: Minimum capacity {least} can't be greater than desired size {wanted}",
        )


CONFLICTS: Final = (
    Conflict(
        name="group-sizes",
        types=frozenset({_GROUP, "aws:autoscaling/schedule:Schedule"}),
        says="The wanted size lies between the least and the most.",
        source="Auto Scaling API CreateAutoScalingGroup: MinSize, MaxSize, DesiredCapacity; error ValidationError",
        find=_sizes,
    ),
    Conflict(
        name="group-made-of-one-thing",
        types=frozenset({_GROUP}),
        says="A group has one kind of template and one way to say where it is.",
        source="hashicorp/terraform-provider-aws, aws_autoscaling_group: ExactlyOneOf and ConflictsWith",
        find=_made_of,
    ),
    Conflict(
        name="group-times",
        types=frozenset({_GROUP}),
        says="Grace periods are not negative, and a machine's longest life is a day to a year.",
        source="Auto Scaling API CreateAutoScalingGroup: HealthCheckGracePeriod, MaxInstanceLifetime",
        find=_health,
    ),
    Conflict(
        name="instances-distribution",
        types=frozenset({_GROUP}),
        says="The share on demand is a percentage, and pools go with the lowest price alone.",
        source="Auto Scaling API InstancesDistribution: SpotInstancePools, OnDemandPercentageAboveBaseCapacity",
        find=_spread,
    ),
    Conflict(
        name="group-tags",
        types=frozenset({_GROUP}),
        says="A group's tags have each key once, and none of Amazon's own.",
        source="Auto Scaling API CreateOrUpdateTags",
        find=_tags,
    ),
    Conflict(
        name="scaling-policy-type",
        types=frozenset({"aws:autoscaling/policy:Policy"}),
        says="A scaling policy has what its type takes, and all that it needs.",
        source="Auto Scaling API PutScalingPolicy: PolicyType, AdjustmentType, StepAdjustments",
        find=_policy,
    ),
    Conflict(
        name="scheduled-action",
        types=frozenset({"aws:autoscaling/schedule:Schedule"}),
        says="A scheduled action has a size, a recurrence of five fields, and ends after its start.",
        source="Auto Scaling API PutScheduledUpdateGroupAction: Recurrence, StartTime, EndTime",
        find=_schedule,
    ),
    Conflict(
        name="node-group-sizes",
        types=frozenset({"aws:eks/nodeGroup:NodeGroup"}),
        says="The wanted number of nodes lies between the least and the most.",
        source="EKS API CreateNodegroup, NodegroupScalingConfig; error InvalidParameterException",
        find=_node_group,
    ),
)
