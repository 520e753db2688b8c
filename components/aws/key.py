"""A key of one's own in one region: rotated, deleted late, used by whom IAM allows in its account.

CloudWatch Logs uses it as well, and EC2 for whoever in the account starts a machine: without that a group could start
none, for the role of Auto Scaling is in nobody's hand. It is what Amazon's own key for volumes says of itself.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components.aws.resource_name import check_account, check_name, check_region

_ROTATION_DAYS = range(90, 2561)  # KMS API, EnableKeyRotation: RotationPeriodInDays
_TO_GRANT = ("kms:CreateGrant", "kms:DescribeKey")
_KEEP_DELETED_DAYS = 30  # the longest that KMS waits: a key that somebody deletes can be had back so long


@dataclass(frozen=True, kw_only=True)
class KeyArgs:
    account: str  # its number
    region: str
    rotation_days: int = 365
    tags: Mapping[str, str] = field(default_factory=dict)
    protect: bool = True  # as the environment says

    def __post_init__(self) -> None:
        """ValueError for an account or region that is none, or a rotation that KMS refuses."""
        check_account(self.account)
        check_region(self.region)
        if self.rotation_days not in _ROTATION_DAYS:
            message = (
                f"A key cannot rotate every {self.rotation_days} days; give {_ROTATION_DAYS[0]} to "
                f"{_ROTATION_DAYS[-1]}, for example 365."
            )
            raise ValueError(message)


class Key(pulumi.ComponentResource):
    arn: pulumi.Output[str]

    def __init__(self, name: str, args: KeyArgs, opts: pulumi.ResourceOptions | None = None):
        check_name("key", name)
        super().__init__("trainyard:aws:Key", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self, protect=args.protect)
        key = aws.kms.Key(
            f"{name}-key",
            region=args.region,
            description=f"Trainyard base {name}",
            key_usage="ENCRYPT_DECRYPT",
            customer_master_key_spec="SYMMETRIC_DEFAULT",
            enable_key_rotation=True,
            rotation_period_in_days=args.rotation_days,
            deletion_window_in_days=_KEEP_DELETED_DAYS,
            policy=_policy(args),
            tags={**args.tags, "Name": name},
            opts=child,
        )
        aws.kms.Alias(f"{name}-alias", name=f"alias/{name}", target_key_id=key.key_id, region=args.region, opts=child)
        self.arn = key.arn
        self.register_outputs({"arn": self.arn})


def _policy(args: KeyArgs) -> str:
    """Without the first statement nobody could use or manage the key any more, its account's root neither."""
    account = {
        "Sid": "IamDecidesInThisAccount",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{args.account}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    logs = {
        "Sid": "CloudWatchLogs",
        "Effect": "Allow",
        "Principal": {"Service": f"logs.{args.region}.amazonaws.com"},
        "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
        "Resource": "*",
        "Condition": {
            "ArnLike": {"kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:{args.region}:{args.account}:log-group:*"}
        },
    }
    # EC2 Auto Scaling User Guide, "Required AWS KMS key policy for use with encrypted volumes". Its role is not named:
    # in an account that never had a group it is not there, and KMS refuses a policy that names nobody.
    volumes = {
        "Sid": "VolumesOfThisAccount",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", *_TO_GRANT],
        "Resource": "*",
        "Condition": {
            "StringEquals": {"kms:CallerAccount": args.account, "kms:ViaService": f"ec2.{args.region}.amazonaws.com"}
        },
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [account, logs, volumes]})
