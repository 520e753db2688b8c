"""The bill of the simulated clouds: whole hours, known prices, and what it cannot price by name."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from trainyard.facts.offer import load_machine_offers
from trainyard.facts.price import usd
from trainyard.sandbox.money.bill import Bill, bill
from trainyard.sandbox.store import Store, Thing

HOUR = 3600.0
MACHINE = Thing(
    type="gcp:compute/instance:Instance",
    id="projects/p/zones/us-central1-a/instances/m",
    package="gcp",
    project="p",
    place="us-central1-a",
    name="m",
    labels={"trainyard-lease": "dev-1234", "trainyard-owner": "ml"},
    inputs={"machineType": "a2-highgpu-1g", "scheduling": {"provisioningModel": "STANDARD"}},
)
DISK = Thing(
    type="gcp:compute/disk:Disk",
    id="projects/p/zones/us-central1-a/disks/m",
    package="gcp",
    project="p",
    place="us-central1-a",
    name="m",
    inputs={"size": 200, "type": "pd-ssd"},
)


def list_price(machine_type: str, zone: str, *, spot: bool = False) -> Decimal:
    offer = next(one for one in load_machine_offers("gcp") if (one.machine_type, one.zone) == (machine_type, zone))
    price = usd(offer.spot if spot else offer.on_demand)
    assert price is not None
    return price


def spot(thing: Thing) -> Thing:
    return replace(thing, inputs={**thing.inputs, "scheduling": {"provisioningModel": "SPOT"}})


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"))


def hours(found: Bill) -> list[float]:
    return [round(line.hours, 1) for line in found.lines]


def test_a_running_machine_bills_its_list_price_by_the_second(store: Store) -> None:
    store.add(MACHINE)
    store.advance(2.5 * HOUR)
    found = bill(store)
    assert hours(found) == [2.5]
    assert abs(found.usd - list_price("a2-highgpu-1g", "us-central1-a") * Decimal("2.5")) < Decimal("0.02")
    assert found.usd_hour_now == cents(list_price("a2-highgpu-1g", "us-central1-a"))
    assert found.unpriced == []


def test_a_spot_machine_bills_the_spot_price(store: Store) -> None:
    store.add(spot(MACHINE))
    store.advance(HOUR)
    assert abs(bill(store).usd - list_price("a2-highgpu-1g", "us-central1-a", spot=True)) < Decimal("0.02")


def test_a_stopped_machine_no_longer_bills_and_its_disk_does(store: Store) -> None:
    made = store.add(MACHINE)
    store.add(DISK)
    store.advance(HOUR)
    store.put(replace(made, status="stopped"))
    store.advance(3 * HOUR)
    found = bill(store)
    assert [(line.what.kind, round(line.hours, 1), line.running) for line in found.lines] == [
        ("disk", 4.0, True),
        ("machine", 1.0, False),
    ]


def test_what_has_no_price_is_named_and_never_nothing(store: Store) -> None:
    store.add(DISK)
    store.advance(HOUR)
    found = bill(store)
    assert found.usd == 0
    assert [(line.what.kind, line.what.shape) for line in found.unpriced] == [("disk", "200 GiB pd-ssd")]


def test_a_machine_that_is_being_deleted_bills_until_it_is_gone(store: Store) -> None:
    made = store.add(MACHINE)
    store.put(replace(made, status="deleting", ends=store.now() + HOUR, end_action="DELETE"))
    store.advance(5 * HOUR)
    assert sum(hours(bill(store))) == 1.0


def test_a_machine_that_the_cloud_ends_itself_bills_until_then(store: Store) -> None:
    store.add(replace(MACHINE, ends=store.now() + HOUR, end_action="STOP"))
    store.advance(10 * HOUR)
    found = bill(store)
    assert hours(found) == [1.0]
    assert found.usd_hour_now == 0


def test_a_machine_that_changed_its_type_bills_each_for_its_time(store: Store) -> None:
    made = store.add(MACHINE)
    store.advance(HOUR)
    store.put(replace(made, inputs={**MACHINE.inputs, "machineType": "a2-highgpu-2g"}))
    store.advance(HOUR)
    assert [(line.what.shape, round(line.hours, 1)) for line in bill(store).lines] == [
        ("a2-highgpu-1g", 1.0),
        ("a2-highgpu-2g", 1.0),
    ]


def test_a_reservation_bills_for_all_its_machines_used_or_not(store: Store) -> None:
    properties = {"count": 3, "instanceProperties": {"machineType": "a2-highgpu-1g"}}
    store.add(
        replace(MACHINE, type="gcp:compute/reservation:Reservation", id="r", inputs={"specificReservation": properties})
    )
    store.advance(HOUR)
    found = bill(store)
    assert found.lines[0].what.prepaid
    assert abs(found.usd - 3 * list_price("a2-highgpu-1g", "us-central1-a")) < Decimal("0.03")


@pytest.mark.parametrize(
    ("package", "type", "place", "inputs"),
    [
        ("aws", "aws:ec2/instance:Instance", "us-east-1b", {"instanceType": "p4d.24xlarge"}),
        (
            "azure-native",
            "azure-native:compute:VirtualMachine",
            "West Europe",
            {"hardwareProfile": {"vmSize": "Standard_NC24ads_A100_v4"}},
        ),
    ],
)
def test_the_other_clouds_machines_bill_too(
    store: Store, package: str, type: str, place: str, inputs: dict[str, Any]
) -> None:
    store.add(replace(MACHINE, package=package, type=type, place=place, inputs=inputs))
    store.advance(HOUR)
    assert bill(store).usd > 1


def test_sums_go_by_lease_owner_and_cloud_over_things_that_are_gone(store: Store) -> None:
    store.add(MACHINE)
    store.advance(HOUR)
    store.delete(MACHINE.type, MACHINE.id)
    store.add(replace(MACHINE, id="other", labels={"trainyard-lease": "dev-5678"}))
    store.advance(HOUR)
    found = bill(store)
    assert {name: round(sum(hours(part)), 1) for name, part in found.by("lease").items()} == {
        "dev-1234": 1.0,
        "dev-5678": 1.0,
    }
    assert list(found.by("cloud")) == ["gcp"]
    assert set(found.by("owner")) == {"ml", ""}
