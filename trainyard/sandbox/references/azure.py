"""How Azure finds what a text means: a path through subscription, resource group and parents."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from trainyard.sandbox import registered
from trainyard.sandbox.provider.azure import namespace_of, subscription_of
from trainyard.sandbox.provider.order import Order, Refused
from trainyard.sandbox.references import finding
from trainyard.sandbox.references.description import Reference
from trainyard.sandbox.references.finding import Hit
from trainyard.servicer.values import Secret, reveal

_GROUP: Final = "azure-native:resources:ResourceGroup"
_PATH: Final = re.compile(r"^/subscriptions/[^/]+/resource[gG]roups/([^/]+)(/providers/[^/]+/[^/]+/[^/]+(?:/[^/]+)*)?$")


def check_registered(order: Order) -> None:
    """The subscription must be registered for the thing's service, and a machine's for what its host should do."""
    subscription = subscription_of(order)
    registered.check_namespace(order.store, subscription, namespace_of(order.type))
    for profile in (order.inputs, order.plain("virtualMachineProfile")):
        if isinstance(profile, Mapping):
            registered.check_encryption_at_host(order.store, subscription, reveal(profile.get("securityProfile")))


def find_group(order: Order) -> Hit | None:
    """The resource group that the order is in; Refused where there is none of that name."""
    if "resourceGroupName" not in order.type.inputs or order.type.token == _GROUP:
        return None
    name = order.text("resourceGroupName")
    if not name:
        return None
    hit = finding.by_path(order.store, f"/subscriptions/{subscription_of(order)}/resourceGroups/{name}")
    if hit is None:
        msg = (
            f'Code="ResourceGroupNotFound" Message="Resource group \'{name}\' could not be found."; '
            "make it first and point at the resource itself, or declare it in the world file"
        )
        raise Refused(msg)
    if hit.status == "deleting":
        msg = (
            f'Code="ResourceGroupBeingDeleted" Message="The resource group \'{name}\' is in deprovisioning state and '
            'cannot perform this operation."'
        )
        raise Refused(msg)
    return hit


def check_scope(order: Order) -> None:
    """A scope in a resource group needs the group."""
    parts = order.text("scope").strip("/").split("/") if "scope" in order.type.inputs else []
    in_group = len(parts) == 4 and parts[2].lower() == "resourcegroups"
    if in_group and finding.by_path(order.store, f"/{'/'.join(parts)}") is None:
        msg = (
            f'Code="ResourceGroupNotFound" Message="Resource group \'{parts[3]}\' could not be found."; the scope is '
            "in it: make it first and point at the resource itself"
        )
        raise Refused(msg)


def find_parent(order: Order, reference: Reference, given: str) -> Hit:
    """The thing that this one is a part of, by its name in the same resource group."""
    group = f"/resourcegroups/{order.text('resourceGroupName')}/".lower()
    for hit in finding.by_name(order.store, reference.target.types, given):
        if group in hit.id.lower() and hit.status != "deleting":
            return hit
    kind = reference.target.types[0].rpartition(":")[2]
    text = (reference.missing or reference.target.missing).format(given=given, kind=kind, own=order.type.token)
    msg = f"{text}; make it first and point at the resource itself, or declare it in the world file"
    raise Refused(msg)


def paths(inputs: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every path of a thing in a resource group, wherever it stands in the inputs: property, path."""
    yield from _paths(inputs, "")


def find(order: Order, given: str, path: str) -> Hit | None:
    """The thing of the path, or the one that it is a part of; None for a path in the order's own thing."""
    hit = finding.by_path(order.store, given)
    if hit is not None and hit.status != "deleting":
        return hit
    parts = given.split("/")
    if own_part(order, parts):
        return None
    for end in range(len(parts) - 2, 8, -2):
        above = finding.by_path(order.store, "/".join(parts[:end]))
        if above is not None and above.status != "deleting":
            if _has_part(order, above, parts[end], parts[end + 1]):
                return Hit(type=above.type, id=above.id, project=above.project, place=above.place, name=above.name)
            break
    group = parts[4] if len(parts) > 4 else ""
    if finding.by_path(order.store, "/".join(parts[:5])) is None:
        msg = (
            f'Code="ResourceGroupNotFound" Message="Resource group \'{group}\' could not be found."; {path} points '
            "into it: make it first, or declare it in the world file"
        )
        raise Refused(msg)
    own = order.text("resourceGroupName")
    msg = (
        f'Code="InvalidResourceReference" Message="Resource {given} referenced by resource {order.name} in {own} was '
        f"not found. Please make sure that the referenced resource exists, and that both resources are in the same "
        f'region."; {path}: make it first and point at the resource itself, or declare it in the world file'
    )
    raise Refused(msg)


def own_part(order: Order, parts: list[str]) -> bool:
    """Whether the path leads into the thing that is just being made, as a load balancer's rules lead into itself."""
    names = [order.text(name) for name in order.type.inputs if name.endswith("Name")]
    return len(parts) > 9 and parts[8] in names and parts[4].lower() == order.text("resourceGroupName").lower()


def _has_part(order: Order, above: Hit, kind: str, name: str) -> bool:
    """False only where the thing lists its parts of the kind and this is none of them."""
    found = order.store.get(above.type, above.id)
    listed = found.inputs.get(kind) if found is not None else None
    if isinstance(listed, Secret):
        listed = listed.value
    if not isinstance(listed, list):
        return kind != "subnets"
    return any(isinstance(one, Mapping) and str(one.get("name", "")).lower() == name.lower() for one in listed)


def _paths(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Secret):
        value = value.value
    if isinstance(value, str):
        if value.startswith("/subscriptions/") and (match := _PATH.match(value)) and match[2]:
            yield path, value.rstrip("/")
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _paths(item, f"{path}[{number}]")
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _paths(key, path)
            yield from _paths(item, f"{path}.{key}" if path else key)
