"""Machines that Vertex AI keeps: fixed in number or growing while jobs wait, and never fewer than one."""

from dataclasses import replace

import pytest

from components.gcp.persistent_resource import PersistentResource, PersistentResourceArgs

PLAIN = PersistentResourceArgs(
    project="acme-ml-dev",
    region="europe-west4",
    machine_type="a2-highgpu-1g",
    accelerator_type="NVIDIA_TESLA_A100",
    accelerator_count=1,
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


def test_a_zone_is_no_region() -> None:
    with pytest.raises(ValueError, match="europe-west4"):
        replace(PLAIN, region="europe-west4-a")
