"""How a provider says no, so that the engine shows exactly the given text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NoReturn

import grpc
from google.protobuf import any_pb2
from pulumi.runtime.proto import provider_pb2, status_pb2

from trainyard.servicer.codec import encode

_STATUS_DETAILS: Final = "grpc-status-details-bin"


def refuse(context: grpc.ServicerContext, code: grpc.StatusCode, text: str) -> NoReturn:
    """Ends the call; the engine shows `text` as it is."""
    context.abort(code, text)
    raise AssertionError  # abort never returns


def abort_init_failed(
    context: grpc.ServicerContext,
    *,
    id: str,
    properties: Mapping[str, Any],
    inputs: Mapping[str, Any],
    reasons: Sequence[str],
) -> NoReturn:
    """Ends a Create, Update or Read of a thing that exists but is not whole: state keeps it, with the reasons."""
    detail = any_pb2.Any()
    detail.Pack(
        provider_pb2.ErrorResourceInitFailed(
            id=id, properties=encode(properties), inputs=encode(inputs), reasons=list(reasons)
        )
    )
    text = "; ".join(reasons)
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=text, details=[detail])
    context.set_trailing_metadata(((_STATUS_DETAILS, status.SerializeToString()),))
    refuse(context, grpc.StatusCode.UNKNOWN, text)
