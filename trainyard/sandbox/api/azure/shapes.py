"""A thing between the provider's properties, which the store holds, and ARM's JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from trainyard.sandbox.api.azure.kinds import Kind
from trainyard.sandbox.schema import ResourceType, resource_type
from trainyard.sandbox.store import Thing
from trainyard.servicer.values import reveal

# ARM's common fields (learn.microsoft.com/azure/azure-resource-manager/management/resource-providers-and-types);
# everything else is in "properties"
_ENVELOPE: Final = frozenset(
    {"location", "tags", "sku", "zones", "identity", "plan", "kind", "extendedLocation", "etag", "managedBy"}
    | {"placement", "systemData"}
)
_NOT_TOLD: Final = frozenset({"id", "name", "type", "azureApiVersion"})
_KEPT_SECRET: Final = ("adminPassword", "customData", "secrets")  # of osProfile: no answer holds them
Fold = Callable[[Mapping[str, Any], tuple[str, ...]], dict[str, Any]]


def to_arm(kind: Kind, thing: Thing) -> dict[str, Any]:
    """The thing as its `get` answers, without what only others know of it."""
    outputs = type_of(kind.type).outputs
    given: dict[str, Any] = {key: _plain(reveal(value)) for key, value in thing.outputs.items() if key in outputs}
    told = {key: value for key, value in given.items() if key not in _NOT_TOLD and value not in (None, {}, [])}
    for path, own in kind.parts.items():
        told = _at(told, path.split("."), own, _folded)
    if isinstance(told.get("osProfile"), Mapping):
        told["osProfile"] = {key: value for key, value in told["osProfile"].items() if key not in _KEPT_SECRET}
    body: dict[str, Any] = {"id": thing.id, "name": thing.name, "type": kind.full_type}
    body |= {key: value for key, value in told.items() if key in _ENVELOPE}
    if "location" in outputs and thing.place:
        body["location"] = thing.place
    inside = {key: value for key, value in told.items() if key not in _ENVELOPE}
    body["properties"] = inside if kind.folded else dict(inside.get("properties") or {})
    return body


def from_arm(kind: Kind, body: Mapping[str, Any]) -> dict[str, Any]:
    """The provider's properties of ARM's JSON, without what only the cloud writes."""
    type_ = type_of(kind.type)
    outside = {key: value for key, value in body.items() if key in _ENVELOPE}
    inside = dict(body.get("properties") or {})
    found: dict[str, Any] = {**outside, **inside} if kind.folded else {**outside, "properties": inside}
    for path, own in kind.parts.items():
        found = _at(found, path.split("."), own, _unfolded)
    read_only = (set(type_.outputs) | {"etag", "systemData"}) - set(type_.inputs)
    return {key: value for key, value in found.items() if key not in read_only and value is not None}


def type_of(token: str) -> ResourceType:
    """The provider's type, read from its SDK."""
    return resource_type("azure-native", token)


def _folded(part: Mapping[str, Any], own: tuple[str, ...]) -> dict[str, Any]:
    if "properties" in part:
        return dict(part)
    outside = {key: value for key, value in part.items() if key in own}
    inside = {key: value for key, value in part.items() if key not in own}
    return outside | ({"properties": inside} if inside else {})


def _unfolded(part: Mapping[str, Any], own: tuple[str, ...]) -> dict[str, Any]:
    inside = part.get("properties")
    outside = {key: value for key, value in part.items() if key != "properties"}
    return {**outside, **inside} if isinstance(inside, Mapping) else outside


def _at(value: Any, path: list[str], own: tuple[str, ...], change: Fold) -> Any:
    """The value with `change` made to what lies at the path, through an inner "properties" where there is one."""
    if not path:
        return change(value, own) if isinstance(value, Mapping) else value
    if not isinstance(value, Mapping):
        return value
    name, rest = path[0].removesuffix("[]"), path[1:]
    if name not in value and isinstance(value.get("properties"), Mapping):
        return {**value, "properties": _at(value["properties"], path, own, change)}
    if name not in value:
        return dict(value)
    inner = value[name]
    if path[0].endswith("[]"):
        items = inner if isinstance(inner, (list, tuple)) else []
        return {**value, name: [_at(item, rest, own, change) for item in items]}
    return {**value, name: _at(inner, rest, own, change)}


def _plain(value: Any) -> Any:
    """With whole numbers as such: they cross the engine as doubles."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items() if item is not None}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
