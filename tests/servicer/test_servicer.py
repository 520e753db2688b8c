import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2

from trainyard.servicer import Servicer, abort_init_failed, decode, encode, listen, refuse


class Door(Servicer):
    """A provider that refuses one thing, half-makes another, and makes the rest."""

    def Create(  # noqa: N802  the protocol's name
        self, request: provider_pb2.CreateRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CreateResponse:
        if request.name == "refused":
            refuse(context, grpc.StatusCode.FAILED_PRECONDITION, "the door is shut: bring a key")
        if request.name == "half":
            abort_init_failed(context, id="d-1", properties={"open": False}, inputs={"wide": 2}, reasons=["no hinge"])
        config = self.connection(context).config
        return provider_pb2.CreateResponse(id=str(config.get("project", "none")), properties=request.properties)


@pytest.fixture
def door() -> Iterator[tuple[Door, int]]:
    servicer = Door(name="door", version="1.2.3")
    server, port = listen(servicer)
    yield servicer, port
    server.stop(None)


def stub(port: int) -> Any:
    # A channel of its own, as each provider instance of an engine has.
    return provider_pb2_grpc.ResourceProviderStub(
        grpc.insecure_channel(f"127.0.0.1:{port}", options=[("grpc.use_local_subchannel_pool", 1)])
    )


def living(pid: str) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().split()[2] != "Z"


def test_the_plugin_tells_its_version(door: tuple[Door, int]) -> None:
    assert stub(door[1]).GetPluginInfo(empty_pb2.Empty()).version == "1.2.3"


def test_the_handshake_takes_secrets_and_no_output_values(door: tuple[Door, int]) -> None:
    answer = stub(door[1]).Handshake(provider_pb2.ProviderHandshakeRequest(engine_address="127.0.0.1:1"))
    assert answer.accept_secrets
    assert not answer.accept_outputs


def test_an_attach_is_taken(door: tuple[Door, int]) -> None:
    stub(door[1]).Attach(plugin_pb2.PluginAttach(address="127.0.0.1:1"))


def test_two_connections_keep_their_own_configuration(door: tuple[Door, int]) -> None:
    first, second = stub(door[1]), stub(door[1])
    first.Configure(provider_pb2.ConfigureRequest(args=encode({"project": "one"})))
    second.Configure(provider_pb2.ConfigureRequest(args=encode({"project": "two"})))
    assert first.Create(provider_pb2.CreateRequest(name="x")).id == "one"
    assert second.Create(provider_pb2.CreateRequest(name="x")).id == "two"


def test_a_refusal_arrives_with_exactly_its_text(door: tuple[Door, int]) -> None:
    with pytest.raises(grpc.RpcError) as raised:
        stub(door[1]).Create(provider_pb2.CreateRequest(name="refused"))
    assert raised.value.details() == "the door is shut: bring a key"
    assert raised.value.code() == grpc.StatusCode.FAILED_PRECONDITION


def test_a_half_made_thing_arrives_with_its_id_properties_and_reasons(door: tuple[Door, int]) -> None:
    with pytest.raises(grpc.RpcError) as raised:
        stub(door[1]).Create(provider_pb2.CreateRequest(name="half"))
    details = dict(raised.value.trailing_metadata())["grpc-status-details-bin"]
    failed = provider_pb2.ErrorResourceInitFailed()
    assert status_pb2.Status.FromString(details).details[0].Unpack(failed)
    assert failed.id == "d-1"
    assert list(failed.reasons) == ["no hinge"]
    assert decode(failed.properties) == {"open": False}
    assert decode(failed.inputs) == {"wide": 2}


def test_cancel_is_seen_by_the_plugin_and_by_its_own_connection_only(door: tuple[Door, int]) -> None:
    stub(door[1]).Configure(provider_pb2.ConfigureRequest(args=encode({})))
    stub(door[1]).Cancel(empty_pb2.Empty())
    assert door[0].cancelled.is_set()
    connections = door[0]._connections.values()
    assert sorted(connection.cancelled.is_set() for connection in connections) == [False, True]


def test_the_schema_names_the_package(door: tuple[Door, int]) -> None:
    assert '"name": "door"' in stub(door[1]).GetSchema(provider_pb2.GetSchemaRequest()).schema


def test_a_taken_port_is_an_error_that_names_it() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=rf"127\.0\.0\.1:{port} cannot be opened for the door provider"):
            listen(Door(name="door", version="1"), port=port)


def test_a_plugin_prints_its_port_and_is_gone_with_its_parent() -> None:
    plugin = "from trainyard.servicer import Servicer, serve; serve(Servicer(name='p', version='1'))"
    parent = (
        "import subprocess, sys, time\n"
        f"child = subprocess.Popen([sys.executable, '-c', {plugin!r}], stdout=subprocess.PIPE, text=True)\n"
        "print(child.stdout.readline().strip(), child.pid, flush=True)\n"
    )
    out = subprocess.run(
        [sys.executable, "-c", parent],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
    ).stdout
    port, pid = out.split()
    assert port.isdigit()
    deadline = time.monotonic() + 10
    while living(pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not living(pid)
