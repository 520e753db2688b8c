"""The Resource Groups Tagging API: everything of a region with its tags."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from trainyard.sandbox.api.aws import tokens
from trainyard.sandbox.api.aws.autoscaling import GROUP, tags_of
from trainyard.sandbox.api.aws.call import AwsCall
from trainyard.sandbox.api.aws.error import AwsError
from trainyard.sandbox.provider.aws import ACCOUNT
from trainyard.sandbox.store import Thing
from trainyard.servicer.values import reveal

_USUAL: Final = 50
_LARGEST: Final = 100


def get_resources(call: AwsCall) -> dict[str, Any]:
    size = int(call.values.get("ResourcesPerPage", _USUAL))
    if not 1 <= size <= _LARGEST:
        raise AwsError(
            400, "InvalidParameterException", f"ResourcesPerPage must be between 1 and {_LARGEST}, not {size}"
        )
    refusal = AwsError(400, "PaginationTokenExpiredException", "The provided PaginationToken is not valid.")
    after = tokens.after(str(call.values.get("PaginationToken") or ""), refusal)
    kinds = call.values.get("ResourceTypeFilters") or ()
    filters = call.values.get("TagFilters") or ()
    shown: list[dict[str, Any]] = [
        {"ResourceARN": arn, "Tags": [{"Key": key, "Value": text} for key, text in sorted(tags.items())]}
        for arn, tags in sorted(_tagged(call))
        if arn > after and _of_kind(arn, kinds) and all(_fits(tags, one) for one in filters)
    ]
    following = tokens.token_after(shown[size - 1]["ResourceARN"]) if len(shown) > size else ""
    return {"PaginationToken": following, "ResourceTagMappingList": shown[:size]}


def _tagged(call: AwsCall) -> list[tuple[str, dict[str, str]]]:
    found = []
    for thing in call.store.list(package="aws", project=ACCOUNT, place=call.region):
        tags = tags_of(thing) if thing.type == GROUP else dict(thing.labels)
        arn = _arn(thing)
        if tags and arn and thing.created <= call.newest:
            found.append((arn, tags))
    return found


def _arn(thing: Thing) -> str:
    told = reveal(thing.outputs.get("arn"))
    return told if isinstance(told, str) else ""


def _of_kind(arn: str, kinds: Sequence[str]) -> bool:
    service, noun = arn.split(":")[2], arn.split(":", 5)[5].partition("/")[0]
    return not kinds or any(kind in (service, f"{service}:{noun}") for kind in kinds)


def _fits(tags: Mapping[str, str], wanted: Mapping[str, Any]) -> bool:
    values = wanted.get("Values") or ()
    return wanted["Key"] in tags and (not values or tags[wanted["Key"]] in values)


CALLS: Final[Mapping[str, Callable[[AwsCall], Mapping[str, Any]]]] = {"GetResources": get_resources}
