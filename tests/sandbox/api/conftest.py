"""One sandbox for these tests; each test works in a project of its own."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from typing import Any

import google_auth_httplib2
import httplib2
import pytest
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build

from trainyard.sandbox import lifecycle
from trainyard.sandbox.folder import Folder
from trainyard.sandbox.lifecycle import Life
from trainyard.sandbox.running import Running
from trainyard.sandbox.store import Store


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = Folder(root=tmp_path_factory.mktemp("api") / ".sandbox")
    yield lifecycle.start(folder, life=Life(parent_pid=os.getpid(), max_seconds=5400)).running
    lifecycle.stop(folder)


@pytest.fixture
def store(sandbox: Running) -> Iterator[Store]:
    store = Store.open(sandbox.store)
    yield store
    store.set_meta("faults", "")
    store.set_meta("waits", "instant")
    store.close()


@pytest.fixture
def project(request: pytest.FixtureRequest) -> str:
    return "trainyard-sandbox-copy-of-" + re.sub(r"[^a-z0-9]+", "-", request.node.name.lower())[-60:]


@pytest.fixture(scope="session")
def client_for(sandbox: Running) -> Callable[[str], Any]:
    """Google's own client with a given token."""

    def client(token: str) -> Any:
        http = google_auth_httplib2.AuthorizedHttp(Credentials(token), http=httplib2.Http(timeout=30, proxy_info=None))
        options = {"api_endpoint": f"{sandbox.api['gcp']}/compute/v1/"}
        return build("compute", "v1", http=http, static_discovery=True, client_options=options)

    return client


@pytest.fixture
def compute(client_for: Callable[[str], Any], sandbox: Running) -> Any:
    return client_for(sandbox.token)


@pytest.fixture
def machine_body() -> Callable[..., dict[str, Any]]:
    """What `instances.insert` takes for a small GPU machine."""

    def body(name: str, **more: Any) -> dict[str, Any]:
        image = "projects/debian-cloud/global/images/family/debian-12"
        return {
            "name": name,
            "machineType": "zones/us-central1-a/machineTypes/g2-standard-4",
            "disks": [
                {"boot": True, "autoDelete": True, "initializeParams": {"sourceImage": image, "diskSizeGb": "50"}}
            ],
            "networkInterfaces": [{"network": "global/networks/default"}],
            "scheduling": {"onHostMaintenance": "TERMINATE"},
            **more,
        }

    return body
