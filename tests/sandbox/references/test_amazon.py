"""Amazon: what points into the void, what is in use, which names are taken."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import grpc
import pytest

from tests.sandbox.provider.conftest import Cloud, Clouds

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
INSTANCE = "aws:ec2/instance:Instance"
ROLE = "aws:iam/role:Role"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
BUCKET = "aws:s3/bucket:Bucket"
PUBLIC = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKHEChlrNOXyJlEs6dTmzxVn1PIGVxBXzdVA9pg7lGqn trainer"
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}],
    }
)


@pytest.fixture
def aws(clouds: Clouds) -> Cloud:
    return clouds.connect("aws", region="us-east-1")


def refusal(call: Callable[..., Any], *arguments: Any) -> str:
    with pytest.raises(grpc.RpcError) as raised:
        call(*arguments)
    return str(raised.value.details())


def image(aws: Cloud) -> str:
    return str(aws.invoke("aws:ec2/getAmi:getAmi", owners=["amazon"], mostRecent=True)["id"])


def machine(aws: Cloud, **more: Any) -> dict[str, Any]:
    return {"ami": image(aws), "instanceType": "t3.micro", **more}


def network(aws: Cloud, cidr: str = "10.0.0.0/16") -> str:
    return aws.create(VPC, {"cidrBlock": cidr})[0]


def subnet(aws: Cloud, vpc: str, cidr: str = "10.0.1.0/24", **more: Any) -> str:
    return aws.create(SUBNET, {"vpcId": vpc, "cidrBlock": cidr, "availabilityZone": "us-east-1a", **more})[0]


def test_an_image_that_a_function_told_of_makes_a_machine_and_any_other_does_not(aws: Cloud) -> None:
    aws.create(INSTANCE, machine(aws))
    text = refusal(aws.create, INSTANCE, machine(aws, ami="ami-0123456789abcdef0"))
    assert text.startswith("InvalidAMIID.NotFound: The image id '[ami-0123456789abcdef0]' does not exist")


def test_an_image_is_of_one_region(aws: Cloud, clouds: Clouds) -> None:
    west = clouds.connect("aws", region="us-west-2")
    assert "InvalidAMIID.NotFound" in refusal(west.create, INSTANCE, machine(aws))


def test_a_public_parameter_tells_an_image(aws: Cloud) -> None:
    name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
    told = aws.invoke("aws:ssm/getParameter:getParameter", name=name)
    aws.create(INSTANCE, machine(aws, ami=told["value"]))
    assert "ParameterNotFound" in refusal(lambda: aws.invoke("aws:ssm/getParameter:getParameter", name="/mine"))


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"subnetId": "subnet-0123456789abcdef0"}, "InvalidSubnetID.NotFound: The subnet ID"),
        ({"vpcSecurityGroupIds": ["sg-0123456789abcdef0"]}, "InvalidGroup.NotFound: The security group"),
        ({"keyName": "nokey"}, "InvalidKeyPair.NotFound: The key pair 'nokey' does not exist"),
        ({"iamInstanceProfile": "nobody"}, "Value (nobody) for parameter iamInstanceProfile.name is invalid"),
        ({"placementGroup": "none"}, "InvalidPlacementGroup.Unknown: The placement group 'none' is unknown."),
    ],
)
def test_what_a_machine_points_at_must_be_there(aws: Cloud, more: Mapping[str, Any], code: str) -> None:
    assert code in refusal(aws.create, INSTANCE, machine(aws, **more))


def test_a_thing_of_another_region_is_not_there(aws: Cloud, clouds: Clouds) -> None:
    vpc = network(clouds.connect("aws", region="us-west-2"))
    text = refusal(subnet, aws, vpc)
    assert f"InvalidVpcID.NotFound: The vpc ID '{vpc}' does not exist; it is in us-west-2" in text


def test_every_account_has_a_default_network(aws: Cloud) -> None:
    vpc = aws.invoke("aws:ec2/getVpc:getVpc", default=True)
    assert vpc["cidrBlock"] == "172.31.0.0/16"
    found = aws.invoke("aws:ec2/getSubnets:getSubnets", filters=[{"name": "vpc-id", "values": [vpc["id"]]}])
    assert len(found["ids"]) >= 3
    group = aws.invoke("aws:ec2/getSecurityGroup:getSecurityGroup", name="default", vpcId=vpc["id"])
    aws.create(INSTANCE, machine(aws, subnetId=found["ids"][0], vpcSecurityGroupIds=[group["id"]]))


def test_a_network_brings_a_security_group_and_a_route_table(aws: Cloud) -> None:
    vpc, told = aws.create(VPC, {"cidrBlock": "10.0.0.0/16"})
    aws.create(INSTANCE, machine(aws, subnetId=subnet(aws, vpc), vpcSecurityGroupIds=[told["defaultSecurityGroupId"]]))


def test_a_subnet_lies_in_its_network_and_apart_from_the_others(aws: Cloud) -> None:
    vpc = network(aws)
    subnet(aws, vpc, "10.0.0.0/20")
    assert "InvalidSubnet.Range: The CIDR '10.1.0.0/24' is invalid." in refusal(subnet, aws, vpc, "10.1.0.0/24")
    text = refusal(subnet, aws, vpc, "10.0.4.0/24")
    assert "InvalidSubnet.Conflict: The CIDR '10.0.4.0/24' conflicts with another subnet" in text


def test_a_security_group_is_of_the_machine_s_network(aws: Cloud) -> None:
    one, other = network(aws), network(aws, "10.9.0.0/16")
    group, _ = aws.create(GROUP, {"vpcId": other, "description": "d"})
    text = refusal(aws.create, INSTANCE, machine(aws, subnetId=subnet(aws, one), vpcSecurityGroupIds=[group]))
    assert "InvalidParameter: Security group" in text
    assert "belong to different networks" in text


def test_a_machine_is_in_its_subnet_s_zone(aws: Cloud) -> None:
    given = machine(aws, subnetId=subnet(aws, network(aws)), availabilityZone="us-east-1b")
    assert "is in the availability zone us-east-1a" in refusal(aws.create, INSTANCE, given)


def test_what_is_used_is_not_deleted_and_goes_once_it_is_free(aws: Cloud) -> None:
    vpc = network(aws)
    inside = subnet(aws, vpc)
    text = refusal(aws.delete, VPC, vpc)
    assert f"DependencyViolation: The vpc '{vpc}' has dependencies and cannot be deleted." in text
    aws.delete(SUBNET, inside)
    aws.delete(VPC, vpc)


def test_a_policy_of_amazon_s_own_is_there_and_a_mistyped_one_is_not(aws: Cloud) -> None:
    role, _ = aws.create(ROLE, {"name": "trainer", "assumeRolePolicy": TRUST})
    good = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
    attached, _ = aws.create(ATTACHMENT, {"role": role, "policyArn": good})
    text = refusal(aws.create, ATTACHMENT, {"role": role, "policyArn": good + "s"})
    assert f"NoSuchEntity: Policy {good}s does not exist or is not attachable." in text
    assert "DeleteConflict: Cannot delete entity, must detach all policies first." in refusal(aws.delete, ROLE, role)
    aws.delete(ATTACHMENT, attached)
    aws.delete(ROLE, role)


def test_a_role_is_found_by_its_arn(aws: Cloud) -> None:
    trust = TRUST.replace("ec2.amazonaws.com", "lambda.amazonaws.com")
    _, role = aws.create(ROLE, {"name": "lambda", "assumeRolePolicy": trust})
    given = {"role": role["arn"], "runtime": "python3.12", "handler": "a.b", "s3Bucket": "code", "s3Key": "x.zip"}
    aws.create(BUCKET, {"bucket": "code"})
    aws.create("aws:lambda/function:Function", given)
    text = refusal(aws.create, "aws:lambda/function:Function", {**given, "role": role["arn"] + "x"})
    assert "cannot be assumed by Lambda" in text


def test_names_are_taken_once(aws: Cloud, clouds: Clouds) -> None:
    aws.create(BUCKET, {"bucket": "acme-data"})
    west = clouds.connect("aws", region="us-west-2")
    assert "BucketAlreadyExists" in refusal(west.create, BUCKET, {"bucket": "acme-data"})
    aws.create(ROLE, {"name": "trainer", "assumeRolePolicy": TRUST})
    text = refusal(aws.create, ROLE, {"name": "trainer", "assumeRolePolicy": TRUST})
    assert text == "EntityAlreadyExists: Role with name trainer already exists."
    vpc = network(aws)
    aws.create(GROUP, {"vpcId": vpc, "name": "web", "description": "d"})
    assert "InvalidGroup.Duplicate" in refusal(aws.create, GROUP, {"vpcId": vpc, "name": "web", "description": "d"})
    aws.create(GROUP, {"vpcId": network(aws), "name": "web", "description": "d"})


def test_a_key_pair_is_found_by_its_name_in_its_region(aws: Cloud, clouds: Clouds) -> None:
    token = "aws:ec2/keyPair:KeyPair"
    id, told = aws.create(token, {"keyName": "laptop", "publicKey": PUBLIC})
    assert (id, told["keyName"]) == ("laptop", "laptop")
    assert told["arn"].endswith(":key-pair/laptop")
    aws.create(INSTANCE, machine(aws, keyName=id))
    assert "InvalidKeyPair.Duplicate" in refusal(aws.create, token, {"keyName": "laptop", "publicKey": PUBLIC})
    made, told = aws.create(token, {"publicKey": PUBLIC})
    assert made == told["keyName"]
    assert made.startswith("thing-")
    west = clouds.connect("aws", region="us-west-2")
    assert west.create(token, {"keyName": "laptop", "publicKey": PUBLIC})[1]["keyName"] == "laptop"


@pytest.mark.parametrize(
    ("token", "name", "inputs"),
    [
        (ROLE, "name", {"namePrefix": "acme-", "assumeRolePolicy": TRUST}),
        (BUCKET, "bucket", {"bucketPrefix": "acme-"}),
        ("aws:sqs/queue:Queue", "name", {"namePrefix": "acme-"}),
        ("aws:ec2/keyPair:KeyPair", "keyName", {"keyNamePrefix": "acme-", "publicKey": PUBLIC}),
    ],
)
def test_things_of_one_prefix_have_names_of_their_own(
    aws: Cloud, token: str, name: str, inputs: Mapping[str, Any]
) -> None:
    (first, told), (second, others) = aws.create(token, inputs), aws.create(token, inputs)
    assert first != second
    assert told[name] != others[name]
    assert told[name].startswith("acme-")
    assert len(told[name]) == len("acme-") + 26
    assert aws.read(token, first)[1][name] == told[name]
    assert aws.update(token, first, inputs, {**inputs, "tags": {"a": "b"}})[name] == told[name]


@pytest.mark.parametrize("forced", [True, False])
def test_a_bucket_that_holds_something_goes_only_by_force(aws: Cloud, forced: bool) -> None:
    bucket, _ = aws.create(BUCKET, {"bucket": "acme-data", "forceDestroy": forced})
    aws.create("aws:s3/bucketObject:BucketObject", {"bucket": bucket, "key": "a", "content": "x"})
    if forced:
        aws.delete(BUCKET, bucket)
    else:
        assert "BucketNotEmpty" in refusal(aws.delete, BUCKET, bucket)


def test_a_machine_that_may_not_be_terminated_stays(aws: Cloud) -> None:
    id, _ = aws.create(INSTANCE, machine(aws, disableApiTermination=True))
    assert f"OperationNotPermitted: The instance '{id}' may not be terminated" in refusal(aws.delete, INSTANCE, id)


INTERFACE = "aws:ec2/networkInterface:NetworkInterface"


def test_a_machine_on_an_interface_of_its_own_lies_where_that_does_and_has_no_public_address(aws: Cloud) -> None:
    at = subnet(aws, network(aws), availabilityZone=None, availabilityZoneId="use1-az2", mapPublicIpOnLaunch=True)
    interface, _ = aws.create(INTERFACE, {"subnetId": at})
    _, made = aws.create(INSTANCE, machine(aws, primaryNetworkInterface={"networkInterfaceId": interface}))
    assert made["availabilityZone"] == "us-east-1b"
    assert (made["subnetId"], made["publicIp"]) == (at, "")
    assert made["primaryNetworkInterfaceId"] == interface


def test_a_second_machine_on_the_same_interface_is_refused_until_the_first_is_gone(aws: Cloud) -> None:
    interface, _ = aws.create(INTERFACE, {"subnetId": subnet(aws, network(aws))})
    asked = machine(aws, primaryNetworkInterface={"networkInterfaceId": interface})
    first, _ = aws.create(INSTANCE, asked)
    assert refusal(aws.create, INSTANCE, asked).startswith(f"InvalidNetworkInterface.InUse: Interface: {interface} in")
    aws.delete(INSTANCE, first)
    aws.create(INSTANCE, asked)


def test_a_zone_is_told_by_name_and_by_id_whichever_was_given(aws: Cloud) -> None:
    vpc = network(aws)
    by_name = aws.create(SUBNET, {"vpcId": vpc, "cidrBlock": "10.0.1.0/24", "availabilityZone": "us-east-1c"})[1]
    by_id = aws.create(SUBNET, {"vpcId": vpc, "cidrBlock": "10.0.2.0/24", "availabilityZoneId": "use1-az3"})[1]
    assert by_name["availabilityZoneId"] == "use1-az3"
    assert by_id["availabilityZone"] == "us-east-1c"


def test_a_volume_is_attached_to_one_machine_until_that_is_gone(aws: Cloud) -> None:
    attach = "aws:ec2/volumeAttachment:VolumeAttachment"
    volume = aws.create("aws:ebs/volume:Volume", {"availabilityZone": "us-east-1a", "size": 100})[0]
    first, second = (aws.create(INSTANCE, machine(aws, availabilityZone="us-east-1a"))[0] for _ in range(2))
    held = {"volumeId": volume, "deviceName": "/dev/sdf"}
    aws.create(attach, {**held, "instanceId": first})
    text = refusal(aws.create, attach, {**held, "instanceId": second})
    assert text.startswith(f"VolumeInUse: {volume} is already attached to an instance; it is {first}")
    aws.delete(INSTANCE, first)
    aws.create(attach, {**held, "instanceId": second})


def test_a_key_is_one_that_is_there_in_the_region_of_what_it_encrypts(aws: Cloud, clouds: Clouds) -> None:
    volume = {"availabilityZone": "us-east-1a", "size": 100, "encrypted": True}
    key = str(aws.create("aws:kms/key:Key", {})[1]["arn"])
    aws.create("aws:ebs/volume:Volume", {**volume, "kmsKeyId": key})
    gone = f"{key.rpartition('/')[0]}/1234abcd-12ab-34cd-56ef-1234567890ab"
    text = refusal(aws.create, "aws:ebs/volume:Volume", {**volume, "kmsKeyId": gone})
    assert text.startswith(f"NotFoundException: Invalid keyId '{gone}'")
    elsewhere = str(clouds.connect("aws", region="us-west-2").create("aws:kms/key:Key", {})[1]["arn"])
    repository = {"name": "train", "encryptionConfigurations": [{"encryptionType": "KMS", "kmsKey": elsewhere}]}
    text = refusal(aws.create, "aws:ecr/repository:Repository", repository)
    assert text.endswith("it is in us-west-2, this is in us-east-1")


@pytest.mark.parametrize("key", ["alias/aws/s3", "arn:aws:kms:us-east-1:000000000000:alias/aws/s3"])
def test_a_key_of_amazon_s_own_and_an_alias_are_keys_too(aws: Cloud, key: str) -> None:
    bucket, told = aws.create(BUCKET, {"bucket": "acme-corpus"})
    named = str(aws.create("aws:kms/alias:Alias", {"name": "alias/own", "targetKeyId": new_key(aws)})[1]["arn"])
    encryption = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    for each in (key, named):
        rule = {"applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": each}}
        aws.create(encryption, {"bucket": bucket, "rules": [rule]})
    assert told["bucket"] == "acme-corpus"


def new_key(aws: Cloud) -> str:
    return str(aws.create("aws:kms/key:Key", {})[1]["keyId"])


def key_for(aws: Cloud, **principal: str) -> str:
    allow = {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}
    account = {**allow, "Principal": {"AWS": "arn:aws:iam::000000000000:root"}}
    more = [{**allow, "Principal": principal}] if principal else []
    policy = json.dumps({"Version": "2012-10-17", "Statement": [account, *more]})
    return str(aws.create("aws:kms/key:Key", {"policy": policy})[1]["arn"])


def test_logs_are_encrypted_with_a_key_that_lets_them(aws: Cloud) -> None:
    group = "aws:cloudwatch/logGroup:LogGroup"
    text = refusal(aws.create, group, {"name": "flow", "kmsKeyId": key_for(aws)})
    assert text.endswith("its policy does not allow logs.us-east-1.amazonaws.com")
    aws.create(group, {"name": "flow", "kmsKeyId": key_for(aws, Service="logs.us-east-1.amazonaws.com")})


def test_a_group_starts_machines_with_a_key_that_auto_scaling_s_own_role_may_use(aws: Cloud) -> None:
    vpc = network(aws)
    role = "arn:aws:iam::000000000000:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
    own, lets, all_ = key_for(aws), key_for(aws, AWS=role), key_for(aws, AWS="*")
    place = subnet(aws, vpc)

    def start(name: str, key: str) -> None:
        disk = {"deviceName": "/dev/sda1", "ebs": {"encrypted": "true", "kmsKeyId": key}}
        template = {**machine(aws), "name": name, "imageId": image(aws), "blockDeviceMappings": [disk]}
        del template["ami"]
        id_ = aws.create("aws:ec2/launchTemplate:LaunchTemplate", template)[0]
        sizes = {"minSize": 1, "maxSize": 1, "vpcZoneIdentifiers": [place]}
        aws.create("aws:autoscaling/group:Group", {"name": name, "launchTemplate": {"id": id_}, **sizes})

    text = refusal(start, "closed", own)
    assert text.startswith("Client.InvalidKMSKey.InvalidState")
    start("named", lets)
    start("anybody", all_)
