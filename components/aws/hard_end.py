"""The end that Amazon holds: one-off schedules with a role of their own, and a queue for the calls that failed.

EventBridge Scheduler ends a machine by TerminateInstances and a group by its own deletion, for a group makes again what
is terminated. The role can do both to what carries the lease's tag, and nothing else.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws.resource_name import check_account, check_name, check_region
from components.instant import check_instant
from trainyard.facts.labels import LEASE_KEY

# EventBridge Scheduler API, RetryPolicy: at most 185 attempts within at most a day.
_ATTEMPTS = 185
_SECONDS = 86_400
_KEEP_SECONDS = 14 * 86_400  # SQS API, MessageRetentionPeriod: at most 14 days


@dataclass(frozen=True, kw_only=True)
class EnderArgs:
    """`lease` is the value of the tag that limits the role; `regions` those that have machines."""

    account: str
    lease: str
    regions: tuple[str, ...]
    tags: Mapping[str, str]

    def __post_init__(self) -> None:
        """ValueError for no account, no region, or tags of another lease."""
        check_account(self.account)
        for region in self.regions:
            check_region(region)
        if not self.regions or len(set(self.regions)) != len(self.regions):
            message = f"{list(self.regions)} are no regions of a lease; name each region that has machines once."
            raise ValueError(message)
        if self.tags.get(LEASE_KEY) != self.lease:
            message = f"The tags say {self.tags.get(LEASE_KEY)!r} of {LEASE_KEY}, the lease is {self.lease!r}."
            raise ValueError(message)


@dataclass(frozen=True, kw_only=True)
class Ends:
    """Where one region's schedules go."""

    region: str
    group: pulumi.Input[str]  # of schedules
    role_arn: pulumi.Input[str]
    queue_arn: pulumi.Input[str]  # what failed


class Ender(pulumi.ComponentResource):
    """One for a lease: the role, and in each region a group of schedules and a queue."""

    ends: Mapping[str, Ends]  # by region
    queue_urls: Mapping[str, pulumi.Output[str]]  # by region; a message there is an end that did not happen

    def __init__(self, name: str, args: EnderArgs, opts: pulumi.ResourceOptions | None = None):
        check_name("ender", f"{name}-end")
        super().__init__("trainyard:aws:Ender", name, {}, opts)
        once = pulumi.ResourceOptions(parent=self, delete_before_replace=True)
        groups, queues = {}, {}
        for region in args.regions:
            groups[region] = aws.scheduler.ScheduleGroup(
                f"{name}-{region}", name=name, region=region, tags=args.tags, opts=once
            )
            queues[region] = aws.sqs.Queue(
                f"{name}-{region}",
                name=f"{name}-end",
                region=region,
                message_retention_seconds=_KEEP_SECONDS,
                sqs_managed_sse_enabled=True,
                tags=args.tags,
                opts=once,
            )
        role = aws.iam.Role(
            f"{name}-role",
            name=f"{name}-end",
            description="Ends one lease's machines at its hard end",
            assume_role_policy=_trust(args, name),
            tags=args.tags,
            opts=once,
        )
        allowed = aws.iam.RolePolicy(
            f"{name}-policy",
            name="end",
            role=role.name,
            policy=pulumi.Output.all(*[queue.arn for queue in queues.values()]).apply(lambda arns: _policy(args, arns)),
            opts=pulumi.ResourceOptions(parent=self),
        )
        # Whoever has the role's ARN from here has what the role may do as well.
        arn = pulumi.Output.all(role.arn, allowed.id).apply(lambda both: str(both[0]))
        self.ends = {
            region: Ends(region=region, group=groups[region].name, role_arn=arn, queue_arn=queues[region].arn)
            for region in args.regions
        }
        self.queue_urls = {region: queue.url for region, queue in queues.items()}
        self.register_outputs({"queue_urls": self.queue_urls})


def _trust(args: EnderArgs, name: str) -> str:
    """docs.aws.amazon.com/scheduler, "Confused deputy prevention": the account's own group of schedules alone."""
    groups = [f"arn:aws:scheduler:{region}:{args.account}:schedule-group/{name}" for region in args.regions]
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "scheduler.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                    "Condition": {"StringEquals": {"aws:SourceAccount": args.account, "aws:SourceArn": groups}},
                }
            ],
        }
    )


def _policy(args: EnderArgs, queues: list[str]) -> str:
    tagged = {"StringEquals": {f"aws:ResourceTag/{LEASE_KEY}": args.lease}}
    machines = f"arn:aws:ec2:*:{args.account}:instance/*"
    groups = f"arn:aws:autoscaling:*:{args.account}:autoScalingGroup:*:autoScalingGroupName/*"
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Action": "ec2:TerminateInstances", "Resource": machines, "Condition": tagged},
                {
                    "Effect": "Allow",
                    "Action": "autoscaling:DeleteAutoScalingGroup",
                    "Resource": groups,
                    "Condition": tagged,
                },
                {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": queues},
            ],
        }
    )


def end_machine(
    name: str, ends: Ends, hard_end: str, instance_id: pulumi.Output[str], opts: pulumi.ResourceOptions
) -> aws.scheduler.Schedule:
    """The schedule that terminates one machine."""
    text = instance_id.apply(lambda id_: json.dumps({"InstanceIds": [id_]}))
    return _schedule(name, ends, hard_end, "ec2:terminateInstances", text, opts)


def end_group(name: str, ends: Ends, hard_end: str, group: str, opts: pulumi.ResourceOptions) -> aws.scheduler.Schedule:
    """The schedule that deletes an Auto Scaling group with its machines; it may be there before the group."""
    text = json.dumps({"AutoScalingGroupName": group, "ForceDelete": True})
    return _schedule(name, ends, hard_end, "autoscaling:deleteAutoScalingGroup", text, opts)


def _schedule(
    name: str, ends: Ends, hard_end: str, call: str, text: pulumi.Input[str], opts: pulumi.ResourceOptions
) -> aws.scheduler.Schedule:
    check_instant("hard end", hard_end)
    return aws.scheduler.Schedule(
        f"{name}-hard-end",
        name=name,
        group_name=ends.group,
        region=ends.region,
        schedule_expression=f"at({hard_end.removesuffix('Z')})",
        schedule_expression_timezone="UTC",
        flexible_time_window={"mode": "OFF"},
        # DELETE would take the schedule away behind the state, which would then want it again, in the past.
        action_after_completion="NONE",
        target={
            "arn": f"arn:aws:scheduler:::aws-sdk:{call}",
            "role_arn": ends.role_arn,
            "input": text,
            "retry_policy": {"maximum_event_age_in_seconds": _SECONDS, "maximum_retry_attempts": _ATTEMPTS},
            "dead_letter_config": {"arn": ends.queue_arn},
        },
        opts=opts,
    )
