"""Docker's helper for Azure's registries: a token for each pull as the lease's identity, and nothing kept."""

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs

import pytest

from components.bootstrap.container_runtime import container_runtime
from components.bootstrap.registry_login_azure import registry_login
from tests.components.bootstrap.conftest import SCRIPTS, Node
from tests.components.bootstrap.fixtures.azure_metadata import LEASES, AzureMetadata, serve_azure_metadata

IDENTITY = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/dev-node"
HELPER = "docker_credential_azure.sh"
REFRESH = "eyJhbGciOiJSUzI1NiJ9.eyJqdGkiOiIx.c2ln"


@dataclass(kw_only=True)
class Registry:
    """A registry's own token service."""

    host: str = ""
    lets_in: bool = True
    forms: list[dict[str, list[str]]] = field(default_factory=list)


@pytest.fixture
def metadata() -> Iterator[AzureMetadata]:
    with serve_azure_metadata() as made:
        yield made


@pytest.fixture
def registry() -> Iterator[Registry]:
    made = Registry()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            made.forms.append(parse_qs(self.rfile.read(length).decode()))
            there = self.path == "/oauth2/exchange"
            self.send_response(200 if there and made.lets_in else 401)
            self.end_headers()
            self.wfile.write(json.dumps({"refresh_token": REFRESH} if made.lets_in else {"errors": []}).encode())

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.host = f"127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


def ask(node: Node, metadata: AzureMetadata, verb: str, text: str = "") -> subprocess.CompletedProcess[str]:
    """Docker's own question: the verb as an argument, the registry on standard input."""
    node.configure(registry_login(identity=IDENTITY), metadata_url=metadata.url)
    environment = {"PATH": str(node.folder / "bin"), "CONFIG": str(node.folder / "etc"), "SCHEME": "http"}
    return subprocess.run(
        ["/bin/bash", str(SCRIPTS / HELPER), verb],
        input=text,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("form", ["{host}", "https://{host}", "https://{host}/v2/\n"])
def test_a_pull_gets_a_token_of_the_registry_as_the_lease(
    node: Node, metadata: AzureMetadata, registry: Registry, form: str
) -> None:
    server = form.format(host=registry.host)
    result = ask(node, metadata, "get", server)
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout) == {
        "ServerURL": server.strip(),
        "Username": "00000000-0000-0000-0000-000000000000",
        "Secret": REFRESH,
    }
    assert metadata.audiences == [("https://containerregistry.azure.net", IDENTITY)]
    assert registry.forms == [{"grant_type": ["access_token"], "service": [registry.host], "access_token": [LEASES]}]
    assert LEASES not in result.stderr


def test_a_registry_that_does_not_let_it_in_is_told_by_the_role_that_is_missing(
    node: Node, metadata: AzureMetadata, registry: Registry
) -> None:
    registry.lets_in = False
    result = ask(node, metadata, "get", registry.host)
    assert result.returncode == 1
    assert result.stdout == "credentials not found in native keychain\n"
    assert "has the lease's identity the role AcrPull on it?" in result.stderr


def test_without_a_token_of_the_metadata_service_nothing_is_asked_of_the_registry(
    node: Node, metadata: AzureMetadata, registry: Registry
) -> None:
    node.program("curl", "exit 22")
    result = ask(node, metadata, "get", registry.host)
    assert (result.returncode, registry.forms) == (1, [])
    assert "the metadata service gave no token" in result.stderr


def test_nothing_is_kept(node: Node, metadata: AzureMetadata) -> None:
    assert ask(node, metadata, "store", '{"ServerURL":"x","Username":"u","Secret":"s"}').returncode == 0
    assert ask(node, metadata, "erase", "x").returncode == 0
    assert ask(node, metadata, "list").stdout == "{}\n"
    assert ask(node, metadata, "version").returncode == 2
    assert "s" not in os.listdir(node.folder / "etc")


def test_docker_is_told_to_ask_it_for_azure_s_registries_only(node: Node) -> None:
    for name in ("docker", "apt-get", "docker-credential-ecr-login"):
        node.program(name)
    hosts = ("acmeimages.azurecr.io", "123456789012.dkr.ecr.eu-central-1.amazonaws.com")
    node.configure(container_runtime(gpus=False, registries=hosts))
    result = node.run("container_runtime.sh", DOCKER_CONFIG=str(node.folder / "docker"))
    assert result.returncode == 0, result.stderr
    assert json.loads((node.folder / "docker" / "config.json").read_text()) == {
        "credHelpers": {hosts[0]: "trainyard-acr", hosts[1]: "ecr-login"}
    }
    assert node.calls("apt-get") == []
