"""A bucket for data: never public, with versions and soft delete, and never emptied to be deleted."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_gcp as gcp
from pulumi_gcp.storage import BucketLifecycleRuleArgsDict

from trainyard.facts.storage import SOFT_DELETE_DAYS

_DAY_SECONDS = 86400
_UPLOAD_DAYS = 7  # parts of an upload that nobody finished


@dataclass(frozen=True, kw_only=True)
class BucketArgs:
    """`location`: a region, or a part of the world such as "EU"."""

    project: str
    name: str  # of all the world
    location: str
    keep_versions: int = 3  # older ones of an object; 0 keeps none. Folders (`hierarchical`) have no versions
    soft_delete_days: int = 7  # 0: gone at once
    delete_after_days: int | None = None
    hierarchical: bool = False  # real folders: renames at once, for checkpoints
    kms_key: pulumi.Input[str] | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    protect: bool = True  # as the environment says

    def __post_init__(self) -> None:
        """ValueError for a name that no bucket has or a number that Cloud Storage refuses."""
        if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]", self.name) or "goog" in self.name[:4]:
            message = (
                f"{self.name!r} is no bucket name; allowed are 3 to 63 of a-z, 0-9, '-', '_' and '.', a letter or "
                "digit first and last, and not beginning with goog."
            )
            raise ValueError(message)
        if self.soft_delete_days and self.soft_delete_days not in SOFT_DELETE_DAYS:
            message = (
                f"Deleted objects cannot be kept for {self.soft_delete_days} days; give {SOFT_DELETE_DAYS[0]} to "
                f"{SOFT_DELETE_DAYS[-1]}, or 0."
            )
            raise ValueError(message)
        if self.keep_versions < 0 or (self.delete_after_days is not None and self.delete_after_days < 1):
            message = (
                f"keep_versions={self.keep_versions}, delete_after_days={self.delete_after_days}: versions are 0 or "
                "more, days 1 or more."
            )
            raise ValueError(message)


class Bucket(pulumi.ComponentResource):
    name: pulumi.Output[str]

    def __init__(self, name: str, args: BucketArgs, opts: pulumi.ResourceOptions | None = None):
        super().__init__("trainyard:gcp:Bucket", name, {}, opts)
        versions = args.keep_versions > 0 and not args.hierarchical
        bucket = gcp.storage.Bucket(
            f"{name}-bucket",
            name=args.name,
            project=args.project,
            location=args.location.upper(),  # as Cloud Storage tells it
            storage_class="STANDARD",
            uniform_bucket_level_access=True,
            public_access_prevention="enforced",
            force_destroy=False,
            versioning={"enabled": versions},
            soft_delete_policy={"retention_duration_seconds": args.soft_delete_days * _DAY_SECONDS},
            hierarchical_namespace={"enabled": True} if args.hierarchical else None,
            lifecycle_rules=_lifecycle(args, versions=versions),
            encryption={"default_kms_key_name": args.kms_key} if args.kms_key is not None else None,
            labels=args.labels,
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )
        self.name = bucket.name
        self.register_outputs({"name": self.name})


def _lifecycle(args: BucketArgs, *, versions: bool) -> list[BucketLifecycleRuleArgsDict]:
    rules: list[BucketLifecycleRuleArgsDict] = [
        {"action": {"type": "AbortIncompleteMultipartUpload"}, "condition": {"age": _UPLOAD_DAYS}}
    ]
    if versions:
        keep: BucketLifecycleRuleArgsDict = {
            "action": {"type": "Delete"},
            "condition": {"num_newer_versions": args.keep_versions, "with_state": "ARCHIVED"},
        }
        rules.append(keep)
    if args.delete_after_days is not None:
        rules.append({"action": {"type": "Delete"}, "condition": {"age": args.delete_after_days, "with_state": "LIVE"}})
    return rules
