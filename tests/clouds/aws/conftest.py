"""The sandbox's AWS side in this process, and boto3 to plant things in it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.sandbox.provider.conftest import Cloud
from trainyard.facts.origin import Sandbox
from trainyard.sandbox.api.aws.keys import key_pair
from trainyard.sandbox.api.aws.server import Aws
from trainyard.sandbox.api.serving import serve_cloud
from trainyard.sandbox.provider.ports import serve_all
from trainyard.sandbox.store import Store

PLACE = "000000000000/us-east-1"
LEASE = "dev-lab-0a1b2c3d"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.open(tmp_path / "store.sqlite")
    yield store
    store.close()


@pytest.fixture
def sandbox(store: Store, tmp_path: Path) -> Iterator[Sandbox]:
    with serve_cloud(Aws, store, tmp_path / "store.sqlite", token="word") as served:
        yield Sandbox(folder=tmp_path, pid=1, token="word", providers={}, api={"aws": served.url})


@pytest.fixture
def ec2(sandbox: Sandbox) -> Any:
    pair = key_pair("word")
    keys = {"aws_access_key_id": pair.key, "aws_secret_access_key": pair.secret}
    return boto3.client("ec2", region_name="us-east-1", endpoint_url=sandbox.api["aws"], **keys)


@pytest.fixture
def plant(ec2: Any, store: Store) -> Callable[..., str]:
    """A running machine with a lease's tag, or without; its id."""

    def plant(lease: str | None, **more: Any) -> str:
        image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
        tags = [{"Key": "trainyard-lease", "Value": lease}, {"Key": "Name", "Value": "stray"}] if lease else []
        named = [{"ResourceType": "instance", "Tags": tags}] if tags else []
        asked = {"ImageId": image, "InstanceType": "g5.xlarge", "TagSpecifications": named, **more}
        answer = ec2.run_instances(MinCount=1, MaxCount=1, **asked)
        store.advance(60)
        return str(answer["Instances"][0]["InstanceId"])

    return plant


@pytest.fixture
def provider(store: Store) -> Iterator[Cloud]:
    providers = serve_all(store, ["aws"])
    yield Cloud(providers.ports["aws"], {"region": "us-east-1"})
    providers.stop()
