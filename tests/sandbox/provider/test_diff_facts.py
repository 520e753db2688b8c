"""What each change means, type by type: a new thing, an update in place, or nothing; sources lie beside the facts."""

import json
from pathlib import Path
from typing import Any

import pytest

from trainyard.sandbox import changes
from trainyard.sandbox.changes import facts_of
from trainyard.sandbox.packages import installed
from trainyard.sandbox.provider.diff import difference
from trainyard.sandbox.schema import ResourceType

_POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    }
)
_SAME_POLICY = json.dumps(
    {
        "Statement": {"Action": ["sts:AssumeRole"], "Effect": "Allow", "Principal": {"Service": ["ec2.amazonaws.com"]}},
        "Version": "2012-10-17",
    }
)

CASES: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("gcp:compute/instance:Instance", {"zone": "a"}, {"zone": "b"}, "replace"),
    ("gcp:compute/instance:Instance", {"machineType": "a"}, {"machineType": "b"}, "update"),
    (
        "gcp:compute/instance:Instance",
        {"bootDisk": {"initializeParams": {"image": "debian-cloud/debian-12", "size": 50}}},
        {"bootDisk": {"initializeParams": {"image": "debian-cloud/debian-12", "size": 60}}},
        "update",
    ),
    (
        "gcp:compute/instance:Instance",
        {"bootDisk": {"initializeParams": {"image": "debian-cloud/debian-12", "size": 50}}},
        {"bootDisk": {"initializeParams": {"image": "debian-cloud/debian-11", "size": 50}}},
        "replace",
    ),
    (
        "gcp:compute/instance:Instance",
        {"bootDisk": {"initializeParams": {"image": "debian-cloud/debian-12", "size": 50}}},
        {"bootDisk": {"initializeParams": {"image": "debian-cloud/debian-12", "size": 50}, "autoDelete": True}},
        "none",
    ),
    (
        "gcp:compute/instance:Instance",
        {"networkInterfaces": [{"network": "default"}]},
        {"networkInterfaces": [{"network": "default"}, {"network": "x"}]},
        "replace",
    ),
    (
        "gcp:compute/instance:Instance",
        {"networkInterfaces": [{"network": "default"}]},
        {"networkInterfaces": [{"network": "default", "accessConfigs": [{}]}]},
        "update",
    ),
    ("gcp:compute/instance:Instance", {}, {"scheduling": {"terminationTime": "2100-01-01T00:00:00Z"}}, "replace"),
    ("gcp:compute/instance:Instance", {}, {"scheduling": {"automaticRestart": False}}, "update"),
    ("gcp:compute/instance:Instance", {"tags": ["a", "b"]}, {"tags": ["b", "a"]}, "none"),
    ("gcp:compute/instance:Instance", {}, {"metadataStartupScript": "x"}, "replace"),
    (
        "gcp:workbench/instanceIamMember:InstanceIamMember",
        {"name": "projects/acme-ml/locations/us-central1-a/instances/lab"},
        {"name": "lab"},
        "none",
    ),
    ("gcp:workbench/instanceIamMember:InstanceIamMember", {"name": "lab"}, {"name": "other"}, "replace"),
    ("gcp:storage/bucketIAMMember:BucketIAMMember", {"bucket": "b/acme-data"}, {"bucket": "acme-data"}, "none"),
    (
        "gcp:sourcerepo/repositoryIamMember:RepositoryIamMember",
        {"repository": "projects/acme-ml/repos/code"},
        {"repository": "code"},
        "none",
    ),
    (
        "gcp:iap/webTypeAppEngingIamMember:WebTypeAppEngingIamMember",
        {"appId": "projects/1/iap_web/appengine-acme"},
        {"appId": "acme"},
        "none",
    ),
    ("gcp:compute/network:Network", {"autoCreateSubnetworks": True}, {"autoCreateSubnetworks": False}, "replace"),
    ("gcp:compute/network:Network", {}, {"autoCreateSubnetworks": True}, "none"),
    ("gcp:compute/network:Network", {"routingMode": "REGIONAL"}, {"routingMode": "GLOBAL"}, "update"),
    ("gcp:compute/network:Network", {"mtu": 1460}, {"mtu": 8896}, "update"),
    ("gcp:compute/network:Network", {"mtu": 1460}, {}, "none"),
    ("gcp:compute/subnetwork:Subnetwork", {"ipCidrRange": "10.0.0.0/24"}, {"ipCidrRange": "10.0.0.0/20"}, "update"),
    ("gcp:compute/subnetwork:Subnetwork", {"ipCidrRange": "10.0.0.0/20"}, {"ipCidrRange": "10.0.0.0/24"}, "replace"),
    (
        "gcp:compute/subnetwork:Subnetwork",
        {"network": "n"},
        {"network": "https://www.googleapis.com/compute/v1/projects/p/global/networks/n"},
        "none",
    ),
    ("gcp:compute/subnetwork:Subnetwork", {"network": "n"}, {"network": "m"}, "replace"),
    ("gcp:compute/subnetwork:Subnetwork", {"privateIpGoogleAccess": False}, {"privateIpGoogleAccess": True}, "update"),
    ("gcp:compute/disk:Disk", {"size": 10}, {"size": 20}, "update"),
    ("gcp:compute/disk:Disk", {"size": 20}, {"size": 10}, "replace"),
    ("gcp:compute/disk:Disk", {"type": "pd-ssd"}, {"type": "pd-standard"}, "replace"),
    ("gcp:compute/disk:Disk", {"labels": {"a": "1"}}, {"labels": {"a": "2"}}, "update"),
    ("gcp:compute/disk:Disk", {"size": 20}, {}, "none"),
    (
        "gcp:compute/disk:Disk",
        {"image": "debian-cloud/debian-12"},
        {"image": "projects/debian-cloud/global/images/family/debian-12"},
        "none",
    ),
    (
        "gcp:compute/firewall:Firewall",
        {"allows": [{"protocol": "tcp", "ports": ["22", "80"]}, {"protocol": "icmp"}]},
        {"allows": [{"protocol": "icmp"}, {"protocol": "tcp", "ports": ["22", "80"]}]},
        "none",
    ),
    ("gcp:compute/firewall:Firewall", {"allows": [{"protocol": "tcp"}]}, {"allows": [{"protocol": "TCP"}]}, "none"),
    (
        "gcp:compute/firewall:Firewall",
        {"sourceRanges": ["10.0.0.0/8", "0.0.0.0/0"]},
        {"sourceRanges": ["0.0.0.0/0", "10.0.0.0/8"]},
        "none",
    ),
    ("gcp:compute/firewall:Firewall", {"priority": 1000}, {}, "none"),
    ("gcp:compute/firewall:Firewall", {"priority": 900}, {}, "update"),
    ("gcp:compute/firewall:Firewall", {"direction": "INGRESS"}, {"direction": "EGRESS"}, "replace"),
    ("gcp:compute/instanceTemplate:InstanceTemplate", {"machineType": "a"}, {"machineType": "b"}, "replace"),
    ("gcp:compute/instanceTemplate:InstanceTemplate", {"labels": {"a": "b"}}, {"labels": {}}, "replace"),
    ("gcp:compute/instanceGroupManager:InstanceGroupManager", {"targetSize": 1}, {"targetSize": 2}, "update"),
    (
        "gcp:compute/instanceGroupManager:InstanceGroupManager",
        {"baseInstanceName": "a"},
        {"baseInstanceName": "b"},
        "replace",
    ),
    ("gcp:compute/router:Router", {"network": "a"}, {"network": "b"}, "replace"),
    ("gcp:compute/routerNat:RouterNat", {"minPortsPerVm": 64}, {"minPortsPerVm": 128}, "update"),
    ("gcp:compute/address:Address", {"addressType": "EXTERNAL"}, {"addressType": "INTERNAL"}, "replace"),
    ("gcp:compute/resizeRequest:ResizeRequest", {"resizeBy": 1}, {"resizeBy": 2}, "replace"),
    (
        "gcp:compute/reservation:Reservation",
        {"specificReservation": {"count": 1}},
        {"specificReservation": {"count": 2}},
        "update",
    ),
    (
        "gcp:compute/futureReservation:FutureReservation",
        {"autoDeleteAutoCreatedReservations": True},
        {"autoDeleteAutoCreatedReservations": False},
        "update",
    ),
    (
        "gcp:compute/resourcePolicy:ResourcePolicy",
        {"groupPlacementPolicy": {"vmCount": 2}},
        {"groupPlacementPolicy": {"vmCount": 3}},
        "update",
    ),
    ("gcp:storage/bucket:Bucket", {"location": "US"}, {"location": "EU"}, "replace"),
    ("gcp:storage/bucket:Bucket", {"location": "us"}, {"location": "US"}, "none"),
    ("gcp:storage/bucket:Bucket", {"storageClass": "STANDARD"}, {}, "none"),
    ("gcp:storage/bucket:Bucket", {"forceDestroy": False}, {"forceDestroy": True}, "update"),
    ("gcp:storage/bucketIAMMember:BucketIAMMember", {"role": "a"}, {"role": "b"}, "replace"),
    ("gcp:projects/iAMBinding:IAMBinding", {"members": ["a", "b"]}, {"members": ["b", "a"]}, "none"),
    ("gcp:projects/iAMBinding:IAMBinding", {"members": ["a", "b"]}, {"members": ["b"]}, "update"),
    ("gcp:serviceaccount/account:Account", {"accountId": "a"}, {"accountId": "b"}, "replace"),
    ("gcp:serviceaccount/account:Account", {"displayName": "a"}, {"displayName": "b"}, "update"),
    ("gcp:container/cluster:Cluster", {"initialNodeCount": 1}, {"initialNodeCount": 2}, "replace"),
    ("gcp:container/nodePool:NodePool", {"nodeCount": 1}, {"nodeCount": 2}, "update"),
    (
        "gcp:container/nodePool:NodePool",
        {"nodeConfig": {"machineType": "a"}},
        {"nodeConfig": {"machineType": "b"}},
        "update",
    ),
    (
        "gcp:container/nodePool:NodePool",
        {"nodeConfig": {"guestAccelerators": [{"type": "a", "count": 1}]}},
        {"nodeConfig": {"guestAccelerators": [{"type": "a", "count": 2}]}},
        "replace",
    ),
    ("gcp:tpu/v2Vm:V2Vm", {"acceleratorType": "v5e-8"}, {"acceleratorType": "v5e-16"}, "replace"),
    ("gcp:tpu/v2Vm:V2Vm", {"metadata": {"a": "b"}}, {"metadata": {"a": "c"}}, "update"),
    ("gcp:kms/cryptoKey:CryptoKey", {"rotationPeriod": "100000s"}, {"rotationPeriod": "200000s"}, "update"),
    ("aws:ec2/instance:Instance", {"instanceType": "a"}, {"instanceType": "b"}, "update"),
    ("aws:ec2/instance:Instance", {"ami": "a"}, {"ami": "b"}, "replace"),
    ("aws:ec2/instance:Instance", {"tags": {"a": "b"}}, {"tags": {"a": "c"}}, "update"),
    ("aws:ec2/instance:Instance", {"subnetId": "a"}, {"subnetId": "b"}, "replace"),
    ("aws:ec2/instance:Instance", {"keyName": "a"}, {"keyName": "b"}, "replace"),
    ("aws:ec2/instance:Instance", {"userData": "a"}, {"userData": "b"}, "update"),
    ("aws:ec2/instance:Instance", {"vpcSecurityGroupIds": ["a", "b"]}, {"vpcSecurityGroupIds": ["b", "a"]}, "none"),
    (
        "aws:ec2/instance:Instance",
        {"rootBlockDevice": {"volumeSize": 8}},
        {"rootBlockDevice": {"volumeSize": 20}},
        "update",
    ),
    (
        "aws:ec2/instance:Instance",
        {"rootBlockDevice": {"encrypted": False}},
        {"rootBlockDevice": {"encrypted": True}},
        "replace",
    ),
    ("aws:ec2/instance:Instance", {"availabilityZone": "x"}, {}, "none"),
    ("aws:ec2/instance:Instance", {"iamInstanceProfile": "a"}, {"iamInstanceProfile": "b"}, "update"),
    ("aws:ec2/instance:Instance", {"instanceMarketOptions": {"marketType": "spot"}}, {}, "none"),
    ("aws:ec2/instance:Instance", {"cpuOptions": {"coreCount": 1}}, {"cpuOptions": {"coreCount": 2}}, "replace"),
    (
        "aws:ec2/instance:Instance",
        {"ebsBlockDevices": [{"deviceName": "/dev/sdb", "volumeSize": 8}]},
        {"ebsBlockDevices": [{"deviceName": "/dev/sdb", "volumeSize": 9}]},
        "replace",
    ),
    ("aws:ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/16"}, {"cidrBlock": "10.1.0.0/16"}, "replace"),
    ("aws:ec2/vpc:Vpc", {"enableDnsHostnames": False}, {"enableDnsHostnames": True}, "update"),
    ("aws:ec2/subnet:Subnet", {"mapPublicIpOnLaunch": False}, {}, "none"),
    ("aws:ec2/subnet:Subnet", {"cidrBlock": "a"}, {"cidrBlock": "b"}, "replace"),
    ("aws:ec2/securityGroup:SecurityGroup", {"description": "Managed by Pulumi"}, {}, "none"),
    ("aws:ec2/securityGroup:SecurityGroup", {"description": "a"}, {"description": "b"}, "replace"),
    (
        "aws:ec2/securityGroup:SecurityGroup",
        {
            "ingress": [
                {"fromPort": 22, "toPort": 22, "protocol": "tcp", "cidrBlocks": ["0.0.0.0/0"]},
                {"fromPort": 80, "toPort": 80, "protocol": "tcp", "cidrBlocks": ["0.0.0.0/0"]},
            ]
        },
        {
            "ingress": [
                {"fromPort": 80, "toPort": 80, "protocol": "tcp", "cidrBlocks": ["0.0.0.0/0"]},
                {"fromPort": 22, "toPort": 22, "protocol": "tcp", "cidrBlocks": ["0.0.0.0/0"]},
            ]
        },
        "none",
    ),
    (
        "aws:ec2/securityGroup:SecurityGroup",
        {"ingress": [{"fromPort": 22, "toPort": 22, "protocol": "tcp"}]},
        {"ingress": [{"fromPort": 23, "toPort": 23, "protocol": "tcp"}]},
        "update",
    ),
    ("aws:ec2/securityGroupRule:SecurityGroupRule", {"cidrBlocks": ["a"]}, {"cidrBlocks": ["b"]}, "replace"),
    (
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        {"cidrIpv4": "10.0.0.0/8"},
        {"cidrIpv4": "0.0.0.0/0"},
        "update",
    ),
    ("aws:ebs/volume:Volume", {"size": 8}, {"size": 9}, "update"),
    ("aws:ebs/volume:Volume", {"availabilityZone": "a"}, {"availabilityZone": "b"}, "replace"),
    ("aws:ebs/volume:Volume", {"encrypted": False}, {"encrypted": True}, "replace"),
    (
        "aws:iam/role:Role",
        {"assumeRolePolicy": _POLICY},
        {"assumeRolePolicy": _SAME_POLICY},
        "none",
    ),
    ("aws:iam/role:Role", {"name": "a"}, {"name": "b"}, "replace"),
    ("aws:iam/role:Role", {"maxSessionDuration": 3600}, {}, "none"),
    ("aws:iam/role:Role", {"path": "/"}, {"path": "/x/"}, "replace"),
    ("aws:iam/rolePolicyAttachment:RolePolicyAttachment", {"policyArn": "a"}, {"policyArn": "b"}, "replace"),
    ("aws:s3/bucket:Bucket", {"bucket": "a"}, {"bucket": "b"}, "replace"),
    ("aws:s3/bucket:Bucket", {"tags": {"a": "b"}}, {}, "update"),
    ("aws:s3/bucket:Bucket", {"region": "a"}, {"region": "b"}, "replace"),
    ("aws:s3/bucketObject:BucketObject", {"key": "a"}, {"key": "b"}, "replace"),
    ("aws:s3/bucketObject:BucketObject", {"content": "a"}, {"content": "b"}, "update"),
    ("aws:lambda/function:Function", {"runtime": "a"}, {"runtime": "b"}, "update"),
    ("aws:lambda/function:Function", {"memorySize": 128}, {}, "none"),
    ("aws:lambda/function:Function", {"name": "a"}, {"name": "b"}, "replace"),
    ("aws:dynamodb/table:Table", {"hashKey": "a"}, {"hashKey": "b"}, "replace"),
    ("aws:sqs/queue:Queue", {"fifoQueue": False}, {"fifoQueue": True}, "replace"),
    ("aws:eks/cluster:Cluster", {"version": "1.33"}, {"version": "1.34"}, "update"),
    (
        "aws:eks/cluster:Cluster",
        {"vpcConfig": {"subnetIds": ["a", "b"]}},
        {"vpcConfig": {"subnetIds": ["b", "a"]}},
        "none",
    ),
    ("aws:eks/nodeGroup:NodeGroup", {"instanceTypes": ["a"]}, {"instanceTypes": ["b"]}, "replace"),
    (
        "aws:eks/nodeGroup:NodeGroup",
        {"scalingConfig": {"desiredSize": 1, "maxSize": 2, "minSize": 1}},
        {"scalingConfig": {"desiredSize": 2, "maxSize": 2, "minSize": 1}},
        "update",
    ),
    ("aws:lb/listener:Listener", {"port": 80}, {"port": 81}, "update"),
    ("aws:lb/loadBalancer:LoadBalancer", {"internal": False}, {"internal": True}, "replace"),
    ("aws:lb/targetGroup:TargetGroup", {"port": 80}, {"port": 81}, "replace"),
    ("aws:fsx/lustreFileSystem:LustreFileSystem", {"storageCapacity": 1200}, {"storageCapacity": 2400}, "update"),
    ("aws:fsx/lustreFileSystem:LustreFileSystem", {"storageCapacity": 2400}, {"storageCapacity": 1200}, "replace"),
    ("aws:ec2/launchTemplate:LaunchTemplate", {"instanceType": "a"}, {"instanceType": "b"}, "update"),
    ("aws:ec2/placementGroup:PlacementGroup", {"strategy": "cluster"}, {"strategy": "spread"}, "replace"),
    ("aws:ec2/capacityReservation:CapacityReservation", {"instanceCount": 1}, {"instanceCount": 2}, "update"),
    ("aws:ec2/capacityReservation:CapacityReservation", {"instanceType": "a"}, {"instanceType": "b"}, "replace"),
    ("aws:sagemaker/trainingJob:TrainingJob", {"roleArn": "a"}, {"roleArn": "b"}, "replace"),
    (
        "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
        {"productionVariants": [{"instanceType": "a", "modelName": "m"}]},
        {"productionVariants": [{"instanceType": "b", "modelName": "m"}]},
        "replace",
    ),
    ("aws:sagemaker/notebookInstance:NotebookInstance", {"instanceType": "a"}, {"instanceType": "b"}, "update"),
    ("aws:scheduler/schedule:Schedule", {"scheduleExpression": "a"}, {"scheduleExpression": "b"}, "update"),
    ("aws:autoscaling/group:Group", {"maxSize": 1}, {"maxSize": 2}, "update"),
    ("aws:ec2/natGateway:NatGateway", {"subnetId": "a"}, {"subnetId": "b"}, "replace"),
    ("aws:ecr/repository:Repository", {"imageTagMutability": "MUTABLE"}, {}, "none"),
    ("aws:kms/key:Key", {"description": "a"}, {"description": "b"}, "update"),
    ("azure-native:compute:VirtualMachine", {"location": "West US 2"}, {"location": "westus2"}, "none"),
    ("azure-native:compute:VirtualMachine", {"location": "westus2"}, {"location": "eastus"}, "replace"),
    (
        "azure-native:compute:VirtualMachine",
        {"hardwareProfile": {"vmSize": "a"}},
        {"hardwareProfile": {"vmSize": "b"}},
        "update",
    ),
    (
        "azure-native:compute:VirtualMachine",
        {"storageProfile": {"imageReference": {"sku": "a"}}},
        {"storageProfile": {"imageReference": {"sku": "b"}}},
        "update",
    ),
    ("azure-native:compute:VirtualMachine", {"vmName": "a"}, {"vmName": "b"}, "replace"),
    ("azure-native:compute:VirtualMachine", {"resourceGroupName": "a"}, {"resourceGroupName": "b"}, "replace"),
    ("azure-native:network:Subnet", {"addressPrefix": "a"}, {"addressPrefix": "b"}, "update"),
    ("azure-native:network:Subnet", {"virtualNetworkName": "a"}, {"virtualNetworkName": "b"}, "replace"),
    ("azure-native:network:PublicIPAddress", {"sku": {"name": "Basic"}}, {"sku": {"name": "Standard"}}, "replace"),
    ("azure-native:network:PublicIPAddress", {"idleTimeoutInMinutes": 4}, {"idleTimeoutInMinutes": 5}, "update"),
    ("azure-native:network:PrivateEndpoint", {"subnet": {"id": "a"}}, {"subnet": {"id": "b"}}, "replace"),
    ("azure-native:storage:StorageAccount", {"isHnsEnabled": False}, {"isHnsEnabled": True}, "replace"),
    (
        "azure-native:storage:StorageAccount",
        {"sku": {"name": "Standard_LRS"}},
        {"sku": {"name": "Standard_GRS"}},
        "update",
    ),
    ("azure-native:containerservice:ManagedCluster", {"dnsPrefix": "a"}, {"dnsPrefix": "b"}, "replace"),
    (
        "azure-native:containerservice:ManagedCluster",
        {"networkProfile": {"podCidr": "a"}},
        {"networkProfile": {"podCidr": "b"}},
        "replace",
    ),
    (
        "azure-native:containerservice:ManagedCluster",
        {"networkProfile": {"loadBalancerSku": "basic"}},
        {"networkProfile": {"loadBalancerSku": "standard"}},
        "update",
    ),
    ("azure-native:containerservice:ManagedCluster", {"kubernetesVersion": "1"}, {"kubernetesVersion": "2"}, "update"),
    ("azure-native:authorization:RoleAssignment", {"principalId": "a"}, {"principalId": "b"}, "replace"),
    ("azure-native:web:WebApp", {"kind": "a"}, {"kind": "b"}, "replace"),
    ("azure-native:resources:ResourceGroup", {"location": "a"}, {"location": "b"}, "replace"),
    ("azure-native:resources:ResourceGroup", {"tags": {"a": "b"}}, {"tags": {"a": "c"}}, "update"),
    (
        "azure-native:network:VirtualNetwork",
        {"addressSpace": {"addressPrefixes": ["a"]}},
        {"addressSpace": {"addressPrefixes": ["a", "b"]}},
        "update",
    ),
    ("azure-native:automation:JobSchedule", {"parameters": {"a": "b"}}, {"parameters": {"a": "c"}}, "replace"),
    ("azure-native:storage:FileShare", {"enabledProtocols": "SMB"}, {"enabledProtocols": "NFS"}, "replace"),
]


