"""Azure's API side in this process, with Microsoft's own clients against it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from azure.core.credentials import AccessToken
from azure.core.pipeline.policies import SansIOHTTPPolicy
from azure.mgmt.compute import ComputeManagementClient
from azure.mgmt.network import NetworkManagementClient
from azure.mgmt.storage import StorageManagementClient
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from trainyard.sandbox.api.azure import server
from trainyard.sandbox.api.serving import serve_cloud
from trainyard.sandbox.store import Store

SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
GROUP = "lab"
SIZE = "Standard_NC24ads_A100_v4"
KEY = Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
_FAR = 4_000_000_000


def gpu_machine(name: str, **more: Any) -> dict[str, Any]:
    """The properties of a GPU machine without a network."""
    key = {"path": "/home/azureuser/.ssh/authorized_keys", "keyData": KEY}
    disk = {"createOption": "FromImage", "managedDisk": {"storageAccountType": "Premium_LRS"}}
    return {
        "hardwareProfile": {"vmSize": SIZE},
        "storageProfile": {
            "imageReference": {
                "publisher": "Canonical",
                "offer": "ubuntu-24_04-lts",
                "sku": "server",
                "version": "latest",
            },
            "osDisk": disk,
        },
        "osProfile": {
            "computerName": name,
            "adminUsername": "azureuser",
            "linuxConfiguration": {"disablePasswordAuthentication": True, "ssh": {"publicKeys": [key]}},
        },
        "networkProfile": {"networkInterfaces": []},
        **more,
    }


class _Token(SansIOHTTPPolicy[Any, Any]):
    """Azure's own policy sends tokens over https only."""

    def __init__(self, token: str) -> None:
        self._token = token

    def on_request(self, request: Any) -> None:
        request.http_request.headers["Authorization"] = f"Bearer {self._token}"


class _Credential:
    def get_token(self, *scopes: str, **more: Any) -> AccessToken:
        return AccessToken("word", _FAR)


@dataclass(frozen=True)
class Azure:
    """The clients, and plain calls for what no installed client asks."""

    url: str

    @property
    def compute(self) -> ComputeManagementClient:
        return ComputeManagementClient(_Credential(), SUBSCRIPTION, **self._how())

    @property
    def network(self) -> NetworkManagementClient:
        return NetworkManagementClient(_Credential(), SUBSCRIPTION, **self._how())

    @property
    def storage(self) -> StorageManagementClient:
        return StorageManagementClient(_Credential(), SUBSCRIPTION, **self._how())

    def compute_with(self, token: str) -> ComputeManagementClient:
        return ComputeManagementClient(_Credential(), SUBSCRIPTION, **self._how(token))

    def ask(
        self, method: str, path: str, body: object = None, *, subscription: str = SUBSCRIPTION, **headers: str
    ) -> requests.Response:
        """A plain call below the subscription."""
        join = "&" if "?" in path else "?"
        url = f"{self.url}/subscriptions/{subscription}{path}{join}api-version=2024-07-01"
        sent = {"Authorization": "Bearer word", **headers}
        return requests.request(method, url, json=body, headers=sent, timeout=30)

    def finish(self, answer: requests.Response) -> requests.Response:
        """Wait for a long-running call."""
        assert answer.status_code in (201, 202), answer.text
        where = answer.headers["Azure-AsyncOperation"]
        return requests.get(where, headers={"Authorization": "Bearer word"}, timeout=30)

    def _how(self, token: str = "word") -> dict[str, Any]:
        policy = _Token(token)
        return {"base_url": self.url, "authentication_policy": policy, "polling_interval": 0, "retry_total": 0}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.open(tmp_path / "store.sqlite")
    yield store
    store.close()


@pytest.fixture
def azure(store: Store, tmp_path: Path) -> Iterator[Azure]:
    with serve_cloud(server.Azure, store, tmp_path / "store.sqlite", token="word") as served:
        azure = Azure(served.url)
        assert azure.ask("PUT", f"/resourceGroups/{GROUP}", {"location": "eastus"}).status_code == 201
        yield azure


@pytest.fixture
def machine_body() -> Callable[..., dict[str, Any]]:
    """What a PUT takes for a GPU machine; `os_disk` goes into its OS disk."""

    def body(*, os_disk: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        found = {"location": "eastus", "properties": gpu_machine("lab"), **more}
        found["properties"]["storageProfile"]["osDisk"] |= os_disk or {}
        return found

    return body
