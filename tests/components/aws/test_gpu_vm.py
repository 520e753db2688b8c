"""A GPU VM on AWS: what is declared for each way of buying, and what is refused before any cloud is asked."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pulumi
import pytest

from components.aws.access import AccessArgs
from components.aws.gpu_vm import GpuVm
from components.aws.gpu_vm_args import DataDiskUse, GpuVmArgs, RootVolume
from components.aws.hard_end import Ender, EnderArgs, Ends
from components.aws.identity import NodeIdentity, NodeIdentityArgs
from components.aws.image import ami
from components.bootstrap.soft_end_aws import SoftEndObject
from trainyard.facts.aws.images import resolve_image
from trainyard.facts.capacity import Block, FlexStart, OnDemand, Queued, Reserved, Spot

Deploy = Callable[[Callable[[], Any]], Any]
ACCOUNT, REGION, NAME = "123456789012", "eu-central-1", "dev-1a2b3c4d-lab-0"
RESERVATION = "cr-0123456789abcdef0"
TAGS = {
    "trainyard-lease": "dev-1a2b3c4d",
    "trainyard-workload": "lab",
    "trainyard-owner": "ml-platform",
    "trainyard-cost-center": "ml-research",
    "trainyard-hard-end": "2026-11-25T02:00:00Z",
}
ENDS = Ends(
    region=REGION,
    group="dev-1a2b3c4d",
    role_arn=f"arn:aws:iam::{ACCOUNT}:role/dev-1a2b3c4d-end",
    queue_arn=f"arn:aws:sqs:{REGION}:{ACCOUNT}:dev-1a2b3c4d-end",
)
VM = GpuVmArgs(
    account=ACCOUNT,
    region=REGION,
    zone_id="euc1-az2",
    machine_type="g6.12xlarge",
    image=resolve_image("dlami-base-ubuntu-2404"),
    ami="ami-0123456789abcdef0",
    subnet_id="subnet-0123456789abcdef0",
    security_group_ids=("sg-0123456789abcdef0",),
    instance_profile="dev-1a2b3c4d-node",
    tags=TAGS,
    hard_end="2026-11-25T02:00:00Z",
    ends=ENDS,
    user_data_base64=base64.b64encode(b"#cloud-config\n{}\n").decode(),
)
P5 = replace(VM, machine_type="p5.48xlarge")


def deployed(deploy: Deploy, args: GpuVmArgs = VM) -> Any:
    return deploy(lambda: GpuVm(NAME, args))


def test_a_machine_is_reached_by_sessions_only_and_its_disk_is_encrypted_and_goes_with_it(deploy: Deploy) -> None:
    inputs = deployed(deploy).one("ec2/instance:Instance").inputs
    assert "keyName" not in inputs
    assert inputs["metadataOptions"] == {
        "httpEndpoint": "enabled",
        "httpTokens": "required",
        "httpPutResponseHopLimit": 1,
        "instanceMetadataTags": "enabled",
    }
    root = inputs["rootBlockDevice"]
    assert (root["encrypted"], root["deleteOnTermination"], root["volumeType"]) == (True, True, "gp3")
    assert root["tags"].items() >= TAGS.items()
    assert inputs["tags"] == {"Name": NAME, **TAGS}
    assert inputs["instanceInitiatedShutdownBehavior"] == "terminate"
    assert inputs["disableApiTermination"] is False


def test_its_interface_is_a_thing_of_its_own_so_that_a_repeated_create_collides(deploy: Deploy) -> None:
    all_ = deployed(deploy)
    [interface] = all_.of("ec2/networkInterface:NetworkInterface")
    assert interface.inputs["securityGroups"] == list(VM.security_group_ids)
    machine = all_.one("ec2/instance:Instance").inputs
    assert machine["primaryNetworkInterface"] == {"networkInterfaceId": f"{NAME}-interface-id"}
    assert not {"associatePublicIpAddress", "subnetId", "vpcSecurityGroupIds"} & set(machine)


@pytest.mark.parametrize(
    ("capacity", "market", "reserved"),
    [
        (OnDemand(), None, {"capacityReservationPreference": "none"}),
        (
            Spot(),
            {
                "marketType": "spot",
                "spotOptions": {"spotInstanceType": "one-time", "instanceInterruptionBehavior": "terminate"},
            },
            {"capacityReservationPreference": "none"},
        ),
        (
            Reserved(id=RESERVATION),
            None,
            {"capacityReservationTarget": {"capacityReservationId": RESERVATION}},
        ),
        (
            Block(id=RESERVATION),
            {"marketType": "capacity-block"},
            {"capacityReservationTarget": {"capacityReservationId": RESERVATION}},
        ),
    ],
    ids=["on-demand", "spot", "reserved", "block"],
)
def test_each_way_of_buying_in_amazons_words(deploy: Deploy, capacity: Any, market: Any, reserved: Any) -> None:
    inputs = deployed(deploy, replace(P5, capacity=capacity)).one("ec2/instance:Instance").inputs
    assert inputs.get("instanceMarketOptions") == market
    assert inputs["capacityReservationSpecification"] == reserved


def test_the_cloud_terminates_the_machine_at_the_hard_end_and_keeps_what_failed(deploy: Deploy) -> None:
    schedule = deployed(deploy).one("scheduler/schedule:Schedule").inputs
    assert schedule["scheduleExpression"] == "at(2026-11-25T02:00:00)"
    assert (schedule["scheduleExpressionTimezone"], schedule["actionAfterCompletion"]) == ("UTC", "NONE")
    target = schedule["target"]
    assert target["arn"] == "arn:aws:scheduler:::aws-sdk:ec2:terminateInstances"
    assert json.loads(target["input"]) == {"InstanceIds": [f"{NAME}-instance-id"]}
    assert target["retryPolicy"] == {"maximumEventAgeInSeconds": 86400, "maximumRetryAttempts": 185}
    assert target["deadLetterConfig"] == {"arn": ENDS.queue_arn}


def test_a_data_disk_outlives_the_machine_and_is_let_go_by_its_end(deploy: Deploy) -> None:
    disks = tuple(
        DataDiskUse(name=name, volume_id=f"vol-0123456789abcdef{n}", write=n == 0) for n, name in enumerate("ab")
    )
    found = deployed(deploy, replace(VM, data_disks=disks)).of("ec2/volumeAttachment:VolumeAttachment")
    assert [(each.inputs["deviceName"], each.inputs["volumeId"]) for each in found] == [
        ("/dev/sdf", "vol-0123456789abcdef0"),
        ("/dev/sdg", "vol-0123456789abcdef1"),
    ]
    assert all(each.inputs["skipDestroy"] for each in found)


def test_people_log_in_by_their_roles_and_to_this_workload_only(deploy: Deploy) -> None:
    access = ("iam-role:ml-research", "iam-group:ml", "iam-user:ann")
    all_ = deployed(deploy, replace(VM, access=access))
    statements = json.loads(all_.one("iam/policy:Policy").inputs["policy"])["Statement"]
    assert statements[0]["Condition"]["StringEquals"] == {
        "ssm:resourceTag/trainyard-lease": ["dev-1a2b3c4d"],
        "ssm:resourceTag/trainyard-workload": ["lab"],
    }
    assert all("*" not in json.dumps(each["Action"]) for each in statements)
    for kind in ("Role", "Group", "User"):
        all_.one(f"iam/{kind.lower()}PolicyAttachment:{kind}PolicyAttachment")
    assert deployed(deploy).of("iam/policy:Policy") == ()


def test_the_login_command_names_the_machine_and_its_region(deploy: Deploy) -> None:
    seen: list[str] = []

    def program() -> None:
        GpuVm(NAME, VM).login_command.apply(seen.append)

    deploy(program)
    assert seen == [f"aws ssm start-session --target {NAME}-instance-id --region eu-central-1"]


def test_an_image_is_asked_for_by_its_parameter_or_is_what_was_given(deploy: Deploy) -> None:
    assert ami(resolve_image("ami-0123456789abcdef0"), REGION) == "ami-0123456789abcdef0"
    assert isinstance(ami(VM.image, REGION), pulumi.Output)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"machine_type": "p5.24xlarge"}, "is no GPU machine type that Trainyard knows"),
        ({"machine_type": "p6e-gb200.36xlarge"}, "UltraServers"),
        ({"machine_type": "g5g.xlarge"}, "leave image out for dlami-base-ubuntu-2404-arm64"),
        ({"machine_type": "p3dn.24xlarge"}, "give an image of your own"),
        ({"zone_id": "eu-central-1b"}, "it is a zone's name, which means another zone in each account"),
        ({"zone_id": "use1-az1"}, 'is no id of a zone in eu-central-1, such as "euc1-az1"'),
        ({"region": "eu-central-1a"}, 'give its region "eu-central-1"'),
        ({"account": "acme"}, "give its number of 12 digits"),
        ({"hard_end": "tomorrow"}, "is no RFC 3339 time"),
        ({"root_volume": RootVolume(gib=4)}, "give 8 to 65536 GiB"),
        ({"security_group_ids": ()}, "gets the VPC's default one"),
        ({"ends": replace(ENDS, region="us-east-1")}, "would be kept in us-east-1"),
        ({"capacity": FlexStart()}, "cannot be bought as flex-start; give another capacity"),
        ({"capacity": Queued(valid_until=None)}, "cannot be bought as queued"),  # type: ignore[arg-type]
        ({"capacity": Block(id=RESERVATION)}, "g6.12xlarge: not sold as block, only as on-demand, spot, reserved"),
        ({"capacity": Reserved(id="h100-week")}, "give its id: cr-0123456789abcdef0"),
        ({"capacity": Reserved(id=RESERVATION, bound=True)}, "{ kind: block, id: cr-… }"),
        ({"data_disks": (DataDiskUse(name="w", volume_id="weights", write=True),)}, "give its id: vol-"),
        (
            {"data_disks": tuple(DataDiskUse(name=f"d{n}", volume_id="vol-01234567", write=True) for n in range(12))},
            "at most 11; use S3 or FSx",
        ),
        ({"tags": {"trainyard-lease": "x"}}, "lacks the tag trainyard-workload"),
        ({"tags": {**TAGS, "aws:x": "y"}}, "not beginning with aws:"),
        ({"tags": {**TAGS, "a b": "y"}}, "is no tag on AWS"),
        ({"tags": {**TAGS, **{f"t{n}": "y" for n in range(40)}}}, "give at most 40"),
        ({"access": ("group:ml@acme.example",)}, "iam-role:, iam-group: and iam-user:"),
        ({"access": ("iam-role:AWSReservedSSO_Dev_0123",)}, "let the permission set name the policy"),
        ({"access": ("iam-role:a", "iam-role:a")}, "is named twice"),
    ],
)
def test_what_cannot_be_had_is_refused_with_the_way_out(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError) as raised:  # noqa: PT011 - the text is the point
        replace(VM, **changes)
    assert message in str(raised.value)


def test_a_name_that_amazon_would_not_take_is_refused(deploy: Deploy) -> None:
    with pytest.raises(ValueError, match="is no machine name on AWS"):
        deploy(lambda: GpuVm("Lab_0", VM))


def test_the_node_may_write_its_metrics_and_read_its_end_and_nothing_else(deploy: Deploy) -> None:
    args = NodeIdentityArgs(name="dev-1a2b3c4d-node", soft_end=SoftEndObject(bucket="acme-leases", path="l/soft-end"))
    all_ = deploy(lambda: NodeIdentity("dev-1a2b3c4d", args))
    statements = json.loads(all_.one("iam/rolePolicy:RolePolicy").inputs["policy"])["Statement"]
    assert [each["Action"] for each in statements] == ["cloudwatch:PutMetricData", "s3:GetObject"]
    assert statements[0]["Condition"] == {"StringEquals": {"cloudwatch:namespace": "Trainyard"}}
    assert statements[1]["Resource"] == "arn:aws:s3:::acme-leases/l/soft-end"
    attached = all_.one("iam/rolePolicyAttachment:RolePolicyAttachment").inputs
    assert attached["policyArn"] == "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"


def ender(**changes: Any) -> EnderArgs:
    given = {"account": ACCOUNT, "lease": "dev-1a2b3c4d", "regions": (REGION, "us-east-1"), "tags": TAGS}
    return EnderArgs(**{**given, **changes})


def test_the_role_that_ends_machines_can_end_those_of_its_lease_only(deploy: Deploy) -> None:
    all_ = deploy(lambda: Ender("dev-1a2b3c4d", ender()))
    policy = json.loads(all_.one("iam/rolePolicy:RolePolicy").inputs["policy"])["Statement"]
    mine = {"StringEquals": {"aws:ResourceTag/trainyard-lease": "dev-1a2b3c4d"}}
    assert [(each["Action"], each.get("Condition")) for each in policy] == [
        ("ec2:TerminateInstances", mine),
        ("autoscaling:DeleteAutoScalingGroup", mine),
        ("sqs:SendMessage", None),
    ]
    trust = json.loads(all_.one("iam/role:Role").inputs["assumeRolePolicy"])["Statement"][0]
    assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert trust["Condition"]["StringEquals"]["aws:SourceAccount"] == ACCOUNT
    assert len(all_.of("sqs/queue:Queue")) == len(all_.of("scheduler/scheduleGroup:ScheduleGroup")) == 2


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"regions": ()}, "name each region that has machines once"),
        ({"regions": (REGION, REGION)}, "name each region that has machines once"),
        ({"lease": "other"}, "the lease is 'other'"),
    ],
)
def test_an_ender_without_a_region_or_of_another_lease_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ender(**changes)


def test_access_without_the_tags_that_limit_it_is_refused() -> None:
    with pytest.raises(ValueError, match="limited by the tag trainyard-lease, which the machines lack"):
        AccessArgs(account=ACCOUNT, region=REGION, tags={}, principals=())
