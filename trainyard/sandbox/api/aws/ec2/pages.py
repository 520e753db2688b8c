"""Pages of EC2's lists: filters, ids, `MaxResults` and `NextToken`."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from trainyard.sandbox.api.aws import tokens
from trainyard.sandbox.api.aws.call import AwsCall
from trainyard.sandbox.api.aws.ec2.filters import Field, compile_filters
from trainyard.sandbox.api.aws.error import AwsError

_LARGEST: Final = 1000


@dataclass(frozen=True, kw_only=True)
class Listed:
    id: str
    created: float  # simulated time
    shown: Mapping[str, Any]  # as boto3 shows it


def page(
    call: AwsCall,
    things: Sequence[Listed],
    fields: Mapping[str, Field],
    *,
    ids: Sequence[str] = (),
    filters: str = "Filters",
    smallest: int = 5,
) -> tuple[list[Mapping[str, Any]], dict[str, str]]:
    """What this page shows of things in order of their ids, and the token of the next one."""
    fits = compile_filters(call.values.get(filters) or (), fields)
    size = _size(call, smallest)
    refusal = AwsError(400, "InvalidNextToken", "The specified NextToken is not valid.")
    after = tokens.after(str(call.values.get("NextToken") or ""), refusal)
    wanted = frozenset(ids)
    shown: list[Mapping[str, Any]] = []
    last = ""
    for thing in things[bisect_right(things, after, key=lambda one: one.id) :]:
        if thing.created > call.newest or (wanted and thing.id not in wanted) or not fits(thing.shown):
            continue
        if len(shown) == size:
            return shown, {"NextToken": tokens.token_after(last)}
        shown.append(thing.shown)
        last = thing.id
    return shown, {}


def _size(call: AwsCall, smallest: int) -> int:
    given = call.values.get("MaxResults")
    if given is None:
        return _LARGEST
    if not smallest <= given <= _LARGEST:
        text = f"Value ( {given} ) for parameter maxResults is invalid. Expecting a value between {smallest} and 1000."
        raise AwsError(400, "InvalidParameterValue", text)
    return int(given)
