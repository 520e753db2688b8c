"""Pages of the Cloud TPU API's lists, and the places that a call may name."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from trainyard.sandbox.api.call import Call
from trainyard.sandbox.api.compute.inventory import COPY_PREFIX
from trainyard.sandbox.api.google_error import GoogleError
from trainyard.sandbox.provider.gcp_tpus import zones
from trainyard.sandbox.store import Thing

_SIZE: Final = 100
_ALL: Final = "-"


def check_place(call: Call, *, all_too: bool = False) -> str:
    """The location of the path; GoogleError for a project that was never given out, or a zone without TPUs."""
    if not call.project.startswith(COPY_PREFIX) and not call.store.list(project=call.project, deleted=True):
        text = f"Permission denied on resource project {call.project}."
        raise GoogleError(403, text)
    location = call.places["location"]
    if location not in zones() and not (all_too and location == _ALL):
        raise GoogleError(404, f"Location {location} is not found or access is unauthorized.")
    return location


def listed(call: Call, key: str, type_: str, to_json: Callable[[Thing], Mapping[str, Any]]) -> dict[str, Any]:
    """One page of a project's things of a type, in one zone or in all ("-")."""
    location = check_place(call, all_too=True)
    place = None if location == _ALL else location
    things = [
        thing
        for thing in call.store.list(type=type_, project=call.project, place=place)
        if thing.created <= call.newest
    ]
    start = _start(call.query.get("pageToken", ""), things)
    size = _page_size(call.query.get("pageSize", str(_SIZE)))
    page = things[start : start + size]
    answer: dict[str, Any] = {key: [to_json(thing) for thing in page]} if page else {}
    if start + size < len(things):
        answer["nextPageToken"] = urlsafe_b64encode(page[-1].id.encode()).decode()
    return answer


def _start(token: str, things: Sequence[Thing]) -> int:
    if not token:
        return 0
    try:
        after = urlsafe_b64decode(token).decode()
    except (Error, ValueError) as error:
        raise GoogleError(400, "page_token is invalid") from error
    return sum(thing.id <= after for thing in things)


def _page_size(text: str) -> int:
    if not text.isdecimal():
        raise GoogleError(400, f"Invalid value at 'page_size' (TYPE_INT32), \"{text}\"")
    return min(int(text), _SIZE) or _SIZE
