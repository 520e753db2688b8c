from typing import Any

import grpc
import pytest


def test_zones_of_a_region(gcp: Any) -> None:
    names = gcp.invoke("gcp:compute/getZones:getZones", region="us-central1")["names"]
    assert names[:3] == ["us-central1-a", "us-central1-b", "us-central1-c"]


def test_zones_of_no_region_are_refused(gcp: Any) -> None:
    with pytest.raises(grpc.RpcError, match="Unknown region"):
        gcp.invoke("gcp:compute/getZones:getZones", region="mars")


def test_an_image_is_found_by_its_family(gcp: Any) -> None:
    image = gcp.invoke("gcp:compute/getImage:getImage", family="debian-12", project="debian-cloud")
    assert image["selfLink"].startswith(
        "https://www.googleapis.com/compute/v1/projects/debian-cloud/global/images/debian-12-v"
    )


def test_a_network_of_the_sandbox_is_found_and_another_is_not(gcp: Any) -> None:
    gcp.create("gcp:compute/network:Network", {"name": "n"})
    assert gcp.invoke("gcp:compute/getNetwork:getNetwork", name="n")["selfLink"].endswith("/global/networks/n")
    with pytest.raises(grpc.RpcError, match=r"Error 404: The resource 'projects/.*/global/networks/m' was not found"):
        gcp.invoke("gcp:compute/getNetwork:getNetwork", name="m")


def test_a_subnetwork_is_found_by_name_and_by_link(gcp: Any) -> None:
    gcp.create("gcp:compute/network:Network", {"name": "n", "autoCreateSubnetworks": False})
    _, told = gcp.create(
        "gcp:compute/subnetwork:Subnetwork", {"name": "s", "network": "n", "ipCidrRange": "10.0.0.0/24"}
    )
    for asked in ({"name": "s", "region": "us-central1"}, {"selfLink": told["selfLink"]}):
        assert gcp.invoke("gcp:compute/getSubnetwork:getSubnetwork", **asked)["ipCidrRange"] == "10.0.0.0/24"


def test_machine_types_of_a_zone_are_those_of_the_catalogue(gcp: Any) -> None:
    types = gcp.invoke("gcp:compute/getMachineTypes:getMachineTypes", zone="us-central1-a")["machineTypes"]
    assert {"g2-standard-4", "a2-highgpu-1g"} <= {entry["name"] for entry in types}


def test_project_and_client_tell_the_provider_s_own(gcp: Any) -> None:
    project = gcp.invoke("gcp:organizations/getProject:getProject")
    assert project["projectId"] == "trainyard-sandbox-copy-of-acme"
    assert project["number"].isdigit()
    assert gcp.invoke("gcp:organizations/getClientConfig:getClientConfig")["region"] == "us-central1"


def test_amazon_tells_an_account_that_cannot_exist(clouds: Any) -> None:
    aws = clouds.connect("aws", region="eu-west-1")
    assert aws.invoke("aws:index/getCallerIdentity:getCallerIdentity")["accountId"] == "000000000000"
    zones = aws.invoke("aws:index/getAvailabilityZones:getAvailabilityZones")
    assert zones["names"] == ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
    assert zones["zoneIds"][0] == "euw1-az1"


def test_amazon_finds_the_same_image_for_the_same_question(clouds: Any) -> None:
    aws = clouds.connect("aws")
    ids = {aws.invoke("aws:ec2/getAmi:getAmi", owners=["amazon"], mostRecent=True)["id"] for _ in range(2)}
    assert len(ids) == 1
    with pytest.raises(grpc.RpcError, match="must be given"):
        aws.invoke("aws:ec2/getAmi:getAmi")


def test_a_policy_document_is_amazon_s_json(clouds: Any) -> None:
    statement = {"actions": ["s3:GetObject"], "resources": ["*"], "principals": [{"type": "AWS", "identifiers": ["a"]}]}
    text = clouds.connect("aws").invoke("aws:iam/getPolicyDocument:getPolicyDocument", statements=[statement])["json"]
    assert '"Action": ["s3:GetObject"]' in text
    assert '"Principal": {"AWS": ["a"]}' in text


def test_azure_tells_the_provider_s_subscription(clouds: Any) -> None:
    azure = clouds.connect("azure-native", subscriptionId="sub")
    assert azure.invoke("azure-native:authorization:getClientConfig")["subscriptionId"] == "sub"


def test_an_unknown_function_is_refused_by_name_with_those_that_there_are(gcp: Any) -> None:
    with pytest.raises(grpc.RpcError) as raised:
        gcp.invoke("gcp:compute/getZone:getZone")
    assert 'no answer to the function "gcp:compute/getZone:getZone"' in raised.value.details()
    assert 'did you mean "gcp:compute/getZones:getZones"?' in raised.value.details()


def test_a_function_that_renders_templates_is_refused_with_the_reason(clouds: Any) -> None:
    with pytest.raises(grpc.RpcError, match="renders templates inside the released Kubernetes plugin"):
        clouds.connect("kubernetes").invoke("kubernetes:yaml:decode", text="a: 1")


def test_keys_are_of_a_thing_and_not_of_its_rule(clouds: Any) -> None:
    azure = clouds.connect("azure-native", location="eastus")
    azure.create("azure-native:resources:ResourceGroup", {"resourceGroupName": "g", "location": "eastus"})
    bus = {"resourceGroupName": "g", "namespaceName": "acme-bus", "sku": {"name": "Standard", "tier": "Standard"}}
    azure.create("azure-native:servicebus:Namespace", bus)
    asked = {
        "resourceGroupName": "g",
        "namespaceName": "acme-bus",
        "authorizationRuleName": "RootManageSharedAccessKey",
    }
    assert azure.invoke("azure-native:servicebus:listNamespaceKeys", **asked)["primaryKey"]
