from typing import Any

import pytest

VM = "gcp:compute/instance:Instance"


def test_a_zone_that_does_not_exist_is_refused_with_the_nearest(gcp: Any, gpu_vm: dict[str, Any]) -> None:
    reason = gcp.failures(VM, {**gpu_vm, "zone": "us-central1-z"})["zone"]
    assert reason.startswith("Invalid value for field 'zone': 'us-central1-z'. Unknown zone.")
    assert 'did you mean "us-central1-' in reason


def test_a_region_as_zone_is_refused_with_its_zones(gcp: Any, gpu_vm: dict[str, Any]) -> None:
    reason = gcp.failures(VM, {**gpu_vm, "zone": "us-central1"})["zone"]
    assert "it is a region, its zones are us-central1-a, us-central1-b" in reason


def test_the_provider_s_own_zone_is_checked_too(clouds: Any, gpu_vm: dict[str, Any]) -> None:
    del gpu_vm["zone"]
    assert "Unknown zone" in clouds.connect("gcp", zone="mars-north1-a").failures(VM, gpu_vm)["zone"]


def test_a_region_that_does_not_exist_is_refused(gcp: Any) -> None:
    failures = gcp.failures("gcp:compute/router:Router", {"network": "n", "region": "us-centrl1"})
    assert 'did you mean "us-central1"?' in failures["region"]


def test_a_machine_type_that_its_zone_lacks_is_refused_with_the_zones_that_have_it(
    gcp: Any, gpu_vm: dict[str, Any]
) -> None:
    reason = gcp.failures(VM, {**gpu_vm, "machineType": "a3-highgpu-8g", "zone": "africa-south1-a"})["machineType"]
    assert reason.startswith(
        "Invalid value for field 'resource.machineType': 'zones/africa-south1-a/machineTypes/a3-highgpu-8g'. "
        "Machine type with name 'a3-highgpu-8g' does not exist in zone 'africa-south1-a'."
    )
    assert "zones that have it: " in reason


def test_a_machine_type_that_there_is_not_is_refused_with_the_nearest(gcp: Any, gpu_vm: dict[str, Any]) -> None:
    reason = gcp.failures(VM, {**gpu_vm, "machineType": "a2-highgpu-3g"})["machineType"]
    assert 'did you mean "a2-highgpu-' in reason


@pytest.mark.parametrize(
    "machine_type", ["e2-medium", "n1-standard-8", "n2-custom-8-16384", "c4-standard-2", "f1-micro"]
)
def test_machine_types_without_accelerators_are_taken(gcp: Any, gpu_vm: dict[str, Any], machine_type: str) -> None:
    assert gcp.failures(VM, {**gpu_vm, "machineType": machine_type, "scheduling": None}) == {}


def test_a_machine_type_by_its_link_is_checked_by_its_name(gcp: Any, gpu_vm: dict[str, Any]) -> None:
    link = "https://www.googleapis.com/compute/v1/projects/p/zones/us-central1-a/machineTypes/g2-standard-4"
    assert gcp.failures(VM, {**gpu_vm, "machineType": link}) == {}


def test_a_count_that_no_machine_has_is_refused_with_the_counts_there_are(gcp: Any, gpu_vm: dict[str, Any]) -> None:
    gpus = [{"type": "nvidia-tesla-t4", "count": 3}]
    failures = gcp.failures(VM, {**gpu_vm, "machineType": "n1-standard-8", "guestAccelerators": gpus})
    assert "allowed are 1, 2, 4 of nvidia-tesla-t4" in failures["guestAccelerators[0].count"]


def test_an_accelerator_on_a_machine_that_cannot_take_it_is_refused(gcp: Any, gpu_vm: dict[str, Any]) -> None:
    gpus = [{"type": "nvidia-tesla-a100", "count": 1}]
    reason = gcp.failures(VM, {**gpu_vm, "machineType": "n1-highmem-8", "guestAccelerators": gpus})
    assert reason["guestAccelerators[0]"].startswith(
        "[nvidia-tesla-a100, n1-highmem-8] features are not compatible for creating instance."
    )


def test_another_count_than_the_machine_type_brings_is_refused(gcp: Any, gpu_vm: dict[str, Any]) -> None:
    failures = gcp.failures(VM, {**gpu_vm, "guestAccelerators": [{"type": "nvidia-l4", "count": 2}]})
    assert "comes with 1 of nvidia-l4" in failures["guestAccelerators[0]"]


def test_the_accelerators_that_a_machine_type_brings_may_be_said(gcp: Any, gpu_vm: dict[str, Any]) -> None:
    assert gcp.failures(VM, {**gpu_vm, "guestAccelerators": [{"type": "nvidia-l4", "count": 1}]}) == {}


def test_an_accelerator_that_its_zone_lacks_is_refused(gcp: Any, gpu_vm: dict[str, Any]) -> None:
    vm = {**gpu_vm, "machineType": "n1-standard-8", "zone": "africa-south1-a"}
    failures = gcp.failures(VM, {**vm, "guestAccelerators": [{"type": "nvidia-tesla-t4", "count": 1}]})
    assert "was not found; zones that have it: " in failures["guestAccelerators[0].type"]


def test_a_template_without_a_place_needs_a_machine_type_that_is_somewhere(gcp: Any) -> None:
    template = {"disks": [{}], "machineType": "a3-highgpu-8h"}
    failures = gcp.failures("gcp:compute/instanceTemplate:InstanceTemplate", template)
    assert 'did you mean "a3-highgpu-8g"?' in failures["machineType"]


def test_an_amazon_type_that_its_region_lacks_is_refused_with_the_regions_that_have_it(clouds: Any) -> None:
    aws = clouds.connect("aws", region="eu-west-3")
    reason = aws.failures(
        "aws:ec2/instance:Instance", {"ami": "ami-0abcdef1234567890", "instanceType": "p4d.24xlarge"}
    )["instanceType"]
    assert "Your requested instance type (p4d.24xlarge) is not supported in your requested region (eu-west-3)" in reason
    assert "us-east-1" in reason


def test_an_amazon_type_that_there_is_not_is_refused_and_one_without_accelerators_is_taken(clouds: Any) -> None:
    aws = clouds.connect("aws", region="us-east-1")
    failures = aws.failures(
        "aws:ec2/instance:Instance", {"ami": "ami-0abcdef1234567890", "instanceType": "p4d.25xlarge"}
    )
    assert "Invalid value 'p4d.25xlarge' for InstanceType.; did you mean \"p4d.24xlarge\"?" in failures["instanceType"]
    assert aws.failures("aws:ec2/instance:Instance", {"ami": "ami-0abcdef1234567890", "instanceType": "t3.micro"}) == {}


def test_an_azure_size_that_its_location_lacks_is_refused(clouds: Any) -> None:
    azure = clouds.connect("azure-native")
    vm = {
        "resourceGroupName": "rg",
        "location": "Norway West",
        "hardwareProfile": {"vmSize": "Standard_ND96isr_H100_v5"},
    }
    reason = azure.failures("azure-native:compute:VirtualMachine", vm)["hardwareProfile.vmSize"]
    assert "The requested VM size Standard_ND96isr_H100_v5 is not available in the current region." in reason
    vm["hardwareProfile"] = {"vmSize": "Standard_D2s_v5"}
    assert azure.failures("azure-native:compute:VirtualMachine", vm) == {}
