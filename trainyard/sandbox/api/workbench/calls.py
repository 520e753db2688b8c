"""The table of Workbench's calls that the sandbox serves."""

from __future__ import annotations

from trainyard.sandbox.api.call import Route
from trainyard.sandbox.api.workbench import instances

_INSTANCES = "/notebooks/v2/projects/{project}/locations/{location}/instances"
_INSTANCE = f"{_INSTANCES}/{{instance}}"
_IDS = "notebooks.projects.locations.instances"

ROUTES = (
    Route(id=f"{_IDS}.list", method="GET", path=_INSTANCES, answer=instances.list_instances),
    Route(id=f"{_IDS}.stop", method="POST", path=f"{_INSTANCE}:stop", answer=instances.stop),
    Route(id=f"{_IDS}.start", method="POST", path=f"{_INSTANCE}:start", answer=instances.start),
    Route(id=f"{_IDS}.get", method="GET", path=_INSTANCE, answer=instances.get),
    Route(id=f"{_IDS}.delete", method="DELETE", path=_INSTANCE, answer=instances.delete),
)
