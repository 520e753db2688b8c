"""A bucket for data: never public, encrypted, with versions, owned by its account, and never emptied to be deleted."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from components.aws.resource_name import check_region

_UPLOAD_DAYS = 7  # parts of an upload that nobody finished


@dataclass(frozen=True, kw_only=True)
class BucketArgs:
    region: str
    name: str  # of all the world
    keep_versions: int = 3  # older ones of an object; 0 keeps none
    old_version_days: int = 7  # what was deleted or written over is kept at least so long
    delete_after_days: int | None = None
    kms_key: pulumi.Input[str] | None = None  # its ARN; else S3's own key
    tags: Mapping[str, str] = field(default_factory=dict)
    protect: bool = True  # as the environment says

    def __post_init__(self) -> None:
        """ValueError for a name that no bucket has or a number that S3 refuses."""
        check_region(self.region)
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]", self.name) or self.name.startswith(("xn--", "sthree-")):
            message = (
                f"{self.name!r} is no bucket name; allowed are 3 to 63 of a-z, 0-9 and '-', a letter or digit first "
                "and last, and not beginning with xn-- or sthree- (a dot would break its certificate)."
            )
            raise ValueError(message)
        if not 0 <= self.keep_versions <= 100 or self.old_version_days < 1:
            message = (
                f"keep_versions={self.keep_versions}, old_version_days={self.old_version_days}: S3 keeps 0 to 100 "
                "older versions, for 1 day or more."
            )
            raise ValueError(message)
        if self.delete_after_days is not None and self.delete_after_days < 1:
            message = f"Objects cannot live {self.delete_after_days} days; give 1 or more."
            raise ValueError(message)


class Bucket(pulumi.ComponentResource):
    name: pulumi.Output[str]
    arn: pulumi.Output[str]

    def __init__(self, name: str, args: BucketArgs, opts: pulumi.ResourceOptions | None = None):
        super().__init__("trainyard:aws:Bucket", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self, protect=args.protect)
        bucket = aws.s3.Bucket(
            f"{name}-bucket",
            bucket=args.name,
            region=args.region,
            force_destroy=False,
            tags=dict(args.tags),
            opts=child,
        )
        own: dict[str, Any] = {"bucket": bucket.bucket, "region": args.region, "opts": child}
        block = aws.s3.BucketPublicAccessBlock(
            f"{name}-private",
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            **own,
        )
        aws.s3.BucketOwnershipControls(f"{name}-owner", rule={"object_ownership": "BucketOwnerEnforced"}, **own)
        by_default: Any = {"sse_algorithm": "AES256"}
        if args.kms_key is not None:
            by_default = {"sse_algorithm": "aws:kms", "kms_master_key_id": args.kms_key}
        aws.s3.BucketServerSideEncryptionConfiguration(
            f"{name}-encryption",
            rules=[
                {
                    "apply_server_side_encryption_by_default": by_default,
                    "bucket_key_enabled": args.kms_key is not None,  # one call to KMS for many objects
                }
            ],
            **own,
        )
        versions = aws.s3.BucketVersioning(
            f"{name}-versions",
            versioning_configuration={"status": "Enabled" if args.keep_versions else "Suspended"},
            **own,
        )
        aws.s3.BucketLifecycleConfiguration(
            f"{name}-lifecycle",
            rules=_lifecycle(args),
            bucket=bucket.bucket,
            region=args.region,
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect, depends_on=[versions]),
        )
        aws.s3.BucketPolicy(
            f"{name}-policy",
            policy=bucket.arn.apply(_only_encrypted_connections),
            bucket=bucket.bucket,
            region=args.region,
            # Two changes of a bucket's access at once are refused: OperationAborted.
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect, depends_on=[block]),
        )
        self.name = bucket.bucket
        self.arn = bucket.arn
        self.register_outputs({"name": self.name, "arn": self.arn})


def _lifecycle(args: BucketArgs) -> list[Any]:
    whole = {"prefix": ""}
    rules: list[Any] = [
        {
            "id": "unfinished-uploads",
            "status": "Enabled",
            "filter": whole,
            "abort_incomplete_multipart_upload": {"days_after_initiation": _UPLOAD_DAYS},
        }
    ]
    if args.keep_versions:
        kept = {"newer_noncurrent_versions": args.keep_versions, "noncurrent_days": args.old_version_days}
        rules.append(
            {"id": "old-versions", "status": "Enabled", "filter": whole, "noncurrent_version_expiration": kept}
        )
    if args.delete_after_days is not None:
        rules.append(
            {"id": "old", "status": "Enabled", "filter": whole, "expiration": {"days": args.delete_after_days}}
        )
    return rules


def _only_encrypted_connections(arn: str) -> str:
    statement = {
        "Sid": "OnlyEncryptedConnections",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, f"{arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
