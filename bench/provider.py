"""Check and Create of 1,000 VMs on the sandbox, beside a plugin that answers at once; each a process of its own."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import struct_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from bench.measure import Figure, ratio_figure
from bench.workplace import CHECKOUT, Workplace, sandbox

COUNT = 1000
TIMES = 5
_IDLE = CHECKOUT / "bench" / "idle_plugin"
_TYPE = "gcp:compute/instance:Instance"


def figures(place: Workplace) -> Iterator[Figure]:
    """One ratio; a fresh store each time, the first pair uncounted."""
    place.prepare(COUNT)
    given = json.loads((place.bare / "given.json").read_text())
    pairs = [(_sandbox(place.root / f"bench-{turn}", given), _idle(given)) for turn in range(TIMES + 1)][1:]
    yield ratio_figure(
        f"Check and Create of {COUNT} VMs on the sandbox, beside a provider that answers at once",
        [pair[0] for pair in pairs],
        [pair[1] for pair in pairs],
        unit="s",
        most=3.0,
    )


def _sandbox(root: Path, given: dict[str, Any]) -> float:
    with sandbox(root) as (_, running):
        return _work(running.providers["gcp"], given)


def _idle(given: dict[str, Any]) -> float:
    with subprocess.Popen([sys.executable, _IDLE], stdout=subprocess.PIPE, text=True) as plugin:
        assert plugin.stdout
        try:
            return _work(int(plugin.stdout.readline()), given)
        finally:
            plugin.terminate()


def _work(port: int, given: dict[str, Any]) -> float:
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = provider_pb2_grpc.ResourceProviderStub(channel)
        requests = [_request(number, given) for number in range(COUNT)]
        stub.Configure(provider_pb2.ConfigureRequest(acceptSecrets=True, acceptResources=True))
        _network(stub, given)
        start = time.perf_counter()
        for name, urn, inputs in requests:
            checked = stub.Check(
                provider_pb2.CheckRequest(urn=urn, name=name, type=_TYPE, news=inputs, randomSeed=b"bench")
            )
            if checked.failures:
                raise RuntimeError(str(checked.failures))
            stub.Create(provider_pb2.CreateRequest(urn=urn, name=name, type=_TYPE, properties=checked.inputs))
        return time.perf_counter() - start


def _network(stub: Any, given: dict[str, Any]) -> None:
    """The subnetwork that the machines stand in, with its network; not measured."""
    region, name = given["subnetwork"].split("/")[3::2]
    network = {"name": name, "project": given["project"], "autoCreateSubnetworks": False}
    subnetwork = {"name": name, "project": given["project"], "region": region, "network": name}
    for token, made in (
        ("gcp:compute/network:Network", network),
        ("gcp:compute/subnetwork:Subnetwork", {**subnetwork, "ipCidrRange": "10.10.0.0/20"}),
    ):
        inputs = struct_pb2.Struct()
        inputs.update(made)
        urn = f"urn:pulumi:bench::bench::{token}::{name}"
        stub.Create(provider_pb2.CreateRequest(urn=urn, name=name, type=token, properties=inputs))


def _request(number: int, given: dict[str, Any]) -> tuple[str, str, struct_pb2.Struct]:
    name = f"bench-machine-{number}"
    inputs = struct_pb2.Struct()
    inputs.update(
        {
            "name": name,
            "project": given["project"],
            "zone": "us-central1-a",
            "machineType": "g2-standard-4",
            "bootDisk": {"autoDelete": True, "initializeParams": {"image": given["image"], "size": 200}},
            "networkInterfaces": [{"subnetwork": given["subnetwork"], "nicType": "GVNIC"}],
            "scheduling": {
                "onHostMaintenance": "TERMINATE",
                "provisioningModel": "STANDARD",
                "terminationTime": given["hard_end"],
                "instanceTerminationAction": "DELETE",
            },
            "metadata": {"enable-oslogin": "TRUE", "user-data": given["user_data"]},
            "labels": given["labels"],
        }
    )
    return name, f"urn:pulumi:bench::bench::{_TYPE}::{name}", inputs
