"""Machines that Vertex AI keeps: fixed in number or growing while jobs wait, and never fewer than one."""

from dataclasses import replace

import pytest

from components.gcp.persistent_resource import PersistentResource, PersistentResourceArgs

PLAIN = PersistentResourceArgs(
    project="acme-ml-dev",
    region="europe-west4",
    machine_type="a2-highgpu-1g",
    nodes=2,
    labels={"trainyard-lease": "dev-1a2b3c4d"},
)


def pool(deploy, **changes):
    found = deploy(lambda: PersistentResource("dev-pool", replace(PLAIN, **changes))).one("AiPersistentResource")
    return found.inputs["resourcePools"][0]


def test_a_fixed_size_has_no_scaling(deploy) -> None:
    assert pool(deploy)["replicaCount"] == "2"
    assert "autoscalingSpec" not in pool(deploy)


def test_a_growing_one_has_bounds_instead_of_a_size(deploy) -> None:
    found = pool(deploy, most_nodes=5)
    assert found["autoscalingSpec"] == {"minReplicaCount": "2", "maxReplicaCount": "5"}
    assert "replicaCount" not in found


@pytest.mark.parametrize("changes", [{"nodes": 0}, {"most_nodes": 1}])
def test_sizes_that_cannot_be_are_refused(changes: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="at least one node"):
        replace(PLAIN, **changes)


def test_its_machines_are_told_in_vertex_s_words_and_boot_from_what_they_need(deploy) -> None:
    machine = pool(deploy, machine_type="n1-standard-8", gpu_type="nvidia-tesla-t4", gpus=2)["machineSpec"]
    assert machine == {"machineType": "n1-standard-8", "acceleratorType": "NVIDIA_TESLA_T4", "acceleratorCount": 2}
    assert pool(deploy)["diskSpec"]["bootDiskType"] == "pd-ssd"
    assert pool(deploy, machine_type="a4-highgpu-8g")["diskSpec"]["bootDiskType"] == "hyperdisk-balanced"


def test_jobs_run_there_as_an_identity_of_their_own(deploy) -> None:
    found = deploy(lambda: PersistentResource("dev-pool", PLAIN)).one("AiPersistentResource").inputs
    assert found["resourceRuntimeSpec"] == {"serviceAccountSpec": {"enableCustomServiceAccount": True}}


@pytest.mark.parametrize(("machine_type", "says"), [("v5litepod-8", "no TPUs"), ("g4-standard-48", "G4")])
def test_machines_that_no_page_names_are_refused(machine_type: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        replace(PLAIN, machine_type=machine_type)


def test_a_zone_is_no_region() -> None:
    with pytest.raises(ValueError, match="europe-west4"):
        replace(PLAIN, region="europe-west4-a")
