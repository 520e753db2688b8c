"""What the components ask of the provider, translated to EC2's and its neighbours' words, against Amazon's own models.

Two descriptions hold: botocore's models (fields, types, enums, patterns, ranges) of the calls that the provider makes,
and what the sandbox knows of cfn-lint's schemas and of Amazon's rules across fields, for every resource as it is.
"""

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import botocore.session
import pytest

from components.aws.gpu_group import GpuGroup
from components.aws.gpu_vm import GpuVm
from components.aws.gpu_vm_args import DataDiskUse, GpuVmArgs, RootVolume
from components.aws.hard_end import Ender, EnderArgs
from components.aws.identity import NodeIdentity, NodeIdentityArgs
from components.bootstrap.soft_end_aws import SoftEndObject
from tests.components.aws.test_gpu_group import args as group_args
from tests.components.aws.test_gpu_vm import ACCOUNT, NAME, RESERVATION, TAGS, VM
from trainyard.facts.aws.images import default_image
from trainyard.facts.aws.machine import SHAPES
from trainyard.facts.capacity import Block, OnDemand, Reserved, Spot, name
from trainyard.facts.offer import load_machine_offers
from trainyard.sandbox.packages import installed
from trainyard.sandbox.provider.rules import check_rules
from trainyard.sandbox.schema import ResourceType

pytestmark = pytest.mark.contract("aws")
WAYS = (OnDemand(), Spot(), Reserved(id=RESERVATION), Block(id=RESERVATION))
MACHINES = [row for row in SHAPES.values() if row.gpu != "V100"]
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/0a1b2c3d-0000-4000-8000-000000000000"
# Inputs that stand for no field of the call that makes the thing: the client's region, the provider's own waiting.
PROVIDER_ONLY = {"region", "waitForCapacityTimeout", "suspendedProcesses", "skipDestroy"}
Deploy = Callable[[Callable[[], Any]], Any]


@cache
def model(service: str) -> Any:
    return botocore.session.get_session().get_service_model(service)


def upper(value: Any) -> Any:
    """The SDK's words in the API's: "httpTokens" is HttpTokens, lists of mappings too."""
    if isinstance(value, Mapping):
        return {f"{key[0].upper()}{key[1:]}": upper(one) for key, one in value.items()}
    return [upper(one) for one in value] if isinstance(value, list) else value


def tags(given: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in given.items()]


def run_instances(given: Mapping[str, Any]) -> dict[str, Any]:
    """The input of RunInstances that stands for an Instance's."""
    body = {key: value for key, value in given.items() if key not in PROVIDER_ONLY}
    root = dict(body.pop("rootBlockDevice"))
    of_volume, of_machine = tags(root.pop("tags")), tags(body.pop("tags"))
    return {
        "MinCount": 1,
        "MaxCount": 1,
        "ImageId": body.pop("ami"),
        "UserData": body.pop("userDataBase64"),
        "IamInstanceProfile": {"Name": body.pop("iamInstanceProfile")},
        "NetworkInterfaces": [
            {"DeviceIndex": 0, "NetworkInterfaceId": body.pop("primaryNetworkInterface")["networkInterfaceId"]}
        ],
        "BlockDeviceMappings": [{"DeviceName": "/dev/sda1", "Ebs": upper(root)}],
        "TagSpecifications": [
            {"ResourceType": "instance", "Tags": of_machine},
            {"ResourceType": "volume", "Tags": of_volume},
        ],
        **upper(body),
    }


def create_launch_template(given: Mapping[str, Any]) -> dict[str, Any]:
    body = {key: value for key, value in given.items() if key not in PROVIDER_ONLY}
    name_, own = body.pop("name"), body.pop("tags")
    told = upper(body)
    for each in told["TagSpecifications"]:
        each["Tags"] = tags({key[0].lower() + key[1:] if key != "Name" else key: v for key, v in each["Tags"].items()})
    for each in told["NetworkInterfaces"]:
        each["Groups"] = each.pop("SecurityGroups")
        if "AssociatePublicIpAddress" in each:
            each["AssociatePublicIpAddress"] = each["AssociatePublicIpAddress"] == "true"
        each["DeleteOnTermination"] = each["DeleteOnTermination"] == "true"
    for each in told["BlockDeviceMappings"]:
        for flag in ("Encrypted", "DeleteOnTermination"):
            each["Ebs"][flag] = each["Ebs"][flag] == "true"
    return {
        "LaunchTemplateName": name_,
        "LaunchTemplateData": told,
        "TagSpecifications": [{"ResourceType": "launch-template", "Tags": tags(own)}],
    }