@pytest.mark.parametrize(("token", "old", "new", "meaning"), CASES)
def test_a_change_means_what_its_provider_makes_of_it(
    token: str, old: dict[str, Any], new: dict[str, Any], meaning: str
) -> None:
    type = ResourceType(installed()[token.partition(":")[0]], token)
    found = difference(type, "thing", old, new, [], old)
    replaces = any(change.replaces for change in found.changes)
    assert ("replace" if replaces else "update" if found.changes else "none") == meaning


def test_what_is_left_out_stays_as_the_cloud_has_it() -> None:
    type = ResourceType(installed()["gcp"], "gcp:compute/disk:Disk")
    told = {"size": 500, "project": "p"}
    assert not difference(type, "thing", {}, {"project": "p", "size": 500}, [], told).changes
    assert difference(type, "thing", {}, {"size": 600}, [], told).changes[0].kind == "update"


@pytest.mark.parametrize("package", ["gcp", "aws", "azure-native"])
def test_every_fact_is_of_a_type_that_the_sdk_has(package: str) -> None:
    known = json.loads((Path(changes.__file__).parent / "known" / f"{package}.json").read_text(encoding="utf-8"))
    assert set(known["types"]) <= set(installed()[package].types)
    assert all(entry["source"] for entry in known["types"].values())
    assert facts_of(package, "no such type").new is not None
