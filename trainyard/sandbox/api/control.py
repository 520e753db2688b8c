"""The sandbox's own calls: who it is, its clock, waiting on it, and faults."""

from __future__ import annotations

import os
from dataclasses import asdict
from typing import Any

from trainyard.sandbox import clock, fault_file, faults
from trainyard.sandbox.api.call import Call, Route
from trainyard.sandbox.api.compute import calls
from trainyard.sandbox.api.google_error import GoogleError
from trainyard.sandbox.folder import SandboxError


def who() -> dict[str, Any]:
    """The answer of `GET /`, the only one without a token."""
    return {"kind": "trainyard#sandbox", "pid": os.getpid()}


def _read_clock(call: Call) -> dict[str, Any]:
    return {"now": clock.now(call.store).isoformat(), "waits": clock.waits(call.store)}


def _set_clock(call: Call) -> dict[str, Any]:
    if "waits" in call.body:
        try:
            clock.set_waits(call.store, str(call.body["waits"]))
        except SandboxError as error:
            raise GoogleError(400, str(error)) from error
    if "seconds" in call.body:
        _move(call, _seconds(call))
    return _read_clock(call)


def _wait(call: Call) -> dict[str, Any]:
    # With real waits the caller waits itself, so that it can be cancelled meanwhile.
    seconds = _seconds(call)
    if clock.waits(call.store) == "instant":
        _move(call, seconds)
    return {"waits": clock.waits(call.store)}


def _seconds(call: Call) -> float:
    value = call.body.get("seconds")
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        message = f"seconds is {value!r}; a number was expected"
        raise GoogleError(400, message)
    return float(value)


def _move(call: Call, seconds: float) -> None:
    try:
        clock.move(call.store, seconds)
    except SandboxError as error:
        raise GoogleError(400, str(error)) from error


def known_calls() -> tuple[str, ...]:
    """What the API side calls its calls, as faults files name them."""
    from trainyard.sandbox.api import orgpolicy, serviceusage  # a start of the sandbox has no use for them
    from trainyard.sandbox.api.aws import calls as aws
    from trainyard.sandbox.api.azure import calls as azure
    from trainyard.sandbox.api.tpu import calls as tpu
    from trainyard.sandbox.api.vertex import calls as vertex

    tables = (calls.ROUTES, tpu.ROUTES, vertex.ROUTES, serviceusage.ROUTES, orgpolicy.ROUTES)
    google = (route.id for table in tables for route in table)
    others = (*azure.HAPPENS, *aws.known_calls(), *dict.fromkeys(route.id for route in azure.ROUTES))
    return (*google, *vertex.HAPPENS, *others)


def _read_faults(call: Call) -> dict[str, Any]:
    return {"faults": [asdict(fault) for fault in faults.all_of(call.store)]}


def _set_faults(call: Call) -> dict[str, Any]:
    try:
        found = fault_file.parse(call.body.get("faults"), known_calls(), fault_file.tokens(), call.store.now())
    except SandboxError as error:
        raise GoogleError(400, str(error)) from error
    faults.replace(call.store, found)
    return _read_faults(call)


ROUTES = (
    Route(id="sandbox.clock.get", method="GET", path="/_sandbox/clock", answer=_read_clock, can_fail=False),
    Route(id="sandbox.clock.set", method="POST", path="/_sandbox/clock", answer=_set_clock, can_fail=False),
    Route(id="sandbox.wait", method="POST", path="/_sandbox/wait", answer=_wait, can_fail=False),
    Route(id="sandbox.faults.get", method="GET", path="/_sandbox/faults", answer=_read_faults, can_fail=False),
    Route(id="sandbox.faults.set", method="POST", path="/_sandbox/faults", answer=_set_faults, can_fail=False),
)
