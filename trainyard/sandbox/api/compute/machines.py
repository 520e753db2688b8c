"""The calls on instances."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from trainyard.sandbox.api.call import Call
from trainyard.sandbox.api.compute import instance_insert, instance_json, inventory, making, pages, work
from trainyard.sandbox.api.compute.names import fingerprint, number
from trainyard.sandbox.api.compute.places import zones
from trainyard.sandbox.api.google_error import GoogleError, not_found
from trainyard.sandbox.provider.gcp_instance import end_of
from trainyard.sandbox.store import Thing
from trainyard.sandbox.trouble import Trouble
from trainyard.servicer.values import reveal


def aggregated_list(call: Call) -> dict[str, Any]:
    inventory.check_project(call)
    scopes = [f"zones/{zone}" for zone in zones()]
    kind = "compute#instanceAggregatedList"
    return pages.aggregated(call, kind, "instances", scopes, inventory.instances(call))


def list_zone(call: Call) -> dict[str, Any]:
    inventory.check_project(call)
    zone = check_zone(call)
    things = [thing for thing in inventory.instances(call) if thing.scope == f"zones/{zone}"]
    return pages.listed(call, "compute#instanceList", things)


def get(call: Call) -> dict[str, Any]:
    return instance_json.to_json(_machine(call))


def insert(call: Call) -> dict[str, Any]:
    inventory.check_project(call)
    zone = check_zone(call)
    inputs = instance_insert.inputs_of(call.project, zone, call.body)
    return _operation(call, "insert", making.make(call.store, instance_json.TYPE, inputs))


def stocked_out(call: Call, failure: Trouble) -> dict[str, Any]:
    """The insert is taken, its operation fails, and no machine is there afterwards."""
    inventory.check_project(call)
    zone = check_zone(call)
    instance_insert.inputs_of(call.project, zone, call.body)
    target = f"projects/{call.project}/zones/{zone}/instances/{call.body.get('name', '')}"
    return work.done(call, f"zones/{zone}", "insert", target, number("instance", target), failure)


def delete(call: Call) -> dict[str, Any]:
    machine = _machine(call)
    if {**machine.inputs, **machine.outputs}.get("deletionProtection"):
        message = (
            f"Invalid resource usage: 'Resource cannot be deleted if it's protected against deletion. {machine.id}'."
        )
        raise GoogleError(412, message, "conditionNotMet")
    call.store.delete(machine.type, machine.id)
    return _operation(call, "delete", machine)


def stop(call: Call) -> dict[str, Any]:
    machine = _machine(call)
    outputs: Mapping[str, Any] = {**machine.outputs, "currentStatus": "TERMINATED"}
    call.store.put(replace(machine, status="stopped", outputs=outputs, ends=None))
    return _operation(call, "stop", machine)


def start(call: Call) -> dict[str, Any]:
    machine = _machine(call)
    outputs: Mapping[str, Any] = {**machine.outputs, "currentStatus": "RUNNING"}
    ends, action = end_of(reveal(machine.inputs.get("scheduling")) or {}, call.store.now())
    call.store.put(replace(machine, status="live", outputs=outputs, ends=ends, end_action=action))
    return _operation(call, "start", machine)


def set_labels(call: Call) -> dict[str, Any]:
    machine = _machine(call)
    if call.body.get("labelFingerprint") != fingerprint(machine.labels):
        message = "Labels fingerprint either invalid or resource labels have changed"
        raise GoogleError(412, message, "conditionNotMet")
    labels = {str(key): str(value) for key, value in (call.body.get("labels") or {}).items()}
    seen = {"labels": labels, "effectiveLabels": labels, "labelFingerprint": fingerprint(labels)}
    call.store.put(replace(machine, labels=labels, outputs={**machine.outputs, **seen}))
    return _operation(call, "setLabels", machine)


def check_zone(call: Call) -> str:
    """The zone of the path; GoogleError when there is none of that name."""
    zone = call.places["zone"]
    if zone not in zones():
        message = f"Invalid value for field 'zone': '{zone}'. Unknown zone."
        raise GoogleError(400, message)
    return zone


def _machine(call: Call) -> Thing:
    path = f"projects/{call.project}/zones/{call.places['zone']}/instances/{call.places['instance']}"
    machine = call.store.get(instance_json.TYPE, path)
    if machine is None:
        machine = next((one for one in _by_number(call)), None)
    if machine is None:
        raise not_found(path)
    return machine


def _by_number(call: Call) -> list[Thing]:
    wanted = call.places["instance"]
    if not wanted.isdecimal():
        return []
    found = call.store.list(type=instance_json.TYPE, project=call.project, place=call.places["zone"])
    return [machine for machine in found if instance_json.machine_number(machine) == wanted]


def _operation(call: Call, kind: str, machine: Thing) -> dict[str, Any]:
    return work.done(call, f"zones/{machine.place}", kind, machine.id, instance_json.machine_number(machine))
