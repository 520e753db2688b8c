from typing import Any

import grpc
import pytest

from trainyard.servicer import UNKNOWN, Asset, Secret

VM = "gcp:compute/instance:Instance"


def test_right_inputs_have_no_failure(gcp: Any, gpu_vm: dict[str, Any]) -> None:
    assert gcp.failures(VM, gpu_vm) == {}


def test_an_unknown_resource_type_is_refused_with_the_nearest(gcp: Any) -> None:
    with pytest.raises(grpc.RpcError) as raised:
        gcp.check("gcp:compute/instnce:Instance", {})
    assert "pulumi_gcp 10" in raised.value.details()
    assert 'has no resource type "gcp:compute/instnce:Instance"' in raised.value.details()
    assert 'did you mean "gcp:compute/instance:Instance"?' in raised.value.details()


def test_an_unknown_property_is_refused_with_the_nearest_name_on_the_wire_and_in_python(
    gcp: Any, gpu_vm: dict[str, Any]
) -> None:
    assert gcp.failures(VM, {**gpu_vm, "desiredStat": "RUNNING"}) == {
        "desiredStat": 'unknown property; did you mean "desiredStatus" (desired_status in Python)?'
    }


def test_an_unknown_property_far_from_all_lists_the_known_ones(gcp: Any, gpu_vm: dict[str, Any]) -> None:
    reason = gcp.failures(VM, {**gpu_vm, "zzzzzz": 1})["zzzzzz"]
    assert "known are" in reason
    assert "machineType" in reason


def test_a_python_name_on_the_wire_is_refused_with_the_right_one(gcp: Any, gpu_vm: dict[str, Any]) -> None:
    del gpu_vm["machineType"]
    failures = gcp.failures(VM, {**gpu_vm, "machine_type": "g2-standard-4"})
    assert 'did you mean "machineType"' in failures["machine_type"]


def test_an_unknown_property_deep_inside_is_named_with_its_path(gcp: Any, gpu_vm: dict[str, Any]) -> None:
    gpu_vm["networkInterfaces"] = [{"network": "default", "accessConfigs": [{"natIpp": "1.2.3.4"}]}]
    assert list(gcp.failures(VM, gpu_vm)) == ["networkInterfaces[0].accessConfigs[0].natIpp"]


def test_every_missing_required_property_is_named_at_once(gcp: Any) -> None:
    assert set(gcp.failures(VM, {"zone": "us-central1-a"})) == {"bootDisk", "machineType", "networkInterfaces"}


def test_a_missing_required_property_deep_inside_is_named(gcp: Any, gpu_vm: dict[str, Any]) -> None:
    assert "scratchDisks[0].interface" in gcp.failures(VM, {**gpu_vm, "scratchDisks": [{}]})


@pytest.mark.parametrize(
    ("wrong", "path", "reason"),
    [
        ({"canIpForward": "yes"}, "canIpForward", 'is the text "yes"; true or false is needed'),
        ({"canIpForward": 1}, "canIpForward", "is the number 1; true or false is needed"),
        ({"description": ["five"]}, "description", "is a list; text is needed"),
        ({"labels": {"a": {}}}, "labels.a", "is an object; text is needed"),
        ({"labels": ["a"]}, "labels", "is a list; a mapping is needed"),
        ({"tags": "a"}, "tags", 'is the text "a"; a list is needed'),
        ({"tags": ["a", ["b"]]}, "tags[1]", "is a list; text is needed"),
        (
            {"scheduling": {"onHostMaintenance": "TERMINATE", "minNodeCpus": 1.5}},
            "scheduling.minNodeCpus",
            "is the number 1.5; a whole number is needed",
        ),
        (
            {"scheduling": {"onHostMaintenance": "TERMINATE", "minNodeCpus": True}},
            "scheduling.minNodeCpus",
            "is true; a whole number is needed",
        ),
    ],
)
def test_a_wrong_type_is_refused_with_its_path(
    gcp: Any, gpu_vm: dict[str, Any], wrong: dict[str, Any], path: str, reason: str
) -> None:
    assert gcp.failures(VM, {**gpu_vm, **wrong}) == {path: reason}


