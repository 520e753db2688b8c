"""What warns: budgets and action groups."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from trainyard.sandbox.check import Problem
from trainyard.sandbox.conflicts.azure.words import (
    AZURERM,
    REST,
    conflict,
    known,
    missing,
    moment,
    objects,
    texts,
    types,
)
from trainyard.sandbox.conflicts.conflict import Given

_BUDGET: Final = types("consumption:Budget")
_BUDGETS: Final = f"{REST}/consumption/budgets/create-or-update"
_MAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@conflict(
    "a-budget-begins-a-month",
    _BUDGET,
    "A budget begins on the first of a month from June 2017 on, and ends later.",
    f"{_BUDGETS}, BudgetTimePeriod; {AZURERM}/consumption/validate/time_period.go",
)
def period(given: Given) -> Iterator[Problem]:
    begins, ends = given.at("timePeriod.startDate"), given.at("timePeriod.endDate")
    for name, value in (("startDate", begins), ("endDate", ends)):
        if isinstance(value, str) and moment(value) is None:
            yield Problem(f"timePeriod.{name}", f"400: Invalid date '{value}'; give one such as 2026-12-01T00:00:00Z")
    start, end = moment(begins), moment(ends)
    if start is not None and start.day != 1:
        yield Problem("timePeriod.startDate", f"400: Start date must be the first of the month; it is '{begins}'")
    if start is not None and (start.year, start.month) < (2017, 6):
        yield Problem("timePeriod.startDate", "400: Start date must be on or after June 1, 2017")
    if start is not None and end is not None and end.replace(tzinfo=None) <= start.replace(tzinfo=None):
        yield Problem(
            "timePeriod.endDate", f"400: End date must be after the start date; '{ends}' is not after '{begins}'"
        )


@conflict(
    "a-budget-warns-somebody",
    _BUDGET,
    "A budget has an amount of more than zero and at most five notifications, each with a mail address, a role"
    " or an action group.",
    f"{_BUDGETS}, Notification",
)
def notifications(given: Given) -> Iterator[Problem]:
    amount, there = given.at("amount"), given.at("notifications")
    if isinstance(amount, int | float) and amount <= 0:
        yield Problem("amount", f"400: Budget amount must be greater than 0; it is {amount:g}")
    if not isinstance(there, dict):
        return
    if len(there) > 5:
        yield Problem("notifications", f"400: A budget can have up to five notifications; there are {len(there)}")
    for key, one in there.items():
        if not isinstance(one, dict):
            continue
        ways = ("contactEmails", "contactGroups", "contactRoles")
        if all(missing(one, way) or known(one, way) == [] for way in ways):
            yield Problem(
                f"notifications.{key}.contactEmails",
                "400: Notification needs at least one contact email, contact group or contact role",
            )
        yield from _mails(known(one, "contactEmails"), f"notifications.{key}.contactEmails")


def _mails(value: Any, at: str) -> Iterator[Problem]:
    for path, text in texts(value, at):
        if not _MAIL.fullmatch(text):
            yield Problem(path, f"400: '{text}' is no mail address")


@conflict(
    "a-budget-has-a-scope",
    _BUDGET,
    "A budget's scope begins with a subscription, a management group or a billing account.",
    f"{_BUDGETS}, URI parameters",
)
def scope(given: Given) -> Iterator[Problem]:
    where = given.at("scope")
    if isinstance(where, str) and not re.match(
        r"/?(subscriptions/[^/]+|providers/Microsoft\.(Management|Billing)/.+)", where, re.IGNORECASE
    ):
        yield Problem("scope", f"InvalidScope: '{where}'; give one such as /subscriptions/…/resourceGroups/…")


@conflict(
    "receivers-can-be-reached",
    types("monitor:ActionGroup"),
    "Receivers have names of their own, mail addresses and web addresses that are ones.",
    f"{REST}/monitor/action-groups/create-or-update",
)
def receivers(given: Given) -> Iterator[Problem]:
    seen: set[str] = set()
    for kind in (name for name in given.type.inputs if name.endswith("Receivers")):
        for at, one in objects(given.at(kind), kind):
            name = known(one, "name")
            if isinstance(name, str) and name.lower() in seen:
                yield Problem(f"{at}.name", f"DuplicateReceiverName: a receiver named '{name}' is there already")
            seen |= {name.lower()} if isinstance(name, str) else set()
            mail, web = known(one, "emailAddress"), known(one, "serviceUri")
            if isinstance(mail, str) and not _MAIL.fullmatch(mail):
                yield Problem(f"{at}.emailAddress", f"InvalidEmailAddress: '{mail}' is no mail address")
            if isinstance(web, str) and not re.match(r"https?://[^/\s]+", web):
                yield Problem(f"{at}.serviceUri", f"InvalidServiceUri: '{web}' is no web address")


CONFLICTS: Final = (period, notifications, scope, receivers)
