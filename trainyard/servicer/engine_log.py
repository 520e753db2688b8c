"""The engine's log, where what a provider says stands beside its resource."""

from __future__ import annotations

from enum import IntEnum
from typing import Any, cast

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc


class Severity(IntEnum):
    DEBUG = 0
    INFO = 1
    WARNING = 2
    ERROR = 3


class EngineLog:
    """A client of one engine's log; a log line that cannot be sent is dropped, never an error."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._stub: engine_pb2_grpc.EngineStub | None = None  # opened by the first line: most runs log none

    def log(self, severity: Severity, text: str, urn: str = "") -> None:
        request = engine_pb2.LogRequest(severity=cast(Any, int(severity)), message=text, urn=urn)
        if self._stub is None:
            self._stub = engine_pb2_grpc.EngineStub(grpc.insecure_channel(self.address))
        try:
            self._stub.Log(request, timeout=5)
        except grpc.RpcError:
            return

    def info(self, text: str, urn: str = "") -> None:
        self.log(Severity.INFO, text, urn)

    def warning(self, text: str, urn: str = "") -> None:
        self.log(Severity.WARNING, text, urn)
