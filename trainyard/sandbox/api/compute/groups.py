"""The calls on managed instance groups: what there is, and an end of it with all its machines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from trainyard.sandbox.api.call import Call
from trainyard.sandbox.api.compute import inventory, pages, work
from trainyard.sandbox.api.compute.names import moment, number, url
from trainyard.sandbox.api.compute.pages import Listed
from trainyard.sandbox.api.compute.places import regions, zones
from trainyard.sandbox.api.google_error import not_found
from trainyard.sandbox.groups import google
from trainyard.sandbox.store import Thing
from trainyard.servicer.values import reveal

_TYPE: Final = "gcp:compute/instanceGroupManager:InstanceGroupManager"
_COLLECTION: Final = "instanceGroupManagers"


def aggregated_list(call: Call) -> dict[str, Any]:
    inventory.check_project(call)
    scopes = [*(f"zones/{zone}" for zone in zones()), *(f"regions/{region}" for region in regions())]
    return pages.aggregated(call, "compute#instanceGroupManagerAggregatedList", _COLLECTION, scopes, _groups(call))


def get(call: Call) -> dict[str, Any]:
    return _json(call, _find(call))


def delete(call: Call) -> dict[str, Any]:
    """The group goes with its machines (compute.v1 instanceGroupManagers.delete)."""
    group = _find(call)
    call.store.delete(group.type, group.id)
    return work.done(call, f"zones/{group.place}", "delete", group.id, _number(group))


def _groups(call: Call) -> Sequence[Listed]:
    return call.scene.seen.of((_COLLECTION, call.project), lambda: sorted(_listed(call), key=lambda one: one.key))


def _listed(call: Call) -> Sequence[Listed]:
    return [
        Listed(scope=f"zones/{group.place}", name=group.name, created=group.created, json=_json(call, group))
        for group in call.store.list(type=_TYPE, project=call.project)
    ]


def _find(call: Call) -> Thing:
    zone, name = call.places["zone"], call.places["instanceGroupManager"]
    found = call.store.list(type=_TYPE, project=call.project, name=name)
    there = next((group for group in found if group.place == zone), None)
    if there is None:
        raise not_found(resource=f"projects/{call.project}/zones/{zone}/{_COLLECTION}/{name}")
    return there


def _json(call: Call, group: Thing) -> dict[str, Any]:
    given = reveal(dict(group.inputs))
    wanted = google.wanted(call.store, group)
    size = wanted.size if wanted is not None else int(given.get("targetSize") or 0)
    return {
        "kind": "compute#instanceGroupManager",
        "id": _number(group),
        "name": group.name,
        "creationTimestamp": moment(group.created),
        "selfLink": url(group.id),
        "zone": url(f"projects/{group.project}/zones/{group.place}"),
        "baseInstanceName": given.get("baseInstanceName") or group.name,
        "targetSize": size,
    }


def _number(group: Thing) -> str:
    return number(group.id)
