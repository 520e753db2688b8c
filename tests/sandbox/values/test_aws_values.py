"""What Amazon's own descriptions refuse, and that nothing of the SDK's own examples is refused."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import botocore.session
import pytest

from tests.sandbox.values.fixtures.sdk_examples import examples_of
from trainyard.sandbox.packages import installed
from trainyard.sandbox.provider.rules import check_rules
from trainyard.sandbox.schema import ResourceType
from trainyard.sandbox.values import check_values, described
from trainyard.servicer.values import UNKNOWN

# Placeholders of the examples' writers, which Amazon itself would refuse; the route has host bits, which the provider
# refuses too.
_PLACEHOLDERS = frozenset(
    {
        "ami-1a2b3c",
        "ami-1234",
        "ami-5678",
        "subnet-1234",
        "sg-123456",
        "10.0.1.0/22",
        "...",
        "arn:aws:events:eu-west-1:1234567890:event-bus/My-Event-Bus",
    }
)
# Examples that show a part of a resource, by what it would need beside that part.
_PARTS: Mapping[str, frozenset[str]] = {
    "aws:autoscaling/group:Group": frozenset({"launchTemplate", "vpcZoneIdentifiers"}),
    "aws:autoscaling/policy:Policy": frozenset({"stepAdjustments", "adjustmentType", "targetTrackingConfiguration"}),
    "aws:budgets/budget:Budget": frozenset({"limitAmount", "limitUnit"}),
    "aws:cloudwatch/eventRule:EventRule": frozenset({"scheduleExpression"}),
    "aws:ec2/instance:Instance": frozenset({"ami", "instanceType"}),
    "aws:ec2/vpc:Vpc": frozenset({"cidrBlock"}),  # the network that an example of something else looks at
    "aws:fsx/lustreFileSystem:LustreFileSystem": frozenset({"storageCapacity"}),
    "aws:lambda/function:Function": frozenset({"runtime", "handler", "code"}),
    "aws:lb/loadBalancer:LoadBalancer": frozenset({"subnets"}),
    "aws:lb/targetGroup:TargetGroup": frozenset({"port", "protocol", "vpcId"}),
    "aws:rds/instance:Instance": frozenset({"engine"}),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": frozenset({"rules[0]", "rules[1]"}),
}


@pytest.mark.parametrize("token", sorted(described("aws")))
def test_nothing_in_the_examples_of_the_sdk_is_refused(token: str) -> None:
    refused = [
        (example.text, problem)
        for example in examples_of("aws", token)
        for problem in check_rules(_type(example.token), _without_placeholders(example.inputs), {})
        if problem.path not in _PARTS.get(example.token, ())
    ]
    assert not refused


# By token, service and operation: a path on the wire, and the same place in botocore's input.
_SAME: Mapping[tuple[str, str, str], Mapping[str, str]] = {
    ("aws:ec2/instance:Instance", "ec2", "RunInstances"): {
        "metadataOptions.httpTokens": "MetadataOptions.HttpTokens",
        "tenancy": "Placement.Tenancy",
        "rootBlockDevice.volumeType": "BlockDeviceMappings[].Ebs.VolumeType",
        "instanceMarketOptions.marketType": "InstanceMarketOptions.MarketType",
    },
    ("aws:ec2/launchTemplate:LaunchTemplate", "ec2", "CreateLaunchTemplate"): {
        "metadataOptions.httpEndpoint": "LaunchTemplateData.MetadataOptions.HttpEndpoint",
    },
    ("aws:ec2/placementGroup:PlacementGroup", "ec2", "CreatePlacementGroup"): {
        "strategy": "Strategy",
    },
    ("aws:ec2/capacityReservation:CapacityReservation", "ec2", "CreateCapacityReservation"): {
        "instancePlatform": "InstancePlatform",
    },
    ("aws:ec2/vpcEndpoint:VpcEndpoint", "ec2", "CreateVpcEndpoint"): {
        "vpcEndpointType": "VpcEndpointType",
    },
    ("aws:ebs/volume:Volume", "ec2", "CreateVolume"): {
        "type": "VolumeType",
    },
    ("aws:sagemaker/trainingJob:TrainingJob", "sagemaker", "CreateTrainingJob"): {
        "resourceConfig.instanceType": "ResourceConfig.InstanceType",
        "trainingJobName": "TrainingJobName",
    },
    ("aws:sagemaker/notebookInstance:NotebookInstance", "sagemaker", "CreateNotebookInstance"): {
        "instanceType": "InstanceType",
        "directInternetAccess": "DirectInternetAccess",
        "defaultCodeRepository": "DefaultCodeRepository",
    },
    ("aws:cloudwatch/logGroup:LogGroup", "logs", "CreateLogGroup"): {
        "kmsKeyId": "kmsKeyId",
    },
    ("aws:fsx/lustreFileSystem:LustreFileSystem", "fsx", "CreateFileSystem"): {
        "deploymentType": "LustreConfiguration.DeploymentType",
        "weeklyMaintenanceStartTime": "LustreConfiguration.WeeklyMaintenanceStartTime",
    },
    ("aws:scheduler/schedule:Schedule", "scheduler", "CreateSchedule"): {
        "name": "Name",
        "flexibleTimeWindow.mode": "FlexibleTimeWindow.Mode",
        "target.retryPolicy.maximumRetryAttempts": "Target.RetryPolicy.MaximumRetryAttempts",
    },
    ("aws:budgets/budget:Budget", "budgets", "CreateBudget"): {
        "timeUnit": "Budget.TimeUnit",
        "budgetType": "Budget.BudgetType",
    },
    ("aws:eks/nodeGroup:NodeGroup", "eks", "CreateNodegroup"): {
        "amiType": "amiType",
        "capacityType": "capacityType",
    },
    ("aws:cloudwatch/metricAlarm:MetricAlarm", "cloudwatch", "PutMetricAlarm"): {
        "comparisonOperator": "ComparisonOperator",
    },
    ("aws:lambda/function:Function", "lambda", "CreateFunction"): {
        "packageType": "PackageType",
    },
    ("aws:dynamodb/table:Table", "dynamodb", "CreateTable"): {
        "billingMode": "BillingMode",
    },
    ("aws:lb/targetGroup:TargetGroup", "elbv2", "CreateTargetGroup"): {
        "targetType": "TargetType",
    },
    ("aws:lb/loadBalancer:LoadBalancer", "elbv2", "CreateLoadBalancer"): {
        "ipAddressType": "IpAddressType",
    },
    ("aws:iam/role:Role", "iam", "CreateRole"): {
        "maxSessionDuration": "MaxSessionDuration",
    },
    ("aws:kms/key:Key", "kms", "CreateKey"): {
        "keyUsage": "KeyUsage",
    },
    ("aws:ecr/repository:Repository", "ecr", "CreateRepository"): {
        "imageTagMutability": "imageTagMutability",
    },
}


@pytest.mark.parametrize(
    ("token", "path", "service", "operation", "place"),
    [(*key[:1], path, *key[1:], place) for key, paths in _SAME.items() for path, place in paths.items()],
    ids=lambda value: str(value)[-40:],
)
def test_what_botocore_forbids_is_refused_at_its_path_and_what_it_allows_is_not(
    token: str, path: str, service: str, operation: str, place: str
) -> None:
    shape = _shape(service, operation, place)
    wrong, right = list(_wrong(shape)), list(_right(shape))
    assert wrong
    for value in wrong:
        assert [problem.path for problem in check_values(_type(token), _nested(path, value))] == [path], value
    for value in right:
        assert not list(check_values(_type(token), _nested(path, value))), value


def test_every_type_that_trainyard_plans_for_is_described() -> None:
    services = "ec2 vpc ebs autoscaling sagemaker fsx s3 ecr iam kms scheduler sqs sns budgets eks cloudwatch lambda"
    assert set(services.split()) <= {token.split(":")[1].split("/")[0] for token in described("aws")}


def _type(token: str) -> ResourceType:
    return ResourceType(installed()["aws"], token)


def _without_placeholders(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_placeholders(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_without_placeholders(one) for one in value]
    return UNKNOWN if isinstance(value, str) and value in _PLACEHOLDERS else value


def _shape(service: str, operation: str, place: str) -> Any:
    shape = botocore.session.get_session().get_service_model(service).operation_model(operation).input_shape
    for step in place.replace("[]", ".[]").split("."):
        shape = shape.member if step == "[]" else shape.members[step]
    return shape


def _wrong(shape: Any) -> Iterator[Any]:
    told = shape.metadata
    if shape.type_name == "string":
        if "enum" in told:
            yield from (told["enum"][0] + "x", told["enum"][0].swapcase())
        if "pattern" in told:
            yield from (value for value in ("§ 1", "/§") if not re.fullmatch(told["pattern"], value))
        if "max" in told and "enum" not in told:
            yield "a" * (told["max"] + 1)
    else:
        yield told["min"] - 1
        yield told["max"] + 1


def _right(shape: Any) -> Iterator[Any]:
    told = shape.metadata
    if shape.type_name != "string":
        yield from (told["min"], told["max"])
    yield from told.get("enum", ())


def _nested(path: str, value: Any) -> dict[str, Any]:
    head, _, rest = path.partition(".")
    return {head: _nested(rest, value) if rest else value}
