"""Resource Manager's answers as billable things, with the catalogue's prices where it has them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from trainyard.facts import price
from trainyard.facts.billable import Billable
from trainyard.facts.offer import load_machine_offers
from trainyard.facts.price import Price, Unknown

# learn.microsoft.com/azure/virtual-machines/states-billing: only "Deallocated" ends the bill of a machine; one that was
# stopped, from inside or by power-off, keeps its host and bills as if it ran.
_IDLE: Final = "PowerState/deallocated"
_NO_PRICE: Final = Unknown("the catalogue holds no prices of disks, addresses, snapshots and gateways")
_DONE_JOBS: Final = frozenset({"completed", "failed", "canceled"})

Json = Mapping[str, Any]


def tags_of(item: Json) -> dict[str, str]:
    """A thing's tags; names in lower case, for Azure does not tell their cases apart."""
    found = item.get("tags") or (item.get("properties") or {}).get("tags") or {}
    return {str(key).lower(): str(value) for key, value in found.items()}


def machine(scope: str, item: Json, view: Json) -> Billable:
    """A virtual machine with its instance view."""
    inside = item.get("properties") or {}
    power = _power(view)
    status = str(power.get("displayStatus") or power.get("code") or "no power state")
    if power.get("code") == "PowerState/stopped":
        status += ", not deallocated"
    size = str((inside.get("hardwareProfile") or {}).get("vmSize", ""))
    made = thing(scope, "machine", item, _with_state(status, inside))
    is_spot = str(inside.get("priority", "")).lower() in ("spot", "low")
    return replace(
        made,
        machine_type=size,
        price=_machine_price(size, made.place, is_spot=is_spot),
        billing=power.get("code") != _IDLE,
        bought="spot" if is_spot else "on-demand",
    )


def scale_set(scope: str, item: Json, views: Iterable[Json] | None) -> Billable:
    """A scale set with the instance views of its machines; None when they are machines of their own."""
    sku, inside = item.get("sku") or {}, item.get("properties") or {}
    size = str(sku.get("name", ""))
    states = [str(_power(view).get("code", "")) for view in views or ()]
    count = int(sku.get("capacity") or 0) if views is None else sum(state != _IDLE for state in states)
    status = f"{count} machine{'' if count == 1 else 's'}" + (f" of {len(states)} not deallocated" if states else "")
    profile = inside.get("virtualMachineProfile") or {}
    made = thing(scope, "scale set", item, _with_state(status, inside))
    each = _machine_price(size, made.place, is_spot=str(profile.get("priority", "")).lower() in ("spot", "low"))
    return replace(made, machine_type=size, price=price.scaled(each, Decimal(max(count, 1))), billing=count > 0)


def compute(scope: str, item: Json) -> Billable:
    """A cluster or an instance of Azure Machine Learning."""
    inside = item.get("properties") or {}
    own = inside.get("properties") or {}
    size = str(own.get("vmSize", ""))
    made = thing(scope, "ml compute", item, "")
    each = _machine_price(size, made.place, is_spot=str(own.get("vmPriority", "")).lower() == "lowpriority")
    match inside.get("computeType"):
        case "AmlCompute":
            count = max(int(own.get("currentNodeCount") or 0), int(own.get("targetNodeCount") or 0))
            status = f"{own.get('allocationState', 'unknown state')}, {count} node{'' if count == 1 else 's'}"
            cost = price.scaled(each, Decimal(max(count, 1)))
            return replace(made, status=status, machine_type=size, price=cost, billing=count > 0)
        case "ComputeInstance":
            state = str(own.get("state", "unknown state"))
            # Stopped, it keeps its disk and address: nothing says that those are free.
            cost = Unknown("of the disk and address that a stopped instance keeps") if state == "Stopped" else each
            return replace(made, status=state, machine_type=size, price=cost, billing=True)
        case other:
            return replace(made, status=f"attached {other}", billing=False)  # bills where it lives, with its own tag


def deployment(scope: str, item: Json) -> Billable:
    """A deployment of an online endpoint: its machines run until it is deleted, asked or not."""
    size = str((item.get("properties") or {}).get("instanceType", ""))
    count = int((item.get("sku") or {}).get("capacity") or 1)
    made = thing(scope, "ml deployment", item, f"{count} machine{'' if count == 1 else 's'}")
    each = _machine_price(size, made.place, is_spot=False)
    return replace(made, machine_type=size, price=price.scaled(each, Decimal(count)))


def job(scope: str, item: Json) -> Billable:
    """A job of Azure Machine Learning; its cluster, where it has one, is a thing of its own."""
    inside = item.get("properties") or {}
    status = str(inside.get("status", "unknown state"))
    size = str((inside.get("resources") or {}).get("instanceType") or "")
    made = thing(scope, "ml job", item, status)
    count = Decimal(int((inside.get("resources") or {}).get("instanceCount") or 1))
    cost = price.scaled(_machine_price(size, made.place, is_spot=False), count) if size else made.price
    return replace(made, machine_type=size or None, price=cost, billing=status.lower() not in _DONE_JOBS)


def disk(scope: str, item: Json) -> Billable:
    """A managed disk."""
    inside, sku = item.get("properties") or {}, str((item.get("sku") or {}).get("name", ""))
    size = f"{inside['diskSizeGB']} GB" if inside.get("diskSizeGB") else ""
    state = str(inside.get("diskState", ""))
    return thing(scope, "disk", item, " ".join(part for part in (state, sku, size) if part))


def address(scope: str, item: Json) -> Billable:
    """A public address, in use or not."""
    used = (item.get("properties") or {}).get("ipConfiguration")
    return thing(scope, "address", item, "in use" if used else "free")


def thing(scope: str, kind: str, item: Json, status: str) -> Billable:
    """Anything else that bills while it is there."""
    inside = item.get("properties") or {}
    return Billable(
        cloud="azure",
        scope=scope,
        kind=kind,
        name=name_of(str(item["id"])),
        place=str(item.get("location", "")).replace(" ", "").lower(),
        status=status or str(inside.get("provisioningState", "")),
        labels=tags_of(item),
        price=_NO_PRICE,
        billing=True,
    )


def name_of(id_: str) -> str:
    """ "lab/vm-0" of an id: names are for one resource group only."""
    parts = id_.strip("/").split("/")
    return "/".join([parts[3], *parts[7::2]])


def _power(view: Json) -> Json:
    for status in view.get("statuses") or ():
        if str(status.get("code", "")).startswith("PowerState/"):
            found: Json = status
            return found
    return {}


def _with_state(status: str, inside: Json) -> str:
    state = str(inside.get("provisioningState", "Succeeded"))
    return status if state == "Succeeded" else f"{status} ({state})"


def _machine_price(size: str, location: str, *, is_spot: bool) -> Price:
    for offer in load_machine_offers("azure"):
        if offer.machine_type.lower() == size.lower() and offer.region == location:
            return offer.spot if is_spot else offer.on_demand
    return Unknown(f"the catalogue has no {size or 'size'} in {location or 'this place'}")
