"""Quotas count what is there, by each cloud's own rules, and refuse in its words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from trainyard.sandbox.api.compute.making import make
from trainyard.sandbox.api.google_error import GoogleError
from trainyard.sandbox.folder import SandboxError
from trainyard.sandbox.provider.order import Refused
from trainyard.sandbox.quotas import limits
from trainyard.sandbox.quotas.limits import Limit, check_quotas
from trainyard.sandbox.store import Store, Thing

VM = Thing(
    type="gcp:compute/instance:Instance",
    id="m",
    package="gcp",
    place="us-central1-a",
    inputs={"machineType": "a3-highgpu-8g"},
)


def spot(thing: Thing) -> Thing:
    return replace(thing, inputs={**thing.inputs, "scheduling": {"provisioningModel": "SPOT"}})


def test_without_limits_everything_fits(store: Store) -> None:
    check_quotas(store, VM)


def test_the_ninth_accelerator_of_eight_is_refused_in_google_s_words(store: Store) -> None:
    limits.replace(store, [Limit(cloud="gcp", metric="NVIDIA_H100_GPUS", limit=8)])
    check_quotas(store, VM)
    store.add(VM)
    with pytest.raises(Refused, match=r"Quota 'NVIDIA_H100_GPUS' exceeded.  Limit: 8.0 in region us-central1"):
        check_quotas(store, replace(VM, id="n"))
    check_quotas(store, replace(VM, id="n", place="europe-west4-b"))


def test_spot_and_flex_start_count_as_preemptible_and_only_so(store: Store) -> None:
    limits.replace(store, [Limit(cloud="gcp", metric="PREEMPTIBLE_NVIDIA_H100_GPUS", limit=0)])
    check_quotas(store, VM)
    with pytest.raises(Refused, match="PREEMPTIBLE_NVIDIA_H100_GPUS"):
        check_quotas(store, spot(VM))
    flex = replace(VM, inputs={**VM.inputs, "scheduling": {"provisioningModel": "FLEX_START"}})
    with pytest.raises(Refused, match="PREEMPTIBLE_NVIDIA_H100_GPUS"):
        check_quotas(store, flex)


def test_the_global_quota_counts_all_regions_together(store: Store) -> None:
    limits.replace(store, [Limit(cloud="gcp", metric="GPUS_ALL_REGIONS", limit=8)])
    store.add(VM)
    with pytest.raises(Refused, match="globally"):
        check_quotas(store, replace(VM, id="n", place="europe-west4-b"))


def test_a_stopped_machine_frees_its_accelerators(store: Store) -> None:
    limits.replace(store, [Limit(cloud="gcp", metric="NVIDIA_H100_GPUS", limit=8)])
    made = store.add(VM)
    store.put(replace(made, status="stopped"))
    check_quotas(store, replace(VM, id="n"))


@pytest.mark.parametrize(
    ("package", "type", "place", "inputs", "limit", "text"),
    [
        (
            "aws",
            "aws:ec2/instance:Instance",
            "us-east-1a",
            {"instanceType": "p4d.24xlarge"},
            Limit(cloud="aws", metric="Running On-Demand P instances", place="us-east-1", limit=95),
            "VcpuLimitExceeded: .* limit of 95",
        ),
        (
            "aws",
            "aws:ec2/instance:Instance",
            "us-east-1a",
            {"instanceType": "m5.4xlarge"},
            Limit(cloud="aws", metric="Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances", limit=15),
            "limit of 15",
        ),
        (
            "aws",
            "aws:sagemaker/trainingJob:TrainingJob",
            "us-east-1",
            {"resourceConfig": {"instanceType": "ml.p4d.24xlarge", "instanceCount": 2}},
            Limit(cloud="sagemaker", metric="ml.p4d.24xlarge for training job usage", limit=1),
            "'ml.p4d.24xlarge for training job usage' is 1 Instances, .* delta of 2",
        ),
        (
            "azure-native",
            "azure-native:compute:VirtualMachine",
            "West Europe",
            {"hardwareProfile": {"vmSize": "Standard_NC24ads_A100_v4"}},
            Limit(cloud="azure", metric="Standard NCADS_A100_v4 Family vCPUs", place="westeurope", limit=0),
            "Additional Required: 24",
        ),
        (
            "azure-native",
            "azure-native:compute:VirtualMachine",
            "westeurope",
            {"hardwareProfile": {"vmSize": "Standard_NC24ads_A100_v4"}, "priority": "Spot"},
            Limit(cloud="azure", metric="Total Regional Low-priority vCPUs", limit=0),
            "Low-priority",
        ),
        (
            "azure-native",
            "azure-native:machinelearningservices:Compute",
            "westeurope",
            {"properties": {"properties": {"vmSize": "Standard_NC24ads_A100_v4"}}},
            Limit(cloud="azure-ml", metric="Standard NCADS_A100_v4 Family vCPUs", limit=0),
            "cannot accomodate",
        ),
    ],
)
def test_the_other_clouds_count_by_their_own_rules(
    store: Store, package: str, type: str, place: str, inputs: dict[str, Any], limit: Limit, text: str
) -> None:
    thing = Thing(type=type, id="x", package=package, place=place, inputs=inputs)
    check_quotas(store, thing)
    limits.replace(store, [limit])
    with pytest.raises(Refused, match=text):
        check_quotas(store, thing)


def test_azure_machine_learning_has_a_quota_of_its_own(store: Store) -> None:
    limits.replace(store, [Limit(cloud="azure-ml", metric="Total Regional vCPUs", limit=0)])
    machine = {"hardwareProfile": {"vmSize": "Standard_NC24ads_A100_v4"}}
    check_quotas(
        store,
        Thing(
            type="azure-native:compute:VirtualMachine",
            id="x",
            package="azure-native",
            place="westeurope",
            inputs=machine,
        ),
    )


def test_a_file_of_limits_is_read_and_its_usage_told(store: Store, tmp_path: Path) -> None:
    (tmp_path / "q.yaml").write_text("- { cloud: gcp, metric: NVIDIA_H100_GPUS, place: us-central1, limit: 16 }\n")
    limits.replace(store, limits.load(tmp_path / "q.yaml"))
    store.add(VM)
    assert [used for used in limits.usage(store).values()] == [[("us-central1", 8.0)]]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("- { cloud: gpc, metric: X, limit: 1 }", "cloud 'gpc' is not known"),
        ("- { cloud: gcp, metric: NVIDIA_H100_GPU, limit: 1 }", "did you mean 'NVIDIA_H100_GPUS'"),
        ("- { cloud: gcp, metric: INSTANCES, limit: -1 }", "limit -1 is no number from 0 on"),
        ("- { cloud: gcp, metric: INSTANCES, limit: 1, region: x }", "unknown key 'region'"),
        ("- { cloud: sagemaker, metric: p4d, limit: 1 }", "ml.p4d.24xlarge for training job usage"),
        ("a: b", "a list of quotas was expected"),
        ("- [", "cannot be read as YAML"),
    ],
)
def test_a_mistake_in_the_file_is_named(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "q.yaml").write_text(text)
    with pytest.raises(SandboxError) as refused:
        limits.load(tmp_path / "q.yaml")
    assert problem in str(refused.value)


def test_a_machine_that_google_s_api_is_asked_for_counts_as_one_of_the_provider(store: Store) -> None:
    limits.replace(store, [Limit(cloud="gcp", metric="INSTANCES", limit=0)])
    wanted = {
        "name": "planted",
        "project": "trainyard-sandbox-copy-of-acme",
        "zone": "us-central1-a",
        "machineType": "e2-small",
        "bootDisk": {"initializeParams": {"image": "debian-cloud/debian-12"}},
        "networkInterfaces": [{"network": "default"}],
    }
    with pytest.raises(GoogleError, match="Quota 'INSTANCES' exceeded"):
        make(store, VM.type, wanted)
    assert store.list() == []
