"""Pages of list answers: a `nextLink` with all of the question and a token, as ARM's lists have it."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

from trainyard.sandbox.api.azure.arm_error import ArmError
from trainyard.sandbox.api.azure.call import Answer, Call
from trainyard.sandbox.api.azure.inventory import Listed

_SIZE: Final = 100
AFTER: Final = "$skiptoken"  # of the query: there is more before


def listed(
    call: Call, found: Sequence[Listed], change: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None
) -> Answer:
    """One page of things that are in order of their keys; `change` makes of each what this call shows."""
    after = _after(call.query.get(AFTER, ""))
    page: list[Listed] = []
    for one in found[bisect_right(found, after, key=lambda one: one.key) :]:
        if one.created > call.newest:
            continue
        if len(page) == _SIZE:
            return _answer(page, change, {"nextLink": _link(call, page[-1].key)})
        page.append(one)
    return _answer(page, change, {})


def whole(values: Iterable[Mapping[str, Any]]) -> Answer:
    """A list that has one page only."""
    return Answer(body={"value": list(values)})


def _answer(
    page: Sequence[Listed],
    change: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None,
    more: Mapping[str, str],
) -> Answer:
    return Answer(body={"value": [change(one.json) if change else one.json for one in page], **more})


def _link(call: Call, key: str) -> str:
    token = urlsafe_b64encode(key.encode()).decode()
    return f"{call.root}{call.path}?{urlencode({**call.query, AFTER: token}, safe='$')}"


def _after(token: str) -> str:
    try:
        return urlsafe_b64decode(token).decode()
    except (Error, ValueError) as error:
        raise ArmError(400, "InvalidParameter", f"The $skiptoken '{token}' is invalid.") from error
