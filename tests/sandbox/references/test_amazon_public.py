"""Amazon: a new bucket is private, and its ACLs are off, until two resources beside it say otherwise."""

import json
from typing import Any

import grpc
import pytest

from tests.sandbox.provider.conftest import Cloud, Clouds

BUCKET = "aws:s3/bucket:Bucket"
POLICY = "aws:s3/bucketPolicy:BucketPolicy"
ACL = "aws:s3/bucketAcl:BucketAcl"
BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
CONTROLS = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
NAME = "acme-site"


@pytest.fixture
def aws(clouds: Clouds) -> Cloud:
    cloud = clouds.connect("aws", region="us-east-1")
    cloud.create(BUCKET, {"bucket": NAME})
    return cloud


def policy(**more: Any) -> dict[str, str]:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{NAME}/*"}
    return {"bucket": NAME, "policy": json.dumps({"Version": "2012-10-17", "Statement": [{**statement, **more}]})}


def refusal(aws: Cloud, token: str, inputs: dict[str, Any]) -> str:
    with pytest.raises(grpc.RpcError) as raised:
        aws.create(token, inputs)
    return str(raised.value.details())


def test_a_policy_for_everybody_needs_a_block_that_lets_it(aws: Cloud) -> None:
    assert "BlockPublicPolicy" in refusal(aws, POLICY, policy())
    aws.create(BLOCK, {"bucket": NAME, "blockPublicAcls": False})  # what it leaves out is off
    aws.create(POLICY, policy())


def test_a_block_that_is_on_refuses_the_policy(aws: Cloud) -> None:
    aws.create(BLOCK, {"bucket": NAME, "blockPublicPolicy": True})
    assert "blockPublicPolicy false" in refusal(aws, POLICY, policy())


@pytest.mark.parametrize(
    "narrowed",
    [
        {"Principal": {"AWS": "arn:aws:iam::123456789012:root"}},
        {"Effect": "Deny"},
        {"Condition": {"StringEquals": {"aws:SourceVpc": "vpc-0123456789abcdef0"}}},
    ],
)
def test_a_policy_for_some_needs_none(aws: Cloud, narrowed: dict[str, Any]) -> None:
    aws.create(POLICY, policy(**narrowed))


def test_acls_are_off_until_the_ownership_says_otherwise(aws: Cloud) -> None:
    acl = {"bucket": NAME, "acl": "private"}
    assert refusal(aws, ACL, acl).startswith("AccessControlListNotSupported: The bucket does not allow ACLs")
    aws.create(CONTROLS, {"bucket": NAME, "rule": {"objectOwnership": "BucketOwnerPreferred"}})
    aws.create(ACL, acl)


def test_a_public_acl_needs_the_block_open_as_well(aws: Cloud) -> None:
    aws.create(CONTROLS, {"bucket": NAME, "rule": {"objectOwnership": "ObjectWriter"}})
    acl = {"bucket": NAME, "acl": "public-read"}
    assert "BlockPublicAcls" in refusal(aws, ACL, acl)
    aws.create(BLOCK, {"bucket": NAME, "blockPublicAcls": False})
    aws.create(ACL, acl)
