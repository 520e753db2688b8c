"""Amazon's API over a store in this process, boto3's clients against it, and the provider side over the same store."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.sandbox.provider.conftest import Cloud
from trainyard.sandbox.api.aws.keys import key_pair
from trainyard.sandbox.api.aws.server import Aws
from trainyard.sandbox.api.serving import serve_cloud
from trainyard.sandbox.groups.keeping import keep
from trainyard.sandbox.provider.ports import serve_all
from trainyard.sandbox.store import Store

REGION = "us-east-1"
LEASE = "dev-lab-0a1b2c3d"
Client = Callable[..., Any]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.open(tmp_path / "store.sqlite")
    store.settlers[:] = [keep]  # as the daemon does: groups keep their machines
    yield store
    store.close()


@pytest.fixture
def client(store: Store, tmp_path: Path) -> Iterator[Client]:
    """A client of boto3 by the service's name; another region or other keys when asked."""
    pair = key_pair("word")
    with serve_cloud(Aws, store, tmp_path / "store.sqlite", token="word") as served:

        def make(service: str, region: str = REGION, **more: Any) -> Any:
            keys = {"aws_access_key_id": pair.key, "aws_secret_access_key": pair.secret, **more}
            return boto3.client(service, region_name=region, endpoint_url=served.url, **keys)

        yield make


@pytest.fixture
def ec2(client: Client) -> Any:
    return client("ec2")


@pytest.fixture
def image(ec2: Any) -> str:
    filters = [{"Name": "name", "Values": ["al2023-ami-*"]}]
    return str(ec2.describe_images(Owners=["amazon"], Filters=filters)["Images"][0]["ImageId"])


@pytest.fixture
def run(ec2: Any, image: str) -> Callable[..., list[dict[str, Any]]]:
    """Machines by RunInstances, with tags of their own."""

    def start(count: int = 1, *, tags: dict[str, str] | None = None, **more: Any) -> list[dict[str, Any]]:
        given = [{"Key": key, "Value": value} for key, value in (tags or {}).items()]
        named = [{"ResourceType": "instance", "Tags": given}] if given else []
        asked = {"ImageId": image, "InstanceType": "g5.xlarge", "TagSpecifications": named, **more}
        answer = ec2.run_instances(MinCount=count, MaxCount=count, **asked)
        return list(answer["Instances"])

    return start


@pytest.fixture
def connect(store: Store) -> Iterator[Callable[..., Cloud]]:
    """The AWS provider as an engine reaches it, configured as asked."""
    providers = serve_all(store, ["aws"])
    yield lambda **config: Cloud(providers.ports["aws"], {"region": REGION, **config})
    providers.stop()


@pytest.fixture
def provider(connect: Callable[..., Cloud]) -> Cloud:
    return connect()
