"""The sandbox's API side in this process, and Google's own client to plant things in it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from trainyard.clouds.gcp.client import compute
from trainyard.facts.origin import Sandbox
from trainyard.sandbox.api.server import Google
from trainyard.sandbox.api.serving import serve_cloud
from trainyard.sandbox.store import Store

PROJECT = "trainyard-sandbox-copy-of-acme-ml-dev"
ZONE = "europe-west4-a"
Plant = Callable[..., None]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.open(tmp_path / "store.sqlite")
    yield store
    store.close()


@pytest.fixture
def sandbox(store: Store, tmp_path: Path) -> Iterator[Sandbox]:
    with serve_cloud(Google, store, tmp_path / "store.sqlite", token="word") as served:
        yield Sandbox(folder=tmp_path, pid=1, token="word", providers={}, api={"gcp": served.url})


@pytest.fixture
def google(sandbox: Sandbox) -> Any:
    return compute(sandbox)


@pytest.fixture
def plant(google: Any) -> Plant:
    def plant(name: str, lease: str | None, **more: Any) -> None:
        disk = {
            "boot": True,
            "initializeParams": {
                "sourceImage": "projects/debian-cloud/global/images/family/debian-12",
                "diskType": f"zones/{ZONE}/diskTypes/pd-balanced",
            },
        }
        body = {
            "name": name,
            "machineType": f"zones/{ZONE}/machineTypes/g2-standard-8",
            "labels": {"trainyard-lease": lease} if lease else {},
            "disks": [disk],
            "networkInterfaces": [{"network": "global/networks/default"}],
            "scheduling": {"onHostMaintenance": "TERMINATE"},
            **more,
        }
        google.instances().insert(project=PROJECT, zone=ZONE, body=body).execute()

    return plant
