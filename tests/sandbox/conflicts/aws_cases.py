"""For each conflict of Amazon's: something right, and the changes that each make it wrong at a path."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Case:
    """`wrong`: path of the problem to what is given instead, or beside, at the top level."""

    token: str
    right: Mapping[str, Any]
    wrong: Mapping[str, Mapping[str, Any]]


VM = {"ami": "ami-0abcdef1234567890", "instanceType": "p5.48xlarge"}
_INSTANCE = "aws:ec2/instance:Instance"
_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
_GROUP = {
    "minSize": 1,
    "maxSize": 3,
    "desiredCapacity": 2,
    "vpcZoneIdentifiers": ["subnet-0abcdef1234567890"],
    "launchTemplate": {"id": "lt-0abcdef1234567890"},
}
_ASG = "aws:autoscaling/group:Group"
_LUSTRE = {
    "storageCapacity": 2400,
    "deploymentType": "PERSISTENT_2",
    "perUnitStorageThroughput": 250,
    "subnetIds": "subnet-0abcdef1234567890",
}
_STATEMENT = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
_TRUST = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}
_SPOT = {
    "marketType": "spot",
    "spotOptions": {"spotInstanceType": "persistent", "instanceInterruptionBehavior": "stop"},
}
_BUDGET = {"budgetType": "COST", "timeUnit": "MONTHLY", "limitAmount": "100.0", "limitUnit": "USD"}
_NOTE = {
    "comparisonOperator": "GREATER_THAN",
    "threshold": 80,
    "thresholdType": "PERCENTAGE",
    "notificationType": "ACTUAL",
    "subscriberEmailAddresses": ["ops@example.com"],
}
_ALARM = {
    "name": "a",
    "comparisonOperator": "GreaterThanThreshold",
    "evaluationPeriods": 2,
    "metricName": "CPUUtilization",
    "namespace": "AWS/EC2",
    "period": 60,
    "statistic": "Average",
    "threshold": 80,
}
_AT = {
    "scheduleExpression": "at(2026-12-24T12:00:00)",
    "flexibleTimeWindow": {"mode": "OFF"},
    "target": {"arn": "arn:aws:scheduler:::aws-sdk:ec2:stopInstances", "roleArn": "arn:aws:iam::000000000000:role/r"},
}
_JOB = {
    "stoppingCondition": {"maxRuntimeInSeconds": 3600, "maxWaitTimeInSeconds": 7200},
    "enableManagedSpotTraining": True,
    "resourceConfig": {"instanceType": "ml.p5.48xlarge", "instanceCount": 1, "volumeSizeInGb": 50},
    "algorithmSpecification": {"trainingImage": "i", "trainingInputMode": "File"},
    "checkpointConfig": {"s3Uri": "s3://b/p"},
}


def _document(statement: Mapping[str, Any], **more: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement], **more})


def _without(given: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in given.items() if key != name}


_PROFILE = {
    "handler": "index.handler",
    "runtime": "python3.13",
    "code": "a",
    "role": "arn:aws:iam::000000000000:role/r",
}
_TARGETS = {"port": 80, "protocol": "HTTP", "vpcId": "vpc-0abcdef1234567890"}
_RULE = {
    "fromPort": 22,
    "toPort": 22,
    "ipProtocol": "tcp",
    "cidrIpv4": "10.0.0.0/8",
    "securityGroupId": "sg-0abcdef1234567890",
}
_FIVE_TAGS = {f"k{number}": "v" for number in range(50)}

CASES: Mapping[str, Case] = {
    "region-exists": Case(_INSTANCE, {**VM, "region": "us-east-1"}, {"region": {"region": "us-eest-1"}}),
    "zone-exists": Case(
        "aws:ec2/subnet:Subnet",
        {"availabilityZone": "us-east-1a", "region": "us-east-1"},
        {"availabilityZone": {"availabilityZone": "us-east-1z"}},
    ),
    "instance-type-exists-there": Case(
        _INSTANCE, {**VM, "region": "us-east-1"}, {"instanceType": {"instanceType": "p5.49xlarge"}}
    ),
    "id-of-its-kind": Case(
        _INSTANCE,
        {**VM, "subnetId": "subnet-0abcdef1234567890", "vpcSecurityGroupIds": ["sg-12345678"]},
        {
            "subnetId": {"subnetId": "vpc-0abcdef1234567890"},
            "ami": {"ami": "ami-xyz"},
            "vpcSecurityGroupIds[0]": {"vpcSecurityGroupIds": ["default"]},
        },
    ),
    "arn-of-its-service": Case(
        "aws:sagemaker/trainingJob:TrainingJob",
        {"roleArn": "arn:aws:iam::000000000000:role/r"},
        {"roleArn": {"roleArn": "arn:aws:s3:::bucket"}},
    ),
    "tags": Case(
        "aws:ec2/vpc:Vpc",
        {"tags": _FIVE_TAGS},
        {
            "tags": {"tags": {**_FIVE_TAGS, "one": "more"}},
            "tags.aws:x": {"tags": {"aws:x": "1"}},
            f"tags.{'k' * 129}": {"tags": {"k" * 129: "1"}},
            "tags.k": {"tags": {"k": "v" * 257}},
        },
    ),
    "address-range": Case(
        "aws:ec2/vpc:Vpc",
        {"cidrBlock": "10.0.0.0/16"},
        {"cidrBlock": {"cidrBlock": "10.0.0.0/8"}},
    ),
    "ports-and-protocols": Case(
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        _RULE,
        {"fromPort": {"fromPort": 23}, "toPort": {"toPort": 65536}, "ipProtocol": {"ipProtocol": "tpc"}},
    ),
    "rule-has-one-other-side": Case(
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        _RULE,
        {"cidrIpv6": {"cidrIpv6": "::/0"}, "cidrIpv4": {"cidrIpv4": None}},
    ),
    "route-has-one-target": Case(
        "aws:ec2/route:Route",
        {"destinationCidrBlock": "0.0.0.0/0", "gatewayId": "igw-12345678"},
        {"gatewayId": {"gatewayId": None}, "natGatewayId": {"natGatewayId": "nat-12345678"}},
    ),
    "association-of-one": Case(
        "aws:ec2/routeTableAssociation:RouteTableAssociation",
        {"subnetId": "subnet-12345678"},
        {"gatewayId": {"gatewayId": "igw-12345678"}, "subnetId": {"subnetId": None}},
    ),
    "nat-gateway-address": Case(
        "aws:ec2/natGateway:NatGateway",
        {"allocationId": "eipalloc-12345678", "subnetId": "subnet-12345678"},
        {"allocationId": {"allocationId": None}, "subnetId": {"subnetId": None}},
    ),
    "endpoint-of-its-type": Case(
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        {"serviceName": "com.amazonaws.us-east-1.s3", "routeTableIds": ["rtb-12345678"]},
        {
            "subnetIds": {"subnetIds": ["subnet-12345678"]},
            "serviceName": {"serviceName": "com.amazonaws.us-east-1.ecr.api"},
            "routeTableIds": {"vpcEndpointType": "Interface"},
        },
    ),
    "security-group-words": Case(
        "aws:ec2/securityGroup:SecurityGroup",
        {"name": "web", "description": "who may come"},
        {"name": {"name": "sg-web"}, "description": {"description": "wer darf — nur wir"}},
    ),
    "address-on-one-thing": Case(
        "aws:ec2/eip:Eip", {"instance": "i-12345678"}, {"networkInterface": {"networkInterface": "eni-12345678"}}
    ),
    "policy-document": Case(
        "aws:iam/policy:Policy",
        {"policy": _document(_STATEMENT)},
        {
            "policy": {"policy": _document({**_STATEMENT, "Effect": "allow"})},
        },
    ),
    "iam-name": Case("aws:iam/role:Role", {"name": "n" * 64}, {"name": {"name": "n" * 65}}),
    "name-or-prefix": Case("aws:iam/role:Role", {"name": "n"}, {"namePrefix": {"namePrefix": "n-"}}),
    "volume-performance": Case(
        "aws:ebs/volume:Volume",
        {"size": 100, "type": "gp3", "iops": 4000, "throughput": 500},
        {
            "iops": {"type": "gp2", "throughput": None},
            "size": {"size": 65537, "iops": None, "throughput": None},
            "throughput": {"throughput": 1100},
        },
    ),
    "key-of-encrypted-volume": Case(
        "aws:ebs/volume:Volume",
        {"encrypted": True, "kmsKeyId": "k", "size": 1},
        {"kmsKeyId": {"encrypted": False}},
    ),
    "volume-from-something": Case("aws:ebs/volume:Volume", {"size": 1}, {"size": {"size": None}}),
    "market-options": Case(
        _INSTANCE,
        {**VM, "instanceMarketOptions": _SPOT},
        {
            "instanceMarketOptions.spotOptions.instanceInterruptionBehavior": {
                "instanceMarketOptions": {"marketType": "spot", "spotOptions": {"instanceInterruptionBehavior": "stop"}}
            },
            "instanceType": {"instanceType": "mac1.metal"},
        },
    ),
    "cpu-options": Case(
        _INSTANCE,
        {**VM, "cpuOptions": {"coreCount": 96, "threadsPerCore": 1}},
        {
            "cpuOptions.coreCount": {"cpuOptions": {"coreCount": 97, "threadsPerCore": 1}},
            "cpuOptions.threadsPerCore": {"cpuOptions": {"coreCount": 96, "threadsPerCore": 3}},
            "creditSpecification": {"creditSpecification": {"cpuCredits": "unlimited"}},
        },
    ),
    "hibernation": Case(
        _INSTANCE,
        {**VM, "instanceType": "t3.micro", "hibernation": True},
        {"hibernation": {"instanceType": "p5.48xlarge"}},
    ),
    "placement": Case(
        _INSTANCE,
        {**VM, "tenancy": "host", "hostId": "h-0abcdef1234567890"},
        {"tenancy": {"tenancy": "default"}, "placementPartitionNumber": {"placementPartitionNumber": 2}},
    ),
    "network-interfaces": Case(
        _TEMPLATE,
        {
            "instanceType": "p5.48xlarge",
            "networkInterfaces": [
                {"deviceIndex": 0, "networkCardIndex": 0, "interfaceType": "efa"},
                {"deviceIndex": 1, "networkCardIndex": 31, "interfaceType": "efa-only"},
            ],
        },
        {
            "networkInterfaces[0].interfaceType": {"networkInterfaces": [{"interfaceType": "efa-only"}]},
            "networkInterfaces[0].networkCardIndex": {"networkInterfaces": [{"networkCardIndex": 32}]},
            "vpcSecurityGroupIds": {"vpcSecurityGroupIds": ["sg-12345678"]},
        },
    ),
    "user-data": Case(_INSTANCE, {**VM, "userData": "x" * 16384}, {"userData": {"userData": "x" * 16385}}),
    "machine-from-something": Case(
        _INSTANCE,
        {"launchTemplate": {"id": "lt-12345678"}},
        {"launchTemplate.id": {"launchTemplate": {"version": "1"}}},
    ),
    "launch-template": Case(
        _TEMPLATE,
        {"instanceType": "t3.micro", "name": "trainer"},
        {"instanceRequirements": {"instanceRequirements": {"vcpuCount": {"min": 1}}}, "name": {"name": "ab"}},
    ),
    "placement-group": Case(
        "aws:ec2/placementGroup:PlacementGroup",
        {"strategy": "partition", "partitionCount": 7},
        {"partitionCount": {"strategy": "cluster"}},
    ),
    "public-key": Case(
        "aws:ec2/keyPair:KeyPair",
        {"publicKey": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE me@here"},
        {"publicKey": {"publicKey": "a key"}},
    ),
    "reservation-end": Case(
        "aws:ec2/capacityReservation:CapacityReservation",
        {
            "instanceType": "p5.48xlarge",
            "instanceCount": 1,
            "endDateType": "limited",
            "endDate": "2026-12-24T12:00:00Z",
        },
        {"endDate": {"endDate": None}, "instanceCount": {"instanceCount": 0}},
    ),
    "group-sizes": Case(_ASG, _GROUP, {"minSize": {"minSize": 4}, "desiredCapacity": {"desiredCapacity": 5}}),
    "group-made-of-one-thing": Case(
        _ASG,
        _GROUP,
        {
            "launchTemplate": {"launchConfiguration": "lc"},
            "availabilityZones": {"availabilityZones": ["us-east-1a"]},
            "vpcZoneIdentifiers": {"vpcZoneIdentifiers": []},
        },
    ),
    "group-times": Case(_ASG, {"maxInstanceLifetime": 86400}, {"maxInstanceLifetime": {"maxInstanceLifetime": 3600}}),
    "instances-distribution": Case(
        _ASG,
        {"mixedInstancesPolicy": {"instancesDistribution": {"onDemandPercentageAboveBaseCapacity": 100}}},
        {
            "mixedInstancesPolicy.instancesDistribution.onDemandPercentageAboveBaseCapacity": {
                "mixedInstancesPolicy": {"instancesDistribution": {"onDemandPercentageAboveBaseCapacity": 101}}
            }
        },
    ),
    "group-tags": Case(
        _ASG,
        {"tags": [{"key": "a", "value": "1"}, {"key": "b", "value": "1"}]},
        {"tags[1].key": {"tags": [{"key": "a", "value": "1"}, {"key": "a", "value": "2"}]}},
    ),
    "scaling-policy-type": Case(
        "aws:autoscaling/policy:Policy",
        {"adjustmentType": "ChangeInCapacity", "scalingAdjustment": 1},
        {
            "adjustmentType": {"adjustmentType": None},
            "targetTrackingConfiguration": {
                "policyType": "TargetTrackingScaling",
                "adjustmentType": None,
                "scalingAdjustment": None,
            },
        },
    ),
    "scheduled-action": Case(
        "aws:autoscaling/schedule:Schedule",
        {"desiredCapacity": 0, "recurrence": "0 20 * * MON-FRI"},
        {"recurrence": {"recurrence": "0 25 * * *"}, "desiredCapacity": {"desiredCapacity": None}},
    ),
    "node-group-sizes": Case(
        "aws:eks/nodeGroup:NodeGroup",
        {"scalingConfig": {"minSize": 1, "desiredSize": 2, "maxSize": 3}},
        {
            "scalingConfig.desiredSize": {"scalingConfig": {"minSize": 1, "desiredSize": 4, "maxSize": 3}},
            "scalingConfig.minSize": {"scalingConfig": {"minSize": 4, "desiredSize": 3, "maxSize": 3}},
        },
    ),
    "schedule-expression": Case(
        "aws:scheduler/schedule:Schedule",
        {**_AT, "scheduleExpressionTimezone": "Europe/Berlin"},
        {
            "scheduleExpression": {"scheduleExpression": "cron(0 12 * * * *)"},
            "scheduleExpressionTimezone": {"scheduleExpressionTimezone": "Europe/Berlim"},
        },
    ),
    "flexible-window": Case(
        "aws:scheduler/schedule:Schedule",
        _AT,
        {
            "flexibleTimeWindow.maximumWindowInMinutes": {
                "flexibleTimeWindow": {"mode": "OFF", "maximumWindowInMinutes": 5}
            }
        },
    ),
    "schedule-target": Case(
        "aws:scheduler/schedule:Schedule",
        _AT,
        {"target.arn": {"target": {"arn": "arn:aws:scheduler:::aws-sdk:stopInstances"}}},
    ),
    "event-rule-matches-something": Case(
        "aws:cloudwatch/eventRule:EventRule",
        {"scheduleExpression": "rate(1 hour)"},
        {"scheduleExpression": {"scheduleExpression": None}},
    ),
    "budget-limit": Case(
        "aws:budgets/budget:Budget",
        _BUDGET,
        {"limitAmount": {"limitAmount": "a lot"}, "limitUnit": {"limitUnit": "PERCENTAGE"}},
    ),
    "budget-period": Case(
        "aws:budgets/budget:Budget",
        {**_BUDGET, "timePeriodStart": "2026-12-01_00:00", "timePeriodEnd": "2027-12-01_00:00"},
        {"timePeriodStart": {"timePeriodStart": "2026-12-01"}, "timePeriodEnd": {"timePeriodEnd": "2026-11-01_00:00"}},
    ),
    "budget-notifications": Case(
        "aws:budgets/budget:Budget",
        {**_BUDGET, "notifications": [_NOTE]},
        {
            "notifications[1]": {"notifications": [_NOTE, _NOTE]},
            "notifications[0].subscriberEmailAddresses": {
                "notifications": [{**_NOTE, "subscriberEmailAddresses": ["a@example.com"] * 11}]
            },
            "notifications[0].subscriberEmailAddresses[0]": {
                "notifications": [{**_NOTE, "subscriberEmailAddresses": ["ops"]}]
            },
        },
    ),
    "metric-alarm": Case(
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        _ALARM,
        {"period": {"period": 45}, "datapointsToAlarm": {"datapointsToAlarm": 3}, "statistic": {"statistic": None}},
    ),
    "bucket-name": Case(
        "aws:s3/bucket:Bucket",
        {"bucket": "a.good-name"},
        {"bucket": {"bucket": "Not_Good"}, "bucketPrefix": {"bucketPrefix": "a"}},
    ),
    "lifecycle-rules": Case(
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        {
            "rules": [
                {"id": "a", "transitions": [{"days": 30, "storageClass": "STANDARD_IA"}], "expiration": {"days": 90}}
            ]
        },
        {
            "rules[0].transitions[0].days": {
                "rules": [{"id": "a", "transitions": [{"days": 29, "storageClass": "STANDARD_IA"}]}]
            },
            "rules[0].expiration.days": {
                "rules": [
                    {"id": "a", "transitions": [{"days": 90, "storageClass": "GLACIER"}], "expiration": {"days": 90}}
                ]
            },
            "rules[1].id": {"rules": [{"id": "a", "expiration": {"days": 1}}, {"id": "a", "expiration": {"days": 1}}]},
        },
    ),
    "object-content": Case(
        "aws:s3/bucketObject:BucketObject", {"content": "x"}, {"contentBase64": {"contentBase64": "eA=="}}
    ),
    "bucket-encryption": Case(
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        {"rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": "k"}}]},
        {
            "rules[0].applyServerSideEncryptionByDefault.kmsMasterKeyId": {
                "rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256", "kmsMasterKeyId": "k"}}]
            }
        },
    ),
    "lustre": Case(
        "aws:fsx/lustreFileSystem:LustreFileSystem",
        _LUSTRE,
        {
            "storageCapacity": {"storageCapacity": 2000},
            "perUnitStorageThroughput": {"perUnitStorageThroughput": 200},
            "storageType": {"storageType": "HDD", "perUnitStorageThroughput": None, "storageCapacity": 6000},
            "importPath": {"importPath": "s3://b"},
        },
    ),
    "table-keys": Case(
        "aws:dynamodb/table:Table",
        {"hashKey": "id", "attributes": [{"name": "id", "type": "S"}], "billingMode": "PAY_PER_REQUEST"},
        {
            "hashKey": {"hashKey": "key", "attributes": [{"name": "id", "type": "S"}]},
            "attributes": {"attributes": [{"name": "id", "type": "S"}, {"name": "b", "type": "S"}]},
            "readCapacity": {"billingMode": "PROVISIONED", "writeCapacity": 1},
        },
    ),
    "training-times": Case(
        "aws:sagemaker/trainingJob:TrainingJob",
        _JOB,
        {
            "stoppingCondition.maxWaitTimeInSeconds": {
                "stoppingCondition": {"maxRuntimeInSeconds": 3600, "maxWaitTimeInSeconds": 3599}
            },
            "stoppingCondition.maxPendingTimeInSeconds": {
                "stoppingCondition": {"maxWaitTimeInSeconds": 1, "maxPendingTimeInSeconds": 7199}
            },
        },
    ),
    "training-resources": Case(
        "aws:sagemaker/trainingJob:TrainingJob",
        _JOB,
        {"resourceConfig.instanceType": {"resourceConfig": {"instanceCount": 1}}},
    ),
    "training-algorithm": Case(
        "aws:sagemaker/trainingJob:TrainingJob",
        _JOB,
        {"algorithmSpecification.trainingImage": {"algorithmSpecification": {"trainingInputMode": "File"}}},
    ),
    "training-data": Case(
        "aws:sagemaker/trainingJob:TrainingJob", _JOB, {"checkpointConfig.s3Uri": {"checkpointConfig": {"s3Uri": "/p"}}}
    ),
    "notebook-network": Case(
        "aws:sagemaker/notebookInstance:NotebookInstance",
        {"volumeSize": 5, "directInternetAccess": "Enabled"},
        {"volumeSize": {"volumeSize": 4}, "directInternetAccess": {"directInternetAccess": "Disabled"}},
    ),
    "notebook-scripts": Case(
        "aws:sagemaker/notebookInstanceLifecycleConfiguration:NotebookInstanceLifecycleConfiguration",
        {"onStart": "ZWNobyBoaQ=="},
        {"onStart": {"onStart": "#!/bin/bash"}},
    ),
    "endpoint-variants": Case(
        "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
        {"productionVariants": [{"variantName": "a"}, {"variantName": "b"}]},
        {"productionVariants[1].variantName": {"productionVariants": [{"variantName": "a"}, {"variantName": "a"}]}},
    ),
    "model-containers": Case(
        "aws:sagemaker/model:Model",
        {"containers": [{"image": "i"}]},
        {"containers": {"primaryContainer": {"image": "i"}}},
    ),
    "function-package": Case(
        "aws:lambda/function:Function",
        _PROFILE,
        {
            "handler": {"handler": None},
            "memorySize": {"memorySize": 64},
            "timeout": {"timeout": 901},
            "imageUri": {"imageUri": "i", "code": None},
        },
    ),
    "queue-attributes": Case(
        "aws:sqs/queue:Queue",
        {"name": "q.fifo", "fifoQueue": True, "messageRetentionSeconds": 1209600},
        {"name": {"name": "q"}, "messageRetentionSeconds": {"messageRetentionSeconds": 59}},
    ),
    "topic-name": Case("aws:sns/topic:Topic", {"name": "t"}, {"name": {"name": "t.fifo"}}),
    "subscription-endpoint": Case(
        "aws:sns/topicSubscription:TopicSubscription",
        {"protocol": "email", "endpoint": "ops@example.com"},
        {"endpoint": {"endpoint": "ops"}, "protocol": {"protocol": "mail"}},
    ),
    "balancer-name": Case(
        "aws:lb/loadBalancer:LoadBalancer",
        {"name": "n" * 32, "subnets": ["subnet-12345678", "subnet-87654321"]},
        {"name": {"name": "n" * 33}, "subnets": {"subnets": ["subnet-12345678"]}},
    ),
    "target-group": Case(
        "aws:lb/targetGroup:TargetGroup",
        _TARGETS,
        {"port": {"port": None}, "healthCheck.interval": {"healthCheck": {"interval": 4}}},
    ),
    "listener": Case(
        "aws:lb/listener:Listener",
        {"protocol": "HTTP", "port": 80},
        {"certificateArn": {"protocol": "HTTPS"}, "sslPolicy": {"sslPolicy": "ELBSecurityPolicy-2016-08"}},
    ),
    "kubernetes-cluster": Case(
        "aws:eks/cluster:Cluster",
        {"vpcConfig": {"subnetIds": ["subnet-12345678", "subnet-87654321"]}, "version": "1.33"},
        {"vpcConfig.subnetIds": {"vpcConfig": {"subnetIds": ["subnet-12345678"]}}, "version": {"version": "v1.33"}},
    ),
    "kubernetes-nodes": Case(
        "aws:eks/nodeGroup:NodeGroup",
        {"amiType": "AL2023_x86_64_NVIDIA", "instanceTypes": ["p5.48xlarge"]},
        {"instanceTypes[0]": {"instanceTypes": ["m7g.large"]}},
    ),
    "key-and-alias": Case(
        "aws:kms/key:Key", {"deletionWindowInDays": 7}, {"deletionWindowInDays": {"deletionWindowInDays": 6}}
    ),
}

# Documents that IAM does not take: (type, property, document).
DOCUMENTS = [
    ("aws:iam/policy:Policy", "policy", "{"),
    ("aws:iam/policy:Policy", "policy", '{"Version": "2012-10-17"}'),
    ("aws:iam/policy:Policy", "policy", _document(_STATEMENT, Version="2025-01-01")),
    ("aws:iam/policy:Policy", "policy", _document(_without(_STATEMENT, "Action"))),
    ("aws:iam/policy:Policy", "policy", _document(_without(_STATEMENT, "Resource"))),
    ("aws:iam/policy:Policy", "policy", _document({**_STATEMENT, "Principal": "*"})),
    ("aws:iam/policy:Policy", "policy", _document({**_STATEMENT, "Action": "GetObject"})),
    ("aws:iam/policy:Policy", "policy", _document({**_STATEMENT, "Resources": "*"})),
    ("aws:iam/role:Role", "assumeRolePolicy", _document(_without(_TRUST, "Principal"))),
    ("aws:iam/role:Role", "assumeRolePolicy", _document({**_TRUST, "Resource": "*"})),
    ("aws:s3/bucketPolicy:BucketPolicy", "policy", _document(_STATEMENT)),
]
RIGHT_DOCUMENTS = [
    ("aws:iam/policy:Policy", "policy", _document(_STATEMENT)),
    ("aws:iam/role:Role", "assumeRolePolicy", _document(_TRUST)),
    ("aws:s3/bucketPolicy:BucketPolicy", "policy", _document({**_STATEMENT, "Principal": "*"})),
]
