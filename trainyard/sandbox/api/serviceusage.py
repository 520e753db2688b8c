"""The Service Usage API: which of Google's APIs a project has enabled."""

from __future__ import annotations

from typing import Any, Final

from trainyard.sandbox.api.call import Call, Route
from trainyard.sandbox.api.compute.inventory import COPY_PREFIX
from trainyard.sandbox.api.google_error import GoogleError

# All that the sandbox serves is enabled in every project; it has no others.
_SERVED: Final = (
    "aiplatform.googleapis.com",
    "cloudresourcemanager.googleapis.com",
    "compute.googleapis.com",
    "iam.googleapis.com",
    "iap.googleapis.com",
    "notebooks.googleapis.com",
    "serviceusage.googleapis.com",
    "storage.googleapis.com",
    "tpu.googleapis.com",
)
_ENABLED: Final = "state:ENABLED"


def list_services(call: Call) -> dict[str, Any]:
    """One page of what is enabled."""
    if not call.project.startswith(COPY_PREFIX) and not call.store.list(project=call.project, deleted=True):
        raise GoogleError(403, f"Permission denied on resource project {call.project}.")
    if call.query.get("filter", _ENABLED) != _ENABLED:
        raise GoogleError(400, f"Invalid filter: {call.query['filter']}; the sandbox knows {_ENABLED} only.")
    return {
        "services": [
            {
                "name": f"projects/{call.project}/services/{name}",
                "parent": f"projects/{call.project}",
                "config": {"name": name},
                "state": "ENABLED",
            }
            for name in _SERVED
        ]
    }


ROUTES: Final = (
    Route(id="serviceusage.services.list", method="GET", path="/v1/projects/{project}/services", answer=list_services),
)
