import re
import uuid
from typing import Any

import pytest
from pulumi.runtime.proto import provider_pb2

from trainyard.servicer import UNKNOWN, Secret, encode

VM = "gcp:compute/instance:Instance"
_TRUST = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",'
    ' "Principal": {"Service": "ec2.amazonaws.com"}}]}'
)
DIFF_NONE, DIFF_SOME = 1, 2
ADD, ADD_REPLACE, DELETE, UPDATE, UPDATE_REPLACE = 0, 1, 2, 4, 5


def kinds(answer: Any) -> dict[str, int]:
    return {path: change.kind for path, change in answer.detailedDiff.items()}


@pytest.mark.parametrize(
    ("package", "token", "inputs", "wire", "pattern"),
    [
        ("gcp", "gcp:compute/network:Network", {}, "name", r"thing-[0-9a-f]{7}"),
        ("aws", "aws:s3/bucket:Bucket", {}, "bucket", r"thing-[0-9a-f]{7}"),
        ("aws", "aws:iam/role:Role", {"assumeRolePolicy": _TRUST}, "name", r"thing-[0-9a-f]{7}"),
        ("azure-native", "azure-native:resources:ResourceGroup", {}, "resourceGroupName", r"thing[0-9a-f]{8}"),
        (
            "azure-native",
            "azure-native:compute:VirtualMachine",
            {"resourceGroupName": "g"},
            "vmName",
            r"thing[0-9a-f]{8}",
        ),
        (
            "azure-native",
            "azure-native:storage:StorageAccount",
            {"resourceGroupName": "g", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}},
            "accountName",
            r"thing[0-9a-f]{8}",
        ),
    ],
)
def test_a_name_that_is_not_given_is_made_where_the_cloud_needs_one(
    clouds: Any, package: str, token: str, inputs: dict[str, Any], wire: str, pattern: str
) -> None:
    made = clouds.connect(package).checked(token, inputs, randomSeed=b"seed")
    assert re.fullmatch(pattern, made[wire])


def test_a_part_of_an_azure_thing_is_named_as_in_the_program(clouds: Any) -> None:
    part = {"resourceGroupName": "g", "accountName": "acme"}
    made = clouds.connect("azure-native").checked("azure-native:storage:BlobContainer", part)
    assert made["containerName"] == "thing"


def test_a_role_assignment_is_named_by_a_guid(clouds: Any) -> None:
    who = "6f2b8a3e-0d3c-4b53-9d55-0c1f6f5b7a10"
    role = "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/7f951dda-4ed3-4680-a7ca-43fe172d538d"
    given = {"scope": "/subscriptions/s", "principalId": who, "roleDefinitionId": role}
    made = clouds.connect("azure-native").checked("azure-native:authorization:RoleAssignment", given)
    assert uuid.UUID(made["roleAssignmentName"])


def test_a_storage_account_whose_program_s_name_has_a_dash_is_refused(clouds: Any) -> None:
    given = {"resourceGroupName": "g", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}, "location": "westus"}
    answer = clouds.connect("azure-native").stub.Check(
        provider_pb2.CheckRequest(
            type="azure-native:storage:StorageAccount",
            name="my-account",
            urn="urn:pulumi:s::p::azure-native:storage:StorageAccount::my-account",
            news=encode(given),
        )
    )
    assert [failure.property for failure in answer.failures] == ["accountName"]


def test_a_made_name_stays_when_the_thing_is_checked_again(gcp: Any) -> None:
    old = {"name": "thing-0123abc"}
    assert gcp.checked("gcp:compute/network:Network", {}, olds=encode(old), randomSeed=b"new") == old


def test_a_given_name_that_is_taken_away_is_followed_by_a_made_one(gcp: Any) -> None:
    made = gcp.checked("gcp:compute/network:Network", {}, olds=encode({"name": "explicit"}), randomSeed=b"s")
    assert re.fullmatch(r"thing-[0-9a-f]{7}", made["name"])


def test_the_same_seed_makes_the_same_name(gcp: Any) -> None:
    names = [gcp.checked("gcp:compute/network:Network", {}, randomSeed=b"s")["name"] for _ in range(2)]
    assert names[0] == names[1]


def test_a_stack_s_own_pattern_for_names_is_followed(gcp: Any) -> None:
    wish = provider_pb2.CheckRequest.AutonamingOptions(proposed_name="acme-thing")
    assert gcp.checked("gcp:compute/network:Network", {}, autonaming=wish)["name"] == "acme-thing"


def test_switched_off_names_are_refused_where_one_is_missing(gcp: Any) -> None:
    off = provider_pb2.CheckRequest.AutonamingOptions(mode=2)
    answer = gcp.check("gcp:compute/network:Network", {}, autonaming=off)
    assert answer.failures[0].reason == 'automatic names are switched off for this stack: give "name"'


def test_a_kubernetes_object_gets_its_name_in_its_metadata(clouds: Any) -> None:
    made = clouds.connect("kubernetes").checked(
        "kubernetes:core/v1:ConfigMap", {"apiVersion": "v1", "kind": "ConfigMap"}
    )
    assert re.fullmatch(r"thing-[0-9a-f]{8}", made["metadata"]["name"])
    assert made["metadata"]["annotations"] == {"pulumi.com/autonamed": "true"}


