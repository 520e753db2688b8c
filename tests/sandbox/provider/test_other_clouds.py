import re
from typing import Any

import grpc
import pytest

from trainyard.servicer import Secret


def _image(aws: Any) -> Any:
    return aws.invoke("aws:ec2/getAmi:getAmi", owners=["amazon"], mostRecent=True)["id"]


def test_amazon_things_have_numbered_ids_and_arns(clouds: Any) -> None:
    aws = clouds.connect("aws", region="us-east-1", defaultTags={"tags": {"cost": "x"}})
    vpc, told = aws.create("aws:ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/16"})
    assert re.fullmatch(r"vpc-[0-9a-f]{17}", vpc)
    assert told["arn"] == f"arn:aws:ec2:us-east-1:000000000000:vpc/{vpc}"
    assert told["defaultSecurityGroupId"].startswith("sg-")
    id, told = aws.create(
        "aws:ec2/instance:Instance",
        {"ami": _image(aws), "instanceType": "g5.xlarge", "tags": {"Name": "vm"}},
    )
    assert re.fullmatch(r"i-[0-9a-f]{17}", id)
    assert told["instanceState"] == "running"
    assert told["availabilityZone"] == "us-east-1a"
    assert told["tagsAll"] == {"cost": "x", "Name": "vm"}
    assert aws.read("aws:ec2/instance:Instance", id)[1] == told


def test_an_amazon_bucket_is_known_by_its_name(clouds: Any) -> None:
    id, told = clouds.connect("aws").create("aws:s3/bucket:Bucket", {"bucket": "data"})
    assert id == "data"
    assert told["arn"] == "arn:aws:s3:::data"


def test_an_amazon_machine_that_is_protected_is_not_terminated(clouds: Any) -> None:
    aws = clouds.connect("aws")
    vm = {"ami": _image(aws), "instanceType": "t3.micro", "disableApiTermination": True}
    id, _ = aws.create("aws:ec2/instance:Instance", vm)
    with pytest.raises(grpc.RpcError, match="may not be terminated"):
        aws.delete("aws:ec2/instance:Instance", id)


def test_azure_things_are_known_by_their_paths(clouds: Any) -> None:
    azure = clouds.connect("azure-native", subscriptionId="sub")
    group, told = azure.create(
        "azure-native:resources:ResourceGroup", {"resourceGroupName": "rg", "location": "eastus"}
    )
    assert group == "/subscriptions/sub/resourceGroups/rg"
    assert told["name"] == "rg"
    network, told = azure.create(
        "azure-native:network:VirtualNetwork",
        {
            "resourceGroupName": "rg",
            "virtualNetworkName": "vn",
            "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
        },
    )
    assert network == f"{group}/providers/Microsoft.Network/virtualNetworks/vn"
    assert told["location"] == "eastus"
    subnet, _ = azure.create(
        "azure-native:network:Subnet",
        {"resourceGroupName": "rg", "virtualNetworkName": "vn", "subnetName": "s", "addressPrefix": "10.0.0.0/24"},
    )
    assert subnet == f"{network}/subnets/s"


def test_a_kubernetes_object_is_told_with_the_server_s_metadata(clouds: Any) -> None:
    kubernetes = clouds.connect("kubernetes")
    id, told = kubernetes.create(
        "kubernetes:core/v1:ConfigMap", {"metadata": {"name": "c", "namespace": "n", "labels": {"a": "b"}}}
    )
    assert id == "n/c"
    assert told["metadata"]["uid"]
    id, _ = kubernetes.create("kubernetes:core/v1:Namespace", {"metadata": {"name": "n"}})
    assert id == "n"


def test_a_remote_component_is_refused_with_the_reason(clouds: Any) -> None:
    from pulumi.runtime.proto import provider_pb2

    with pytest.raises(grpc.RpcError) as raised:
        clouds.connect("kubernetes").stub.Construct(
            provider_pb2.ConstructRequest(type="kubernetes:helm.sh/v4:Chart", name="c")
        )
    assert "is a remote component" in raised.value.details()
    assert "kubernetes.helm.v3.Release" in raised.value.details()


def test_a_password_is_random_secret_and_keeps_its_rules(clouds: Any) -> None:
    random = clouds.connect("random")
    token = "random:index/randomPassword:RandomPassword"
    wish = {"length": 20, "special": False, "minUpper": 3, "minNumeric": 4}
    passwords = [random.create(token, wish)[1]["result"] for _ in range(3)]
    assert len({password.value for password in passwords}) == 3
    for password in passwords:
        assert isinstance(password, Secret)
        assert len(password.value) == 20
        assert password.value.isalnum()
        assert sum(letter.isupper() for letter in password.value) >= 3
        assert sum(letter.isdigit() for letter in password.value) >= 4


def test_number_is_the_old_name_of_numeric(clouds: Any) -> None:
    given = {"length": 200, "special": False, "number": False}
    _, told = clouds.connect("random").create("random:index/randomString:RandomString", given)
    assert told["result"].isalpha()
    assert told["numeric"] is False


