"""Amazon: buckets are private and their ACLs are off until two resources beside them say otherwise.

docs.aws.amazon.com/AmazonS3/latest/userguide/create-bucket-faq.html: since April 2023 each new bucket has all four
settings of Block Public Access on, and the ownership BucketOwnerEnforced.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from trainyard.sandbox.provider.order import Order, Refused
from trainyard.sandbox.store import Store, Thing
from trainyard.servicer.values import reveal

_BLOCK: Final = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
_CONTROLS: Final = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
_POLICIES: Final = frozenset({"aws:s3/bucketPolicy:BucketPolicy"})
_ACLS: Final = frozenset({"aws:s3/bucketAcl:BucketAcl", "aws:s3/bucketAclV2:BucketAclV2"})
_PUBLIC_ACLS: Final = frozenset({"public-read", "public-read-write", "authenticated-read"})

_HOW_ACL: Final = (
    "give a BucketOwnershipControls with BucketOwnerPreferred and, for a public one, a BucketPublicAccessBlock that "
    "lets it, then a BucketAcl that depends on both"
)


def check_public_access(order: Order) -> None:
    """Refused where a bucket would be opened that is closed."""
    token = order.type.token
    if token in _POLICIES:
        _policy(order)
    elif token in _ACLS:
        _acl(order)


def _policy(order: Order) -> None:
    """S3 user guide, "The meaning of public": anybody, and no condition that narrows it."""
    bucket = order.plain("bucket")
    if not isinstance(bucket, str) or not any(_for_all(one) for one in _statements(order.plain("policy"))):
        return
    if _on(order.store, bucket, "blockPublicPolicy"):
        text = (
            "AccessDenied: User is not authorized to perform: s3:PutBucketPolicy on resource: "
            f'"arn:aws:s3:::{bucket}" because public policies are prevented by the BlockPublicPolicy setting in S3 '
            "Block Public Access.; new buckets have it on: give a BucketPublicAccessBlock with blockPublicPolicy false "
            "and let the policy depend on it"
        )
        raise Refused(text)


def _acl(order: Order) -> None:
    bucket, canned = order.plain("bucket"), order.plain("acl")
    if not isinstance(bucket, str):
        return
    if _owner_enforced(order.store, bucket):
        text = f"AccessControlListNotSupported: The bucket does not allow ACLs; {_HOW_ACL}"
        raise Refused(text)
    if canned in _PUBLIC_ACLS and _on(order.store, bucket, "blockPublicAcls"):
        text = f"AccessDenied: Access Denied; the bucket's BlockPublicAcls setting prevents public ACLs; {_HOW_ACL}"
        raise Refused(text)


def _on(store: Store, bucket: str, setting: str) -> bool:
    """A block that is there says for itself, with off as what it leaves out; without one all are on."""
    blocks = list(_beside(store, _BLOCK, bucket))
    return all(reveal(one.inputs.get(setting)) is True for one in blocks)


def _owner_enforced(store: Store, bucket: str) -> bool:
    rules = [reveal(one.inputs.get("rule")) for one in _beside(store, _CONTROLS, bucket)]
    kinds = [reveal(rule.get("objectOwnership")) for rule in rules if isinstance(rule, Mapping)]
    return all(kind == "BucketOwnerEnforced" for kind in kinds)


def _beside(store: Store, type: str, bucket: str) -> Iterator[Thing]:
    return (one for one in store.list(type=type) if reveal(one.inputs.get("bucket")) == bucket)


def _statements(told: Any) -> Iterator[Mapping[str, Any]]:
    try:
        document = json.loads(told) if isinstance(told, str) else told
    except ValueError:
        return
    found = document.get("Statement", []) if isinstance(document, Mapping) else []
    for statement in found if isinstance(found, list) else [found]:
        if isinstance(statement, Mapping):
            yield statement


def _for_all(statement: Mapping[str, Any]) -> bool:
    principal = statement.get("Principal")
    named = principal.get("AWS") if isinstance(principal, Mapping) else principal
    everybody = named == "*" or (isinstance(named, list) and "*" in named)
    return statement.get("Effect") == "Allow" and everybody and not statement.get("Condition")