def create_group(given: Mapping[str, Any]) -> dict[str, Any]:
    body = {key: value for key, value in given.items() if key not in PROVIDER_ONLY}
    template = body.pop("launchTemplate")
    return {
        "AutoScalingGroupName": body.pop("name"),
        "VPCZoneIdentifier": ",".join(body.pop("vpcZoneIdentifiers")),
        "LaunchTemplate": {"LaunchTemplateId": template["id"], "Version": template["version"]},
        **upper(body),
    }


def suspend(given: Mapping[str, Any]) -> dict[str, Any]:
    return {"AutoScalingGroupName": given["name"], "ScalingProcesses": given["suspendedProcesses"]}


def interface(given: Mapping[str, Any]) -> dict[str, Any]:
    body = {key: value for key, value in given.items() if key not in PROVIDER_ONLY}
    own = body.pop("tags")
    kind = [{"ResourceType": "network-interface", "Tags": tags(own)}]
    return {"Groups": body.pop("securityGroups"), "TagSpecifications": kind, **upper(body)}


def schedule(given: Mapping[str, Any]) -> dict[str, Any]:
    return dict(upper({key: value for key, value in given.items() if key not in PROVIDER_ONLY}))


# The type, the service, the call, and how one becomes the other.
CALLS: tuple[tuple[str, str, str, Callable[[Mapping[str, Any]], dict[str, Any]]], ...] = (
    ("ec2/instance:Instance", "ec2", "RunInstances", run_instances),
    ("ec2/launchTemplate:LaunchTemplate", "ec2", "CreateLaunchTemplate", create_launch_template),
    ("ec2/networkInterface:NetworkInterface", "ec2", "CreateNetworkInterface", interface),
    ("autoscaling/group:Group", "autoscaling", "CreateAutoScalingGroup", create_group),
    ("autoscaling/group:Group", "autoscaling", "SuspendProcesses", suspend),
    ("scheduler/schedule:Schedule", "scheduler", "CreateSchedule", schedule),
)


def complaints(shape: Any, value: Any, path: str) -> Iterator[str]:  # noqa: C901 - one case a kind
    """Where a value is none that botocore's model of the call describes."""
    kinds: dict[str, tuple[type, ...]] = {
        "structure": (dict,),
        "list": (list,),
        "map": (dict,),
        "string": (str,),
        "boolean": (bool,),
        "integer": (int, float),
        "long": (int, float),
        "blob": (str,),
    }
    if not isinstance(value, kinds[shape.type_name]) or (isinstance(value, bool) and shape.type_name != "boolean"):
        yield f"{path}: {value!r} is no {shape.type_name}"
        return
    match shape.type_name:
        case "structure":
            yield from (f"{path}.{key} is missing" for key in shape.required_members if key not in value)
            for key, one in value.items():
                if key not in shape.members:
                    yield f"{path}.{key}: the API has no such field"
                else:
                    yield from complaints(shape.members[key], one, f"{path}.{key}")
        case "list":
            for index, one in enumerate(value):
                yield from complaints(shape.member, one, f"{path}[{index}]")
        case "string":
            told = shape.metadata
            if shape.enum and value not in shape.enum:
                yield f"{path}: {value!r} is none of {shape.enum}"
            if told.get("pattern") and not re.fullmatch(_plain(told["pattern"]), value, re.DOTALL):
                yield f"{path}: {value!r} does not read like {told['pattern']}"
            if not told.get("min", 0) <= len(value) <= told.get("max", len(value)):
                yield f"{path}: {value!r} has not {told.get('min', 0)} to {told.get('max')} characters"
        case "integer" | "long":
            told = shape.metadata
            if not told.get("min", value) <= value <= told.get("max", value):
                yield f"{path}: {value} is not within {told.get('min')} and {told.get('max')}"


def _plain(pattern: str) -> str:
    """Amazon's patterns are Java's."""
    ranges = r"\\u0020-\\uD7FF\\uE000-\\uFFFD\\uD800\\uDC00-\\uDBFF\\uDFFF"
    return pattern.replace(r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]", r"[\s\S]").replace(
        ranges, r"\s\S"
    )


@cache
def place_of(machine_type: str) -> tuple[str, str]:
    """A region and a zone that have it."""
    return next((one.region, one.zone) for one in load_machine_offers("aws") if one.machine_type == machine_type)


def vm_of(machine_type: str, capacity: Any) -> GpuVmArgs:
    found, (region, zone) = SHAPES[machine_type], place_of(machine_type)
    return replace(
        VM,
        region=region,
        zone_id=zone,
        ends=replace(VM.ends, region=region),
        machine_type=machine_type,
        image=default_image(found),
        capacity=capacity,
        root_volume=RootVolume(gib=300, kms_key=KEY),
        data_disks=(DataDiskUse(name="weights", volume_id="vol-0123456789abcdef0", write=True),),
        access=("iam-role:ml-research",),
    )


