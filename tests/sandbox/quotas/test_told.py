"""What the vendors' own clients are told of quotas: the limits that were set, what is used, and nothing kinder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from trainyard.clouds.gcp.client import compute
from trainyard.facts.origin import Sandbox
from trainyard.sandbox.api.aws.keys import key_pair
from trainyard.sandbox.api.clouds import serve_clouds
from trainyard.sandbox.quotas import limits
from trainyard.sandbox.quotas.limits import Limit
from trainyard.sandbox.store import Store, Thing

PROJECT = "trainyard-sandbox-copy-of-acme-ml-dev"


@pytest.fixture
def sandbox(store: Store, tmp_path: Path) -> Iterator[Sandbox]:
    with serve_clouds(store, tmp_path / "store.sqlite", token="word") as served:
        api = {cloud: each.url for cloud, each in served.items()}
        yield Sandbox(folder=tmp_path, pid=1, token="word", providers={}, api=api)


@pytest.fixture
def amazon(sandbox: Sandbox) -> Any:
    pair = key_pair("word")
    keys = {"aws_access_key_id": pair.key, "aws_secret_access_key": pair.secret}
    return boto3.client("service-quotas", region_name="eu-central-1", endpoint_url=sandbox.api["aws"], **keys)


def test_google_tells_a_regions_limits_and_what_is_used_there(sandbox: Sandbox, store: Store) -> None:
    limits.replace(store, [Limit(cloud="gcp", metric="NVIDIA_A100_GPUS", place="us-central1", limit=4)])
    machine = {"machineType": "a2-highgpu-1g"}
    store.add(Thing(type="gcp:compute/instance:Instance", id="m", package="gcp", place="us-central1-a", inputs=machine))
    told = compute(sandbox).regions().get(project=PROJECT, region="us-central1").execute()["quotas"]
    assert {"metric": "NVIDIA_A100_GPUS", "limit": 4.0, "usage": 1.0} in told
    project = compute(sandbox).projects().get(project=PROJECT).execute()["quotas"]
    assert [(each["metric"], each["usage"]) for each in project] == [("GPUS_ALL_REGIONS", 1.0)]


def test_google_tells_no_metric_that_its_own_description_lacks(sandbox: Sandbox, store: Store) -> None:
    limits.replace(store, [Limit(cloud="gcp", metric="NVIDIA_H200_GPUS", limit=0)])
    told = compute(sandbox).regions().get(project=PROJECT, region="us-central1").execute()["quotas"]
    metrics = {each["metric"] for each in told}
    assert "NVIDIA_H200_GPUS" not in metrics
    assert "NVIDIA_H100_GPUS" not in metrics
    assert "PREEMPTIBLE_NVIDIA_H100_GPUS" in metrics


def test_amazon_tells_a_quota_by_its_code_and_refuses_one_that_is_none(amazon: Any, store: Store) -> None:
    limits.replace(store, [Limit(cloud="aws", metric="Running On-Demand P instances", limit=96)])
    quota = amazon.get_service_quota(ServiceCode="ec2", QuotaCode="L-417A185B")["Quota"]
    assert (quota["QuotaName"], quota["Value"]) == ("Running On-Demand P instances", 96.0)
    with pytest.raises(ClientError, match="NoSuchResourceException"):
        amazon.get_service_quota(ServiceCode="ec2", QuotaCode="L-00000000")


def test_amazons_list_comes_in_pages_and_whole(amazon: Any, store: Store) -> None:
    names = [f"ml.g{number}.xlarge for training job usage" for number in range(5)]
    limits.replace(store, [Limit(cloud="sagemaker", metric=name, limit=1) for name in names])
    pages = amazon.get_paginator("list_service_quotas").paginate(
        ServiceCode="sagemaker", PaginationConfig={"PageSize": 2}
    )
    told = [[quota["QuotaName"] for quota in page["Quotas"]] for page in pages]
    assert [len(page) for page in told] == [2, 2, 1]
    assert sorted(name for page in told for name in page) == names
