"""Buckets of S3: what lifecycle rules, versions and policies need beside their form."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from trainyard.sandbox.check import Problem
from trainyard.sandbox.conflicts.aws.reading import known, there, whole
from trainyard.sandbox.conflicts.conflict import Conflict, Given

_LIFECYCLE: Final = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
_VERSIONS: Final = "aws:s3/bucketVersioning:BucketVersioning"
_POLICY: Final = "aws:s3/bucketPolicy:BucketPolicy"
_BUCKETS: Final = frozenset({"aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2"})
_WEBSITES: Final = frozenset(
    f"aws:s3/{name[0].lower()}{name[1:]}:{name}"
    for name in ("BucketWebsiteConfiguration", "BucketWebsiteConfigurationV2")
)
_FILTERS: Final = ("and", "objectSizeGreaterThan", "objectSizeLessThan", "prefix", "tag")
_OF_S3: Final = ("s3:", "s3-object-lambda:", "s3express:", "s3tables:")


def _lifecycle(given: Given) -> Iterator[Problem]:
    for path, rule in given.each("rules"):
        filter_ = known(rule.get("filter"))
        if isinstance(filter_, Mapping):
            set_ = [name for name in _FILTERS if filter_.get(name) not in (None, "", {})]
            if len(set_) > 1:
                text = f"MalformedXML: a filter has one of {', '.join(_FILTERS)}; several go into and"
                yield Problem(f"{path}.filter.{set_[1]}", text)
            both = known(filter_.get("and"))
            for sizes in (filter_, both if isinstance(both, Mapping) else {}):
                above, below = whole(sizes.get("objectSizeGreaterThan")), whole(sizes.get("objectSizeLessThan"))
                if above is not None and below is not None and above >= below:
                    text = (
                        "InvalidRequest: 'ObjectSizeLessThan' has to be a value greater than 'ObjectSizeGreaterThan'."
                    )
                    yield Problem(f"{path}.filter", text)
        end = known(rule.get("expiration"))
        if isinstance(end, Mapping):
            days = whole(end.get("days"))
            if days == 0 and not end.get("date") and known(end.get("expiredObjectDeleteMarker")) is not True:
                yield Problem(
                    f"{path}.expiration.days",
                    "InvalidArgument: 'Days' for Expiration action must be a positive integer",
                )
            if known(end.get("expiredObjectDeleteMarker")) is True and (days or end.get("date")):
                yield Problem(
                    f"{path}.expiration.expiredObjectDeleteMarker", "MalformedXML: it goes with neither days nor a date"
                )


def _versions(given: Given) -> Iterator[Problem]:
    if given.text("versioningConfiguration.mfaDelete") == "Enabled" and not there(given, "mfa"):
        yield Problem(
            "mfa",
            "AccessDenied: Mfa Authentication must be used for this request: versioning with mfaDelete needs mfa, the "
            "device's serial number and its code",
        )


def _policy(given: Given) -> Iterator[Problem]:
    """A bucket's policy is about that bucket, and about what S3 does."""
    bucket, told = given.text("bucket"), given.at("policy")
    if isinstance(told, str):
        try:
            told = json.loads(told)
        except ValueError:
            return
    statements = known(told.get("Statement")) if isinstance(told, Mapping) else None
    for statement in statements if isinstance(statements, list) else [statements]:
        if not isinstance(statement, Mapping):
            continue
        for action in _all(statement.get("Action")):
            if action != "*" and not action.lower().startswith(_OF_S3):
                yield Problem("policy", f"MalformedPolicy: Policy has invalid action: {action} is not of S3")
        for resource in _all(statement.get("Resource")):
            name = resource.rpartition(":::")[2].partition("/")[0]
            plain = ":::" in resource and not set("*?$") & set(name)
            if bucket and not bucket.startswith("arn:") and plain and name != bucket:
                yield Problem(
                    "policy", f"MalformedPolicy: Policy has invalid resource: {resource} is not in the bucket {bucket}"
                )


def _website(given: Given) -> Iterator[Problem]:
    own = given.type.token in _WEBSITES
    page, elsewhere = (f"{'' if own else 'website.'}{name}" for name in ("indexDocument", "redirectAllRequestsTo"))
    unknown = given.unknown(page) or given.unknown(elsewhere)
    if (own or given.at("website")) and not unknown and not given.at(page) and not given.at(elsewhere):
        text = "InvalidArgument: A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty"
        yield Problem(page, text)


def _all(value: Any) -> list[str]:
    opened = known(value)
    return [one for one in map(known, opened if isinstance(opened, list) else [opened]) if isinstance(one, str)]


CONFLICTS: Final = (
    Conflict(
        name="lifecycle-filter",
        types=frozenset({_LIFECYCLE}),
        says="A filter has one condition, or several within and; an expiration has days from 1 on.",
        source="S3 API LifecycleRuleFilter, LifecycleExpiration; errors MalformedXML, InvalidRequest, InvalidArgument",
        find=_lifecycle,
    ),
    Conflict(
        name="versions-with-mfa",
        types=frozenset({_VERSIONS}),
        says="MFA delete is switched on with the device's code.",
        source="hashicorp/terraform-provider-aws, aws_s3_bucket_versioning: mfa; S3 API PutBucketVersioning",
        find=_versions,
    ),
    Conflict(
        name="a-website-has-a-page",
        types=_BUCKETS | _WEBSITES,
        says="A website has an index document, or sends everybody elsewhere.",
        source="S3 API PutBucketWebsite, WebsiteConfiguration: IndexDocument; error InvalidArgument",
        find=_website,
    ),
    Conflict(
        name="policy-of-this-bucket",
        types=frozenset({_POLICY}),
        says="A bucket's policy has actions of S3 and resources of the bucket.",
        source="S3 API PutBucketPolicy: error MalformedPolicy",
        find=_policy,
    ),
)
