"""Which quotas a machine counts in: by capacity, family and service."""

from __future__ import annotations

import pytest

from trainyard.facts.offer import Offer, load_offers
from trainyard.facts.quotas import QuotaNeed, needs


def offer(cloud: str, machine_type: str) -> Offer:
    return next(each for each in load_offers(cloud) if each.machine_type == machine_type)


def metrics(found: tuple[QuotaNeed, ...]) -> list[tuple[str, str, float]]:
    return [(need.service, need.metric, need.amount) for need in found]


@pytest.mark.parametrize("way", ["spot", "flex-start"])
def test_spot_and_flex_start_on_google_count_as_preemptible_alone(way: str) -> None:
    assert metrics(needs("gpu-vm", offer("gcp", "g2-standard-96"), way, 2)) == [
        ("gcp", "PREEMPTIBLE_NVIDIA_L4_GPUS", 16.0)
    ]


def test_on_demand_on_google_counts_in_the_region_and_in_all_of_them() -> None:
    found = needs("gpu-vm", offer("gcp", "a2-highgpu-1g"), "on-demand", 1)
    assert metrics(found) == [("gcp", "GPUS_ALL_REGIONS", 1.0), ("gcp", "NVIDIA_A100_GPUS", 1.0)]
    assert [need.place for need in found] == ["", found[1].place]


def test_an_h100_has_a_metric_for_spot_and_on_demand_counts_by_its_family() -> None:
    machine = offer("gcp", "a3-highgpu-8g")
    assert metrics(needs("gpu-vm", machine, "spot", 1)) == [("gcp", "PREEMPTIBLE_NVIDIA_H100_GPUS", 8.0)]
    assert needs("gpu-vm", machine, "on-demand", 1)[1].unread is not None


def test_jobs_of_vertex_count_in_quotas_that_no_call_reads() -> None:
    [need] = needs("training-job", offer("gcp", "a2-highgpu-1g"), "spot", 1)
    assert (need.service, need.unread is not None) == ("vertex", True)


@pytest.mark.parametrize(
    ("machine_type", "way", "code"),
    [
        ("p4d.24xlarge", "on-demand", "L-417A185B"),
        ("p5.48xlarge", "on-demand", "L-417A185B"),
        ("p4d.24xlarge", "spot", "L-7212CCBC"),
        ("p5.48xlarge", "spot", "L-C4BD4855"),
        ("g6.xlarge", "on-demand", "L-DB2E81BA"),
        ("g6.xlarge", "spot", "L-3819A6DF"),
    ],
)
def test_amazons_quotas_go_by_family_and_spot_has_its_own(machine_type: str, way: str, code: str) -> None:
    [need] = needs("gpu-vm", offer("aws", machine_type), way, 1)
    assert need.code == code
    assert need.amount == offer("aws", machine_type).vcpus


def test_in_which_spot_quota_p6_counts_is_not_guessed() -> None:
    [need] = needs("gpu-vm", offer("aws", "p6-b200.48xlarge"), "spot", 1)
    assert need.code == ""
    assert need.unread is not None


def test_sagemaker_counts_machines_of_a_type_and_not_vcpus() -> None:
    assert metrics(needs("training-job", offer("aws", "g6.xlarge"), "spot", 3)) == [
        ("sagemaker", "ml.g6.xlarge for spot training job usage", 3.0)
    ]


def test_azure_counts_all_cores_and_the_familys_and_spot_in_one_pool() -> None:
    machine = offer("azure", "Standard_NC24ads_A100_v4")
    assert metrics(needs("gpu-vm", machine, "on-demand", 1)) == [("azure", "cores", 24.0), ("azure", "family", 24.0)]
    assert metrics(needs("gpu-vm", machine, "spot", 1)) == [("azure", "lowPriorityCores", 24.0)]
    assert metrics(needs("training-job", machine, "spot", 1)) == [("azure-ml", "lowPriorityCores", 24.0)]


@pytest.mark.parametrize("way", ["reserved", "block"])
def test_what_was_paid_and_counted_in_advance_needs_nothing_more(way: str) -> None:
    assert needs("gpu-vm", offer("aws", "p5.48xlarge"), way, 4) == ()
