"""Who may log in to one workload's machines: Session Manager on what carries its tags, nowhere else in the account."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws.principal import check_principals, kind_and_name
from components.aws.resource_name import check_name, check_region
from trainyard.facts.labels import LEASE_KEY, WORKLOAD_KEY


@dataclass(frozen=True, kw_only=True)
class AccessArgs:
    """`tags` are the workload's; `principals` are "iam-role:ml-research" and the like."""

    account: str
    region: str
    tags: Mapping[str, str]
    principals: tuple[str, ...]

    def __post_init__(self) -> None:
        """ValueError for a principal of another form, no region, or tags that tell no workload."""
        check_region(self.region)
        check_principals(self.principals)
        for key in (LEASE_KEY, WORKLOAD_KEY):
            if not self.tags.get(key):
                message = f"Access is limited by the tag {key}, which the machines lack; give them their lease's tags."
                raise ValueError(message)


class Access(pulumi.ComponentResource):
    """One policy, attached to each principal; a session of one's own may be ended by its owner."""

    policy_arn: pulumi.Output[str]

    def __init__(self, name: str, args: AccessArgs, opts: pulumi.ResourceOptions | None = None):
        check_name("policy", name)
        super().__init__("trainyard:aws:Access", name, {}, opts)
        policy = aws.iam.Policy(
            f"{name}-policy",
            name=name,
            description="Sessions on one workload's machines",
            policy=document(args),
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        child = pulumi.ResourceOptions(parent=self)
        for principal in args.principals:
            match kind_and_name(principal):
                case ("role", who):
                    aws.iam.RolePolicyAttachment(f"{name}-{principal}", role=who, policy_arn=policy.arn, opts=child)
                case ("group", who):
                    aws.iam.GroupPolicyAttachment(f"{name}-{principal}", group=who, policy_arn=policy.arn, opts=child)
                case (_, who):
                    aws.iam.UserPolicyAttachment(f"{name}-{principal}", user=who, policy_arn=policy.arn, opts=child)
        self.policy_arn = policy.arn
        self.register_outputs({"policy_arn": self.policy_arn})


def document(args: AccessArgs) -> str:
    """Sessions by tag. docs.aws.amazon.com/systems-manager, "Sample IAM policies for Session Manager".

    A session's document has no tags of the workload, so it is named, and `ssm:SessionDocumentAccessCheck` holds people
    to it: no tunnels and no commands of other documents.
    """
    machines = {f"ssm:resourceTag/{key}": [args.tags[key]] for key in (LEASE_KEY, WORKLOAD_KEY)}
    shell = f"arn:aws:ssm:{args.region}:{args.account}:document/SSM-SessionManagerRunShell"
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": "ssm:StartSession",
                    "Resource": f"arn:aws:ec2:{args.region}:{args.account}:instance/*",
                    "Condition": {
                        "StringEquals": machines,
                        "BoolIfExists": {"ssm:SessionDocumentAccessCheck": "true"},
                    },
                },
                {"Effect": "Allow", "Action": "ssm:StartSession", "Resource": shell},
                {
                    "Effect": "Allow",
                    "Action": ["ssm:ResumeSession", "ssm:TerminateSession"],
                    "Resource": "arn:aws:ssm:*:*:session/${aws:userid}-*",
                },
            ],
        }
    )
