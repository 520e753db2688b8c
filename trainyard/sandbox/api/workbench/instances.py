"""Workbench instances as notebooks.v2 tells them; what is made comes from the provider's side."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from trainyard.sandbox.api.call import Call
from trainyard.sandbox.api.compute.inventory import COPY_PREFIX
from trainyard.sandbox.api.google_error import GoogleError
from trainyard.sandbox.provider.gcp_places import zones
from trainyard.sandbox.provider.order import rfc3339
from trainyard.sandbox.store import Thing
from trainyard.servicer.values import reveal

TYPE: Final = "gcp:workbench/instance:Instance"
_ALL: Final = "-"
_SIZE: Final = 100
_STATES: Final = {"live": "ACTIVE", "stopped": "STOPPED", "deleting": "DELETED"}


def list_instances(call: Call) -> dict[str, Any]:
    """One page of the project's instances, in one zone or in all ("-")."""
    location = _location(call, all_too=True)
    place = None if location == _ALL else location
    things = call.store.list(type=TYPE, project=call.project, place=place)
    things = [thing for thing in things if thing.created <= call.newest]
    after = call.query.get("pageToken", "")
    later = [thing for thing in things if thing.id > after]
    size = min(int(call.query.get("pageSize") or _SIZE), _SIZE)
    answer: dict[str, Any] = {"instances": [to_json(thing) for thing in later[:size]]} if later else {}
    if len(later) > size:
        answer["nextPageToken"] = later[size - 1].id
    return answer


def get(call: Call) -> dict[str, Any]:
    return to_json(_instance(call))


def stop(call: Call) -> dict[str, Any]:
    """Stopped: its machine bills no more, its disks do."""
    thing = _instance(call)
    return _begun(call, "stop", call.store.put(replace(thing, status="stopped", ends=None)))


def start(call: Call) -> dict[str, Any]:
    return _begun(call, "start", call.store.put(replace(_instance(call), status="live")))


def delete(call: Call) -> dict[str, Any]:
    thing = _instance(call)
    call.store.delete(thing.type, thing.id)
    return _begun(call, "delete", thing)


def to_json(thing: Thing) -> dict[str, Any]:
    """notebooks.v2 Instance, of what the sandbox knows."""
    setup = reveal(dict(thing.inputs)).get("gceSetup") or {}
    return {
        "name": thing.id,
        "state": _STATES.get(thing.status, "STATE_UNSPECIFIED"),
        "labels": dict(thing.labels),
        "createTime": rfc3339(thing.created),
        "gceSetup": {key: setup[key] for key in ("machineType", "acceleratorConfigs") if key in setup},
        "proxyUri": str(thing.outputs.get("proxyUri", "")),
    }


def _begun(call: Call, verb: str, thing: Thing) -> dict[str, Any]:
    location = call.places["location"]
    number = call.scene.operations.next_number()
    return {
        "name": f"projects/{call.project}/locations/{location}/operations/operation-{number}",
        "metadata": {"verb": verb, "target": thing.id, "apiVersion": "v2"},
        "done": True,
        "response": {},
    }


def _location(call: Call, *, all_too: bool = False) -> str:
    if not call.project.startswith(COPY_PREFIX) and not call.store.list(project=call.project, deleted=True):
        raise GoogleError(403, f"Permission denied on resource project {call.project}.", "PERMISSION_DENIED")
    location = call.places["location"]
    if location not in zones() and not (all_too and location == _ALL):
        text = f"Location {location} is not found or access is unauthorized."
        raise GoogleError(403, text, "PERMISSION_DENIED")
    return location


def _instance(call: Call) -> Thing:
    location = _location(call)
    name = f"projects/{call.project}/locations/{location}/instances/{call.places['instance']}"
    found = call.store.get(TYPE, name)
    if found is None:
        raise GoogleError(404, f"Resource '{name}' was not found", "NOT_FOUND")
    return found
