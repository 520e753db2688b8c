"""Amazon: things of two networks in one, what a network has already, and who may take a role."""

import pytest

from tests.sandbox.provider.conftest import Cloud, Clouds
from tests.sandbox.references.test_amazon import GROUP, INSTANCE, ROLE, TRUST, network, refusal, subnet

ROUTE = "aws:ec2/route:Route"
TABLE = "aws:ec2/routeTable:RouteTable"
ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
TARGETS = "aws:lb/targetGroup:TargetGroup"
LISTENER = "aws:lb/listener:Listener"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"


@pytest.fixture
def aws(clouds: Clouds) -> Cloud:
    return clouds.connect("aws", region="us-east-1")


def found_image(aws: Cloud, name: str) -> str:
    filters = [{"name": "name", "values": [name]}]
    return str(aws.invoke("aws:ec2/getAmi:getAmi", owners=["amazon"], mostRecent=True, filters=filters)["id"])


def test_an_image_for_arm_does_not_start_on_a_machine_of_intel(aws: Cloud) -> None:
    arm = {"ami": found_image(aws, "al2023-ami-*-arm64"), "instanceType": "t3.micro"}
    assert "does not match the architecture 'arm64'" in refusal(aws.create, INSTANCE, arm)
    aws.create(INSTANCE, {**arm, "instanceType": "t4g.micro"})
    aws.create(INSTANCE, {"ami": found_image(aws, "al2023-ami-*-x86_64"), "instanceType": "t3.micro"})


def test_a_burstable_machine_is_in_no_cluster_placement_group(aws: Cloud) -> None:
    aws.create("aws:ec2/placementGroup:PlacementGroup", {"name": "close", "strategy": "cluster"})
    given = {"ami": found_image(aws, "al2023-*"), "instanceType": "t3.micro", "placementGroup": "close"}
    assert "Cluster placement groups are not supported" in refusal(aws.create, INSTANCE, given)
    aws.create(INSTANCE, {**given, "instanceType": "p5.48xlarge"})


def test_the_first_addresses_of_a_subnet_are_amazon_s(aws: Cloud) -> None:
    given = {"ami": found_image(aws, "al2023-*"), "instanceType": "t3.micro", "subnetId": subnet(aws, network(aws))}
    assert "reserved address range" in refusal(aws.create, INSTANCE, {**given, "privateIp": "10.0.1.1"})
    aws.create(INSTANCE, {**given, "privateIp": "10.0.1.4"})


def test_a_route_is_there_once_and_leads_to_a_gateway_of_its_network(aws: Cloud) -> None:
    vpc, other = network(aws), network(aws, "10.9.0.0/16")
    gateway, _ = aws.create("aws:ec2/internetGateway:InternetGateway", {"vpcId": vpc})
    table, _ = aws.create(TABLE, {"vpcId": vpc})
    route = {"routeTableId": table, "destinationCidrBlock": "0.0.0.0/0", "gatewayId": gateway}
    aws.create(ROUTE, route)
    assert refusal(aws.create, ROUTE, route).startswith("RouteAlreadyExists")
    inner = {**route, "destinationCidrBlock": "10.0.0.0/24"}
    assert "equal to or more specific" in refusal(aws.create, ROUTE, inner)
    elsewhere, _ = aws.create(TABLE, {"vpcId": other})
    assert "different networks" in refusal(aws.create, ROUTE, {**route, "routeTableId": elsewhere})


def test_a_subnet_has_one_route_table_of_its_network(aws: Cloud) -> None:
    vpc, other = network(aws), network(aws, "10.9.0.0/16")
    part = subnet(aws, vpc)
    first, second, elsewhere = (aws.create(TABLE, {"vpcId": one})[0] for one in (vpc, vpc, other))
    text = refusal(aws.create, ASSOCIATION, {"routeTableId": elsewhere, "subnetId": part})
    assert "different networks" in text
    aws.create(ASSOCIATION, {"routeTableId": first, "subnetId": part})
    text = refusal(aws.create, ASSOCIATION, {"routeTableId": second, "subnetId": part})
    assert text.startswith("Resource.AlreadyAssociated")


