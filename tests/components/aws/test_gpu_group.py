"""A group of GPU machines on AWS: one template, one placement, one fabric, one end."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from components.aws.gpu_group import GpuGroup
from components.aws.gpu_group_args import GpuGroupArgs
from components.aws.gpu_vm_args import DataDiskUse
from tests.components.aws.test_gpu_vm import P5, RESERVATION, TAGS, VM
from trainyard.facts.aws.machine import SHAPES
from trainyard.facts.capacity import Block, Spot

Deploy = Callable[[Callable[[], Any]], Any]
NAME = "dev-1a2b3c4d-pretrain"
VPC = "vpc-0123456789abcdef0"


def args(machine_type: str = "p5.48xlarge", nodes: int = 4, fabric: str | None = None, **changes: Any) -> GpuGroupArgs:
    own = {key: changes.pop(key) for key in ("placement_groups", "public_address", "vpc_id") if key in changes}
    node = replace(P5, machine_type=machine_type, **changes)
    fabric = node.shape.fabric if fabric is None else fabric
    return GpuGroupArgs(node=node, nodes=nodes, fabric=fabric, **{"vpc_id": VPC, **own})


def deployed(deploy: Deploy, given: GpuGroupArgs) -> Any:
    return deploy(lambda: GpuGroup(NAME, given))


def interfaces(deploy: Deploy, given: GpuGroupArgs) -> list[dict[str, Any]]:
    return list(deployed(deploy, given).one("ec2/launchTemplate:LaunchTemplate").inputs["networkInterfaces"])


def test_the_group_has_a_fixed_size_and_repairs_nothing(deploy: Deploy) -> None:
    group = deployed(deploy, args()).one("autoscaling/group:Group").inputs
    assert (group["minSize"], group["maxSize"], group["desiredCapacity"]) == (4, 4, 4)
    assert {"ReplaceUnhealthy", "HealthCheck", "AZRebalance"} <= set(group["suspendedProcesses"])
    assert not {"Launch", "Terminate", "ScheduledActions"} & set(group["suspendedProcesses"])
    assert {tag["key"]: tag["value"] for tag in group["tags"]} == TAGS


def test_the_groups_end_deletes_the_group_and_is_registered_before_it(deploy: Deploy) -> None:
    all_ = deployed(deploy, args())
    target = all_.one("scheduler/schedule:Schedule").inputs["target"]
    assert target["arn"] == "arn:aws:scheduler:::aws-sdk:autoscaling:deleteAutoScalingGroup"
    assert json.loads(target["input"]) == {"AutoScalingGroupName": NAME, "ForceDelete": True}
    order = [one.type for one in all_.all]
    assert order.index("aws:scheduler/schedule:Schedule") < order.index("aws:autoscaling/group:Group")


@pytest.mark.parametrize("machine_type", [name for name, row in SHAPES.items() if row.efas and row.gpu != "V100"])
def test_one_plain_interface_and_efa_only_on_each_card_that_takes_it(deploy: Deploy, machine_type: str) -> None:
    found = interfaces(deploy, args(machine_type))
    first, *further = found
    assert (first["networkCardIndex"], first["deviceIndex"], first["interfaceType"]) == (0, 0, "interface")
    assert {each["interfaceType"] for each in further} == {"efa-only"}
    assert len(further) == SHAPES[machine_type].efas
    places = [(each["networkCardIndex"], each["deviceIndex"]) for each in found]
    assert len(set(places)) == len(places)
    assert all("associatePublicIpAddress" not in each for each in found)


def test_the_fabrics_security_group_takes_and_sends_everything_to_itself_only(deploy: Deploy) -> None:
    all_ = deployed(deploy, args())
    for way in ("Ingress", "Egress"):
        rule = all_.one(f"vpc/securityGroup{way}Rule:SecurityGroup{way}Rule").inputs
        assert rule["securityGroupId"] == rule["referencedSecurityGroupId"] == f"{NAME}-fabric-id"
        assert rule["ipProtocol"] == "-1"
    first, *further = all_.one("ec2/launchTemplate:LaunchTemplate").inputs["networkInterfaces"]
    assert first["securityGroups"] == [*VM.security_group_ids, f"{NAME}-fabric-id"]
    assert all(each["securityGroups"] == [f"{NAME}-fabric-id"] for each in further)


def test_without_a_fabric_there_is_one_interface_with_no_public_address(deploy: Deploy) -> None:
    all_ = deployed(deploy, args("g6.xlarge"))
    [only] = all_.one("ec2/launchTemplate:LaunchTemplate").inputs["networkInterfaces"]
    assert only["associatePublicIpAddress"] == "false"
    assert all_.of("ec2/securityGroup:SecurityGroup") == ()


def test_the_machines_are_brought_together_by_one_group_or_by_their_block(deploy: Deploy) -> None:
    made = deployed(deploy, args())
    assert made.one("ec2/placementGroup:PlacementGroup").inputs["strategy"] == "cluster"
    there = deployed(deploy, args(placement_groups=("ml-pretrain",)))
    assert there.of("ec2/placementGroup:PlacementGroup") == ()
    placed = there.one("ec2/launchTemplate:LaunchTemplate").inputs["placement"]
    assert placed == {"groupName": "ml-pretrain"}
    block = deployed(deploy, args(capacity=Block(id=RESERVATION)))
    assert block.of("ec2/placementGroup:PlacementGroup") == ()
    template = block.one("ec2/launchTemplate:LaunchTemplate").inputs
    assert "placement" not in template
    assert template["instanceMarketOptions"] == {"marketType": "capacity-block"}


def test_each_machine_is_what_a_machine_alone_is(deploy: Deploy) -> None:
    template = deployed(deploy, args(capacity=Spot())).one("ec2/launchTemplate:LaunchTemplate").inputs
    assert template["metadataOptions"]["httpTokens"] == "required"
    assert template["instanceInitiatedShutdownBehavior"] == "terminate"
    assert template["instanceMarketOptions"]["marketType"] == "spot"
    [disk] = template["blockDeviceMappings"]
    assert (disk["deviceName"], disk["ebs"]["encrypted"]) == ("/dev/sda1", "true")
    tagged = {one["resourceType"]: one["tags"] for one in template["tagSpecifications"]}
    assert set(tagged) == {"instance", "volume", "network-interface"}
    assert all(tags.items() >= TAGS.items() for tags in tagged.values())


def test_its_commands_name_the_group(deploy: Deploy) -> None:
    seen: list[GpuGroup] = []
    deploy(lambda: seen.append(GpuGroup(NAME, args())))
    assert f"--auto-scaling-group-names {NAME} " in seen[0].list_command
    assert seen[0].login_command == "aws ssm start-session --target INSTANCE --region eu-central-1"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"nodes": 1}, "make a GpuVm"),
        ({"machine_type": "g6.xlarge", "fabric": "efa"}, 'g6.xlarge has the fabric "none", not "efa"'),
        ({"vpc_id": None}, "give the VPC that it is made in"),
        ({"public_address": True}, "with several network interfaces gets no automatic public address"),
        ({"machine_type": "g6.xlarge", "public_address": True}, "log in through Session Manager"),
        ({"placement_groups": ("a", "b")}, "in one placement group at a time, 2 were given; name one"),
        ({"placement_groups": ("a",), "capacity": Block(id=RESERVATION)}, "leave the placement group out"),
        (
            {"data_disks": (DataDiskUse(name="w", volume_id="vol-0123456789abcdef0", write=False),)},
            "use a bucket or FSx for Lustre",
        ),
    ],
)
def test_what_cannot_be_had_is_refused_with_the_way_out(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError) as raised:  # noqa: PT011 - the text is the point
        args(**changes)
    assert message in str(raised.value)
