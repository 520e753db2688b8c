"""Container images: one repository of ECR, its tags never moved, scanned, untagged images cleaned away."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from components.aws.resource_name import check_account, check_region
from trainyard.facts.aws.registry import host

_UNTAGGED_DAYS = 30  # a job that runs by digest may be as old as that


@dataclass(frozen=True, kw_only=True)
class RegistryArgs:
    account: str  # its number
    region: str
    immutable_tags: bool = True
    kms_key: pulumi.Input[str] | None = None  # its ARN; else ECR's own key
    tags: Mapping[str, str] = field(default_factory=dict)
    protect: bool = True  # as the environment says

    def __post_init__(self) -> None:
        """ValueError for an account or region that is none."""
        check_account(self.account)
        check_region(self.region)


class Registry(pulumi.ComponentResource):
    arn: pulumi.Output[str]
    address: str  # what stands before ":tag" or "@digest"

    def __init__(self, name: str, args: RegistryArgs, opts: pulumi.ResourceOptions | None = None):
        if not re.fullmatch(r"[a-z0-9]+(?:[._-][a-z0-9]+)*", name) or not 2 <= len(name) <= 256:
            message = f"{name!r} is no repository name of ECR; allowed are 2 to 256 of a-z, 0-9, '-', '_' and '.'."
            raise ValueError(message)
        super().__init__("trainyard:aws:Registry", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self, protect=args.protect)
        encryption: Any = {"encryption_type": "AES256"}
        if args.kms_key is not None:
            encryption = {"encryption_type": "KMS", "kms_key": args.kms_key}
        repository = aws.ecr.Repository(
            f"{name}-repository",
            name=name,
            region=args.region,
            image_tag_mutability="IMMUTABLE" if args.immutable_tags else "MUTABLE",
            image_scanning_configuration={"scan_on_push": True},
            encryption_configurations=[encryption],
            force_delete=False,
            tags=dict(args.tags),
            opts=child,
        )
        untagged = {
            "rulePriority": 1,
            "description": "Images without a tag",
            "selection": {
                "tagStatus": "untagged",
                "countType": "sinceImagePushed",
                "countUnit": "days",
                "countNumber": _UNTAGGED_DAYS,
            },
            "action": {"type": "expire"},
        }
        aws.ecr.LifecyclePolicy(
            f"{name}-untagged",
            repository=repository.name,
            region=args.region,
            policy=json.dumps({"rules": [untagged]}),
            opts=child,
        )
        # SageMaker pulls with the job's role, machines with theirs: this account only, and nothing is pushed by it.
        aws.ecr.RepositoryPolicy(
            f"{name}-pull", repository=repository.name, region=args.region, policy=_pull(args.account), opts=child
        )
        self.arn = repository.arn
        self.address = f"{host(args.account, args.region)}/{name}"
        self.register_outputs({"arn": self.arn, "address": self.address})


def _pull(account: str) -> str:
    statement = {
        "Sid": "PullWithinTheAccount",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
        "Action": ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
