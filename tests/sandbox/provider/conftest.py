"""A provider of each SDK over one store, asked over gRPC as an engine asks it."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc, status_pb2

from trainyard.sandbox.provider.ports import Providers, serve_all
from trainyard.sandbox.store import Store
from trainyard.servicer import decode, encode

GPU_VM: Mapping[str, Any] = {
    "name": "trainer",
    "zone": "us-central1-a",
    "machineType": "g2-standard-4",
    "bootDisk": {"initializeParams": {"image": "debian-cloud/debian-12", "size": 50}},
    "networkInterfaces": [{"network": "default"}],
    "scheduling": {"onHostMaintenance": "TERMINATE"},
}


class Cloud:
    """One engine connection to one provider."""

    def __init__(self, port: int, config: Mapping[str, Any]) -> None:
        channel = grpc.insecure_channel(f"127.0.0.1:{port}", options=[("grpc.use_local_subchannel_pool", 1)])
        self.stub: Any = provider_pb2_grpc.ResourceProviderStub(channel)
        self.stub.Configure(provider_pb2.ConfigureRequest(args=encode(config)))

    def check(self, token: str, inputs: Mapping[str, Any], **more: Any) -> Any:
        request = provider_pb2.CheckRequest(
            type=token, name="thing", urn=f"urn:pulumi:s::p::{token}::thing", news=encode(inputs), **more
        )
        return self.stub.Check(request)

    def failures(self, token: str, inputs: Mapping[str, Any]) -> dict[str, str]:
        """Property path to reason."""
        return {failure.property: failure.reason for failure in self.check(token, inputs).failures}

    def checked(self, token: str, inputs: Mapping[str, Any], **more: Any) -> dict[str, Any]:
        answer = self.check(token, inputs, **more)
        assert not answer.failures, list(answer.failures)
        return decode(answer.inputs)

    def create(self, token: str, inputs: Mapping[str, Any], *, preview: bool = False) -> tuple[str, dict[str, Any]]:
        checked = self.checked(token, inputs)
        request = provider_pb2.CreateRequest(type=token, name="thing", properties=encode(checked), preview=preview)
        answer = self.stub.Create(request)
        return answer.id, decode(answer.properties)

    def read(self, token: str, id: str) -> tuple[str, dict[str, Any], dict[str, Any]]:
        answer = self.stub.Read(provider_pb2.ReadRequest(type=token, id=id, name="thing"))
        return answer.id, decode(answer.properties), decode(answer.inputs)

    def update(self, token: str, id: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
        request = provider_pb2.UpdateRequest(
            type=token, id=id, name="thing", old_inputs=encode(old), news=encode(self.checked(token, new))
        )
        return decode(self.stub.Update(request).properties)

    def delete(self, token: str, id: str) -> None:
        self.stub.Delete(provider_pb2.DeleteRequest(type=token, id=id, name="thing"))

    def diff(
        self,
        token: str,
        old: Mapping[str, Any],
        new: Mapping[str, Any],
        *,
        ignored: tuple[str, ...] = (),
        told: Mapping[str, Any] | None = None,
    ) -> Any:
        request = provider_pb2.DiffRequest(
            type=token,
            id="x",
            name="thing",
            old_inputs=encode(old),
            olds=encode(told or old),
            news=encode(new),
            ignoreChanges=list(ignored),
        )
        return self.stub.Diff(request)

    def invoke(self, token: str, **args: Any) -> dict[str, Any]:
        answer = self.stub.Invoke(provider_pb2.InvokeRequest(tok=token, args=encode(args)))
        return decode(getattr(answer, "return"))

    def version(self) -> str:
        return str(self.stub.GetPluginInfo(empty_pb2.Empty()).version)


def half_made(error: grpc.RpcError) -> provider_pb2.ErrorResourceInitFailed:
    """What a partial create tells."""
    found = provider_pb2.ErrorResourceInitFailed()
    status = status_pb2.Status.FromString(dict(error.trailing_metadata())["grpc-status-details-bin"])
    assert status.details[0].Unpack(found)
    return found


class Clouds:
    def __init__(self, store: Store, providers: Providers) -> None:
        self.store = store
        self.ports = providers.ports

    def connect(self, package: str, **config: Any) -> Cloud:
        return Cloud(self.ports[package], config)


@pytest.fixture
def clouds(tmp_path: Path) -> Iterator[Clouds]:
    store = Store.open(tmp_path / "store.sqlite")
    providers = serve_all(store)
    yield Clouds(store, providers)
    providers.stop()
    store.close()


@pytest.fixture
def gcp(clouds: Clouds) -> Cloud:
    return clouds.connect("gcp", project="trainyard-sandbox-copy-of-acme", region="us-central1")


@pytest.fixture
def gpu_vm() -> dict[str, Any]:
    return {key: value for key, value in GPU_VM.items()}
