"""EC2 as boto3 sees it: what Pulumi made is listed, and what ends, stops and starts takes its time."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.api.aws.conftest import LEASE, Client
from tests.sandbox.provider.conftest import Cloud
from trainyard.sandbox import faults
from trainyard.sandbox.faults import Fault
from trainyard.sandbox.store import Store

INSTANCE = "aws:ec2/instance:Instance"
Run = Callable[..., list[dict[str, Any]]]


def code_of(call: Callable[..., Any], **values: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**values)
    return str(caught.value.response["Error"]["Code"])


def state(ec2: Any, id: str) -> str:
    found = ec2.describe_instances(InstanceIds=[id])["Reservations"][0]["Instances"][0]
    return str(found["State"]["Name"])


def all_of(ec2: Any, **values: Any) -> list[dict[str, Any]]:
    pages = ec2.get_paginator("describe_instances").paginate(**values)
    return [one for page in pages for held in page["Reservations"] for one in held["Instances"]]


def test_a_machine_that_pulumi_made_is_listed_with_its_tags_zone_and_root_volume(provider: Cloud, ec2: Any) -> None:
    image = provider.invoke("aws:ec2/getAmi:getAmi", owners=["amazon"], mostRecent=True)["imageId"]
    tags = {"trainyard-lease": LEASE, "Name": "lab"}
    inputs = {
        "ami": image,
        "instanceType": "g5.xlarge",
        "availabilityZone": "us-east-1b",
        "rootBlockDevice": {"volumeSize": 100, "volumeType": "gp3"},
        "tags": tags,
    }
    id, told = provider.create(INSTANCE, inputs)
    (machine,) = all_of(ec2, Filters=[{"Name": "tag:trainyard-lease", "Values": [LEASE]}])
    assert (machine["InstanceId"], machine["InstanceType"], machine["ImageId"]) == (id, "g5.xlarge", image)
    assert {tag["Key"]: tag["Value"] for tag in machine["Tags"]} == tags
    assert machine["State"] == {"Code": 16, "Name": "running"}
    assert machine["Placement"]["AvailabilityZone"] == "us-east-1b"
    (volume,) = ec2.describe_volumes()["Volumes"]
    assert volume["VolumeId"] == told["rootBlockDevice"]["volumeId"]
    assert (volume["Size"], volume["VolumeType"], volume["State"]) == (100, "gp3", "in-use")
    assert [(one["InstanceId"], one["DeleteOnTermination"]) for one in volume["Attachments"]] == [(id, True)]
    provider.delete(INSTANCE, id)
    assert ec2.describe_volumes()["Volumes"] == []
    assert state(ec2, id) == "terminated"


def test_a_volume_that_is_not_deleted_with_its_machine_stays(provider: Cloud, ec2: Any, image: str) -> None:
    root = {"deleteOnTermination": False, "volumeSize": 20}
    id, _ = provider.create(INSTANCE, {"ami": image, "instanceType": "g5.xlarge", "rootBlockDevice": root})
    provider.delete(INSTANCE, id)
    (volume,) = ec2.describe_volumes()["Volumes"]
    assert (volume["State"], volume["Size"]) == ("available", 20)
    ec2.delete_volume(VolumeId=volume["VolumeId"])
    assert ec2.describe_volumes()["Volumes"] == []


def test_the_providers_default_tags_are_on_the_machine_too(connect: Callable[..., Cloud], ec2: Any, image: str) -> None:
    provider = connect(defaultTags={"tags": {"trainyard-lease": LEASE}})
    provider.create(INSTANCE, {"ami": image, "instanceType": "g5.xlarge"})
    assert len(all_of(ec2, Filters=[{"Name": "tag:trainyard-lease", "Values": [LEASE]}])) == 1
    assert len(ec2.describe_volumes(Filters=[{"Name": "tag:trainyard-lease", "Values": [LEASE]}])["Volumes"]) == 1


def test_a_new_machine_is_pending_and_runs_a_little_later(run: Run, ec2: Any, store: Store) -> None:
    (machine,) = run()
    assert machine["State"] == {"Code": 0, "Name": "pending"}
    assert state(ec2, machine["InstanceId"]) == "pending"
    store.advance(60)
    assert state(ec2, machine["InstanceId"]) == "running"


def test_a_terminated_machine_shuts_down_first_and_is_listed_for_an_hour(run: Run, ec2: Any, store: Store) -> None:
    id = run()[0]["InstanceId"]
    store.advance(60)
    (told,) = ec2.terminate_instances(InstanceIds=[id])["TerminatingInstances"]
    assert (told["PreviousState"]["Name"], told["CurrentState"]["Name"]) == ("running", "shutting-down")
    assert state(ec2, id) == "shutting-down"
    store.advance(60)
    assert state(ec2, id) == "terminated"
    assert ec2.describe_volumes()["Volumes"] == []
    store.advance(3000)
    assert state(ec2, id) == "terminated"
    store.advance(700)
    assert code_of(ec2.describe_instances, InstanceIds=[id]) == "InvalidInstanceID.NotFound"
    assert all_of(ec2) == []


def test_a_machine_stops_and_starts_and_keeps_its_volume(run: Run, ec2: Any, store: Store) -> None:
    id = run()[0]["InstanceId"]
    store.advance(60)
    ec2.stop_instances(InstanceIds=[id])
    assert state(ec2, id) == "stopping"
    assert code_of(ec2.start_instances, InstanceIds=[id]) == "IncorrectInstanceState"
    store.advance(60)
    assert state(ec2, id) == "stopped"
    assert len(ec2.describe_volumes()["Volumes"]) == 1
    ec2.start_instances(InstanceIds=[id])
    assert state(ec2, id) == "pending"
    store.advance(60)
    assert state(ec2, id) == "running"


def test_a_one_time_spot_machine_cannot_be_stopped(run: Run, ec2: Any) -> None:
    (machine,) = run(InstanceMarketOptions={"MarketType": "spot"})
    assert machine["InstanceLifecycle"] == "spot"
    assert code_of(ec2.stop_instances, InstanceIds=[machine["InstanceId"]]) == "UnsupportedOperation"


def test_a_protected_machine_is_not_terminated_before_its_protection_is_off(run: Run, ec2: Any, store: Store) -> None:
    id = run(DisableApiTermination=True)[0]["InstanceId"]
    assert code_of(ec2.terminate_instances, InstanceIds=[id]) == "OperationNotPermitted"
    ec2.modify_instance_attribute(InstanceId=id, DisableApiTermination={"Value": False})
    ec2.terminate_instances(InstanceIds=[id])
    store.advance(60)
    assert state(ec2, id) == "terminated"


def test_one_wrong_id_among_many_ends_none(run: Run, ec2: Any, store: Store) -> None:
    id = run()[0]["InstanceId"]
    store.advance(60)
    wrong = "i-0123456789abcdef0"
    assert code_of(ec2.terminate_instances, InstanceIds=[id, wrong]) == "InvalidInstanceID.NotFound"
    assert code_of(ec2.terminate_instances, InstanceIds=["lab-0"]) == "InvalidInstanceID.Malformed"
    assert state(ec2, id) == "running"


def test_the_same_client_token_gives_the_same_machines(run: Run, ec2: Any) -> None:
    first = run(2, ClientToken="t1")
    again = run(2, ClientToken="t1")
    assert [one["InstanceId"] for one in first] == [one["InstanceId"] for one in again]
    assert len(all_of(ec2)) == 2
    assert code_of(run, count=3, ClientToken="t1") == "IdempotentParameterMismatch"


def test_a_dry_run_makes_and_ends_nothing(run: Run, ec2: Any) -> None:
    assert code_of(run, DryRun=True) == "DryRunOperation"
    assert all_of(ec2) == []
    id = run()[0]["InstanceId"]
    assert code_of(ec2.terminate_instances, InstanceIds=[id], DryRun=True) == "DryRunOperation"
    assert state(ec2, id) == "pending"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"InstanceType": "g5.xlargee"}, "InvalidParameterValue"),
        ({"ImageId": "ami-00000000000000000"}, "InvalidAMIID.NotFound"),
        ({"SubnetId": "subnet-00000000000000000"}, "InvalidSubnetID.NotFound"),
        ({"Placement": {"AvailabilityZone": "eu-west-1a"}}, "InvalidParameterValue"),
    ],
)
def test_run_instances_refuses_what_the_provider_side_refuses(
    run: Run, ec2: Any, wrong: dict[str, Any], code: str
) -> None:
    assert code_of(run, **wrong) == code
    assert all_of(ec2) == []


def test_machines_of_another_region_are_not_listed(run: Run, client: Client) -> None:
    run()
    assert all_of(client("ec2", "eu-west-1")) == []


def test_filters_take_wildcards_and_every_filter_must_fit(run: Run, ec2: Any) -> None:
    run(tags={"Name": "lab-0", "team": "a"})
    run(tags={"Name": "lab-1", "team": "b"})
    named = {"Name": "tag:Name", "Values": ["lab-*"]}
    assert len(all_of(ec2, Filters=[named])) == 2
    assert len(all_of(ec2, Filters=[named, {"Name": "tag:team", "Values": ["b", "c"]}])) == 1
    assert len(all_of(ec2, Filters=[{"Name": "tag-key", "Values": ["team"]}])) == 2
    assert all_of(ec2, Filters=[{"Name": "instance-state-name", "Values": ["stopped"]}]) == []
    assert code_of(ec2.describe_instances, Filters=[{"Name": "state", "Values": ["x"]}]) == "InvalidParameterValue"


def test_ten_thousand_machines_come_in_pages_each_once(provider: Cloud, ec2: Any, store: Store, image: str) -> None:
    inputs = {"ami": image, "instanceType": "g5.xlarge", "tags": {"trainyard-lease": LEASE}}
    id, _ = provider.create(INSTANCE, inputs)
    made = store.get(INSTANCE, id)
    assert made is not None
    with store.transaction():
        for number in range(9_999):
            store.add(replace(made, id=f"i-{number:017x}"))
    tagged = [{"Name": "tag:trainyard-lease", "Values": [LEASE]}]
    first = ec2.describe_instances(Filters=tagged)
    assert sum(len(one["Instances"]) for one in first["Reservations"]) == 1000
    ids = [one["InstanceId"] for one in all_of(ec2, Filters=tagged)]
    assert len(ids) == len(set(ids)) == 10_000
    small = ec2.describe_instances(MaxResults=5)
    assert sum(len(one["Instances"]) for one in small["Reservations"]) == 5


def test_pages_are_5_to_1000_long_and_a_token_is_one_that_was_given_out(run: Run, ec2: Any) -> None:
    id = run()[0]["InstanceId"]
    for size in (4, 1001):
        assert code_of(ec2.describe_instances, MaxResults=size) == "InvalidParameterValue"
    assert code_of(ec2.describe_instances, NextToken="x") == "InvalidNextToken"
    assert code_of(ec2.describe_instances, MaxResults=5, InstanceIds=[id]) == "InvalidParameterCombination"


def test_a_lagging_list_does_not_show_a_young_machine_and_says_that_its_id_is_unknown(
    run: Run, ec2: Any, store: Store
) -> None:
    id = run()[0]["InstanceId"]
    faults.replace(store, [Fault(call="ec2.DescribeInstances", kind="lag", seconds=60, times=2)])
    assert all_of(ec2) == []
    assert code_of(ec2.describe_instances, InstanceIds=[id]) == "InvalidInstanceID.NotFound"
    assert len(all_of(ec2)) == 1


def test_tags_are_changed_and_described(run: Run, ec2: Any) -> None:
    id = run(tags={"a": "1"})[0]["InstanceId"]
    ec2.create_tags(Resources=[id], Tags=[{"Key": "b", "Value": "2"}])
    ec2.delete_tags(Resources=[id], Tags=[{"Key": "a"}])
    assert [(tag["Key"], tag["Value"], tag["ResourceType"]) for tag in ec2.describe_tags()["Tags"]] == [
        ("b", "2", "instance")
    ]
    assert code_of(ec2.create_tags, Resources=["i-0123456789abcdef0"], Tags=[{"Key": "b", "Value": ""}]) == "InvalidID"
    assert code_of(ec2.create_tags, Resources=[id], Tags=[{"Key": "aws:x", "Value": ""}]) == "InvalidParameterValue"
