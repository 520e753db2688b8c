"""Nodes: the same things as the provider's `V2Vm`, as the Cloud TPU API tells them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from trainyard.sandbox.api import making
from trainyard.sandbox.api.call import Call
from trainyard.sandbox.api.google_error import GoogleError
from trainyard.sandbox.api.tpu import work
from trainyard.sandbox.api.tpu.body import check_body, schemas
from trainyard.sandbox.api.tpu.pages import check_place, listed
from trainyard.sandbox.provider.order import rfc3339
from trainyard.sandbox.store import AlreadyThere, Store, Thing
from trainyard.servicer.values import reveal

TYPE: Final = "gcp:tpu/v2Vm:V2Vm"
READY_AT: Final = "readyAt"  # of a node that the queue has granted
ID: Final = re.compile(r"[a-z](?:[-a-z0-9]{0,60}[a-z0-9])?")
_REFUSED: Final = re.compile(r"googleapi: Error (\d{3}): (.*?), ([A-Za-z_]+)(?:;.*)?$", re.DOTALL)


def list_nodes(call: Call) -> dict[str, Any]:
    return listed(call, "nodes", TYPE, lambda node: to_json(node, call.store.now()))


def get(call: Call) -> dict[str, Any]:
    return to_json(_node(call), call.store.now())


def create(call: Call) -> dict[str, Any]:
    location = check_place(call)
    check_body("Node", call.body)
    node = make(call.store, call.project, location, call.query.get("nodeId", ""), call.body)
    return work.begun(call, "create", node.id, to_json(node, call.store.now()))


def delete(call: Call) -> dict[str, Any]:
    node = _node(call)
    call.store.delete(node.type, node.id)
    return work.begun(call, "delete", node.id)


def stop(call: Call) -> dict[str, Any]:
    node = _node(call)
    if _is_spot(node):
        raise GoogleError(400, f"TPU Spot VM {node.id} cannot be stopped; delete it.", "FAILED_PRECONDITION")
    if len(reveal(node.outputs.get("networkEndpoints")) or ()) > 1:
        raise GoogleError(400, f"TPU Pod {node.id} cannot be stopped; delete it.", "FAILED_PRECONDITION")
    told = {**node.outputs, "state": "STOPPED"}
    stopped = call.store.put(replace(node, status="stopped", ends=None, outputs=told))
    return work.begun(call, "stop", node.id, to_json(stopped, call.store.now()))


def start(call: Call) -> dict[str, Any]:
    node = _node(call)
    if _is_spot(node):
        raise GoogleError(400, f"TPU Spot VM {node.id} cannot be started again.", "FAILED_PRECONDITION")
    started = call.store.put(replace(node, status="live", outputs={**node.outputs, "state": "READY"}))
    return work.begun(call, "start", node.id, to_json(started, call.store.now()))


def make(store: Store, project: str, location: str, node_id: str, body: Mapping[str, Any]) -> Thing:
    """The node in the store; GoogleError where the API refuses it."""
    if ID.fullmatch(node_id) is None:
        raise GoogleError(400, f'Invalid node id "{node_id}": must match {ID.pattern}')
    if unknown := {"bootDiskConfig"} & set(body):
        raise GoogleError(501, f"the sandbox does not know {', '.join(unknown)} of a node")
    inputs = {key: value for key, value in body.items() if key != "serviceAccount"}
    account = body.get("serviceAccount")
    if account is not None:
        inputs["serviceAccount"] = {"email": account.get("email"), "scopes": account.get("scope", [])}
    try:
        return making.make(store, "gcp", TYPE, {**inputs, "name": node_id, "zone": location, "project": project}, {})
    except AlreadyThere as error:
        raise GoogleError(409, f"Resource '{error}' already exists") from error
    except making.NotMade as refused:
        match = _REFUSED.match(refused.reason)
        at = f"{refused.path}: " if refused.path else ""
        told = GoogleError(400, at + refused.reason) if match is None else GoogleError(int(match[1]), match[2])
        raise told from refused


def to_json(node: Thing, now: float) -> dict[str, Any]:
    """The node's JSON; `id` and what an empty value has no use for left out."""
    given: dict[str, Any] = reveal({**node.inputs, **node.outputs})
    known = schemas()["Node"]["properties"]
    found = {key: value for key, value in given.items() if key in known and value not in (None, [], {})}
    account = given.get("serviceAccount") or {}
    if account:
        found["serviceAccount"] = {"email": account.get("email"), "scope": account.get("scopes", [])}
    found |= {
        "name": node.id,
        "labels": dict(node.labels),
        "createTime": rfc3339(node.created),
        "state": state(node, now),
    }
    return {key: value for key, value in found.items() if key not in ("symptoms", "networkConfigs")}


def state(node: Thing, now: float) -> str:
    """The node's state in the API's own word."""
    if node.status == "deleting":
        return "DELETING"
    if node.status == "stopped":
        return "PREEMPTED" if _is_spot(node) else "STOPPED"
    return "CREATING" if now < float(node.outputs.get(READY_AT, 0)) else "READY"


def _is_spot(node: Thing) -> bool:
    config = reveal(dict(node.inputs)).get("schedulingConfig") or {}
    return bool(config.get("spot") or config.get("preemptible"))


def _node(call: Call) -> Thing:
    location = check_place(call)
    name = f"projects/{call.project}/locations/{location}/nodes/{call.places['node']}"
    found = call.store.get(TYPE, name)
    if found is None:
        raise GoogleError(404, f"Resource '{name}' was not found")
    return found
