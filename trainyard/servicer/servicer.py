"""A provider as the engine sees it, with everything that is the same for each; a subclass adds its resources."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import ResourceProviderServicer, plugin_pb2, provider_pb2

from trainyard.servicer.codec import decode
from trainyard.servicer.engine_log import EngineLog


@dataclass(kw_only=True)
class Connection:
    """What one engine connection told: one provider instance of one run, never shared with another."""

    engine: EngineLog | None = None
    config: dict[str, Any] = field(default_factory=dict)
    urn: str = ""
    cancelled: threading.Event = field(default_factory=threading.Event)


class Servicer(ResourceProviderServicer):  # type: ignore[misc]  # the protocol's stubs carry no types
    """Handshake, configuration and cancel; resources come from a subclass.

    `cancelled` is set by the first Cancel of any connection: a plugin with one engine waits on it. A server of several
    engines waits on `connection(context).cancelled`.
    """

    def __init__(self, *, name: str, version: str, engine_address: str = "") -> None:
        self.name = name
        self.version = version
        self.cancelled = threading.Event()
        self._engine_address = engine_address
        self._connections: dict[str, Connection] = {}
        self._lock = threading.Lock()

    def connection(self, context: grpc.ServicerContext) -> Connection:
        """The state of the caller's connection; an engine gives each provider instance its own."""
        peer = context.peer()
        with self._lock:
            found = self._connections.get(peer)
            if found is None:
                found = Connection(engine=EngineLog(self._engine_address) if self._engine_address else None)
                self._connections[peer] = found
            return found

    def log(self, context: grpc.ServicerContext) -> EngineLog | None:
        return self.connection(context).engine

    def Handshake(
        self, request: provider_pb2.ProviderHandshakeRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ProviderHandshakeResponse:
        with self._lock:
            # A port number can come round again: what an older connection said is void.
            self._connections[context.peer()] = Connection(engine=EngineLog(request.engine_address))
        return provider_pb2.ProviderHandshakeResponse(
            accept_secrets=True,
            accept_resources=False,
            accept_outputs=False,
            supports_autonaming_configuration=True,
        )

    def Attach(self, request: plugin_pb2.PluginAttach, context: grpc.ServicerContext) -> empty_pb2.Empty:
        self.connection(context).engine = EngineLog(request.address)
        return empty_pb2.Empty()

    def GetPluginInfo(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version=self.version)

    def GetSchema(
        self, request: provider_pb2.GetSchemaRequest, context: grpc.ServicerContext
    ) -> provider_pb2.GetSchemaResponse:
        return provider_pb2.GetSchemaResponse(schema=json.dumps(self.schema()))

    def schema(self) -> dict[str, Any]:
        """The package's Pulumi schema; a subclass adds its resources, so that `pulumi import` ends well."""
        return {"name": self.name, "version": self.version, "resources": {}}

    def CheckConfig(
        self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext) -> provider_pb2.DiffResponse:
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    def Configure(
        self, request: provider_pb2.ConfigureRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ConfigureResponse:
        connection = self.connection(context)
        connection.config = decode(request.args)
        connection.urn = request.urn
        return provider_pb2.ConfigureResponse(
            acceptSecrets=True,
            supportsPreview=True,
            acceptResources=False,
            acceptOutputs=False,
            supports_autonaming_configuration=True,
        )

    def Cancel(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> empty_pb2.Empty:
        self.connection(context).cancelled.set()
        self.cancelled.set()
        return empty_pb2.Empty()

    def GetMapping(
        self, request: provider_pb2.GetMappingRequest, context: grpc.ServicerContext
    ) -> provider_pb2.GetMappingResponse:
        return provider_pb2.GetMappingResponse(provider="", data=b"")

    def GetMappings(
        self, request: provider_pb2.GetMappingsRequest, context: grpc.ServicerContext
    ) -> provider_pb2.GetMappingsResponse:
        return provider_pb2.GetMappingsResponse(providers=[])
