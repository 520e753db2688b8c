"""What a lease's nodes may read and write: their data, their secrets and the images, and nothing else."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

READ = ("s3:GetObject", "s3:GetObjectVersion")
# Mountpoint for S3 needs the last two; no ACLs: they could give the objects away.
WRITE = (*READ, "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts")
_PULL = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
_USE_KEY = ("kms:Decrypt", "kms:GenerateDataKey")
_LONGEST_POLICY = 10240  # IAM: all inline policies of a role together


@dataclass(frozen=True, kw_only=True)
class GrantsArgs:
    """`read` and `written` map a data set's name to "bucket" or "bucket/prefix"; what is written is read as well."""

    role_name: pulumi.Input[str]
    read: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    written: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()  # ARNs; a name without the six letters that AWS adds is matched by any of them
    repositories: tuple[pulumi.Input[str], ...] = ()  # ARNs
    keys: tuple[pulumi.Input[str], ...] = ()  # ARNs of what encrypts the data, the secrets and the images

    def __post_init__(self) -> None:
        """ValueError for a secret that is no ARN of one."""
        for arn in self.secrets:
            if not arn.startswith("arn:aws") or ":secretsmanager:" not in arn or "*" in arn:
                message = (
                    f"{arn!r} is no ARN of a secret; give arn:aws:secretsmanager:<region>:<account>:secret:<name>."
                )
                raise ValueError(message)

    @property
    def empty(self) -> bool:
        """Whether nothing is granted."""
        return not (self.read or self.written or self.secrets or self.repositories)


class Grants(pulumi.ComponentResource):
    policy: aws.iam.RolePolicy  # what starts at once waits for it

    def __init__(self, name: str, args: GrantsArgs, opts: pulumi.ResourceOptions | None = None):
        super().__init__("trainyard:aws:Grants", name, {}, opts)
        read = [each for data, each in args.read.items() if data not in args.written]
        document = pulumi.Output.all(
            read=read, written=list(args.written.values()), repositories=list(args.repositories), keys=list(args.keys)
        ).apply(lambda known: policy(known, args.secrets))
        self.policy = aws.iam.RolePolicy(
            f"{name}-data",
            name="data",
            role=args.role_name,
            policy=document,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({})


def policy(known: Mapping[str, Any], secrets: tuple[str, ...]) -> str:
    """The document; ValueError when IAM would refuse it as too long."""
    statements: list[dict[str, Any]] = []
    for places, actions in ((known["read"], READ), (known["written"], WRITE)):
        for place in places:
            statements += _on_bucket(str(place), actions, writes=actions is WRITE)
    if secrets:
        # A secret's ARN ends in "-" and six letters, which a reference by name has not.
        full = [each for arn in secrets for each in (arn, f"{arn}-??????")]
        statements.append(_allow(["secretsmanager:GetSecretValue"], full))
    if known["repositories"]:
        statements.append(_allow(["ecr:GetAuthorizationToken"], ["*"]))  # the action knows no other
        statements.append(_allow(list(_PULL), list(known["repositories"])))
    if known["keys"]:
        statements.append(_allow(list(_USE_KEY), list(known["keys"])))
    text = json.dumps({"Version": "2012-10-17", "Statement": statements}, separators=(",", ":"))
    if len(text) > _LONGEST_POLICY:
        message = (
            f"The lease's grants have {len(text)} characters, a role's inline policies {_LONGEST_POLICY} at most; use "
            "fewer data sets and secrets in one lease."
        )
        raise ValueError(message)
    return text


def _on_bucket(place: str, actions: tuple[str, ...], *, writes: bool) -> list[dict[str, Any]]:
    bucket, _, prefix = place.partition("/")
    prefix = prefix.strip("/")
    arn = f"arn:aws:s3:::{bucket}"
    listing = _allow(["s3:ListBucket", *(["s3:ListBucketMultipartUploads"] if writes else [])], [arn])
    if prefix:
        listing["Condition"] = {"StringLike": {"s3:prefix": [prefix, f"{prefix}/*"]}}
    return [
        listing,
        _allow(["s3:GetBucketLocation"], [arn]),
        _allow(list(actions), [f"{arn}/{prefix}/*" if prefix else f"{arn}/*"]),
    ]


def _allow(actions: list[str], resources: list[str]) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resources}
