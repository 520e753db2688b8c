"""Google Cloud's API and the sandbox's own calls on one port: bearer token, faults, and one table of calls."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from trainyard.sandbox.api import control, google_error, orgpolicy, serviceusage
from trainyard.sandbox.api.broken import with_fault
from trainyard.sandbox.api.call import Call, Scene, find
from trainyard.sandbox.api.compute import calls, machines
from trainyard.sandbox.api.google_error import GoogleError
from trainyard.sandbox.api.serving import Reply, Request, bearer, same
from trainyard.sandbox.api.tpu import calls as tpu_calls
from trainyard.sandbox.api.tpu import queue
from trainyard.sandbox.api.vertex import calls as vertex_calls
from trainyard.sandbox.api.workbench import calls as workbench_calls
from trainyard.sandbox.faults import Fault
from trainyard.sandbox.trouble import Trouble, trouble

ROUTES = (
    *control.ROUTES,
    *calls.ROUTES,
    *tpu_calls.ROUTES,
    *vertex_calls.ROUTES,
    *workbench_calls.ROUTES,
    *serviceusage.ROUTES,
    *orgpolicy.ROUTES,
)


class Google:
    """Google Cloud: JSON over REST."""

    name = "gcp"

    def __init__(self, scene: Scene, token: str) -> None:
        self.scene = scene
        self._token = token

    def reply(self, request: Request) -> Reply:
        try:
            return _json_reply(200, self._result(request))
        except GoogleError as error:
            seconds = error.retry_after_seconds
            return _json_reply(error.code, error.body(), {} if seconds is None else {"Retry-After": str(seconds)})

    def refusal(self, code: int, text: str) -> Reply:
        reason = {411: "required", 413: "uploadTooLarge"}.get(code, "")
        return _json_reply(code, GoogleError(code, text, reason).body())

    def _result(self, request: Request) -> dict[str, Any]:
        if request.method == "GET" and request.path == "/":
            return control.who()
        self._check_token(request)
        found = find(ROUTES, request.method, request.path)
        if found is None:
            raise GoogleError(404, f"the sandbox does not serve {request.method} {request.path}", "notFound")
        route, places = found
        call = Call(
            scene=self.scene,
            id=route.id,
            path=request.path,
            places=places,
            query=dict(parse_qsl(request.query, keep_blank_values=True)),
            body=_json(request.body),
        )
        if not route.can_fail:
            return route.answer(call)

        where = ("zone", "region", "location")
        about = {"place": next((places[name] for name in where if name in places), "")}
        about["project"] = places.get("project", "")
        about["name"] = places.get("instance") or str(call.body.get("displayName") or call.body.get("name", ""))
        about["machine_type"] = str(call.body.get("machineType", "")).rpartition("/")[2]

        def told(fault: Fault) -> Trouble:
            return trouble(fault, "gcp", about, service=route.id.partition(".")[0])

        def refused(fault: Fault) -> GoogleError:
            found = told(fault)
            return GoogleError(found.status, found.message, found.code, retry_after_seconds=found.retry_after_seconds)

        return with_fault(
            self.scene.store,
            route.id,
            lambda newest: route.answer(call.as_of(newest)),
            refused=refused,
            expired=google_error.bad_credentials,
            about=about,
            following="pageToken" in call.query,
            accepted=lambda fault: _accepted(call, route.id, fault, told),
        )

    def _check_token(self, request: Request) -> None:
        token = bearer(request)
        if not token:
            raise google_error.no_credentials()
        if not same(token, self._token):
            raise google_error.bad_credentials()


def _accepted(call: Call, id: str, fault: Fault, told: Callable[[Fault], Trouble]) -> dict[str, Any] | None:
    """The answer of a call that is taken although nothing is left; None for one that is refused."""
    if fault.kind != "stockout":
        return None
    if id == "compute.instances.insert":
        return machines.stocked_out(call, told(fault))
    if id == "tpu.projects.locations.queuedResources.create":
        return queue.create_without_room(call, fault)
    return None


def _json_reply(code: int, answer: dict[str, Any], headers: Mapping[str, str] | None = None) -> Reply:
    content = json.dumps(answer, separators=(",", ":")).encode()
    return Reply(code=code, content=content, type="application/json; charset=UTF-8", headers=headers or {})


def _json(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body) if body.strip() else {}
    except ValueError as error:
        raise GoogleError(400, f"Invalid JSON payload received. {error}", "parseError") from error
    if not isinstance(value, dict):
        raise GoogleError(400, "Invalid JSON payload received. An object was expected", "parseError")
    return value