def ways_of(machine_type: str) -> list[Any]:
    return [way for way in WAYS if name(way) in SHAPES[machine_type].capacities]


def whole(machine_type: str) -> None:
    """Everything of a lease that has one machine and one group of that type for each way of buying it."""
    region, _ = place_of(machine_type)
    ender = Ender("dev-1a2b3c4d", EnderArgs(account=ACCOUNT, lease="dev-1a2b3c4d", regions=(region,), tags=TAGS))
    soft_end = SoftEndObject(bucket="acme-leases", path="dev-1a2b3c4d/soft-end")
    NodeIdentity("dev-1a2b3c4d", NodeIdentityArgs(name="dev-1a2b3c4d-node", soft_end=soft_end, tags=TAGS))
    for way in ways_of(machine_type):
        one = replace(vm_of(machine_type, way), ends=ender.ends[region])
        GpuVm(f"dev-1a2b3c4d-{name(way)}-0", one)
        same = ("region", "zone_id", "image", "capacity", "root_volume", "access", "ends")
        many = group_args(machine_type, **{key: getattr(one, key) for key in same})
        GpuGroup(f"dev-1a2b3c4d-{name(way)}", many)


@pytest.mark.parametrize("machine_type", [row.machine_type for row in MACHINES])
def test_every_call_for_every_machine_and_way_of_buying_is_one_of_amazons_own_models(
    deploy: Deploy, machine_type: str
) -> None:
    registered = deploy(lambda: whole(machine_type))
    assert len(registered.of("ec2/instance:Instance")) == len(ways_of(machine_type)) >= 3
    for token, service, call, translate in CALLS:
        shape = model(service).operation_model(call).input_shape
        for one in registered.of(token):
            assert list(complaints(shape, translate(one.inputs), call)) == [], one.name


@pytest.mark.parametrize("machine_type", ["g6.xlarge", "g5g.xlarge", "p5.48xlarge", "p6-b300.48xlarge"])
def test_nothing_of_it_is_refused_by_amazons_schemas_and_rules_across_fields(deploy: Deploy, machine_type: str) -> None:
    held: set[str] = set()
    for one in deploy(lambda: whole(machine_type)).all:
        if not one.type.startswith("aws:"):
            continue
        held.add(one.type)
        found = [
            f"{problem.path}: {problem.reason}"
            for problem in check_rules(ResourceType(installed()["aws"], one.type), one.inputs, {})
            if not _is_mocks_own(one.inputs, problem.path)
        ]
        assert found == [], one.name
    assert len(held) >= 14


def _is_mocks_own(inputs: Mapping[str, Any], path: str) -> bool:
    """Whether the value there is an id that the mocks made up, such as "lab-interface-id"."""
    value: Any = inputs
    for step in re.findall(r"[^.\[\]]+", path):
        try:
            value = value[int(step)] if isinstance(value, list) else value[step]
        except (KeyError, IndexError, TypeError, ValueError):
            return False
    return isinstance(value, str) and value.endswith("-id")


@pytest.mark.parametrize(
    ("call", "value", "complaint"),
    [
        ("RunInstances", {"InstanceType": "p9.xlarge", "MinCount": 1, "MaxCount": 1}, "'p9.xlarge' is none of"),
        ("RunInstances", {"Cheap": True, "MinCount": 1, "MaxCount": 1}, "Cheap: the API has no such field"),
        ("RunInstances", {"MinCount": 1}, "MaxCount is missing"),
        ("RunInstances", {"MinCount": "1", "MaxCount": 1}, "'1' is no integer"),
    ],
)
def test_the_walk_itself_finds_what_the_api_would_refuse(call: str, value: Any, complaint: str) -> None:
    [found] = complaints(model("ec2").operation_model(call).input_shape, value, call)
    assert complaint in found


def test_the_walk_finds_a_wrong_pattern_and_a_number_out_of_range() -> None:
    shape = model("scheduler").operation_model("CreateSchedule").input_shape
    target = {"Arn": "x", "RoleArn": "nobody", "RetryPolicy": {"MaximumRetryAttempts": 500}}
    asked = {
        "Name": "a b",
        "ScheduleExpression": "at(2026-11-25T02:00:00)",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": target,
    }
    found = " ".join(complaints(shape, asked, "CreateSchedule"))
    for path in ("CreateSchedule.Name", "Target.RoleArn", "MaximumRetryAttempts: 500"):
        assert path in found


def test_user_data_reaches_ec2_as_it_was_packed(deploy: Deploy) -> None:
    given = deploy(lambda: GpuVm(NAME, VM)).one("ec2/instance:Instance").inputs
    assert base64.b64decode(run_instances(given)["UserData"]) == b"#cloud-config\n{}\n"
