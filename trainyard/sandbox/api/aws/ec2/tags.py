"""Tags: CreateTags, DeleteTags and DescribeTags, on all that the region holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from trainyard.sandbox.api.aws.call import AwsCall
from trainyard.sandbox.api.aws.ec2.changes import dry_run
from trainyard.sandbox.api.aws.ec2.filters import at
from trainyard.sandbox.api.aws.ec2.pages import Listed, page
from trainyard.sandbox.api.aws.error import AwsError
from trainyard.sandbox.provider.aws import ACCOUNT
from trainyard.sandbox.store import Thing

# id's prefix -> the resource type as DescribeTags says it
KINDS: Final[Mapping[str, str]] = {
    "i": "instance",
    "vol": "volume",
    "snap": "snapshot",
    "eipalloc": "elastic-ip",
    "nat": "natgateway",
    "cr": "capacity-reservation",
    "eni": "network-interface",
    "vpc": "vpc",
    "subnet": "subnet",
    "sg": "security-group",
    "igw": "internet-gateway",
    "rtb": "route-table",
    "lt": "launch-template",
    "ami": "image",
    "vpce": "vpc-endpoint",
}
_MOST: Final = 50


def create(call: AwsCall) -> dict[str, Any]:
    """CreateTags."""
    given = {tag["Key"]: tag.get("Value", "") for tag in call.values["Tags"]}
    for key in given:
        if key.startswith("aws:"):
            raise AwsError(400, "InvalidParameterValue", "Tag keys starting with 'aws:' are reserved for internal use")
        if not 1 <= len(key) <= 128 or len(given[key]) > 256:
            raise AwsError(
                400, "InvalidParameterValue", f"Tag {key!r}: keys hold 1 to 128 characters, values up to 256"
            )
    return _change(call, lambda tags: {**tags, **given})


def delete(call: AwsCall) -> dict[str, Any]:
    """DeleteTags: all, or those named; with a value only where it is that value."""
    given = {tag["Key"]: tag.get("Value") for tag in call.values.get("Tags") or ()}

    def left(tags: Mapping[str, str]) -> dict[str, str]:
        if not given:
            return {}
        return {key: value for key, value in tags.items() if key not in given or given[key] not in (None, value)}

    return _change(call, left)


def describe(call: AwsCall) -> dict[str, Any]:
    """DescribeTags."""
    things = []
    for thing in _taggable(call).values():
        for key, value in sorted(thing.labels.items()):
            kind = KINDS[thing.id.partition("-")[0]]
            shown = {"Key": key, "Value": value, "ResourceId": thing.id, "ResourceType": kind}
            things.append(Listed(id=f"{thing.id} {key}", created=thing.created, shown=shown))
    fields = {
        "key": at("Key"),
        "value": at("Value"),
        "resource-id": at("ResourceId"),
        "resource-type": at("ResourceType"),
    }
    found, following = page(call, sorted(things, key=lambda one: one.id), fields)
    return {"Tags": found, **following}


def _change(call: AwsCall, change: Any) -> dict[str, Any]:
    known = _taggable(call)
    chosen = []
    for id in call.values["Resources"]:
        if id not in known:
            raise AwsError(400, "InvalidID", f"The ID '{id}' is not valid")
        tags = change(known[id].labels)
        if len(tags) > _MOST:
            raise AwsError(400, "TagLimitExceeded", f"The maximum number of Tags for a resource is {_MOST}.")
        chosen.append((known[id], tags))
    dry_run(call)
    with call.store.transaction():
        for thing, tags in chosen:
            told = {name: tags for name in ("tags", "tagsAll") if name in thing.outputs or name == "tags"}
            call.store.put(replace(thing, labels=tags, outputs={**thing.outputs, **told}))
    return {}


def _taggable(call: AwsCall) -> Mapping[str, Thing]:
    def read() -> dict[str, Thing]:
        there = call.store.list(package="aws", project=ACCOUNT, place=call.region)
        return {thing.id: thing for thing in there if thing.id.partition("-")[0] in KINDS}

    return call.scene.seen.of(("aws", "taggable", call.region), read)
