"""Azure Resource Manager on a port of its own: bearer token, api-version, faults, and one table of calls."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Final
from urllib.parse import parse_qsl

from trainyard.sandbox.api import control
from trainyard.sandbox.api.azure import arm_error, pages
from trainyard.sandbox.api.azure.arm_error import ArmError
from trainyard.sandbox.api.azure.call import Answer, Call, Route
from trainyard.sandbox.api.broken import with_fault
from trainyard.sandbox.api.call import Scene, find
from trainyard.sandbox.api.serving import LOOPBACK, Reply, Request, bearer, same
from trainyard.sandbox.faults import Fault
from trainyard.sandbox.trouble import trouble

_VERSION: Final = re.compile(r"(\d{4}-\d{2}-\d{2})(-[a-z]+(\.\d+)?)?", re.IGNORECASE)
_VERBS: Final = {"GET": "read", "HEAD": "read", "PUT": "write", "PATCH": "write", "DELETE": "delete"}


class Azure:
    """Azure: Resource Manager's JSON over REST."""

    name = "azure"

    def __init__(self, scene: Scene, token: str) -> None:
        self.scene = scene
        self._token = token

    def reply(self, request: Request) -> Reply:
        try:
            return _reply(self._answer(request))
        except ArmError as error:
            return _refusal(error)

    def refusal(self, code: int, text: str) -> Reply:
        return _refusal(ArmError(code, {411: "LengthRequired", 413: "RequestEntityTooLarge"}.get(code, ""), text))

    def _answer(self, request: Request) -> Answer:
        if request.method == "GET" and request.path == "/":
            return Answer(body=control.who())
        self._check_token(request)
        query = {name.lower(): value for name, value in parse_qsl(request.query, keep_blank_values=True)}
        _check_version(query.get("api-version", ""))
        from trainyard.sandbox.api.azure.calls import ROUTES  # the table costs the start of a sandbox nothing

        found = find(ROUTES, request.method, request.path.rstrip("/"), any_case=True)
        if found is None:
            text = f"the sandbox does not serve {request.method} {request.path}"
            raise ArmError(404, "HttpResourceNotFound", text)
        route, places = found
        call = Call(
            scene=self.scene,
            id=route.id,
            root=f"http://{request.headers.get('Host') or LOOPBACK}",
            path=request.path,
            places=places,
            query=query,
            headers=request.headers,
            body=_json(request.body),
        )

        about = _about(call)

        def refused(fault: Fault) -> ArmError:
            if fault.kind not in ("refuse", "cut-list"):
                return arm_error.troubled(trouble(fault, "azure-native", about, service=_service(route)))
            scope = f"/subscriptions/{about['project']}"
            return arm_error.refused(fault, action=_action(route), scope=scope)

        return with_fault(
            self.scene.store,
            route.id,
            lambda newest: route.answer(call.as_of(newest)),
            refused=refused,
            expired=self._expired,
            about=about,
            following=pages.AFTER in query,
            accepted=lambda fault: _accepted(call, fault, about) if fault.kind == "stockout" else None,
        )

    def _expired(self) -> ArmError:
        now = self.scene.store.now()
        return arm_error.expired_token(_moment(now - 60), _moment(now))

    def _check_token(self, request: Request) -> None:
        token = bearer(request)
        if not token:
            raise arm_error.no_token()
        if not same(token, self._token):
            raise arm_error.bad_token()


def _check_version(given: str) -> None:
    """Any date is taken for a version: which ones a type has had is not known here."""
    if not given:
        text = "The api-version query parameter (?api-version=) is required for all requests."
        raise ArmError(400, "MissingApiVersionParameter", text)
    found = _VERSION.fullmatch(given)
    try:
        if found:
            date.fromisoformat(found[1])
            return
    except ValueError:
        pass
    text = f"The api-version '{given}' is invalid. Versions are dates, such as 2024-07-01 or 2024-07-01-preview."
    raise ArmError(400, "InvalidApiVersionParameter", text)


def _accepted(call: Call, fault: Fault, about: Mapping[str, str]) -> Answer | None:
    from trainyard.sandbox.api.azure import machines

    return machines.stocked_out(call, trouble(fault, "azure-native", about))


def _about(call: Call) -> dict[str, str]:
    size = (call.body.get("properties") or {}).get("hardwareProfile") or call.body.get("sku") or {}
    names = [value for key, value in sorted(call.places.items()) if key.startswith("name")]
    return {
        "project": call.places.get("subscription", "").lower(),
        "name": names[-1] if names else call.places.get("group", ""),
        "place": str(call.body.get("location") or call.places.get("location", "")),
        "machine_type": str(size.get("vmSize") or size.get("name") or ""),
    }


def _service(route: Route) -> str:
    return "ml" if route.id.startswith("Microsoft.MachineLearningServices/") else "compute"


def _action(route: Route) -> str:
    """ "Microsoft.Compute/virtualMachines/read", the right that a role gives."""
    kind, _, name = route.id.rpartition(".")
    if route.method == "GET" and name == "instanceView":
        return f"{kind}/instanceView/read"
    return f"{kind}/{_VERBS.get(route.method, f'{name}/action')}"


def _moment(seconds: float) -> str:
    """A time as Azure's sign-in errors write it: "11/24/2026 8:00:00 AM"."""
    when = datetime.fromtimestamp(seconds, UTC)
    return f"{when.month}/{when.day}/{when.year} {when.hour % 12 or 12}:{when:%M:%S %p}"


def _reply(answer: Answer) -> Reply:
    if answer.body is None:
        return Reply(code=answer.status, content=b"", type="", headers=answer.headers)
    content = json.dumps(answer.body, separators=(",", ":")).encode()
    return Reply(code=answer.status, content=content, type="application/json; charset=utf-8", headers=answer.headers)


def _refusal(error: ArmError) -> Reply:
    headers = {"x-ms-failure-cause": "gateway", **error.headers} if error.status >= 400 else error.headers
    content = json.dumps(error.body(), separators=(",", ":")).encode()
    return Reply(code=error.status, content=content, type="application/json; charset=utf-8", headers=headers)


def _json(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body) if body.strip() else {}
    except ValueError as error:
        text = f"The request content was invalid and could not be deserialized: '{error}'."
        raise ArmError(400, "InvalidRequestContent", text) from error
    if not isinstance(value, dict):
        text = "The request content was invalid and could not be deserialized: an object was expected."
        raise ArmError(400, "InvalidRequestContent", text)
    return value
