"""The table of the Cloud TPU API's calls that the sandbox serves."""

from __future__ import annotations

from typing import Any

from trainyard.sandbox.api.call import Call, Route
from trainyard.sandbox.api.google_error import GoogleError
from trainyard.sandbox.api.tpu import nodes, queue, work
from trainyard.sandbox.provider.gcp_tpus import zones

_PROJECT = "/tpu/v2/projects/{project}"
_LOCATION = f"{_PROJECT}/locations/{{location}}"
_NODES = f"{_LOCATION}/nodes"
_NODE = f"{_NODES}/{{node}}"
_QUEUE = f"{_LOCATION}/queuedResources"
_QUEUED = f"{_QUEUE}/{{queuedResource}}"
_IDS = "tpu.projects.locations"


def _locations(call: Call) -> dict[str, Any]:
    if unknown := sorted(call.query.keys() - {"alt"}):
        raise GoogleError(501, f"the sandbox's list of locations takes no {', '.join(unknown)}")
    at = f"projects/{call.project}/locations"
    return {"locations": [{"name": f"{at}/{zone}", "locationId": zone} for zone in sorted(zones())]}


ROUTES = (
    Route(id=f"{_IDS}.list", method="GET", path=f"{_PROJECT}/locations", answer=_locations),
    Route(id=f"{_IDS}.nodes.list", method="GET", path=_NODES, answer=nodes.list_nodes),
    Route(id=f"{_IDS}.nodes.create", method="POST", path=_NODES, answer=nodes.create),
    Route(id=f"{_IDS}.nodes.stop", method="POST", path=f"{_NODE}:stop", answer=nodes.stop),
    Route(id=f"{_IDS}.nodes.start", method="POST", path=f"{_NODE}:start", answer=nodes.start),
    Route(id=f"{_IDS}.nodes.get", method="GET", path=_NODE, answer=nodes.get),
    Route(id=f"{_IDS}.nodes.delete", method="DELETE", path=_NODE, answer=nodes.delete),
    Route(id=f"{_IDS}.queuedResources.list", method="GET", path=_QUEUE, answer=queue.list_queue),
    Route(id=f"{_IDS}.queuedResources.create", method="POST", path=_QUEUE, answer=queue.create),
    Route(id=f"{_IDS}.queuedResources.get", method="GET", path=_QUEUED, answer=queue.get),
    Route(id=f"{_IDS}.queuedResources.delete", method="DELETE", path=_QUEUED, answer=queue.delete),
    Route(id=f"{_IDS}.operations.get", method="GET", path=f"{_LOCATION}/operations/{{operation}}", answer=work.get),
)
