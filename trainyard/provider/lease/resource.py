"""The lease as a resource type: its inputs off the wire, its one output `holder`, and the run that a call needs."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from trainyard.lease import LeaseError, RefusedError
from trainyard.provider.lease import check as _check
from trainyard.provider.lease import create as _create
from trainyard.provider.lease import delete as _delete
from trainyard.provider.lease import diff as _diff
from trainyard.provider.lease import read as _read
from trainyard.provider.lease import update as _update
from trainyard.provider.lease.inputs import KEYS, Inputs, parse
from trainyard.provider.resource import Call, Difference, InputsError, Made, Problem, Properties
from trainyard.provider.run import Run
from trainyard.provider.stop import StopError
from trainyard.servicer import reveal

INPUTS = KEYS
OUTPUTS = ("holder",)
_made: set[str] = set()  # holders whose Create this process answered
_made_lock = threading.Lock()


def check(urn: str, olds: Properties, news: Properties) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    return _check(urn, olds, _given(news))


def diff(olds: Properties, news: Properties, state: Properties) -> Difference:
    return _diff(olds, news)


def create(inputs: Properties, call: Call) -> Made:
    with _parsed(inputs, call) as (lease, run):
        holder = _create(lease, run)
        with _made_lock:
            _made.add(holder)
        return Made(id=lease.lease_id, outputs={"holder": holder})


def read(id: str, inputs: Properties, state: Properties, call: Call) -> Made:
    if not state.get("leaseId"):
        message = (
            f'a lease cannot be imported or looked up by its id ("{id}"): its state holds what only '
            f"its Create knows. `pulumi up` takes over a living lease of this stack by itself; import machines "
            f"under it after that, with protect: false."
        )
        raise StopError(message)
    with _parsed(state, call) as (lease, run):
        _read(lease, str(state.get("holder")), run)
    return Made(id=id, outputs={"holder": state.get("holder")})


def update(id: str, inputs: Properties, state: Properties, call: Call) -> Properties:
    with _parsed(inputs, call) as (lease, run):
        _update(lease, str(state.get("holder")), run)
    return {"holder": state.get("holder")}


def delete(id: str, inputs: Properties, state: Properties, call: Call) -> None:
    with _made_lock:
        made = frozenset(_made)
    with _parsed(state, call) as (lease, run):
        _delete(lease, str(state.get("holder")), made, run)


@contextmanager
def _parsed(wire: Properties, call: Call) -> Iterator[tuple[Inputs, Run]]:
    try:
        lease = parse(_given(reveal(wire)))
    except InputsError as error:
        message = f"the lease's state cannot be used: {error}"
        raise StopError(message) from error
    try:
        yield lease, Run.of(lease.origin, warn=call.warn, cancelled=call.cancelled)
    except (LeaseError, RefusedError) as error:
        raise StopError(str(error)) from error


def _given(wire: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in wire.items() if key not in OUTPUTS and value is not None}