def test_an_object_where_a_list_belongs_is_refused_with_the_names_it_takes(gcp: Any, gpu_vm: dict[str, Any]) -> None:
    reason = gcp.failures(VM, {**gpu_vm, "scheduling": "SPOT"})["scheduling"]
    assert "an object is needed, with automaticRestart" in reason


def test_all_failures_come_at_once(gcp: Any, gpu_vm: dict[str, Any]) -> None:
    wrong = {
        "canIpForward": "no",
        "descripton": "x",
        "scheduling": {"onHostMaintenance": "TERMINATE", "provisioningModel": "CHEAP"},
    }
    assert len(gcp.failures(VM, {**gpu_vm, **wrong})) == 3


def test_a_bad_choice_of_a_generated_description_is_refused(gcp: Any) -> None:
    reason = gcp.failures("gcp:compute/network:Network", {"routingMode": "REGIONEL"})["routingMode"]
    assert reason == 'is the text "REGIONEL"; allowed: "REGIONAL", "GLOBAL"; did you mean "REGIONAL"?'


def test_a_bad_choice_that_the_provider_itself_knows_is_refused(gcp: Any, gpu_vm: dict[str, Any]) -> None:
    failures = gcp.failures(VM, {**gpu_vm, "scheduling": {"onHostMaintenance": "STOP"}})
    assert '"MIGRATE", "TERMINATE"' in failures["scheduling.onHostMaintenance"]


def test_a_bad_enum_of_azure_is_refused_though_the_sdk_takes_any_text(clouds: Any) -> None:
    azure = clouds.connect("azure-native", location="eastus")
    disk = {
        "createOption": "Attach",
        "caching": "Sometimes",
        "osType": "Linux",
        "managedDisk": {"id": "/subscriptions/x"},
    }
    vm = {"resourceGroupName": "rg", "priority": "Spto", "storageProfile": {"osDisk": disk}}
    assert set(azure.failures("azure-native:compute:VirtualMachine", vm)) == {
        "priority",
        "storageProfile.osDisk.caching",
    }


def test_one_of_several_shapes_is_judged_by_the_one_that_was_meant(clouds: Any) -> None:
    azure = clouds.connect("azure-native")
    job = {"jobType": "Command", "command": "python train.py", "environmentId": "e", "enviroment_variables": {}}
    inputs = {"resourceGroupName": "rg", "workspaceName": "ws", "properties": job}
    reason = azure.failures("azure-native:machinelearningservices:Job", inputs)["properties.enviroment_variables"]
    assert "environmentVariables" in reason


def test_an_older_api_version_of_azure_is_the_same_type(clouds: Any) -> None:
    azure = clouds.connect("azure-native")
    assert azure.failures("azure-native:resources/v20220901:ResourceGroup", {"location": "eastus"}) == {}


def test_unknown_values_pass_where_anything_is_needed(gcp: Any, gpu_vm: dict[str, Any]) -> None:
    gpu_vm |= {"machineType": UNKNOWN, "bootDisk": UNKNOWN, "zone": UNKNOWN, "networkInterfaces": [UNKNOWN]}
    assert gcp.checked(VM, gpu_vm)["machineType"] is UNKNOWN


def test_secrets_pass_as_secrets_and_are_checked_inside(gcp: Any, gpu_vm: dict[str, Any]) -> None:
    good = {**gpu_vm, "metadata": Secret({"token": "hunter2"})}
    assert gcp.checked(VM, good)["metadata"] == Secret({"token": "hunter2"})
    reason = gcp.failures(VM, {**gpu_vm, "canIpForward": Secret("hunter2")})["canIpForward"]
    assert reason == "is a secret; true or false is needed"


def test_null_is_as_good_as_missing(gcp: Any, gpu_vm: dict[str, Any]) -> None:
    assert gcp.failures(VM, {**gpu_vm, "description": None}) == {}
    assert list(gcp.failures(VM, {**gpu_vm, "bootDisk": None})) == ["bootDisk"]


