"""Pages of list answers: order, filter, page tokens, and scopes of aggregated lists."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from trainyard.sandbox.api.call import Call
from trainyard.sandbox.api.compute.filters import compile_filter
from trainyard.sandbox.api.compute.names import url
from trainyard.sandbox.api.google_error import invalid

_LARGEST: Final = 500


@dataclass(frozen=True, kw_only=True)
class Listed:
    scope: str  # "zones/us-central1-a", "regions/us-central1" or "global"
    name: str
    created: float  # simulated time
    json: Mapping[str, Any]

    @property
    def key(self) -> tuple[str, str]:
        return self.scope, self.name


def listed(call: Call, kind: str, things: Sequence[Listed]) -> dict[str, Any]:
    """The answer of a plain list; `kind` is "compute#instanceList"."""
    page, following = _page(call, things)
    body: dict[str, Any] = {"kind": kind, "id": _id(call), "selfLink": _self(call)}
    if page:
        body["items"] = [thing.json for thing in page]
    return body | following


def aggregated(
    call: Call, kind: str, collection: str, scopes: Iterable[str], things: Sequence[Listed]
) -> dict[str, Any]:
    """The answer of an aggregated list: every scope, those without results on this page with a warning."""
    page, following = _page(call, things)
    items: dict[str, dict[str, Any]] = {scope: _nothing_in(scope) for scope in scopes}
    for thing in page:
        scoped = items.get(thing.scope)
        if scoped is None or "warning" in scoped:
            scoped = items[thing.scope] = {collection: []}
        scoped[collection].append(thing.json)
    return {"kind": kind, "id": _id(call), "items": items, "selfLink": _self(call), **following}


def _page(call: Call, things: Sequence[Listed]) -> tuple[list[Listed], dict[str, str]]:
    size = _size(call.query.get("maxResults", str(_LARGEST)))
    after = _after(call.query.get("pageToken", ""))
    lets_through = compile_filter(call.query.get("filter", ""))
    page: list[Listed] = []
    for thing in things[bisect_right(things, after, key=lambda one: one.key) :]:
        if thing.created > call.newest or not lets_through(thing.json):
            continue
        if len(page) == size:
            return page, {"nextPageToken": _token(page[-1])}
        page.append(thing)
    return page, {}


def _size(text: str) -> int:
    if not text.isdecimal() or not 0 <= int(text) <= _LARGEST:
        raise invalid(field="maxResults", value=text, why=f"Value must be between 0 and {_LARGEST}.")
    return int(text) or _LARGEST


def _token(thing: Listed) -> str:
    return urlsafe_b64encode("\n".join(thing.key).encode()).decode()


def _after(token: str) -> tuple[str, str]:
    if not token:
        return "", ""
    try:
        scope, name = urlsafe_b64decode(token).decode().split("\n")
    except (Error, ValueError) as error:
        raise invalid(field="pageToken", value=token, why="Invalid pageToken specified.") from error
    return scope, name


def _nothing_in(scope: str) -> dict[str, Any]:
    return {
        "warning": {
            "code": "NO_RESULTS_ON_PAGE",
            "message": f"There are no results for scope '{scope}' on this page.",
            "data": [{"key": "scope", "value": scope}],
        }
    }


def _id(call: Call) -> str:
    return call.path.removeprefix("/compute/v1/")


def _self(call: Call) -> str:
    return url(_id(call))