def test_a_password_too_short_for_its_rules_is_refused(clouds: Any) -> None:
    with pytest.raises(grpc.RpcError, match="length 3 cannot hold 5 forced characters"):
        clouds.connect("random").create("random:index/randomPassword:RandomPassword", {"length": 3, "minUpper": 5})


@pytest.mark.parametrize(
    ("kind", "inputs", "name", "pattern"),
    [
        ("RandomString", {"length": 8}, "result", r".{8}"),
        ("RandomId", {"byteLength": 4}, "hex", r"[0-9a-f]{8}"),
        ("RandomPet", {"length": 3, "prefix": "my"}, "id", r"my-[a-z]+-[a-z]+-[a-z]+"),
        ("RandomUuid", {}, "result", r"[0-9a-f-]{36}"),
        ("RandomUuid7", {}, "result", r"[0-9a-f]{8}-[0-9a-f]{4}-7.*"),
        ("RandomInteger", {"min": 1, "max": 3}, "result", r"[123]"),
        ("RandomShuffle", {"inputs": ["a", "a"]}, "results", r"\['a', 'a'\]"),
    ],
)
def test_random_things_have_real_values(
    clouds: Any, kind: str, inputs: dict[str, Any], name: str, pattern: str
) -> None:
    token = f"random:index/{kind[0].lower()}{kind[1:]}:{kind}"
    random = clouds.connect("random")
    id, told = random.create(token, inputs)
    assert re.fullmatch(pattern, str({**told, "id": id}[name]))
    assert random.read(token, id)[1] == told


def test_small_random_numbers_may_be_alike(clouds: Any) -> None:
    random = clouds.connect("random")
    ids = {random.create("random:index/randomInteger:RandomInteger", {"min": 1, "max": 1})[0] for _ in range(3)}
    assert len(ids) == 3


def test_an_update_of_a_random_thing_changes_nothing_of_it(clouds: Any) -> None:
    random = clouds.connect("random")
    token = "random:index/randomString:RandomString"
    id, told = random.create(token, {"length": 8})
    assert random.update(token, id, {"length": 8}, {"length": 8, "keepers": {"a": "b"}})["result"] == told["result"]


@pytest.mark.parametrize(
    ("inputs", "begins"),
    [
        ({"algorithm": "ED25519"}, "ssh-ed25519 "),
        ({"algorithm": "ECDSA", "ecdsaCurve": "P256"}, "ecdsa-sha2-nistp256 "),
    ],
)
def test_a_private_key_is_a_real_one_and_secret(clouds: Any, inputs: dict[str, Any], begins: str) -> None:
    pytest.importorskip("cryptography")
    _, told = clouds.connect("tls").create("tls:index/privateKey:PrivateKey", inputs)
    assert told["publicKeyOpenssh"].startswith(begins)
    assert isinstance(told["privateKeyOpenssh"], Secret)
    assert "PRIVATE KEY" in told["privateKeyPem"].value


def test_a_certificate_is_refused_with_the_reason(clouds: Any) -> None:
    wish = {"privateKeyPem": "k", "validityPeriodHours": 1, "allowedUses": []}
    with pytest.raises(grpc.RpcError, match="the sandbox signs no certificates"):
        clouds.connect("tls").create("tls:index/selfSignedCert:SelfSignedCert", wish)


def test_coreweave_things_are_made(clouds: Any) -> None:
    bucket = {"name": "data", "zone": "US-EAST-04A"}
    id, told = clouds.connect("coreweave").create("coreweave:index/objectStorageBucket:ObjectStorageBucket", bucket)
    assert id == "data"
    assert told["name"] == "data"


@pytest.mark.parametrize(
    ("maker", "inputs", "taker", "name"),
    [
        ("aws:ec2transitgateway/transitGateway:TransitGateway", {}, "aws:ec2/route:Route", "transitGatewayId"),
        ("aws:ec2/vpnGateway:VpnGateway", {}, "aws:ec2/route:Route", "gatewayId"),
        ("aws:ec2/internetGateway:InternetGateway", {}, "aws:ec2/route:Route", "gatewayId"),
        ("aws:ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/16"}, "aws:ec2/subnet:Subnet", "vpcId"),
        ("aws:ec2/eip:Eip", {"domain": "vpc"}, "aws:ec2/natGateway:NatGateway", "allocationId"),
        (
            "aws:ec2/customerGateway:CustomerGateway",
            {"type": "ipsec.1", "bgpAsn": "65000", "ipAddress": "172.0.0.1"},
            "aws:ec2/vpnConnection:VpnConnection",
            "customerGatewayId",
        ),
        (
            "aws:ec2/managedPrefixList:ManagedPrefixList",
            {"addressFamily": "IPv4", "maxEntries": 5},
            "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
            "prefixListId",
        ),
    ],
)
def test_an_amazon_id_of_the_sandbox_is_one_that_the_sandbox_takes(
    clouds: Any, maker: str, inputs: dict[str, Any], taker: str, name: str
) -> None:
    aws = clouds.connect("aws", region="us-east-1")
    id, _ = aws.create(maker, inputs)
    assert name not in aws.failures(taker, {name: id})
    assert name in aws.failures(taker, {name: "thing-0abc123"})
