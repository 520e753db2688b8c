"""Places of every Google service, TPU machines by zone, and images: what there never was is refused."""

from typing import Any

import pytest

from trainyard.sandbox.packages import installed
from trainyard.sandbox.provider.gcp_images import check_images, refusal
from trainyard.sandbox.provider.gcp_locations import check_locations
from trainyard.sandbox.provider.gcp_machines import check_machine
from trainyard.sandbox.provider.gcp_places import check_places
from trainyard.sandbox.schema import ResourceType


@pytest.mark.parametrize(
    "image",
    [
        "debian-11",
        "debian-9",
        "debian-cloud/debian-12",
        "debian-cloud/debian-12-bookworm-v20240110",
        "family/debian-12",
        "global/images/family/mine",
        "projects/debian-cloud/global/images/family/debian-13",
        "projects/my-project/global/images/my-image-1",
        "https://www.googleapis.com/compute/v1/projects/debian-cloud/global/images/debian-11-bullseye-v20220719",
        "ubuntu-os-cloud/ubuntu-2204-lts",
        "ubuntu-2004-lts",
        "ubuntu-os-cloud/ubuntu-2404-lts-amd64",
        "cos-cloud/cos-stable",
        "windows-cloud/windows-2022",
        "deeplearning-platform-release/common-cu129-ubuntu-2404-nvidia-580",
        "ubuntu-os-accelerator-images/ubuntu-accelerator-2404-amd64-with-nvidia-580",
        "somebody-s-project/whatever",
        "example.com:proj/whatever",
        "my-own-image",
    ],
)
def test_an_image_that_may_be_there_is_taken(image: str) -> None:
    assert refusal(image) is None


@pytest.mark.parametrize(
    ("image", "hint"),
    [
        ("debian:11", 'give "debian-12"'),
        ("Debian 11", 'give "debian-12"'),
        ("debian-cloud/debian-99", "debian-cloud has no such family"),
        ("debian-cloud/debain-12", 'did you mean "debian-cloud/debian-12"?'),
        ("debian-cloud/ubuntu-2204-lts", "debian-cloud has no such family"),
        ("ubuntu-os-cloud/ubuntu-2404-lts", 'did you mean "ubuntu-os-cloud/ubuntu-2404-lts-amd64"?'),
        ("ubuntu-os-cloud/ubuntu-2204", 'did you mean "ubuntu-os-cloud/ubuntu-2204-lts"?'),
        ("projects/debian-cloud/images/debian-12", "projects/PROJECT/global/images"),
        ("debian-99", "debian-cloud has no such family"),
    ],
)
def test_an_image_that_there_never_was_is_refused_with_what_there_is(image: str, hint: str) -> None:
    inputs = {"bootDisk": {"initializeParams": {"image": image}}}
    problems = list(check_images("gcp:compute/instance:Instance", inputs))
    assert [problem.path for problem in problems] == ["bootDisk.initializeParams.image"]
    assert f"Could not find image or family {image}" in problems[0].reason
    assert hint in problems[0].reason


def test_the_images_of_disks_and_templates_are_looked_at_too() -> None:
    disk = list(check_images("gcp:compute/disk:Disk", {"image": "debian-cloud/debian-99"}))
    template = {"disks": [{"sourceImage": "debian-cloud/debian-12"}, {"sourceImage": "debian-cloud/debian-99"}]}
    disks = list(check_images("gcp:compute/instanceTemplate:InstanceTemplate", template))
    assert [problem.path for problem in [*disk, *disks]] == ["image", "disks[1].sourceImage"]


@pytest.mark.parametrize(
    ("token", "inputs", "hint"),
    [
        ("gcp:cloudrunv2/service:Service", {"location": "us-centrl1"}, 'did you mean "us-central1"?'),
        ("gcp:cloudrun/service:Service", {"location": "us-central1-a"}, 'its region is "us-central1"'),
        ("gcp:storage/bucket:Bucket", {"location": "us-east-1"}, 'did you mean "us-east1"?'),
        ("gcp:storage/bucket:Bucket", {"location": "mars"}, "tells the regions"),
        ("gcp:artifactregistry/repository:Repository", {"location": "global"}, "tells the regions"),
        ("gcp:workbench/instance:Instance", {"location": "us-central1"}, "its zones are us-central1-a"),
        ("gcp:vertex/aiTensorboard:AiTensorboard", {"region": "us-central1-a"}, 'its region is "us-central1"'),
        ("gcp:container/cluster:Cluster", {"location": "us-central9"}, "did you mean"),
        ("gcp:tpu/v2Vm:V2Vm", {"zone": "us-central1"}, "its zones are"),
        ("gcp:sql/databaseInstance:DatabaseInstance", {"region": "eu-west-1"}, "did you mean"),
    ],
)
def test_a_place_that_a_service_has_not_is_refused(token: str, inputs: dict[str, Any], hint: str) -> None:
    problems = list(check_locations(ResourceType(installed()["gcp"], token), inputs))
    assert [problem.path for problem in problems] == list(inputs)
    assert hint in problems[0].reason


@pytest.mark.parametrize(
    ("token", "inputs"),
    [
        ("gcp:storage/bucket:Bucket", {"location": "US"}),
        ("gcp:storage/bucket:Bucket", {"location": "EUR4"}),
        ("gcp:storage/bucket:Bucket", {"location": "EUROPE-WEST4"}),
        ("gcp:artifactregistry/repository:Repository", {"location": "europe"}),
        ("gcp:kms/keyRing:KeyRing", {"location": "global"}),
        ("gcp:container/cluster:Cluster", {"location": "us-central1-a"}),
        ("gcp:container/cluster:Cluster", {"location": "us-central1"}),
        ("gcp:tpu/v2Vm:V2Vm", {"zone": "us-central1-ai1a"}),
        ("gcp:bigquery/connection:Connection", {"location": "aws-us-east-1"}),
        ("gcp:bigquery/dataset:Dataset", {"location": "EU"}),
    ],
)
def test_a_place_that_a_service_has_is_taken(token: str, inputs: dict[str, Any]) -> None:
    assert list(check_locations(ResourceType(installed()["gcp"], token), inputs)) == []


def test_an_ai_zone_is_a_zone_of_its_region_only() -> None:
    assert list(check_places({"zone": "us-west4-ai2b"}, {})) == []
    assert len(list(check_places({"zone": "us-west9-ai2b"}, {}))) == 1


@pytest.mark.parametrize(
    ("machine_type", "zone", "hint"),
    [
        ("ct6e-standard-2t", "us-east5-a", "did you mean"),
        ("ct6e-standard-4t", "me-west1-a", "zones that have it: "),
        ("ct5p-hightpu-4t", "us-west2-a", "zones that have it: "),
    ],
)
def test_a_tpu_machine_that_its_zone_lacks_is_refused(machine_type: str, zone: str, hint: str) -> None:
    problems = list(check_machine({"machineType": machine_type, "zone": zone}, {}))
    assert len(problems) == 1
    assert hint in problems[0].reason


@pytest.mark.parametrize(
    ("machine_type", "zone"),
    [
        ("ct6e-standard-4t", "us-east5-a"),
        ("ct6e-standard-8t", "us-south1-ai1b"),
        ("tpu7x-standard-4t", "us-central1-c"),
    ],
)
def test_a_tpu_machine_that_its_zone_has_is_taken(machine_type: str, zone: str) -> None:
    assert list(check_machine({"machineType": machine_type, "zone": zone}, {})) == []
