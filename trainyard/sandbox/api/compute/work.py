"""Operations of Compute Engine: their JSON, `get` and `wait`."""

from __future__ import annotations

from typing import Any

from trainyard.sandbox.api.call import Call
from trainyard.sandbox.api.compute.names import moment, number, url
from trainyard.sandbox.api.google_error import not_found
from trainyard.sandbox.trouble import Trouble


def done(
    call: Call, scope: str, kind: str, target: str, target_id: str, failure: Trouble | None = None
) -> dict[str, Any]:
    """The operation that a call answers with: RUNNING in the answer, DONE when asked again, then with its failure.

    `scope` is "zones/z", "regions/r" or "global"; `target` is "projects/p/zones/z/instances/n".
    """
    counted = call.scene.operations.next_number()
    now = moment(call.store.now())
    id_ = number("operation", counted, now, target)
    name = f"operation-{int(call.store.now() * 1000)}-{int(id_):x}-{counted}"
    at = f"projects/{call.project}/{scope}"
    operation: dict[str, Any] = {
        "kind": "compute#operation",
        "id": id_,
        "name": name,
        "operationType": kind,
        "targetLink": url(target),
        "targetId": target_id,
        "status": "RUNNING",
        "user": "rehearsal@trainyard-sandbox.iam.gserviceaccount.com",
        "progress": 0,
        "insertTime": now,
        "startTime": now,
        "selfLink": url(f"{at}/operations/{name}"),
    }
    place, _, _ = scope.partition("/")
    if place != "global":
        operation[place.removesuffix("s")] = url(f"projects/{call.project}/{scope}")
    ended: dict[str, Any] = {"status": "DONE", "progress": 100, "endTime": now}
    if failure is not None:
        ended["error"] = {"errors": [{"code": failure.code, "message": failure.message}]}
        ended |= {"httpErrorStatusCode": failure.status, "httpErrorMessage": "SERVICE UNAVAILABLE"}
    call.scene.operations.keep(at, operation | ended)
    return operation


def get(call: Call) -> dict[str, Any]:
    """The operation by name or number, finished."""
    scope, _, _ = call.path.removeprefix("/compute/v1/").partition("/operations/")
    name = call.places["operation"]
    found = call.scene.operations.get(scope, name)
    if found is None:
        raise not_found(resource=f"{scope}/operations/{name}")
    return found
