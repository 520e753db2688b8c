"""Faults of the provider side: what goes wrong before a call is done, and after."""

from __future__ import annotations

from typing import Final

import grpc

from trainyard.sandbox.faults import Fault
from trainyard.sandbox.store import Store, Thing
from trainyard.servicer import Connection, abort_init_failed, refuse

_EXPIRED: Final = {
    "gcp": "googleapi: Error 401: Request had invalid authentication credentials. Expected OAuth 2 access token, login "
    "cookie or other valid authentication credential., authError",
    "aws": "api error ExpiredToken: The security token included in the request is expired",
    "azure-native": "ExpiredAuthenticationToken: The access token expiry UTC time is earlier than current UTC time.",
}
_LOST: Final = "error reading from server: the response was lost; the cloud may have done what was asked"


def before_call(
    fault: Fault, store: Store, package: str, connection: Connection, context: grpc.ServicerContext
) -> None:
    """Slow, refused or expired calls; a wait ends when its engine cancels."""
    match fault.kind:
        case "refuse":
            text = fault.message or "the cloud refused this call and gave no reason"
            refuse(context, grpc.StatusCode.UNAVAILABLE, text if not fault.code else f"Error {fault.code}: {text}")
        case "expired-credentials":
            refuse(
                context, grpc.StatusCode.UNAUTHENTICATED, _EXPIRED.get(package, "Unauthorized: the token has expired")
            )
        case "hang":
            _wait(fault.seconds, connection, context)
        case "slow" if store.meta("waits") == "real":
            _wait(fault.seconds, connection, context)
        case "slow":
            store.advance(fault.seconds)


def after_call(fault: Fault | None, thing: Thing, context: grpc.ServicerContext) -> None:
    """A lost answer, or a thing that exists but is not whole."""
    if fault is None:
        return
    if fault.kind == "lost-response":
        refuse(context, grpc.StatusCode.UNAVAILABLE, fault.message or _LOST)
    if fault.kind == "partial":
        reason = fault.message or "it was made, but did not become ready"
        abort_init_failed(context, id=thing.id, properties=thing.outputs, inputs=thing.inputs, reasons=[reason])


def _wait(seconds: float, connection: Connection, context: grpc.ServicerContext) -> None:
    if connection.cancelled.wait(seconds):
        refuse(context, grpc.StatusCode.CANCELLED, "cancelled while the cloud was slow")
