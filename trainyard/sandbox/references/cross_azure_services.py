"""Azure: what services ask of the things that they are built on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from trainyard.sandbox.provider.order import Order, Refused
from trainyard.sandbox.references import finding
from trainyard.sandbox.references.cross_azure_addresses import ranges_of
from trainyard.sandbox.references.ranges import overlap, range_of
from trainyard.sandbox.store import Thing
from trainyard.servicer.values import reveal

if TYPE_CHECKING:
    from trainyard.sandbox.references.pointing import Pointer

_SERVICES: Final = "10.0.0.0/16"  # of a cluster that names no range of its own
_SMALL_PLANS: Final = ("f1", "d1", "free", "shared")
_NO_SLOTS: Final = (*_SMALL_PLANS, "b1", "b2", "b3", "basic")
_AHEAD: Final = 300  # seconds


def _target(order: Order, pointers: Sequence[Pointer], type: str) -> Thing | None:
    for pointer in pointers:
        if pointer.to is not None and pointer.to.type == f"azure-native:{type}":
            return order.store.get(pointer.to.type, pointer.to.id)
    return None


def _said(thing: Thing | None, path: str) -> Any:
    value: Any = reveal(dict(thing.inputs)) if thing is not None else None
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _container(order: Order, pointers: Sequence[Pointer]) -> None:
    """Blobs are public only where the account allows it, which it does not by itself."""
    account = _target(order, pointers, "storage:StorageAccount")
    public = order.text("publicAccess").lower() in ("blob", "container")
    if public and account is not None and _said(account, "allowBlobPublicAccess") is not True:
        msg = (
            'Code="PublicAccessNotPermitted" Message="Public access is not permitted on this storage account."; give '
            f"the account {account.name} allowBlobPublicAccess true, or the container publicAccess None"
        )
        raise Refused(msg)


def _blob(order: Order, pointers: Sequence[Pointer]) -> None:
    """A blob lies in a container that is there; those whose names begin with $ are there by themselves."""
    account = _target(order, pointers, "storage:StorageAccount")
    name = order.text("containerName")
    if account is None or not name or name.startswith("$"):
        return
    if finding.by_path(order.store, f"{account.id}/blobServices/default/containers/{name}") is None:
        msg = (
            'Code="ContainerNotFound" Message="The specified container does not exist."; the account '
            f"{account.name} has no container {name}: make it first and point at the resource itself"
        )
        raise Refused(msg)


def _replica(order: Order, pointers: Sequence[Pointer]) -> None:
    registry = _target(order, pointers, "containerregistry:Registry")
    sku = str(_said(registry, "sku.name") or "")
    if registry is not None and sku and sku.lower() != "premium":
        msg = (
            f'Code="FeatureNotSupported" Message="The resource type replications is not supported for the SKU {sku}."; '
            f'give the registry {registry.name} the SKU "Premium"'
        )
        raise Refused(msg)


def _assignment(order: Order, pointers: Sequence[Pointer]) -> None:
    """A principal has a role at a scope once."""
    keys = ("scope", "principalId", "roleDefinitionId")
    own = [order.text(key).strip("/").lower() for key in keys]
    for thing in order.store.list(type=order.type.token) if order.before is None else ():
        if [str(_said(thing, key) or "").strip("/").lower() for key in keys] == own:
            msg = (
                'Code="RoleAssignmentExists" Message="The role assignment already exists. The ID of the conflicting '
                f'role assignment is {thing.name}."'
            )
            raise Refused(msg)


def _cluster(order: Order, pointers: Sequence[Pointer]) -> None:
    """The services' range is apart from the subnets that the nodes are in."""
    profile = order.plain("networkProfile")
    services = range_of((profile.get("serviceCidr") if isinstance(profile, Mapping) else None) or _SERVICES)
    for pointer in pointers if order.before is None else ():
        if pointer.to is None or pointer.to.type != "azure-native:network:Subnet" or services is None:
            continue
        subnet = order.store.get(pointer.to.type, pointer.to.id)
        for one in ranges_of(reveal(dict(subnet.inputs))) if subnet is not None else ():
            if overlap(one, services):
                msg = (
                    f'Code="ServiceCidrOverlapExistingSubnetsCidr" Message="The specified service CIDR {services} is '
                    f'conflicted with an existing subnet CIDR {one}"; give networkProfile a serviceCidr and a '
                    "dnsServiceIP that are apart from the network"
                )
                raise Refused(msg)


def _site(order: Order, pointers: Sequence[Pointer]) -> None:
    """An app lies where its plan does, and is always on where the plan allows it."""
    plan = _target(order, pointers, "web:AppServicePlan")
    if plan is None or order.before is not None:
        return
    own, there = order.text("location"), plan.place
    if own and there and _low(own) != _low(there):
        msg = (
            f'Code="NotFound" Message="Cannot find server farm with name {plan.name} in {own}."; the plan is in {there}'
        )
        raise Refused(msg)
    config = order.plain("siteConfig")
    on = config.get("alwaysOn") if isinstance(config, Mapping) else None
    if on is True and _low(str(_said(plan, "sku.name"))) in _SMALL_PLANS:
        msg = (
            'Code="Conflict" Message="AlwaysOn cannot be set for this site as the plan does not allow it. For more '
            'information on pricing and features, please see: https://aka.ms/appservicepricingdetails"'
        )
        raise Refused(msg)


def _slot(order: Order, pointers: Sequence[Pointer]) -> None:
    plan = _target(order, pointers, "web:AppServicePlan")
    if plan is None:
        site = _target(order, pointers, "web:WebApp")
        hit = finding.by_path(order.store, str(_said(site, "serverFarmId") or ""))
        plan = order.store.get(hit.type, hit.id) if hit is not None else None
    sku = str(_said(plan, "sku.name") or "")
    if order.before is None and _low(sku) in _NO_SLOTS:
        msg = (
            'Code="Conflict" Message="Cannot complete the operation because the site will exceed the number of slots '
            f"allowed for the '{sku}' SKU.\"; slots are of the tier Standard and above"
        )
        raise Refused(msg)
    _site(order, pointers)


def _schedule(order: Order, pointers: Sequence[Pointer]) -> None:
    """A schedule starts five minutes from now at the earliest."""
    text = order.text("startTime")
    try:
        start = datetime.fromisoformat(text) if text else None
    except ValueError:
        return
    if start is None or order.before is not None:
        return
    begins = (start if start.tzinfo else start.replace(tzinfo=UTC)).timestamp()
    if start.tzinfo and begins < order.now + _AHEAD:
        msg = (
            'Code="BadRequest" Message="The start time of the schedule must be at least 5 minutes after the time you '
            f'create the schedule."; it is {text}'
        )
        raise Refused(msg)


def _low(text: str) -> str:
    return text.replace(" ", "").lower()


RULES: Final[Mapping[str, Callable[[Order, Sequence[Pointer]], None]]] = {
    "azure-native:storage:BlobContainer": _container,
    "azure-native:storage:Blob": _blob,
    "azure-native:containerregistry:Replication": _replica,
    "azure-native:authorization:RoleAssignment": _assignment,
    "azure-native:containerservice:ManagedCluster": _cluster,
    "azure-native:web:WebApp": _site,
    "azure-native:web:WebAppSlot": _slot,
    "azure-native:automation:Schedule": _schedule,
}
