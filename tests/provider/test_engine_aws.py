"""A lease whose scope is a region of an AWS account, on the real engine: what still bills there holds it."""

from typing import Any

import boto3
import pytest

from tests.provider.conftest import Program
from trainyard.sandbox.api.aws.keys import key_pair

pytestmark = pytest.mark.engine
GIVEN = "aws:123456789012/us-east-1"
USED = "aws:000000000000/us-east-1"


def client(program: Program) -> Any:
    """EC2 as a person outside of the program reaches it."""
    pair = key_pair(program.sandbox.token)
    keys = {"aws_access_key_id": pair.key, "aws_secret_access_key": pair.secret}
    return boto3.client("ec2", region_name="us-east-1", endpoint_url=program.sandbox.api["aws"], **keys)


def plant(program: Program) -> str:
    """A machine behind the state, with the lease's tag; its id."""
    ec2 = client(program)
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    tags = [{"Key": "trainyard-lease", "Value": program.id}]
    made = ec2.run_instances(
        ImageId=image,
        InstanceType="g5.xlarge",
        MinCount=1,
        MaxCount=1,
        TagSpecifications=[{"ResourceType": "instance", "Tags": tags}],
    )
    program.control("clock", seconds=60)
    return str(made["Instances"][0]["InstanceId"])


def test_destroy_is_refused_with_price_and_command_until_the_machine_is_terminated(program: Program) -> None:
    program.write(scopes=[GIVEN])
    program.begin()
    assert program.record().scopes == (USED,)
    id = plant(program)
    refused = program.destroy()
    assert refused.code != 0
    assert f"machine {id} in us-east-1" in refused.text
    assert "running, g5.xlarge, 1.01 USD/h" in refused.text
    assert f"aws ec2 terminate-instances --instance-ids {id} --region us-east-1" in refused.text
    assert program.record().ending is not None

    client(program).stop_instances(InstanceIds=[id])
    program.control("clock", seconds=60)
    stopped = program.destroy()
    assert stopped.code != 0
    assert "volume vol-" in stopped.text
    assert f"machine {id}" not in stopped.text

    client(program).terminate_instances(InstanceIds=[id])
    program.control("clock", seconds=60)
    clean = program.destroy()
    assert clean.code == 0, clean.text
    certificate = program.record().certificate
    assert certificate is not None
    assert len(certificate.looks) == 2


def test_a_region_that_may_not_be_listed_holds_the_lease(program: Program) -> None:
    program.write(scopes=[GIVEN])
    program.begin()
    program.control("faults", faults=[{"call": "ec2.DescribeVolumes", "kind": "refuse", "code": 403}])
    denied = program.destroy()
    assert denied.code != 0
    assert "the login lacks the permission ec2:DescribeVolumes" in denied.text
    program.control("faults", faults=[])
    assert program.destroy().code == 0


def test_a_scope_without_a_region_builds_nothing(program: Program) -> None:
    program.write(scopes=["aws:123456789012"])
    result = program.up()
    assert result.code != 0
    assert "give account and region" in result.text
    assert not program.record_file.exists()
