"""Databases, queues, schedules and budgets."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from trainyard.sandbox.check import Problem
from trainyard.sandbox.conflicts.conflict import Conflict, Given
from trainyard.sandbox.conflicts.gcp.machine import number_of

_SQL: Final = "gcp:sql/databaseInstance:DatabaseInstance"
_CUSTOM_TIER: Final = re.compile(r"^db-custom-(\d+)-(\d+)$")
_SECONDS: Final = re.compile(r"^(\d+(?:\.\d+)?)s$")
_DAY: Final = 86400
_CRON: Final = re.compile(r"^\S+(\s+\S+){4}$")
_ENGLISH: Final = re.compile(r"^(every|(\d+(st|nd|rd|th)|first|second|third|fourth|fifth))\b", re.IGNORECASE)


def _sql_tier(given: Given) -> Iterator[Problem]:
    found = _CUSTOM_TIER.match(given.text("settings.tier"))
    if found is None or given.text("settings.edition") == "ENTERPRISE_PLUS":
        return
    cores, memory = int(found[1]), int(found[2])
    if cores != 1 and cores % 2:
        text = "custom tiers have 1 vCPU or an even number of them"
    elif memory % 256 or memory < 3840 or not 0.9 * 1024 <= memory / cores <= 6.5 * 1024:
        text = "memory is a multiple of 256 MB, 3840 at least, and 0.9 to 6.5 GB for each vCPU"
    else:
        return
    yield Problem("settings.tier", f"Invalid Tier ({found[0]}) for (databaseVersion): {text}")


def _sql_reachable(given: Given) -> Iterator[Problem]:
    base = "settings.ipConfiguration"
    if given.at(f"{base}.ipv4Enabled") is False and not given.unknown(f"{base}.privateNetwork"):
        private, psc = given.text(f"{base}.privateNetwork"), given.inputs.get("replicaConfiguration")
        endpoints = (given.at(base) or {}).get("pscConfigs")
        if not private and not endpoints and psc is None and not given.inputs.get("masterInstanceName"):
            text = "Invalid request: At least one of Public IP or Private IP or PSC connectivity must be enabled"
            yield Problem(f"{base}.ipv4Enabled", f"{text}; give privateNetwork, or leave it true")


def _pubsub(given: Given) -> Iterator[Problem]:
    least, most = (_seconds(given.text(f"retryPolicy.{name}")) for name in ("minimumBackoff", "maximumBackoff"))
    if least is not None and most is not None and least > most:
        yield Problem("retryPolicy.minimumBackoff", "minimumBackoff is over maximumBackoff; exchange them")
    kept = _seconds(given.text("messageRetentionDuration"))
    if kept is not None and not 600 <= kept <= 31 * _DAY:
        text = "You have passed an invalid argument to the service (argument=message_retention_duration)."
        yield Problem("messageRetentionDuration", f'{text} It is from "600s" to "{31 * _DAY}s"')
    ttl = _seconds(given.text("expirationPolicy.ttl"))
    if ttl is not None and (ttl < _DAY or (kept is not None and ttl < kept)):
        text = f'It is "{_DAY}s" (one day) at least, and not below messageRetentionDuration; "" never expires'
        yield Problem("expirationPolicy.ttl", f"Invalid expiration '{given.text('expirationPolicy.ttl')}'. {text}")
    if given.at("enableExactlyOnceDelivery") is True and given.at("pushConfig"):
        yield Problem(
            "enableExactlyOnceDelivery", "Exactly-once delivery is of pull subscriptions; leave pushConfig out"
        )


def _cron(given: Given) -> Iterator[Problem]:
    schedule = given.text("schedule").strip()
    if schedule and not _CRON.match(schedule) and not _ENGLISH.match(schedule):
        text = 'Schedule or time zone is invalid.; give five fields, such as "0 9 * * 1", or "every 2 hours"'
        yield Problem("schedule", text)
    wait = _seconds(given.text("attemptDeadline"))
    most = _DAY if given.at("appEngineHttpTarget") else 1800
    if wait is not None and not 15 <= wait <= most and (given.at("httpTarget") or given.at("appEngineHttpTarget")):
        yield Problem("attemptDeadline", f"AttemptDeadline is out of range: it is from 15s to {most}s")


def _seconds(text: str) -> float | None:
    found = _SECONDS.match(text)
    return float(found[1]) if found else None


def _budget(given: Given) -> Iterator[Problem]:
    units = given.text("amount.specifiedAmount.units")
    if units.lstrip("-").isdecimal() and int(units) < 0:
        yield Problem("amount.specifiedAmount.units", f"Invalid amount {units}: a budget is 0 or more")
    for path, rule in given.each("thresholdRules"):
        percent = number_of(rule, "thresholdPercent")
        if percent is not None and percent < 0:
            yield Problem(f"{path}.thresholdPercent", f"Invalid threshold {percent:g}: it is 0 or more; 1.0 is 100 %")
    if given.at("amount.lastPeriodAmount") is True and given.at("budgetFilter.customPeriod"):
        yield Problem(
            "amount.lastPeriodAmount", "a budget with a custom period has no last period; give specifiedAmount"
        )
    if given.at("budgetFilter.creditTypes"):
        treatment = given.text("budgetFilter.creditTypesTreatment")
        if treatment != "INCLUDE_SPECIFIED_CREDITS" and not given.unknown("budgetFilter.creditTypesTreatment"):
            text = "creditTypes go with creditTypesTreatment INCLUDE_SPECIFIED_CREDITS"
            yield Problem("budgetFilter.creditTypes", text)


def _rule(name: str, types: set[str], says: str, source: str, find: Callable[[Given], Iterator[Problem]]) -> Conflict:
    return Conflict(name=name, types=frozenset(types), says=says, source=source, find=find)


CONFLICTS: Final[tuple[Conflict, ...]] = (
    _rule(
        "sql-custom-tier",
        {_SQL},
        "vCPUs and memory of a custom tier fit each other",
        "cloud.google.com/sql/docs/postgres/create-instance, Machine types",
        _sql_tier,
    ),
    _rule(
        "sql-is-reachable",
        {_SQL},
        "an instance has an address",
        "the Cloud SQL API's answer as public programs quote it; cloud.google.com/sql/docs/mysql/configure-ip",
        _sql_reachable,
    ),
    _rule(
        "subscription-times",
        {"gcp:pubsub/subscription:Subscription"},
        "a subscription's times are in order and range",
        "pulumi-gcp 10.2.0, Subscription: messageRetentionDuration, expirationPolicy, retryPolicy",
        _pubsub,
    ),
    _rule(
        "schedules",
        {"gcp:cloudscheduler/job:Job"},
        "a schedule is cron or App Engine's English",
        "cloud.google.com/scheduler/docs/configuring/cron-job-schedules; pulumi-gcp 10.2.0, Job.attemptDeadline",
        _cron,
    ),
    _rule(
        "budget-amounts",
        {"gcp:billing/budget:Budget"},
        "amounts and thresholds are not below 0",
        "billingbudgets.v1 GoogleCloudBillingBudgetsV1Budget",
        _budget,
    ),
)
