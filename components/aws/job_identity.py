"""Who a lease's training jobs and notebooks are: one role that SageMaker alone may take; data is granted apart."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from components.aws.resource_name import check_account, check_name

# docs.aws.amazon.com/sagemaker, "SageMaker AI Roles": what a job or notebook in a VPC needs of EC2; no action is of one
# resource only before the interface is there.
_NETWORK = (
    "ec2:CreateNetworkInterface",
    "ec2:CreateNetworkInterfacePermission",
    "ec2:DeleteNetworkInterface",
    "ec2:DeleteNetworkInterfacePermission",
    "ec2:DescribeDhcpOptions",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
)


@dataclass(frozen=True, kw_only=True)
class JobIdentityArgs:
    account: str  # its number
    name: str  # the role's
    notebooks: bool = False  # a notebook stops itself when nobody works in it
    tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """ValueError for a name that IAM refuses, or no account."""
        check_account(self.account)
        check_name("role", self.name)


def job_role_name(lease_id: str) -> str:
    """The role of a lease's jobs, beside that of its machines."""
    return f"{lease_id}-job"


class JobIdentity(pulumi.ComponentResource):
    role_name: pulumi.Output[str]  # as grants take it
    role_arn: pulumi.Output[str]
    ready: aws.iam.RolePolicy  # a job that starts at once waits for it

    def __init__(self, name: str, args: JobIdentityArgs, opts: pulumi.ResourceOptions | None = None):
        super().__init__("trainyard:aws:JobIdentity", name, {}, opts)
        trust = _allow(
            ["sts:AssumeRole"],
            Principal={"Service": "sagemaker.amazonaws.com"},
            Condition={"StringEquals": {"aws:SourceAccount": args.account}},
        )
        role = aws.iam.Role(
            f"{name}-role",
            name=args.name,
            description="Trainyard job",
            assume_role_policy=_document([trust]),
            tags=dict(args.tags),
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        logs = f"arn:aws:logs:*:{args.account}:log-group:/aws/sagemaker/*"
        statements = [
            _allow(
                ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
                Resource=logs,
            ),
            _allow(
                ["cloudwatch:PutMetricData"],
                Resource="*",
                Condition={"StringLike": {"cloudwatch:namespace": ["/aws/sagemaker/*", "Trainyard"]}},
            ),
            _allow(list(_NETWORK), Resource="*"),
        ]
        if args.notebooks:
            own = f"arn:aws:sagemaker:*:{args.account}:notebook-instance/*"
            mine = {"StringEquals": {f"aws:ResourceTag/{key}": value for key, value in args.tags.items()}}
            statements.append(_allow(["sagemaker:StopNotebookInstance"], Resource=own, Condition=mine))
        self.ready = aws.iam.RolePolicy(
            f"{name}-job",
            name="job",
            role=role.name,
            policy=_document(statements),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.role_name = role.name
        self.role_arn = role.arn
        self.register_outputs({"role_name": self.role_name, "role_arn": self.role_arn})


def _allow(actions: list[str], **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, **more}


def _document(statements: list[dict[str, Any]]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})
