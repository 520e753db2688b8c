"""What the cloud makes of inputs: told back as they were given, unless it really holds something else."""

from dataclasses import replace
from typing import Any

import grpc
import pytest

VM = "gcp:compute/instance:Instance"
VOLUME = "aws:ebs/volume:Volume"
ACCOUNT = "azure-native:storage:StorageAccount"
GROUP = "azure-native:resources:ResourceGroup"


def drift(clouds: Any, token: str, id: str, **outputs: Any) -> None:
    """Somebody changes a thing past its provider."""
    there = clouds.store.get(token, id)
    clouds.store.put(replace(there, outputs={**there.outputs, **outputs}))


def test_a_link_in_place_of_a_name_is_no_drift(gcp: Any) -> None:
    gcp.create("gcp:compute/network:Network", {"name": "net", "autoCreateSubnetworks": False})
    given = {"name": "sub", "network": "net", "ipCidrRange": "10.0.0.0/24", "region": "us-central1"}
    id, told = gcp.create("gcp:compute/subnetwork:Subnetwork", given)
    assert told["network"].startswith("https://")
    assert gcp.read("gcp:compute/subnetwork:Subnetwork", id)[2] == given


def test_a_bucket_s_place_in_small_letters_is_no_drift(gcp: Any) -> None:
    given = {"name": "trainyard-data-1", "location": "us"}
    id, told = gcp.create("gcp:storage/bucket:Bucket", given)
    assert told["location"] == "US"
    assert gcp.read("gcp:storage/bucket:Bucket", id)[2] == given


def test_a_machine_that_somebody_stopped_is_drift_where_it_should_run(
    clouds: Any, gcp: Any, gpu_vm: dict[str, Any]
) -> None:
    id, _ = gcp.create(VM, {**gpu_vm, "desiredStatus": "RUNNING"})
    drift(clouds, VM, id, currentStatus="TERMINATED")
    assert gcp.read(VM, id)[2]["desiredStatus"] == "TERMINATED"


def test_a_label_that_somebody_added_is_not_the_program_s_and_one_changed_is(
    clouds: Any, gcp: Any, gpu_vm: dict[str, Any]
) -> None:
    id, _ = gcp.create(VM, {**gpu_vm, "labels": {"team": "a"}})
    drift(clouds, VM, id, labels={"team": "a", "other": "x"})
    assert gcp.read(VM, id)[2]["labels"] == {"team": "a"}
    drift(clouds, VM, id, labels={"team": "b", "other": "x"})
    assert gcp.read(VM, id)[2]["labels"] == {"team": "b"}


def test_a_tag_that_somebody_added_at_amazon_is_drift(clouds: Any) -> None:
    aws = clouds.connect("aws", region="us-east-1")
    id, _ = aws.create("aws:ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/16", "tags": {"a": "b"}})
    drift(clouds, "aws:ec2/vpc:Vpc", id, tags={"a": "b", "c": "d"})
    assert aws.read("aws:ec2/vpc:Vpc", id)[2]["tags"] == {"a": "b", "c": "d"}


def test_a_volume_grows_once_in_six_hours_and_never_shrinks(clouds: Any) -> None:
    aws = clouds.connect("aws", region="us-east-1")
    wish = {"availabilityZone": "us-east-1a", "size": 8}
    id, _ = aws.create(VOLUME, wish)
    aws.update(VOLUME, id, wish, {**wish, "size": 10})
    with pytest.raises(grpc.RpcError, match="VolumeModificationRateExceeded"):
        aws.update(VOLUME, id, {**wish, "size": 10}, {**wish, "size": 12})
    clouds.store.advance(6 * 3600)
    assert aws.update(VOLUME, id, {**wish, "size": 10}, {**wish, "size": 12})["size"] == 12
    with pytest.raises(grpc.RpcError, match="New size cannot be smaller than existing size"):
        aws.update(VOLUME, id, {**wish, "size": 12}, {**wish, "size": 8})


def test_a_boot_disk_does_not_shrink(gcp: Any, gpu_vm: dict[str, Any]) -> None:
    id, _ = gcp.create(VM, gpu_vm)
    smaller = {"initializeParams": {"image": "debian-cloud/debian-12", "size": 20}}
    with pytest.raises(grpc.RpcError, match="must be larger than existing size '50' GiB"):
        gcp.update(VM, id, gpu_vm, {**gpu_vm, "bootDisk": smaller})


def test_an_azure_account_keeps_its_kind_and_tells_its_hosts_and_keys(clouds: Any) -> None:
    azure = clouds.connect("azure-native", subscriptionId="11111111-1111-1111-1111-111111111111")
    azure.create(GROUP, {"resourceGroupName": "rg", "location": "eastus"})
    wish = {
        "resourceGroupName": "rg",
        "accountName": "acmedata",
        "kind": "StorageV2",
        "sku": {"name": "Standard_LRS"},
        "location": "eastus",
    }
    id, told = azure.create(ACCOUNT, wish)
    assert told["primaryEndpoints"]["blob"] == "https://acmedata.blob.core.windows.net/"
    assert azure.read(ACCOUNT, id)[2] == wish
    keys = azure.invoke("azure-native:storage:listStorageAccountKeys", accountName="acmedata", resourceGroupName="rg")
    assert [key["keyName"] for key in keys["keys"]] == ["key1", "key2"]
    with pytest.raises(grpc.RpcError, match="AccountPropertyCannotBeUpdated"):
        azure.update(ACCOUNT, id, wish, {**wish, "kind": "BlobStorage", "accessTier": "Hot"})


def test_a_random_string_without_special_letters_stays_so(clouds: Any) -> None:
    random = clouds.connect("random")
    token = "random:index/randomString:RandomString"
    given = {"length": 8, "special": False, "upper": False}
    id, _ = random.create(token, given)
    assert random.read(token, id)[2] == given