def test_an_address_is_for_one_nat_gateway(aws: Cloud) -> None:
    address, _ = aws.create("aws:ec2/eip:Eip", {"domain": "vpc"})
    given = {"subnetId": subnet(aws, network(aws)), "allocationId": address}
    aws.create("aws:ec2/natGateway:NatGateway", given)
    text = refusal(aws.create, "aws:ec2/natGateway:NatGateway", given)
    assert text.startswith("Resource.AlreadyAssociated")


def test_a_rule_of_a_security_group_is_there_once(aws: Cloud) -> None:
    group, _ = aws.create(GROUP, {"vpcId": network(aws)})
    rule = {"securityGroupId": group, "ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "cidrIpv4": "10.0.0.0/8"}
    aws.create(RULE, rule)
    assert refusal(aws.create, RULE, rule).startswith("InvalidPermission.Duplicate")
    aws.create(RULE, {**rule, "toPort": 23})
    elsewhere, _ = aws.create(GROUP, {"vpcId": network(aws, "10.9.0.0/16")})
    other = {**rule, "cidrIpv4": None, "referencedSecurityGroupId": elsewhere}
    given = {key: value for key, value in other.items() if value is not None}
    assert "different networks" in refusal(aws.create, RULE, given)


def test_a_balancer_lies_in_one_network_and_its_listeners_have_ports_of_their_own(aws: Cloud) -> None:
    vpc, other = network(aws), network(aws, "10.9.0.0/16")
    one = subnet(aws, vpc)
    two = subnet(aws, vpc, "10.0.2.0/24", availabilityZone="us-east-1b")
    away = subnet(aws, other, "10.9.2.0/24", availabilityZone="us-east-1b")
    assert "same VPC" in refusal(aws.create, BALANCER, {"subnets": [one, away]})
    _, balancer = aws.create(BALANCER, {"subnets": [one, two]})
    _, targets = aws.create(TARGETS, {"port": 80, "protocol": "HTTP", "vpcId": vpc, "name": "here"})
    _, others = aws.create(TARGETS, {"port": 80, "protocol": "HTTP", "vpcId": other, "name": "there"})
    given = {
        "loadBalancerArn": balancer["arn"],
        "port": 80,
        "protocol": "HTTP",
        "defaultActions": [{"type": "forward", "targetGroupArn": targets["arn"]}],
    }
    aws.create(LISTENER, given)
    assert refusal(aws.create, LISTENER, given).startswith("DuplicateListener")
    away_too = [{"type": "forward", "targetGroupArn": others["arn"]}]
    assert "one VPC" in refusal(aws.create, LISTENER, {**given, "port": 81, "defaultActions": away_too})


def test_a_service_takes_only_a_role_that_trusts_it(aws: Cloud) -> None:
    _, role = aws.create(ROLE, {"name": "machines", "assumeRolePolicy": TRUST})
    given = {"name": "book", "instanceType": "ml.t3.medium", "roleArn": role["arn"]}
    text = refusal(aws.create, "aws:sagemaker/notebookInstance:NotebookInstance", given)
    assert "allows principal 'sagemaker.amazonaws.com'" in text
    trust = TRUST.replace("ec2.amazonaws.com", "sagemaker.amazonaws.com")
    _, right = aws.create(ROLE, {"name": "books", "assumeRolePolicy": trust})
    aws.create("aws:sagemaker/notebookInstance:NotebookInstance", {**given, "roleArn": right["arn"]})


def test_two_regions_and_two_buckets_may_have_things_of_one_name(aws: Cloud, clouds: Clouds) -> None:
    west = clouds.connect("aws", region="us-west-2")
    here, there = (cloud.create(LOG_GROUP, {"name": "train"}) for cloud in (aws, west))
    assert here[0] != there[0]
    assert there[1]["name"] == "train"
    assert "already exists" in refusal(aws.create, LOG_GROUP, {"name": "train"})
    for bucket in ("acme-one", "acme-two"):
        aws.create("aws:s3/bucket:Bucket", {"bucket": bucket})
        object_, told = aws.create("aws:s3/bucketObject:BucketObject", {"bucket": bucket, "content": "x"})
        assert object_ == f"{bucket}/{told['key']}"
