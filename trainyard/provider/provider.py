"""The plugin as the engine sees it: one resource type, whose refusals the engine shows word for word."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2

from trainyard.facts.origin import RehearsalError
from trainyard.lease import LeaseError, RefusedError
from trainyard.provider import lease
from trainyard.provider.lease.inputs import KEYS, Inputs, InputsError, parse
from trainyard.provider.run import Run
from trainyard.provider.stop import StopError
from trainyard.servicer import UNKNOWN, Servicer, decode, encode, refuse, reveal

VERSION = "0.1.0"
LEASE = "trainyard:index:Lease"


class TrainyardProvider(Servicer):
    """Serves `trainyard:index:Lease`."""

    def __init__(self, *, engine_address: str = "") -> None:
        super().__init__(name="trainyard", version=VERSION, engine_address=engine_address)
        self._made: set[str] = set()  # holders whose Create this process answered
        self._made_lock = threading.Lock()

    def schema(self) -> dict[str, Any]:
        properties = {key: {"$ref": "pulumi.json#/Any"} for key in KEYS}
        resource = {"inputProperties": properties, "properties": properties}
        return {**super().schema(), "resources": {LEASE: resource}}

    def Check(self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext) -> provider_pb2.CheckResponse:
        _check_type(request.urn, request.type, context)
        inputs, problems = lease.check(request.urn, decode(request.olds), _without_outputs(decode(request.news)))
        failures = [provider_pb2.CheckFailure(property=item.key, reason=item.reason) for item in problems]
        return provider_pb2.CheckResponse(inputs=encode(inputs), failures=failures)

    def Diff(self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext) -> provider_pb2.DiffResponse:
        difference = lease.diff(decode(request.old_inputs), decode(request.news))
        update = provider_pb2.PropertyDiff(kind=provider_pb2.PropertyDiff.UPDATE, inputDiff=True)
        return provider_pb2.DiffResponse(
            changes=provider_pb2.DiffResponse.DIFF_SOME if difference.keys else provider_pb2.DiffResponse.DIFF_NONE,
            diffs=list(difference.keys),
            detailedDiff=dict.fromkeys(difference.keys, update),
            hasDetailedDiff=True,
        )

    def Create(self, request: provider_pb2.CreateRequest, context: grpc.ServicerContext) -> provider_pb2.CreateResponse:
        wire = decode(request.properties)
        if request.preview:
            return provider_pb2.CreateResponse(id="", properties=encode({**wire, "holder": UNKNOWN}))
        with self._call(request.urn, wire, context) as (inputs, run):
            holder = lease.create(inputs, run)
            with self._made_lock:
                self._made.add(holder)
            return provider_pb2.CreateResponse(id=inputs.lease_id, properties=encode({**wire, "holder": holder}))

    def Read(self, request: provider_pb2.ReadRequest, context: grpc.ServicerContext) -> provider_pb2.ReadResponse:
        wire = decode(request.properties)
        if not wire.get("leaseId"):
            text = (
                f'a lease cannot be imported or looked up by its id ("{request.id}"): its state holds what only '
                f"its Create knows. `pulumi up` takes over a living lease of this stack by itself; import machines "
                f"under it after that, with protect: false."
            )
            refuse(context, grpc.StatusCode.FAILED_PRECONDITION, text)
        with self._call(request.urn, wire, context) as (inputs, run):
            lease.read(inputs, str(wire.get("holder")), run)
        return provider_pb2.ReadResponse(id=request.id, properties=request.properties, inputs=request.inputs)

    def Update(self, request: provider_pb2.UpdateRequest, context: grpc.ServicerContext) -> provider_pb2.UpdateResponse:
        wire, holder = decode(request.news), decode(request.olds).get("holder")
        if not request.preview:
            with self._call(request.urn, wire, context) as (inputs, run):
                lease.update(inputs, str(holder), run)
        return provider_pb2.UpdateResponse(properties=encode({**wire, "holder": holder}))

    def Delete(self, request: provider_pb2.DeleteRequest, context: grpc.ServicerContext) -> empty_pb2.Empty:
        wire = decode(request.properties)
        with self._made_lock:
            made = frozenset(self._made)
        with self._call(request.urn, wire, context) as (inputs, run):
            lease.delete(inputs, str(wire.get("holder")), made, run)
        return empty_pb2.Empty()

    @contextmanager
    def _call(self, urn: str, wire: Mapping[str, Any], context: grpc.ServicerContext) -> Iterator[tuple[Inputs, Run]]:
        try:
            inputs = parse(_without_outputs(reveal(wire)))
            cancelled = self.connection(context).cancelled
            yield inputs, Run.of(inputs.origin, warn=self._warning(urn, context), cancelled=cancelled)
        except InputsError as error:
            refuse(context, grpc.StatusCode.INVALID_ARGUMENT, f"the lease's state cannot be used: {error}")
        except (StopError, LeaseError, RefusedError, RehearsalError) as error:
            refuse(context, grpc.StatusCode.FAILED_PRECONDITION, str(error))

    def _warning(self, urn: str, context: grpc.ServicerContext) -> Callable[[str], None]:
        log = self.log(context)
        return (lambda text: log.warning(text, urn)) if log is not None else (lambda text: None)


def _without_outputs(wire: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in wire.items() if key != "holder" and value is not None}


def _check_type(urn: str, token: str, context: grpc.ServicerContext) -> None:
    if token not in ("", LEASE):
        text = f'"{token}" ({urn}) is no resource of the trainyard provider; it has {LEASE}'
        refuse(context, grpc.StatusCode.INVALID_ARGUMENT, text)
