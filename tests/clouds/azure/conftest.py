"""The sandbox's Azure side in this process, and plain calls to plant things in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.sandbox.api.azure.conftest import SIZE, SUBSCRIPTION, gpu_machine
from trainyard.facts.origin import Sandbox
from trainyard.sandbox.api.azure.server import Azure
from trainyard.sandbox.api.serving import serve_cloud
from trainyard.sandbox.store import Store

LEASE = "dev-lab-0a1b2c3d"
__all__ = ["LEASE", "SIZE", "SUBSCRIPTION", "Cloud"]


@dataclass(frozen=True)
class Cloud:
    """What a person with Azure's own tools would do."""

    url: str
    token: str = "word"

    def ask(self, method: str, path: str, body: object = None) -> requests.Response:
        """A call below the resource group "lab", waited for."""
        return self.call(method, f"/subscriptions/{SUBSCRIPTION}/resourceGroups/lab{path}", body)

    def call(self, method: str, path: str, body: object = None) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        url = f"{self.url}{path}?api-version=2024-07-01"
        answer = requests.request(method, url, json=body, headers=headers, timeout=30)
        assert answer.ok, answer.text
        if "Azure-AsyncOperation" in answer.headers:
            done = requests.get(answer.headers["Azure-AsyncOperation"], headers=headers, timeout=30)
            assert done.json()["status"] == "Succeeded"
        return answer

    def group(self) -> None:
        self.ask("PUT", "", {"location": "eastus"})

    def machine(self, name: str, lease: str | None, **more: Any) -> None:
        """A GPU machine; `more` goes into its properties."""
        tags = {"trainyard-lease": lease} if lease else {}
        body = {"location": "eastus", "tags": tags, "properties": gpu_machine(name, **more)}
        self.ask("PUT", f"/providers/Microsoft.Compute/virtualMachines/{name}", body)

    def to(self, verb: str, name: str) -> None:
        self.ask("POST", f"/providers/Microsoft.Compute/virtualMachines/{name}/{verb}")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.open(tmp_path / "store.sqlite")
    yield store
    store.close()


@pytest.fixture
def sandbox(store: Store, tmp_path: Path) -> Iterator[Sandbox]:
    with serve_cloud(Azure, store, tmp_path / "store.sqlite", token="word") as served:
        yield Sandbox(folder=tmp_path, pid=1, token="word", providers={}, api={"azure": served.url})


@pytest.fixture
def cloud(sandbox: Sandbox) -> Cloud:
    cloud = Cloud(sandbox.api["azure"])
    cloud.group()
    return cloud


@pytest.fixture
def break_call(store: Store) -> Callable[..., None]:
    """Let a call go wrong, as a faults file would."""
    from trainyard.sandbox import faults

    def broken(call: str, kind: str, **more: Any) -> None:
        faults.replace(store, [faults.Fault(call=call, kind=kind, **more)])

    return broken
