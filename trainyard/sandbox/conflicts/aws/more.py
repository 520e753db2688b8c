"""Rules of one service each that need two values: functions, keys, groups of machines, alarms, budget actions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from trainyard.sandbox.check import Problem
from trainyard.sandbox.conflicts.aws.reading import known, number, region_of, there, whole
from trainyard.sandbox.conflicts.conflict import Conflict, Given

_DEFINITIONS: Final[Mapping[str, str]] = {
    "APPLY_IAM_POLICY": "iamActionDefinition",
    "APPLY_SCP_POLICY": "scpActionDefinition",
    "RUN_SSM_DOCUMENTS": "ssmActionDefinition",
}
# docs.aws.amazon.com/lambda, "Defined runtime environment variables": the reserved ones.
_RESERVED: Final = frozenset(
    {
        "_HANDLER",
        "_X_AMZN_TRACE_ID",
        "AWS_DEFAULT_REGION",
        "AWS_REGION",
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_ACCESS_KEY",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_LAMBDA_RUNTIME_API",
        "LAMBDA_TASK_ROOT",
        "LAMBDA_RUNTIME_DIR",
    }
)
_BANDS: Final = frozenset(
    {"LessThanLowerOrGreaterThanUpperThreshold", "LessThanLowerThreshold", "GreaterThanUpperThreshold"}
)


def _cache(given: Given) -> Iterator[Problem]:
    nodes = whole(given.at("numCacheNodes"))
    if given.text("engine") in ("redis", "valkey") and nodes is not None and nodes > 1:
        text = f'engine "{given.text("engine")}" does not support num_cache_nodes > 1'
        yield Problem("numCacheNodes", f"{text}; a ReplicationGroup has several")


def _function(given: Given) -> Iterator[Problem]:
    told = given.at("environment.variables")
    for key in told if isinstance(told, Mapping) else ():
        path = f"environment.variables.{key}"
        if not re.fullmatch(r"[a-zA-Z]\w+", str(key), re.ASCII):
            yield Problem(path, f"ValidationException: {key} is not a letter and more letters, digits and underscores")
        elif key in _RESERVED:
            yield Problem(
                path,
                "InvalidParameterValueException: Lambda was unable to configure your environment variables because the "
                "environment variables you have provided contains reserved keys that are currently not supported: "
                f"{key}",
            )
    if isinstance(told, Mapping):
        size = sum(len(str(key)) + len(str(known(value) or "")) for key, value in told.items())
        if size > 4096:
            yield Problem(
                "environment.variables",
                "InvalidParameterValueException: Lambda was unable to configure your environment variables because the "
                f"environment variables you have provided exceeded the 4KB limit: {size} bytes",
            )
    subnets, groups = given.at("vpcConfig.subnetIds"), given.at("vpcConfig.securityGroupIds")
    if isinstance(subnets, list) and isinstance(groups, list) and bool(subnets) != bool(groups):
        yield Problem(
            "vpcConfig.securityGroupIds",
            "InvalidParameterValueException: SubnetIds and SecurityIds must coexist or be both empty list.",
        )


def _key(given: Given) -> Iterator[Problem]:
    spec = given.text("customerMasterKeySpec") or (
        "" if given.unknown("customerMasterKeySpec") else "SYMMETRIC_DEFAULT"
    )
    usage = given.text("keyUsage")
    if given.at("enableKeyRotation") is True and spec and spec != "SYMMETRIC_DEFAULT":
        yield Problem(
            "enableKeyRotation", f"UnsupportedOperationException: keys of {spec} do not rotate; SYMMETRIC_DEFAULT does"
        )
    if spec == "SYMMETRIC_DEFAULT" and usage and usage != "ENCRYPT_DECRYPT":
        yield Problem(
            "keyUsage", f"ValidationException: KeyUsage {usage} is not compatible with KeySpec SYMMETRIC_DEFAULT"
        )


def _group(given: Given) -> Iterator[Problem]:
    told = "mixedInstancesPolicy.instancesDistribution"
    kind = given.text(f"{told}.spotAllocationStrategy")
    if number(given, f"{told}.spotInstancePools") and kind and kind != "lowest-price":
        yield Problem(
            f"{told}.spotInstancePools",
            f"ValidationError: SpotInstancePools go with spotAllocationStrategy lowest-price, not with {kind}",
        )


def _policy(given: Given) -> Iterator[Problem]:
    kind = given.at("policyType") or ("" if given.unknown("policyType") else "SimpleScaling")
    simple = kind == "SimpleScaling" and there(given, "adjustmentType") and not there(given, "stepAdjustments")
    if simple and not there(given, "scalingAdjustment"):
        yield Problem("scalingAdjustment", "ValidationError: ScalingAdjustment is required with SimpleScaling")
    adjusts = given.text("adjustmentType")
    if number(given, "minAdjustmentMagnitude") and adjusts and adjusts != "PercentChangeInCapacity":
        yield Problem(
            "minAdjustmentMagnitude",
            f"ValidationError: MinAdjustmentMagnitude goes with PercentChangeInCapacity, not with {adjusts}",
        )


def _alarm(given: Given) -> Iterator[Problem]:
    operator = given.text("comparisonOperator")
    if operator in _BANDS and not there(given, "thresholdMetricId"):
        yield Problem("thresholdMetricId", f"ValidationError: {operator} compares with a band: give thresholdMetricId")


def _action(given: Given) -> Iterator[Problem]:
    kind = given.text("actionType")
    wanted = _DEFINITIONS.get(kind)
    if wanted and not there(given, f"definition.{wanted}") and not given.unknown("definition"):
        yield Problem(f"definition.{wanted}", f"InvalidParameterException: actionType {kind} needs {wanted}")
    for path, one in given.each("subscribers"):
        address = known(one.get("address"))
        if known(one.get("subscriptionType")) == "EMAIL" and isinstance(address, str) and "@" not in address:
            yield Problem(f"{path}.address", f"InvalidParameterException: {address} is no address of mail")


def _variant(given: Given) -> Iterator[Problem]:
    for list_ in ("productionVariants", "shadowProductionVariants"):
        for path, one in given.each(list_):
            free = one.get("serverlessConfig") or one.get("managedInstanceScaling") or not one.get("modelName")
            if not one.get("instanceType") and not free:
                text = "ValidationException: a variant has an instanceType, or a serverlessConfig"
                yield Problem(f"{path}.instanceType", text)


def _image(given: Given) -> Iterator[Problem]:
    """A container's image lies in a registry of the region (SageMaker API ContainerDefinition, Image)."""
    places = [("primaryContainer", given.at("primaryContainer")), *given.each("containers")]
    for path, container in places:
        image = known(container.get("image")) if isinstance(container, Mapping) else None
        there_ = re.match(r"\d{12}\.dkr\.ecr\.([a-z0-9-]+)\.", image) if isinstance(image, str) else None
        region = region_of(given)
        if there_ and region and there_.group(1) != region:
            yield Problem(
                f"{path}.image",
                f"ValidationException: the image is in {there_.group(1)}; SageMaker takes one of {region}",
            )


