"""Amazon's answers as billable things, with the catalogue's prices where it has them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from trainyard.facts.billable import Billable
from trainyard.facts.offer import Offer, load_machine_offers
from trainyard.facts.price import Price, Unknown, scaled

Item = Mapping[str, Any]
Make = Callable[[str, Item], Billable]
# docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-lifecycle.html, read 2026-11-24: a machine bills while it
# runs, and while it stops to hibernate; one that is pending bills in a moment.
_IDLE = ("stopping", "stopped", "shutting-down", "terminated")
_BOUGHT = {"": "on-demand", "spot": "spot", "capacity-block": "block"}
_NO_RESERVATION = ("expired", "cancelled", "failed", "unsupported", "payment-failed", "unavailable")
_NO_PRICE = Unknown("the catalogue holds no prices of volumes, addresses, snapshots and gateways")
_NO_SAGEMAKER = Unknown("the catalogue holds no prices of SageMaker")


def machine(scope: str, item: Item) -> Billable:
    """An instance of EC2."""
    state = str(item.get("State", {}).get("Name", "unknown"))
    hibernates = state == "stopping" and bool(item.get("HibernationOptions", {}).get("Configured"))
    made = _thing(
        scope,
        "machine",
        item,
        name=str(item["InstanceId"]),
        place=str(item.get("Placement", {}).get("AvailabilityZone", "")),
        status=state,
        billing=state not in _IDLE or hibernates,
        price=_machine_price(scope, item),
        machine_type=str(item.get("InstanceType", "")),
    )
    return replace(made, bought=_BOUGHT.get(str(item.get("InstanceLifecycle") or "")))


def volume(scope: str, item: Item) -> Billable:
    """An EBS volume, attached or not."""
    state = str(item.get("State", ""))
    status = f"{state} {item.get('VolumeType', '')} {item.get('Size', '?')} GiB"
    place = str(item.get("AvailabilityZone", ""))
    billing = state not in ("deleting", "deleted")
    return _thing(scope, "volume", item, name=str(item["VolumeId"]), place=place, status=status, billing=billing)


def address(scope: str, item: Item) -> Billable:
    """An Elastic IP address, which bills in use or not."""
    status = f"{item.get('PublicIp', '')} {'in use' if item.get('AssociationId') else 'idle'}"
    return _thing(scope, "address", item, name=str(item["AllocationId"]), status=status)


def snapshot(scope: str, item: Item) -> Billable:
    """A snapshot of a volume."""
    return _thing(scope, "snapshot", item, name=str(item["SnapshotId"]), status=str(item.get("State", "")))


def gateway(scope: str, item: Item) -> Billable:
    """A NAT gateway."""
    state = str(item.get("State", ""))
    billing = state not in ("deleted", "deleting", "failed")
    return _thing(scope, "NAT gateway", item, name=str(item["NatGatewayId"]), status=state, billing=billing)


def reservation(scope: str, item: Item) -> Billable:
    """A capacity reservation, which bills as its machines would, used or not."""
    state, count = str(item.get("State", "")), int(item.get("TotalInstanceCount", 1))
    kind = str(item.get("InstanceType", ""))
    is_block = item.get("ReservationType") == "capacity-block"
    price = Unknown("a capacity block is paid in advance") if is_block else _on_demand(scope, kind)
    return _thing(
        scope,
        "reservation",
        item,
        name=str(item["CapacityReservationId"]),
        place=str(item.get("AvailabilityZone", "")),
        status=f"{state} for {count}",
        billing=state not in _NO_RESERVATION,
        price=scaled(price, Decimal(count)),
        machine_type=kind,
    )


def group(scope: str, item: Item) -> Billable:
    """An Auto Scaling group, which starts again what is ended by hand while it wants machines."""
    wanted = int(item.get("DesiredCapacity", 0))
    return _thing(
        scope,
        "group",
        item,
        name=str(item["AutoScalingGroupName"]),
        status=f"wants {wanted} machine{'' if wanted == 1 else 's'}",
        billing=wanted > 0,
        price=Unknown("its machines bill, not the group"),
    )


def job(scope: str, item: Item) -> Billable:
    """A SageMaker training job that runs."""
    name, status = str(item["TrainingJobName"]), str(item.get("TrainingJobStatus", ""))
    billing = status in ("InProgress", "Stopping")
    return _thing(scope, "training job", item, name=name, status=status, billing=billing, price=_NO_SAGEMAKER)


def notebook(scope: str, item: Item) -> Billable:
    """A SageMaker notebook instance, whose volume bills while it is stopped."""
    status = str(item.get("NotebookInstanceStatus", ""))
    return _thing(
        scope,
        "notebook",
        item,
        name=str(item["NotebookInstanceName"]),
        status=f"{status}, its volume bills" if status == "Stopped" else status,
        billing=status != "Deleting",
        price=_NO_SAGEMAKER,
        machine_type=str(item.get("InstanceType", "")),
    )


def tags_of(item: Item) -> dict[str, str]:
    """The item's tags as a mapping."""
    given: Sequence[Item] = item.get("Tags") or ()
    return {str(tag["Key"]): str(tag.get("Value", "")) for tag in given}


def _thing(  # noqa: PLR0913  the fields of a Billable
    scope: str,
    kind: str,
    item: Item,
    *,
    name: str,
    status: str,
    place: str = "",
    billing: bool = True,
    price: Price = _NO_PRICE,
    machine_type: str | None = None,
) -> Billable:
    tags = tags_of(item)
    called = tags.get("Name", "")
    return Billable(
        cloud="aws",
        scope=scope,
        kind=kind,
        name=name,
        place=place or _region(scope),
        status=f'{status} (Name "{called}")' if called else status,
        labels=tags,
        machine_type=machine_type or None,
        price=price,
        billing=billing,
    )


def _machine_price(scope: str, item: Item) -> Price:
    kind = str(item.get("InstanceType", ""))
    placement, lifecycle = item.get("Placement", {}), item.get("InstanceLifecycle")
    if item.get("PlatformDetails", "Linux/UNIX") != "Linux/UNIX":
        return Unknown(f"the catalogue holds no prices of {item['PlatformDetails']}")
    if placement.get("Tenancy", "default") != "default":
        return Unknown(f"the catalogue holds no prices of {placement['Tenancy']} tenancy")
    if lifecycle == "spot":
        zone = placement.get("AvailabilityZoneId")
        found = next((one for one in _offers(scope, kind) if one.zone == zone), None)
        return found.spot if found else Unknown(f"the catalogue has no spot {kind} in {zone or 'an unnamed zone'}")
    if lifecycle:
        return Unknown(f"the catalogue holds no price for {lifecycle}")
    return _on_demand(scope, kind)


def _on_demand(scope: str, kind: str) -> Price:
    found = next(iter(_offers(scope, kind)), None)
    return found.on_demand if found else Unknown(f"the catalogue has no {kind} in {_region(scope)}")


def _offers(scope: str, kind: str) -> list[Offer]:
    region = _region(scope)
    return [one for one in load_machine_offers("aws") if one.machine_type == kind and one.region == region]


def _region(scope: str) -> str:
    return scope.rpartition("/")[2]
