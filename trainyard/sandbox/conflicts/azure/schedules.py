"""What happens at a time: schedules of Automation and of DevTest Labs."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator
from typing import Any, Final

from trainyard.sandbox.check import Problem, nearest
from trainyard.sandbox.conflicts.azure.words import AZURERM, GUID, LEARN, REST, conflict, low, moment, types, words
from trainyard.sandbox.conflicts.conflict import Given

_AUTOMATION: Final = types("automation:Schedule")
_SCHEDULE: Final = f"{AZURERM}/automation/automation_schedule_resource.go"
_STOP: Final = types("devtestlab:GlobalSchedule")


@conflict(
    "a-schedule-s-parts-fit-its-frequency",
    _AUTOMATION,
    "One time has no interval; days of the week go with weeks, days of the month with months.",
    f"{_SCHEDULE}; {REST}/automation/schedule/create-or-update",
)
def frequency(given: Given) -> Iterator[Problem]:
    every, interval = low(given.at("frequency")), given.at("interval")
    if not every:
        return
    if every == "onetime" and interval is not None:
        yield Problem("interval", "BadRequest: The schedule interval is not allowed where the frequency is OneTime")
    if every != "onetime" and interval is None and not given.unknown("interval"):
        yield Problem(
            "interval", f"BadRequest: The schedule interval is required where the frequency is {given.at('frequency')}"
        )
    if isinstance(interval, int | float) and not 1 <= interval <= 100:
        yield Problem("interval", f"BadRequest: an interval of {interval:g}; 1 to 100 are taken")
    for name, needed in (("weekDays", "week"), ("monthDays", "month"), ("monthlyOccurrences", "month")):
        if given.at(f"advancedSchedule.{name}") and every != needed:
            yield Problem(f"advancedSchedule.{name}", f"BadRequest: {name} go with the frequency {needed.capitalize()}")
    for number, day in enumerate(given.at("advancedSchedule.monthDays") or []):
        if isinstance(day, int | float) and (day == 0 or not -1 <= day <= 31):
            yield Problem(
                f"advancedSchedule.monthDays[{number}]", f"BadRequest: day {day:g}; 1 to 31, or -1 for the last"
            )


@conflict(
    "a-schedule-begins-before-it-ends",
    _AUTOMATION,
    "Times are RFC 3339 ones, the end after the begin, in a time zone that there is.",
    f"{_SCHEDULE}; {LEARN}/automation/shared-resources/schedules",
)
def times(given: Given) -> Iterator[Problem]:
    begins, ends = given.at("startTime"), given.at("expiryTime")
    for name, value in (("startTime", begins), ("expiryTime", ends)):
        if isinstance(value, str) and value and moment(value) is None:
            yield Problem(name, f"BadRequest: '{value}' is no time; give one such as 2026-12-01T06:00:00+00:00")
    start, end = moment(begins), moment(ends)
    if start is not None and end is not None and end.replace(tzinfo=None) <= start.replace(tzinfo=None):
        yield Problem("expiryTime", "BadRequest: The expiry time of the schedule must be after its start time")
    yield from _zone(given.at("timeZone"), "timeZone", windows_only=False)


@conflict(
    "a-job-schedule-has-a-guid",
    types("automation:JobSchedule"),
    "The link of a runbook and a schedule is named by a GUID, and names both.",
    f"{REST}/automation/job-schedule/create",
)
def job_schedule(given: Given) -> Iterator[Problem]:
    id = given.at("jobScheduleId")
    if isinstance(id, str) and not GUID.fullmatch(id):
        yield Problem("jobScheduleId", f"BadRequest: '{id}' is no GUID")
    for name in ("runbook", "schedule"):
        if given.at(f"{name}.name") is None and not given.unknown(f"{name}.name") and given.at(name) is not None:
            yield Problem(f"{name}.name", "BadRequest: required and missing")


@conflict(
    "a-shutdown-is-named-after-its-machine",
    _STOP,
    "The shutdown of a virtual machine is named shutdown-computevm-… after it, daily at a time, and points to it.",
    f"{LEARN}/virtual-machines/auto-shutdown-vm;"
    f" {AZURERM}/devtestlabs/dev_test_global_vm_shutdown_schedule_resource.go",
)
def shutdown(given: Given) -> Iterator[Problem]:
    if low(given.at("taskType")) != "computevmshutdowntask":
        return
    name, target = given.at("name"), given.at("targetResourceId")
    if target is None and not given.unknown("targetResourceId"):
        yield Problem("targetResourceId", "InvalidScheduleTarget: required and missing: the id of a virtual machine")
    vm = target.rpartition("/")[2] if isinstance(target, str) else ""
    if isinstance(target, str) and "/providers/microsoft.compute/virtualmachines/" not in target.lower():
        yield Problem("targetResourceId", f"InvalidScheduleTarget: '{target}' is no id of a virtual machine")
    elif isinstance(name, str) and vm and name.lower() != f"shutdown-computevm-{vm.lower()}":
        yield Problem(
            "name", f"InvalidScheduleId: the schedule of {vm} is named shutdown-computevm-{vm}; it is '{name}'"
        )
    if given.at("dailyRecurrence.time") is None and not given.unknown("dailyRecurrence.time"):
        yield Problem("dailyRecurrence.time", 'InvalidSchedule: required and missing: give a time such as "1900"')


@conflict(
    "labs-know-the-time-zones-of-windows",
    _STOP,
    "A time zone is one of Windows.",
    f"{REST}/dtl/global-schedules/create-or-update, timeZoneId; conflicts/azure/lists.json",
)
def windows_zone(given: Given) -> Iterator[Problem]:
    yield from _zone(given.at("timeZoneId"), "timeZoneId", windows_only=True)


@conflict(
    "a-notice-goes-somewhere",
    _STOP,
    "A notice that is on has a mail address or a web hook.",
    f"{REST}/dtl/global-schedules/create-or-update, NotificationSettings",
)
def notice(given: Given) -> Iterator[Problem]:
    at = "notificationSettings"
    ways = [f"{at}.{name}" for name in ("emailRecipient", "webhookUrl")]
    if low(given.at(f"{at}.status")) == "enabled" and all(
        given.at(way) is None and not given.unknown(way) for way in ways
    ):
        yield Problem(
            f"{at}.emailRecipient",
            "InvalidNotificationSettings: give a mail address or a web hook, or the status Disabled",
        )


def _zone(name: Any, at: str, *, windows_only: bool) -> Iterator[Problem]:
    iana = frozenset() if windows_only else zoneinfo.available_timezones()
    there = words("time zones of Windows") | iana
    if not windows_only and not iana:
        return  # this system has no table of time zones
    if isinstance(name, str) and name.lower() not in {one.lower() for one in there}:
        near = nearest(name, sorted(there))
        example = "W. Europe Standard Time" if windows_only else "Europe/Berlin"
        hint = f'did you mean "{near}"?' if near else f"give one such as {example}"
        yield Problem(at, f"InvalidTimeZone: there is no time zone '{name}'; {hint}")


CONFLICTS: Final = (frequency, times, job_schedule, shutdown, windows_zone, notice)