def _lustre(given: Given) -> Iterator[Problem]:
    kind = given.at("deploymentType") or ("" if given.unknown("deploymentType") else "SCRATCH_1")
    if given.at("efaEnabled") is True and kind and kind != "PERSISTENT_2":
        yield Problem("efaEnabled", f"BadRequest: EFA is there for PERSISTENT_2 alone, not for {kind}")


def _nodes(given: Given) -> Iterator[Problem]:
    labels = given.at("labels")
    for key in labels if isinstance(labels, Mapping) else ():
        name = str(key).rpartition("/")[2]
        if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?", name):
            yield Problem(
                f"labels.{key}", f"InvalidParameterException: Label cannot contain {name}: no name of a label"
            )


def _spot(given: Given) -> Iterator[Problem]:
    if given.text("instanceMarketOptions.marketType") == "spot" and given.text("tenancy") == "host":
        yield Problem("tenancy", "InvalidParameterCombination: Spot machines do not run on hosts of their own")
    kind = given.text("instanceType")
    if given.at("enclaveOptions.enabled") is True and re.match(r"t\d", kind):
        yield Problem("enclaveOptions.enabled", f"InvalidParameterValue: Nitro Enclaves are not supported for {kind}")


def _devices(given: Given) -> Iterator[Problem]:
    list_ = "ebsBlockDevices" if "ebsBlockDevices" in given.type.inputs else "blockDeviceMappings"
    seen: set[str] = set()
    for path, one in given.each(list_):
        name = known(one.get("deviceName"))
        if isinstance(name, str):
            if name in seen:
                text = f"InvalidBlockDeviceMapping: The device '{name}' is used in more than one block-device mapping"
                yield Problem(f"{path}.deviceName", text)
            seen.add(name)
    interfaces = list(given.each("networkInterfaces"))
    for path, one in interfaces:
        card, device = whole(one.get("networkCardIndex")), whole(one.get("deviceIndex"))
        # docs.aws.amazon.com/ec2, "Maximize network bandwidth", read 2026-11-24: there, 0 is for efa-only.
        if card and device == 0 and known(one.get("interfaceType")) != "efa-only":
            yield Problem(
                f"{path}.deviceIndex",
                f"InvalidParameterValue: network card {card} takes device index 1 or more, unless it is efa-only",
            )
        if len(interfaces) > 1 and str(known(one.get("associatePublicIpAddress"))).lower() == "true":
            yield Problem(
                f"{path}.associatePublicIpAddress",
                "InvalidParameterCombination: The associatePublicIPAddress parameter cannot be specified when "
                "launching with multiple network interfaces.",
            )


