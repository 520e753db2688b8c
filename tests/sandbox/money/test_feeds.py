"""Billing messages in the clouds' own shapes, and in bad weather."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from trainyard.sandbox.money.feeds import Message, Weather, messages
from trainyard.sandbox.store import Store, Thing

HOUR = 3600.0
MACHINE = Thing(
    type="gcp:compute/instance:Instance",
    id="m",
    package="gcp",
    project="p",
    place="us-central1-a",
    name="m",
    inputs={"machineType": "a2-highgpu-8g"},
)
BUDGETS = {
    "gcp": Thing(
        type="gcp:billing/budget:Budget",
        id="billingAccounts/000000-000000-000000/budgets/b1",
        package="gcp",
        name="train",
        inputs={
            "billingAccount": "000000-000000-000000",
            "displayName": "train",
            "amount": {"specifiedAmount": {"units": "100"}},
            "thresholdRules": [{"thresholdPercent": 0.5}, {"thresholdPercent": 1.0}],
        },
    ),
    "aws": Thing(
        type="aws:budgets/budget:Budget",
        id="000000000000:train",
        package="aws",
        project="000000000000",
        name="train",
        inputs={"limitAmount": "50", "notifications": [{"threshold": 80, "thresholdType": "PERCENTAGE"}]},
    ),
    "azure-native": Thing(
        type="azure-native:consumption:Budget",
        id="/subscriptions/s/providers/Microsoft.Consumption/budgets/train",
        package="azure-native",
        project="s",
        name="train",
        inputs={"amount": 40, "notifications": {"high": {"threshold": 90}}},
    ),
}
MACHINES = {
    "gcp": MACHINE,
    "aws": Thing(
        type="aws:ec2/instance:Instance",
        id="i-1",
        package="aws",
        place="us-east-1a",
        inputs={"instanceType": "p4d.24xlarge"},
    ),
    "azure-native": Thing(
        type="azure-native:compute:VirtualMachine",
        id="/vm",
        package="azure-native",
        place="westeurope",
        inputs={"hardwareProfile": {"vmSize": "Standard_NC24ads_A100_v4"}},
    ),
}


@pytest.fixture(autouse=True)
def early_in_a_month(store: Store) -> None:
    """Budgets count by the month: every test lies inside one."""
    now = datetime.fromtimestamp(store.now(), UTC)
    second = (now.replace(day=1) + timedelta(days=32)).replace(day=2, hour=0, minute=0, second=0)
    store.advance((second - now).total_seconds())


def google(message: Message) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(base64.b64decode(message.body["data"]))
    return told


def run(store: Store, package: str, hours: int) -> None:
    store.add(BUDGETS[package])
    store.add(MACHINES[package])
    store.advance(hours * HOUR)


def test_google_tells_four_times_a_day_whatever_was_spent(store: Store) -> None:
    run(store, "gcp", 24)
    told = [google(message) for message in messages(store, "gcp", Weather())]
    assert len(told) == 4
    costs = [one["costAmount"] for one in told]
    assert costs == sorted(costs)
    assert costs[0] > 0
    assert told[-1]["alertThresholdExceeded"] == 1.0
    assert told[0]["budgetAmount"] == 100.0


@pytest.mark.parametrize("package", ["aws", "azure-native"])
def test_amazon_and_azure_are_silent_until_a_threshold_is_passed(store: Store, package: str) -> None:
    store.add(BUDGETS[package])
    store.advance(48 * HOUR)
    assert messages(store, package, Weather()) == []
    store.add(MACHINES[package])
    store.advance(72 * HOUR)
    assert messages(store, package, Weather())


def test_amazon_s_message_names_budget_and_amounts(store: Store) -> None:
    run(store, "aws", 8)
    (message,) = messages(store, "aws", Weather())
    assert message.body["Type"] == "Notification"
    assert "Budget Name: train" in message.body["Message"]
    assert "Budgeted Amount: $50.00" in message.body["Message"]


def test_a_late_feed_tells_what_was_hours_before(store: Store) -> None:
    run(store, "gcp", 60)
    fresh = [google(one)["costAmount"] for one in messages(store, "gcp", Weather())]
    late = [google(one)["costAmount"] for one in messages(store, "gcp", Weather(late=timedelta(hours=48)))]
    assert late[:8] == [0.0] * 8
    assert 0 < late[-1] < fresh[-1]


def test_a_doubled_feed_sends_every_third_message_twice(store: Store) -> None:
    run(store, "gcp", 73)
    assert len(messages(store, "gcp", Weather())) == 12
    doubled = messages(store, "gcp", Weather(doubled=True))
    assert len(doubled) == 16
    assert len({json.dumps(one.body) for one in doubled}) == 12


def test_a_disordered_feed_lets_a_higher_cost_come_before_a_lower_one(store: Store) -> None:
    run(store, "gcp", 240)
    orders = [
        [google(one)["costAmount"] for one in messages(store, "gcp", Weather(disordered=True, seed=seed))]
        for seed in range(4)
    ]
    assert any(costs != sorted(costs) for costs in orders)
    assert orders[1] == [google(one)["costAmount"] for one in messages(store, "gcp", Weather(disordered=True, seed=1))]


def test_a_budget_that_is_gone_sends_no_more(store: Store) -> None:
    run(store, "gcp", 12)
    store.delete(BUDGETS["gcp"].type, BUDGETS["gcp"].id)
    store.advance(48 * HOUR)
    assert len(messages(store, "gcp", Weather())) == 2