def test_an_asset_is_taken_where_one_belongs_and_text_is_not(gcp: Any) -> None:
    thing = {"bucket": "b", "source": Asset(text="hello")}
    token = "gcp:storage/bucketObject:BucketObject"
    assert gcp.failures(token, thing) == {}
    assert gcp.failures(token, {**thing, "source": "hello"}) == {
        "source": 'is the text "hello"; an asset or archive is needed'
    }


@pytest.mark.parametrize(
    ("package", "token", "inputs", "path"),
    [
        ("aws", "aws:ec2/vpc:Vpc", {"cidrBlok": "10.0.0.0/16"}, "cidrBlok"),
        ("azure-native", "azure-native:resources:ResourceGroup", {"locaton": "eastus"}, "locaton"),
        ("kubernetes", "kubernetes:core/v1:ConfigMap", {"data": {"a": 1}}, "data.a"),
        ("random", "random:index/randomPassword:RandomPassword", {"length": "8"}, "length"),
        ("tls", "tls:index/privateKey:PrivateKey", {}, "algorithm"),
        ("coreweave", "coreweave:index/cksCluster:CksCluster", {}, "zone"),
    ],
)
def test_every_installed_sdk_is_checked(
    clouds: Any, package: str, token: str, inputs: dict[str, Any], path: str
) -> None:
    assert path in clouds.connect(package).failures(token, inputs)


def test_a_kubernetes_custom_resource_is_taken_as_it_is(clouds: Any) -> None:
    kubernetes = clouds.connect("kubernetes")
    queue = {
        "apiVersion": "kueue.x-k8s.io/v1beta1",
        "kind": "ClusterQueue",
        "metadata": {"name": "q"},
        "spec": {"a": 1},
    }
    id, outputs = kubernetes.create("kubernetes:kueue.x-k8s.io/v1beta1:ClusterQueue", queue)
    assert id.endswith("q")
    assert outputs["spec"] == {"a": 1}


def test_commands_are_refused_with_the_reason(clouds: Any) -> None:
    failures = clouds.connect("command").failures("command:local:Command", {"create": "rm -rf /"})
    assert "do not run in a rehearsal" in failures["create"]


@pytest.mark.parametrize("name", ["Trainer", "1vm", "vm-", "v_m", "a" * 64])
def test_a_name_that_compute_engine_does_not_take_is_refused_in_its_words(
    gcp: Any, gpu_vm: dict[str, Any], name: str
) -> None:
    reason = gcp.failures(VM, {**gpu_vm, "name": name})["name"]
    assert reason.startswith(f"Invalid value for field 'resource.name': '{name}'. Must be a match of regex")


@pytest.mark.parametrize(
    ("labels", "path", "what"),
    [
        ({"owner": "ml-platform@acme.example"}, "labels.owner", "Label value 'ml-platform@acme.example' violates"),
        ({"owner": "ML"}, "labels.owner", "Label value 'ML' violates"),
        ({"Owner": "ml"}, "labels.Owner", "Label key 'Owner' violates"),
        ({"owner": "a" * 64}, "labels.owner", "violates format constraints"),
    ],
)
def test_a_label_that_google_does_not_take_is_refused_in_its_words(
    gcp: Any, gpu_vm: dict[str, Any], labels: dict[str, str], path: str, what: str
) -> None:
    assert what in gcp.failures(VM, {**gpu_vm, "labels": labels})[path]


def test_labels_that_google_takes_are_taken(gcp: Any, gpu_vm: dict[str, Any]) -> None:
    assert gcp.failures(VM, {**gpu_vm, "labels": {"a-b_c": "20261124t140000z", "empty": "", "größe": "ü"}}) == {}


@pytest.mark.parametrize("given", [{"description": 5}, {"labels": {"a": True}}, {"canIpForward": "true"}])
def test_what_terraform_s_bridge_makes_right_is_right(gcp: Any, gpu_vm: dict[str, Any], given: dict[str, Any]) -> None:
    assert gcp.failures(VM, {**gpu_vm, **given}) == {}
