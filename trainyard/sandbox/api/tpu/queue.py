"""Queued resources: requests for nodes that wait, are granted, expire or lose what they were given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from trainyard.sandbox.api.call import Call
from trainyard.sandbox.api.google_error import GoogleError
from trainyard.sandbox.api.tpu import nodes, work
from trainyard.sandbox.api.tpu.body import check_body
from trainyard.sandbox.api.tpu.granting import BODY, FAILURE, TYPE, WAITS_UNTIL, moment_of, state_of
from trainyard.sandbox.api.tpu.pages import check_place, listed
from trainyard.sandbox.faults import Fault
from trainyard.sandbox.provider.gcp_tpus import runtime_refusal, slice_refusal, topology_refusal
from trainyard.sandbox.provider.order import rfc3339
from trainyard.sandbox.store import AlreadyThere, Thing

_FREE: Final = ("ACCEPTED", "WAITING_FOR_RESOURCES", "FAILED", "SUSPENDED")
_FOREVER: Final = float("inf")


def list_queue(call: Call) -> dict[str, Any]:
    return listed(call, "queuedResources", TYPE, to_json)


def get(call: Call) -> dict[str, Any]:
    return to_json(_queued(call))


def create(call: Call) -> dict[str, Any]:
    return _create(call, 0.0)


def create_without_room(call: Call, fault: Fault) -> dict[str, Any]:
    """The request is taken and waits while the fault lasts, as it does when a zone has no chips left."""
    return _create(call, _FOREVER if fault.until is None else fault.until)


def delete(call: Call) -> dict[str, Any]:
    thing = _queued(call)
    held = _nodes_of(call, thing)
    if call.query.get("force", "false") == "true":
        for node in held:
            call.store.delete(node.type, node.id)
    elif held or state_of(thing) not in _FREE:
        text = (
            f"QueuedResource {thing.id} is in state {state_of(thing)} and holds nodes; delete them first, or use force."
        )
        raise GoogleError(400, text, "FAILED_PRECONDITION")
    call.store.delete(thing.type, thing.id)
    return work.begun(call, "delete", thing.id)


def to_json(thing: Thing) -> dict[str, Any]:
    """The queued resource's JSON."""
    state = state_of(thing)
    told: dict[str, Any] = {"state": state, "stateInitiator": "SERVICE"}
    data = f"{state.lower()}Data"
    if state == "FAILED":
        late = "The QueuedResource could not be fulfilled before its valid_until_time."
        failure = thing.outputs.get(FAILURE)
        told["failedData"] = {"error": {"code": 3 if failure else 4, "message": failure or late}}
    elif state != "WAITING_FOR_RESOURCES":
        told[data] = {}
    return {**thing.outputs.get(BODY, {}), "name": thing.id, "createTime": rfc3339(thing.created), "state": told}


def _create(call: Call, waits_until: float) -> dict[str, Any]:
    location = check_place(call)
    check_body("QueuedResource", call.body)
    name = call.query.get("queuedResourceId", "")
    if nodes.ID.fullmatch(name) is None:
        raise GoogleError(400, f'Invalid queued resource id "{name}": must match {nodes.ID.pattern}')
    parent = f"projects/{call.project}/locations/{location}"
    spec = _spec(call.body, parent)
    _check_node(call, spec, location)
    _check_policy(call.body.get("queueingPolicy", {}), call.store.now())
    labels = {str(key): str(value) for key, value in spec["node"].get("labels", {}).items()}
    thing = Thing(
        type=TYPE,
        id=f"{parent}/queuedResources/{name}",
        package="gcp",
        project=call.project,
        place=location,
        name=name,
        labels=labels,
        inputs={"name": name, "zone": location, "project": call.project},
        outputs={BODY: dict(call.body), WAITS_UNTIL: min(waits_until, 1e18), "currentStatus": "ACCEPTED"},
    )
    try:
        made = call.store.add(thing)
    except AlreadyThere as error:
        raise GoogleError(409, f"Resource '{thing.id}' already exists") from error
    return work.begun(call, "create", made.id, to_json(made))


def _spec(body: Mapping[str, Any], parent: str) -> Mapping[str, Any]:
    """The one node that is asked for."""
    specs = (body.get("tpu") or {}).get("nodeSpec") or []
    if len(specs) != 1 or "multisliceParams" in specs[0]:
        raise GoogleError(400, "tpu.node_spec: exactly one node is needed; the sandbox grants no multislice requests")
    spec: Mapping[str, Any] = specs[0]
    if spec.get("parent") != parent:
        raise GoogleError(400, f"tpu.node_spec.parent must be {parent}, not {spec.get('parent')}")
    if nodes.ID.fullmatch(spec.get("nodeId", "")) is None:
        raise GoogleError(400, f'Invalid node id "{spec.get("nodeId", "")}": must match {nodes.ID.pattern}')
    if "spot" in body and "guaranteed" in body:
        raise GoogleError(400, "spot and guaranteed are two values of the oneof 'tier'; set one")
    if "spot" in body and "reservationName" in body:
        raise GoogleError(400, "a spot request takes nothing out of a reservation")
    return spec


def _check_node(call: Call, spec: Mapping[str, Any], location: str) -> None:
    node = spec.get("node") or {}
    accelerator = str(node.get("acceleratorType") or "")
    if not accelerator and "acceleratorConfig" not in node:
        raise GoogleError(400, "tpu.node_spec.node: accelerator_type or accelerator_config is needed")
    if accelerator and "acceleratorConfig" in node:
        raise GoogleError(400, "accelerator_type and accelerator_config exclude each other")
    if not node.get("runtimeVersion"):
        raise GoogleError(400, "tpu.node_spec.node.runtime_version is needed")
    config = node.get("acceleratorConfig") or {}
    for refusal in (
        slice_refusal(accelerator, location) if accelerator else None,
        topology_refusal(config.get("type", ""), config.get("topology", "")),
        runtime_refusal(str(node["runtimeVersion"]), accelerator),
    ):
        if refusal:
            raise GoogleError(400, refusal)
    if node.get("schedulingConfig"):
        raise GoogleError(400, "the tier of a queued resource says how its node is bought, not scheduling_config")
    if call.store.get(nodes.TYPE, f"projects/{call.project}/locations/{location}/nodes/{spec['nodeId']}"):
        raise GoogleError(409, f"Node {spec['nodeId']} already exists")


def _check_policy(policy: Mapping[str, Any], now: float) -> None:
    if later := [key for key in ("validAfterTime", "validAfterDuration", "validInterval") if key in policy]:
        raise GoogleError(501, f"the sandbox grants requests as soon as it can; it does not know {later[0]}")
    until = [key for key in ("validUntilTime", "validUntilDuration") if key in policy]
    if len(until) > 1:
        raise GoogleError(400, f"{', '.join(until)} exclude each other")
    end = moment_of(policy, now)
    if end is not None and end <= now:
        raise GoogleError(400, "queueing_policy.valid_until_time is in the past")


def _nodes_of(call: Call, thing: Thing) -> list[Thing]:
    found = call.store.list(type=nodes.TYPE, project=call.project, place=thing.place)
    return [node for node in found if node.outputs.get("queuedResource") == thing.id]


def _queued(call: Call) -> Thing:
    location = check_place(call)
    name = f"projects/{call.project}/locations/{location}/queuedResources/{call.places['queuedResource']}"
    found = call.store.get(TYPE, name)
    if found is None:
        raise GoogleError(404, f"Resource '{name}' was not found")
    return found
