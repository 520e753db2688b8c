"""The plugin as the engine sees it: a table of resource types, whose refusals the engine shows word for word."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2

from trainyard.facts.origin import RehearsalError
from trainyard.provider.resource import Call, Difference, Made, NotWholeError, Properties, ResourceType
from trainyard.provider.stop import StopError
from trainyard.servicer import UNKNOWN, Servicer, abort_init_failed, decode, encode, refuse

VERSION = "0.1.0"


def _lease() -> ResourceType:
    from trainyard.provider.lease import resource

    return resource


def _vertex_custom_job() -> ResourceType:
    from trainyard.provider.vertex_custom_job import resource

    return resource


def _queued_tpu() -> ResourceType:
    from trainyard.provider.queued_tpu import resource

    return resource


def _sagemaker_training_job() -> ResourceType:
    from trainyard.provider.sagemaker_training_job import resource

    return resource


def _azure_ml_job() -> ResourceType:
    from trainyard.provider.azure_ml_job import resource

    return resource


# Each module is loaded by the first call for its type: every command waits for the plugin's start.
TYPES: Mapping[str, Callable[[], ResourceType]] = {
    "trainyard:index:Lease": _lease,
    "trainyard:aws:SagemakerTrainingJob": _sagemaker_training_job,
    "trainyard:azure:MlJob": _azure_ml_job,
    "trainyard:gcp:QueuedTpu": _queued_tpu,
    "trainyard:gcp:VertexCustomJob": _vertex_custom_job,
}


class TrainyardProvider(Servicer):
    """Serves the types of `TYPES`."""

    def __init__(self, *, engine_address: str = "") -> None:
        super().__init__(name="trainyard", version=VERSION, engine_address=engine_address)

    def schema(self) -> dict[str, Any]:
        return {**super().schema(), "resources": {token: _schema(load()) for token, load in TYPES.items()}}

    def Check(self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext) -> provider_pb2.CheckResponse:
        inputs, problems = _type(request, context).check(request.urn, decode(request.olds), decode(request.news))
        failures = [provider_pb2.CheckFailure(property=item.key, reason=item.reason) for item in problems]
        return provider_pb2.CheckResponse(inputs=encode(inputs), failures=failures)

    def Diff(self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext) -> provider_pb2.DiffResponse:
        with _refusals(context):
            type_ = _type(request, context)
            found = type_.diff(decode(request.old_inputs), decode(request.news), decode(request.olds))
            return _diff_response(found)
        raise AssertionError  # a refusal never returns

    def Create(self, request: provider_pb2.CreateRequest, context: grpc.ServicerContext) -> provider_pb2.CreateResponse:
        type_, wire = _type(request, context), decode(request.properties)
        if request.preview:
            properties = {**wire, **dict.fromkeys(type_.OUTPUTS, UNKNOWN)}
            return provider_pb2.CreateResponse(id="", properties=encode(properties))
        with _refusals(context, wire):
            made = type_.create(wire, self._call(request.urn, request.timeout, context))
            return provider_pb2.CreateResponse(id=made.id, properties=encode({**wire, **made.outputs}))
        raise AssertionError

    def Read(self, request: provider_pb2.ReadRequest, context: grpc.ServicerContext) -> provider_pb2.ReadResponse:
        type_, inputs = _type(request, context), decode(request.inputs)
        with _refusals(context, inputs):
            call = self._call(request.urn, 0, context)
            made = type_.read(request.id, inputs, decode(request.properties), call)
            return _read_response(request, made)
        raise AssertionError

    def Update(self, request: provider_pb2.UpdateRequest, context: grpc.ServicerContext) -> provider_pb2.UpdateResponse:
        type_, wire, state = _type(request, context), decode(request.news), decode(request.olds)
        if request.preview:
            kept = {key: state[key] for key in type_.OUTPUTS if key in state}
            return provider_pb2.UpdateResponse(properties=encode({**wire, **kept}))
        with _refusals(context, wire):
            call = self._call(request.urn, request.timeout, context)
            outputs = type_.update(request.id, wire, state, call)
            return provider_pb2.UpdateResponse(properties=encode({**wire, **outputs}))
        raise AssertionError

    def Delete(self, request: provider_pb2.DeleteRequest, context: grpc.ServicerContext) -> empty_pb2.Empty:
        type_, inputs, state = _type(request, context), decode(request.old_inputs), decode(request.properties)
        with _refusals(context):
            type_.delete(request.id, inputs, state, self._call(request.urn, request.timeout, context))
            return empty_pb2.Empty()
        raise AssertionError

    def _call(self, urn: str, timeout_seconds: float, context: grpc.ServicerContext) -> Call:
        log, cancelled = self.log(context), self.connection(context).cancelled
        if log is None:
            return Call(urn=urn, timeout_seconds=timeout_seconds, cancelled=cancelled)
        return Call(
            urn=urn,
            timeout_seconds=timeout_seconds,
            warn=lambda text: log.warning(text, urn),
            info=lambda text: log.info(text, urn),
            cancelled=cancelled,
        )


@contextmanager
def _refusals(context: grpc.ServicerContext, inputs: Properties | None = None) -> Iterator[None]:
    try:
        yield
    except NotWholeError as error:
        made, given = error.made, inputs or {}
        properties = {**given, **made.outputs}
        abort_init_failed(context, id=made.id, properties=properties, inputs=given, reasons=[str(error)])
    except (StopError, RehearsalError) as error:
        refuse(context, grpc.StatusCode.FAILED_PRECONDITION, str(error))


def _type(request: Any, context: grpc.ServicerContext) -> ResourceType:
    # Older engines send no type, but a URN whose type part holds the parents' types too, before a "$".
    token = request.type or request.urn.split("::")[2].rpartition("$")[2]
    load = TYPES.get(token)
    if load is None:
        text = f'"{token}" ({request.urn}) is no resource of the trainyard provider; it has {", ".join(TYPES)}'
        refuse(context, grpc.StatusCode.INVALID_ARGUMENT, text)
    return load()


def _schema(type_: ResourceType) -> dict[str, Any]:
    inputs: dict[str, Any] = {key: {"$ref": "pulumi.json#/Any"} for key in type_.INPUTS}
    outputs: dict[str, Any] = {key: {"$ref": "pulumi.json#/Any"} for key in type_.OUTPUTS}
    return {"inputProperties": inputs, "properties": {**inputs, **outputs}}


def _diff_response(found: Difference) -> provider_pb2.DiffResponse:
    kinds = provider_pb2.PropertyDiff
    detailed = {key: kinds(kind=kinds.UPDATE, inputDiff=True) for key in found.updates}
    detailed |= {key: kinds(kind=kinds.UPDATE_REPLACE, inputDiff=True) for key in found.replaces}
    return provider_pb2.DiffResponse(
        changes=provider_pb2.DiffResponse.DIFF_SOME if detailed else provider_pb2.DiffResponse.DIFF_NONE,
        diffs=list(detailed),
        replaces=list(found.replaces),
        deleteBeforeReplace=bool(found.replaces),
        detailedDiff=detailed,
        hasDetailedDiff=True,
    )


def _read_response(request: provider_pb2.ReadRequest, made: Made | None) -> provider_pb2.ReadResponse:
    if made is None:
        return provider_pb2.ReadResponse()  # no id: the engine takes it out of the state
    if made.inputs is not None:
        properties = encode({**made.inputs, **made.outputs})
        return provider_pb2.ReadResponse(id=made.id, properties=properties, inputs=encode(made.inputs))
    properties = encode({**decode(request.properties), **made.outputs})
    return provider_pb2.ReadResponse(id=made.id, properties=properties, inputs=request.inputs)
