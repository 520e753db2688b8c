"""Faults of the provider side: what goes wrong before a call is done, and after."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

import grpc

from trainyard.sandbox.faults import Fault
from trainyard.sandbox.groups.group import cap
from trainyard.sandbox.schema import ResourceType
from trainyard.sandbox.store import Store, Thing
from trainyard.sandbox.trouble import KINDS, Trouble, trouble
from trainyard.servicer import Connection, abort_init_failed, refuse
from trainyard.servicer.values import reveal

_EXPIRED: Final = {
    "gcp": "googleapi: Error 401: Request had invalid authentication credentials. Expected OAuth 2 access token, login "
    "cookie or other valid authentication credential., authError",
    "aws": "api error ExpiredToken: The security token included in the request is expired",
    "azure-native": "ExpiredAuthenticationToken: The access token expiry UTC time is earlier than current UTC time.",
}
_LOST: Final = "error reading from server: the response was lost; the cloud may have done what was asked"
_SIZES: Final = ("machineType", "acceleratorType", "instanceType")
_PLACES: Final = ("zone", "availabilityZone", "region", "location")


def about(inputs: Mapping[str, object], config: Mapping[str, object], thing: Thing | None = None) -> dict[str, str]:
    """What a call is about, as faults files ask for it."""
    given = reveal(dict(inputs))
    size = next((given[name] for name in _SIZES if isinstance(given.get(name), str)), None)
    size = size or (given.get("hardwareProfile") or {}).get("vmSize")
    place = next((given[name] for name in _PLACES if isinstance(given.get(name), str)), None)
    place = place or next((config[name] for name in _PLACES if isinstance(config.get(name), str)), None)
    found = {
        "name": given.get("name") or given.get("vmName") or (thing.name if thing else ""),
        "place": thing.place if thing and thing.place else place,
        "project": thing.project if thing and thing.project else given.get("project") or config.get("project"),
        "machine_type": size.rpartition("/")[2] if isinstance(size, str) else "",
    }
    return {key: value for key, value in found.items() if isinstance(value, str)}


def before_call(
    fault: Fault,
    store: Store,
    type: ResourceType,
    told: Mapping[str, str],
    connection: Connection,
    context: grpc.ServicerContext,
) -> None:
    """Slow, refused or expired calls; a wait ends when its engine cancels."""
    if fault.kind in KINDS:
        found = trouble(fault, type.package, told, service=_service(type))
        refuse(context, grpc.StatusCode.UNAVAILABLE, _in_provider_words(found, type, told))
    match fault.kind:
        case "expired-credentials":
            text = _EXPIRED.get(type.package, "Unauthorized: the token has expired")
            refuse(context, grpc.StatusCode.UNAUTHENTICATED, text)
        case "hang":
            _wait(fault.seconds, connection, context)
        case "slow" if store.meta("waits") == "real":
            _wait(fault.seconds, connection, context)
        case "slow":
            store.advance(fault.seconds)


@contextmanager
def while_called(fault: Fault | None, store: Store) -> Iterator[None]:
    """What is deleted inside lingers where the fault says so."""
    if fault is not None and fault.kind == "linger":
        with store.lingering(fault.seconds):
            yield
    else:
        yield


def before_made(fault: Fault | None, store: Store, thing: Thing) -> None:
    """A group of which only some machines come."""
    if fault is not None and fault.kind == "partial" and fault.made:
        cap(store, thing, fault.made)


def after_call(fault: Fault | None, store: Store, thing: Thing, context: grpc.ServicerContext) -> None:
    """A lost answer, or a thing that exists but is not whole."""
    if fault is None:
        return
    if fault.kind == "lost-response":
        if store.meta("waits") == "real":
            time.sleep(fault.seconds)
        else:
            store.advance(fault.seconds)
        refuse(context, grpc.StatusCode.UNAVAILABLE, fault.message or _LOST)
    if fault.kind == "partial":
        some = f"only {fault.made} of its machines came" if fault.made else "it was made, but did not become ready"
        reason = fault.message or some
        abort_init_failed(context, id=thing.id, properties=thing.outputs, inputs=thing.inputs, reasons=[reason])


def _service(type: ResourceType) -> str:
    """The service of a token: "compute" of "gcp:compute/instance:Instance"."""
    service = type.token.split(":")[1].partition("/")[0]
    return "ml" if service == "machinelearningservices" else service


def _in_provider_words(found: Trouble, type: ResourceType, told: Mapping[str, str]) -> str:
    """The refusal as the released provider would print it."""
    if not found.code:
        return f"Error {found.status}: {found.message}"
    match type.package:
        case "gcp" if found.code == "ZONE_RESOURCE_POOL_EXHAUSTED":
            return f"Error waiting for {told.get('name') or 'instance'} to create: {found.message} ({found.code})"
        case "gcp":
            return f"googleapi: Error {found.status}: {found.message}, {found.code}"
        case "aws":
            service = "EC2" if type.token.startswith(("aws:ec2", "aws:ebs")) else _service(type)
            return (
                f"operation error {service}: https response error StatusCode: {found.status}, "
                f"api error {found.code}: {found.message}"
            )
        case "azure-native":
            return f'Status={found.status} Code="{found.code}" Message="{found.message}"'
        case _:
            return f"{found.code}: {found.message}"


def _wait(seconds: float, connection: Connection, context: grpc.ServicerContext) -> None:
    if connection.cancelled.wait(seconds):
        refuse(context, grpc.StatusCode.CANCELLED, "cancelled while the cloud was slow")
