"""The clouds' own billing messages, as late, doubled and out of order as one asks for."""

from __future__ import annotations

import base64
import json
import random
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from trainyard.sandbox.money.bill import Bill, bill
from trainyard.servicer.values import reveal

if TYPE_CHECKING:
    from trainyard.sandbox.store import Store, Thing


@dataclass(frozen=True, kw_only=True)
class Weather:
    """How badly the messages come; the same seed gives the same messages."""

    late: timedelta = timedelta(0)  # what they tell is that old
    doubled: bool = False  # every third comes twice, the second an hour later
    disordered: bool = False  # each up to twelve hours late, so that a later one overtakes it
    seed: int = 0


@dataclass(frozen=True, kw_only=True)
class Message:
    delivered: datetime  # simulated, UTC
    body: Mapping[str, Any]  # as the cloud's own channel delivers it


@dataclass(frozen=True, kw_only=True)
class _Said:
    """What one message tells of one budget."""

    name: str
    amount: Decimal
    spent: Decimal
    start: datetime
    moment: datetime
    crossed: float | None  # the highest threshold that is passed, 0.8 for 80 %


@dataclass(frozen=True, kw_only=True)
class _Kind:
    type: str
    every: timedelta
    told: Callable[[Thing, _Said], Mapping[str, Any]]
    only_crossed: bool  # silent below its lowest threshold


def messages(store: Store, package: str, weather: Weather) -> list[Message]:
    """What a cloud's budgets have sent until now, in the order of delivery."""
    kind = _KINDS[package]
    whole = bill(store)
    now, spent = whole.until, whole.by("cloud").get(package, Bill(lines=(), until=whole.until))
    found = [
        message
        for budget in store.list(type=kind.type, deleted=True)
        for message in _of_budget(spent, budget, kind, weather, now)
    ]
    chance = random.Random(weather.seed)  # noqa: S311  weather, not a secret
    if weather.doubled:
        found += [replace(one, delivered=one.delivered + timedelta(hours=1)) for one in found[::3]]
    if weather.disordered:
        found = [replace(one, delivered=one.delivered + timedelta(minutes=chance.randrange(720))) for one in found]
    return sorted((one for one in found if one.delivered <= now), key=lambda one: one.delivered)


def _of_budget(spent: Bill, budget: Thing, kind: _Kind, weather: Weather, now: datetime) -> Iterator[Message]:
    inputs = reveal(dict(budget.inputs))
    amount, thresholds = _amount(inputs), sorted(_thresholds(inputs))
    delivered = datetime.fromtimestamp(int(budget.created), UTC) + kind.every
    last = datetime.fromtimestamp(int(budget.changed), UTC) if budget.status == "deleted" else now
    while delivered <= last:
        moment = delivered - weather.late
        start = moment.replace(day=1, hour=0, minute=0, second=0)
        so_far = spent.between(start, moment).usd
        crossed = [one for one in thresholds if so_far >= amount * Decimal(str(one))]
        said = _Said(
            name=budget.name,
            amount=amount,
            spent=so_far,
            start=start,
            moment=moment,
            crossed=crossed[-1] if crossed else None,
        )
        if crossed or not kind.only_crossed:
            yield Message(delivered=delivered, body=kind.told(budget, said))
        delivered += kind.every


def _amount(inputs: Mapping[str, Any]) -> Decimal:
    """The budget's limit in its own currency."""
    specified = (inputs.get("amount") or {}) if isinstance(inputs.get("amount"), Mapping) else {}
    units = (specified.get("specifiedAmount") or {}).get("units")
    return Decimal(str(units or inputs.get("limitAmount") or (inputs.get("amount") if not specified else 0) or 0))


def _thresholds(inputs: Mapping[str, Any]) -> Iterator[float]:
    """The thresholds as shares of the limit."""
    yield from (float(rule["thresholdPercent"]) for rule in inputs.get("thresholdRules") or ())
    named = inputs.get("notifications") or ()
    for one in named.values() if isinstance(named, Mapping) else named:
        if isinstance(one, Mapping) and one.get("threshold") is not None:
            yield float(one["threshold"]) / 100


def _google(budget: Thing, said: _Said) -> Mapping[str, Any]:
    """cloud.google.com/billing/docs/how-to/budgets-programmatic-notifications, schema 1.0."""
    told = {
        "budgetDisplayName": str(budget.inputs.get("displayName") or said.name),
        "costAmount": float(said.spent),
        "costIntervalStart": said.start.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "budgetAmount": float(said.amount),
        "budgetAmountType": "SPECIFIED_AMOUNT",
        "currencyCode": "USD",
    }
    if said.crossed is not None:
        told["alertThresholdExceeded"] = said.crossed
    attributes = {
        "billingAccountId": str(budget.inputs.get("billingAccount", "")),
        "budgetId": budget.id.rpartition("/")[2],
        "schemaVersion": "1.0",
    }
    return {"data": base64.b64encode(json.dumps(told).encode()).decode(), "attributes": attributes}


def _amazon(budget: Thing, said: _Said) -> Mapping[str, Any]:
    """A notification of AWS Budgets over SNS: its fields as lines of text (recalled, not read on a vendor's page)."""
    lines = [
        f"AWS Account {budget.project}",
        f"Budget Name: {said.name}",
        "Budget Type: Cost",
        f"Budgeted Amount: ${said.amount:.2f}",
        "Alert Type: ACTUAL",
        f"Alert Threshold: > ${said.amount * Decimal(str(said.crossed)):.2f}",
        f"ACTUAL Amount: ${said.spent:.2f}",
    ]
    return {
        "Type": "Notification",
        "MessageId": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{budget.id} {said.moment.isoformat()}")),
        "Subject": f"AWS Budgets: {said.name} has exceeded your alert threshold",
        "Message": "\n".join(lines),
        "Timestamp": said.moment.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
    }


def _azure(budget: Thing, said: _Said) -> Mapping[str, Any]:
    """A budget's call of an action group's webhook (recalled, not read on a vendor's page)."""
    return {
        "schemaId": "AIP Budget Notification",
        "data": {
            "SubscriptionId": budget.project,
            "BudgetName": said.name,
            "BudgetType": "Cost",
            "BudgetStartDate": said.start.strftime("%m/%d/%Y"),
            "Budget": str(said.amount),
            "SpendingAmount": str(said.spent),
            "NotificationThresholdAmount": str(said.amount * Decimal(str(said.crossed))),
            "Unit": "USD",
        },
    }


# How often: Google several times a day whatever was spent, Amazon up to three times a day, Azure once a day; the last
# two only from a threshold on (the vendors' pages on budget notifications).
_KINDS: Final[Mapping[str, _Kind]] = {
    "gcp": _Kind(type="gcp:billing/budget:Budget", every=timedelta(hours=6), told=_google, only_crossed=False),
    "aws": _Kind(type="aws:budgets/budget:Budget", every=timedelta(hours=8), told=_amazon, only_crossed=True),
    "azure-native": _Kind(
        type="azure-native:consumption:Budget", every=timedelta(hours=24), told=_azure, only_crossed=True
    ),
}