def test_no_change_is_no_difference(gcp: Any, gpu_vm: dict[str, Any]) -> None:
    assert gcp.diff(VM, gpu_vm, gpu_vm).changes == DIFF_NONE


def test_a_secret_is_compared_by_its_value(gcp: Any, gpu_vm: dict[str, Any]) -> None:
    assert gcp.diff(VM, {**gpu_vm, "description": "d"}, {**gpu_vm, "description": Secret("d")}).changes == DIFF_NONE


def test_missing_and_null_are_the_same(gcp: Any, gpu_vm: dict[str, Any]) -> None:
    assert gcp.diff(VM, gpu_vm, {**gpu_vm, "description": None}).changes == DIFF_NONE


def test_every_changed_leaf_is_told_with_its_kind(gcp: Any, gpu_vm: dict[str, Any]) -> None:
    old = {**gpu_vm, "labels": {"a": "1", "b": "2"}, "tags": ["x"]}
    new = {**gpu_vm, "labels": {"a": "9", "c": "3"}, "tags": ["x", "y"]}
    answer = gcp.diff(VM, old, new)
    assert answer.changes == DIFF_SOME
    assert kinds(answer) == {"labels.a": UPDATE, "labels.b": DELETE, "labels.c": ADD, "tags[1]": ADD}
    assert list(answer.diffs) == ["labels", "tags"]
    assert not answer.replaces


def test_a_value_that_is_not_known_yet_counts_as_changed(gcp: Any, gpu_vm: dict[str, Any]) -> None:
    assert kinds(gcp.diff(VM, {**gpu_vm, "description": "d"}, {**gpu_vm, "description": UNKNOWN})) == {
        "description": UPDATE
    }


def test_what_the_program_ignores_is_no_difference(gcp: Any, gpu_vm: dict[str, Any]) -> None:
    new = {**gpu_vm, "labels": {"a": "1"}, "scratchDisks": [{"interface": "NVME"}]}
    assert gcp.diff(VM, gpu_vm, new, ignored=("labels", "scratchDisks")).changes == DIFF_NONE


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"zone": "us-central1-b"}, "zone"),
        ({"name": "other"}, "name"),
        ({"hostname": "h.example.com"}, "hostname"),
        ({"scratchDisks": [{"interface": "NVME"}]}, "scratchDisks"),
        ({"scheduling": {"terminationTime": "2100-01-01T00:00:00Z"}}, "scheduling"),
        ({"bootDisk": {"initializeParams": {"image": "other", "size": 50}}}, "bootDisk"),
    ],
)
def test_what_a_running_machine_cannot_change_makes_a_new_one(
    gcp: Any, gpu_vm: dict[str, Any], change: dict[str, Any], path: str
) -> None:
    assert list(gcp.diff(VM, gpu_vm, {**gpu_vm, **change}).replaces) == [path]


@pytest.mark.parametrize(
    "change",
    [{"machineType": "g2-standard-8"}, {"labels": {"a": "b"}}, {"metadata": {"a": "b"}}, {"tags": ["t"]}],
)
def test_what_the_provider_changes_in_place_makes_no_new_one(
    gcp: Any, gpu_vm: dict[str, Any], change: dict[str, Any]
) -> None:
    answer = gcp.diff(VM, gpu_vm, {**gpu_vm, **change})
    assert answer.changes == DIFF_SOME
    assert not answer.replaces


def test_a_machine_with_a_name_of_its_own_goes_before_the_new_one_comes(gcp: Any, gpu_vm: dict[str, Any]) -> None:
    assert gcp.diff(VM, gpu_vm, {**gpu_vm, "zone": "us-central1-b"}).deleteBeforeReplace
    made = {**gpu_vm, "name": "thing-0123abc"}
    assert not gcp.diff(VM, made, {**made, "zone": "us-central1-b"}).deleteBeforeReplace


@pytest.mark.parametrize(
    ("package", "token", "old", "new"),
    [
        ("aws", "aws:ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/16"}, {"cidrBlock": "10.1.0.0/16"}),
        ("azure-native", "azure-native:resources:ResourceGroup", {"location": "eastus"}, {"location": "westus"}),
        ("random", "random:index/randomPassword:RandomPassword", {"length": 8}, {"length": 9}),
        ("gcp", "gcp:compute/network:Network", {"autoCreateSubnetworks": True}, {"autoCreateSubnetworks": False}),
    ],
)
def test_immutable_properties_of_every_cloud_make_a_new_thing(
    clouds: Any, package: str, token: str, old: dict[str, Any], new: dict[str, Any]
) -> None:
    assert list(clouds.connect(package).diff(token, old, new).replaces) == list(old)


def test_built_in_local_ssds_are_read_back_and_would_replace_the_machine_unless_ignored(
    gcp: Any, gpu_vm: dict[str, Any]
) -> None:
    vm = {**gpu_vm, "machineType": "a3-highgpu-8g"}
    _, told = gcp.create(VM, vm)
    assert len(told["scratchDisks"]) == 16
    assert list(gcp.diff(VM, vm, vm, told=told).replaces) == ["scratchDisks"]
    assert gcp.diff(VM, vm, vm, ignored=("scratchDisks",), told=told).changes == DIFF_NONE
