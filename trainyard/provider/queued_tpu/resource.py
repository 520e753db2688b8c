"""The queued TPU as a resource type: queued is success, and `state` tells how far it is."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from trainyard.clouds.gcp.rest import LoginError
from trainyard.clouds.gcp.tpu import ENDED, CloudTpu, state_of
from trainyard.facts.origin import project_in, rehearsal, wait
from trainyard.provider.queued_tpu.inputs import KEYS, Inputs, inputs_of, parse, problems_in
from trainyard.provider.queued_tpu.queue import Queue
from trainyard.provider.resource import Call, Difference, InputsError, Made, Problem, Properties
from trainyard.provider.stop import StopError
from trainyard.servicer import reveal

INPUTS = KEYS
OUTPUTS = ("state",)
_GRANTED = ("PROVISIONING", "ACTIVE")


def check(urn: str, olds: Properties, news: Properties) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    inputs = _given(news)
    return inputs, tuple(problems_in(reveal(inputs)))


def diff(olds: Properties, news: Properties, state: Properties) -> Difference:
    old, new = _given(reveal(olds)), _given(reveal(news))
    changed = [key for key in KEYS if _plain(old.get(key)) != _plain(new.get(key))]
    if state.get("state") in ENDED:
        # It will never have a node again: as with a machine that is gone, the next `up` asks anew.
        changed = changed or ["queuedResourceId"]
    elif state.get("state") in _GRANTED:
        # The queue is behind it: leaving it earlier or later is nothing to lose a running node for.
        changed = [key for key in changed if key != "validUntil"]
    return Difference(replaces=tuple(changed))


def create(inputs: Properties, call: Call) -> Made:
    request = _parsed(inputs)
    state = _queue(request.project, call).ask(request)
    call.info(f"{request.name} is in the queue ({state}); `pulumi refresh` shows when it is ACTIVE")
    return Made(id=request.name, outputs={"state": state})


def read(id: str, inputs: Properties, state: Properties, call: Call) -> Made | None:
    parts = id.split("/")
    if len(parts) != 6 or (parts[0], parts[2], parts[4]) != ("projects", "locations", "queuedResources"):
        message = f"{id!r} is no queued TPU; give projects/<project>/locations/<zone>/queuedResources/<id>."
        raise StopError(message)
    if inputs:
        found = _queue(parts[1], call).look(_parsed(inputs))
        return None if found is None else Made(id=id, outputs={"state": state_of(found)})
    there = _queue(parts[1], call).find(parts[3], parts[5])
    if there is None:
        return None
    taken = inputs_of(id, there)
    return Made(id=id, outputs={"state": state_of(there)}, inputs=taken)


def update(id: str, inputs: Properties, state: Properties, call: Call) -> Properties:
    return {"state": state.get("state")}  # nothing of a request can be changed: what differs replaces it


def delete(id: str, inputs: Properties, state: Properties, call: Call) -> None:
    request = _parsed(inputs or {key: value for key, value in state.items() if key in KEYS})
    _queue(request.project, call).end(request)


def _queue(project: str, call: Call) -> Queue:
    sandbox = rehearsal(os.environ)
    if project_in(sandbox, project) != project:
        message = (
            f'the queued TPU lies in project "{project}", this run is a rehearsal: it never touches real things, and '
            f"never says that they are gone. Leave the sandbox's environment (a new shell)."
        )
        raise StopError(message)
    try:
        api = CloudTpu(project, sandbox, lambda seconds: wait(sandbox, seconds, call.cancelled))
    except LoginError as error:
        raise StopError(str(error)) from error
    return Queue(api=api, sandbox=sandbox, cancelled=call.cancelled)


def _parsed(wire: Properties) -> Inputs:
    try:
        return parse(_given(reveal(wire)))
    except InputsError as error:
        message = f"the queued TPU's inputs cannot be used: {error}"
        raise StopError(message) from error


def _given(wire: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in wire.items() if key not in OUTPUTS and value is not None}


def _plain(value: Any) -> Any:
    return value or None  # False and nothing at all ask for the same