def _conflict(name: str, says: str, source: str, find: object, *types: str) -> Conflict:
    return Conflict(name=name, types=frozenset(types), says=says, source=source, find=find)  # type: ignore[arg-type]


_INSTANCE: Final = "aws:ec2/instance:Instance"
CONFLICTS: Final = (
    _conflict(
        "function-surroundings",
        "Variables have names of their own within 4 KB; subnets and security groups go together.",
        "docs.aws.amazon.com/lambda, environment variables; Lambda API VpcConfig; InvalidParameterValueException",
        _function,
        "aws:lambda/function:Function",
    ),
    _conflict(
        "key-of-its-kind",
        "Only symmetric keys rotate, and they only encrypt.",
        "KMS API CreateKey: KeySpec, KeyUsage; EnableKeyRotation",
        _key,
        "aws:kms/key:Key",
    ),
    _conflict(
        "spot-pools",
        "Pools are counted where the lowest price decides.",
        "Auto Scaling API InstancesDistribution: SpotInstancePools",
        _group,
        "aws:autoscaling/group:Group",
    ),
    _conflict(
        "adjustment",
        "Simple scaling says by how much; a least magnitude goes with percents.",
        "Auto Scaling API PutScalingPolicy: ScalingAdjustment, MinAdjustmentMagnitude",
        _policy,
        "aws:autoscaling/policy:Policy",
    ),
    _conflict(
        "alarm-with-a-band",
        "What compares with a band names it.",
        "CloudWatch API PutMetricAlarm: ThresholdMetricId",
        _alarm,
        "aws:cloudwatch/metricAlarm:MetricAlarm",
    ),
    _conflict(
        "budget-action",
        "An action has the definition of its type, and subscribers with addresses.",
        "Budgets API CreateBudgetAction: ActionType, Definition, Subscriber",
        _action,
        "aws:budgets/budgetAction:BudgetAction",
    ),
    _conflict(
        "variant-runs-somewhere",
        "A variant of a model has machines, or is serverless.",
        "SageMaker API ProductionVariant: InstanceType, ServerlessConfig",
        _variant,
        "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
    ),
    _conflict(
        "image-in-the-region",
        "A model's image lies in the model's region.",
        "SageMaker API ContainerDefinition: Image",
        _image,
        "aws:sagemaker/model:Model",
    ),
    _conflict(
        "lustre-with-efa",
        "EFA is there for PERSISTENT_2.",
        "FSx API CreateFileSystemLustreConfiguration: EfaEnabled",
        _lustre,
        "aws:fsx/lustreFileSystem:LustreFileSystem",
    ),
    _conflict(
        "one-node-of-redis",
        "A cluster of Redis has one node.",
        "hashicorp/terraform-provider-aws, aws_elasticache_cluster: customizeDiffValidateClusterNumCacheNodes; "
        "ElastiCache API CreateCacheCluster: NumCacheNodes",
        _cache,
        "aws:elasticache/cluster:Cluster",
    ),
    _conflict(
        "node-labels",
        "Labels are Kubernetes' labels.",
        "EKS API CreateNodegroup: labels; kubernetes.io, Labels and Selectors",
        _nodes,
        "aws:eks/nodeGroup:NodeGroup",
    ),
    _conflict(
        "not-on-this-machine",
        "Spot machines have no host of their own; burstable ones have no enclaves.",
        "EC2 user guide, Spot Instances and Dedicated Hosts; Nitro Enclaves user guide, Requirements",
        _spot,
        _INSTANCE,
    ),
    _conflict(
        "devices-once",
        "A device is named once; further network cards and several interfaces have their own rules.",
        "EC2 API RunInstances: BlockDeviceMapping, InstanceNetworkInterfaceSpecification",
        _devices,
        _INSTANCE,
        "aws:ec2/launchTemplate:LaunchTemplate",
    ),
)
