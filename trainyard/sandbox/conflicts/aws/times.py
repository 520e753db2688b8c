"""Cron and rate expressions, as Amazon writes them."""

from __future__ import annotations

import re
from typing import Final

_RATE: Final = re.compile(r"^rate\((\d+) (minutes?|hours?|days?)\)$")
_AT: Final = re.compile(r"^at\((\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})\)$")
_MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS: Final = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
# docs.aws.amazon.com/scheduler, "Schedule types": minutes, hours, day of month, month, day of week, year.
_SIX: Final = ((0, 59), (0, 23), (1, 31), (1, 12), (1, 7), (1970, 2199))
_FIVE: Final = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))  # as Unix has it: Auto Scaling
_NAMES: Final = ("minutes", "hours", "day of month", "month", "day of week", "year")


def schedule_problem(expression: str, *, at: bool) -> str | None:
    """Why a schedule is wrong; `at` for EventBridge Scheduler, which takes one moment too."""
    rate = _RATE.match(expression)
    if rate:
        count, unit = int(rate.group(1)), rate.group(2)
        if count == 0:
            return "a rate is 1 or more"
        # EventBridge's rules refuse "1 hours"; its scheduler, which also knows at(…), does not.
        if not at and (count == 1) == unit.endswith("s"):
            right = unit.rstrip("s") + ("" if count == 1 else "s")
            return f"write rate({count} {right})"
        return None
    if at and expression.startswith("at("):
        moment = _AT.match(expression)
        if moment is None:
            return "write at(yyyy-mm-ddThh:mm:ss), without a time zone"
        return _date_problem(*map(int, moment.groups()))
    if expression.startswith("cron(") and expression.endswith(")"):
        return cron_problem(expression[5:-1], fields=6)
    forms = "rate(5 minutes), cron(0 12 * * ? *)" + (" or at(2026-12-24T12:00:00)" if at else "")
    return f"write it as {forms}"


def cron_problem(expression: str, *, fields: int) -> str | None:
    """Why the fields of a cron expression are wrong."""
    if expression.startswith("@") and fields == 5:
        return None
    parts = expression.split()
    if len(parts) != fields:
        return f"it has {len(parts)} fields; {fields} are needed: {', '.join(_NAMES[:fields])}"
    if fields == 6 and (parts[2] == "?") == (parts[4] == "?"):
        return "exactly one of day of month and day of week is ?"
    for part, limits, name in zip(parts, _SIX if fields == 6 else _FIVE, _NAMES, strict=False):
        reason = _field_problem(part.upper(), limits, name)
        if reason:
            return reason
    return None


def _field_problem(part: str, limits: tuple[int, int], name: str) -> str | None:
    for one in part.split(","):
        body, _, step = one.partition("/")
        if step and not (step.isdigit() and int(step) > 0):
            return f"the step /{step} of {name} is no number above 0"
        if body in ("*", "?") or (name.startswith("day of") and re.fullmatch(r"L(-\d+)?|LW|\d+W|\d+L|\w+#[1-5]", body)):
            continue
        for end in body.split("-"):
            value = _value(end, name)
            if value is None or not limits[0] <= value <= limits[1]:
                return f"{end} is no {name}; {limits[0]} to {limits[1]} are taken"
    return None


def _value(text: str, name: str) -> int | None:
    if name == "month" and text in _MONTHS:
        return _MONTHS.index(text) + 1
    if name == "day of week" and text in _DAYS:
        return _DAYS.index(text) + 1
    return int(text) if text.isdigit() else None


def _date_problem(year: int, month: int, day: int, hour: int, minute: int, second: int) -> str | None:
    if 1 <= month <= 12 and 1 <= day <= 31 and hour < 24 and minute < 60 and second < 60:
        return None
    return "it is no date and time"
