"""Who a lease's machines are on AWS: one role that Systems Manager reaches, that writes metrics and reads its end.

Nothing here may stop, terminate or tag a machine: a node ends itself by its own shutdown, which terminates it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components.aws.resource_name import check_name
from components.bootstrap.heartbeat_aws import NAMESPACE
from components.bootstrap.soft_end_aws import SoftEndObject

_SESSIONS = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"


@dataclass(frozen=True, kw_only=True)
class NodeIdentityArgs:
    """`name` is the role's and its instance profile's; data, secrets and images are granted to it apart."""

    name: str
    soft_end: SoftEndObject | None = None
    tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """ValueError for a name that IAM refuses."""
        check_name("role", self.name)


def role_name(lease_id: str) -> str:
    """The lease's role, at most 63 characters; roles of all regions of an account share their names."""
    return f"{lease_id}-node"


class NodeIdentity(pulumi.ComponentResource):
    """One for all machines of a lease: an account holds 1,000 roles by default."""

    role_name: pulumi.Output[str]  # as grants take it
    role_arn: pulumi.Output[str]
    instance_profile: pulumi.Output[str]  # its name

    def __init__(self, name: str, args: NodeIdentityArgs, opts: pulumi.ResourceOptions | None = None):
        super().__init__("trainyard:aws:NodeIdentity", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        once = pulumi.ResourceOptions(parent=self, delete_before_replace=True)
        role = aws.iam.Role(
            f"{name}-role",
            name=args.name,
            description="Trainyard node",
            assume_role_policy=json.dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": {"Service": "ec2.amazonaws.com"},
                            "Action": "sts:AssumeRole",
                        }
                    ],
                }
            ),
            tags=args.tags,
            opts=once,
        )
        aws.iam.RolePolicyAttachment(f"{name}-sessions", role=role.name, policy_arn=_SESSIONS, opts=child)
        aws.iam.RolePolicy(f"{name}-node", name="node", role=role.name, policy=_policy(args.soft_end), opts=child)
        profile = aws.iam.InstanceProfile(f"{name}-profile", name=args.name, role=role.name, tags=args.tags, opts=once)
        self.role_name = role.name
        self.role_arn = role.arn
        self.instance_profile = profile.name
        self.register_outputs({"role_name": self.role_name, "instance_profile": self.instance_profile})


def _policy(soft_end: SoftEndObject | None) -> str:
    metrics = {
        "Effect": "Allow",
        "Action": "cloudwatch:PutMetricData",
        "Resource": "*",  # the action knows no other
        "Condition": {"StringEquals": {"cloudwatch:namespace": NAMESPACE}},
    }
    own_end = [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": soft_end.arn}] if soft_end else []
    return json.dumps({"Version": "2012-10-17", "Statement": [metrics, *own_end]})
