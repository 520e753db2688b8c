"""Kinds of text that no pattern tells well: numbers as text, address ranges, times and durations."""

from __future__ import annotations

import base64
import ipaddress
import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?")
_ISO_DURATION: Final = re.compile(r"P(?!$)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?")
_MONTHS: Final = frozenset(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"])
_DAYS: Final = frozenset(["sun", "mon", "tue", "wed", "thu", "fri", "sat"])
_CRON: Final = (
    ("minute", 0, 59, frozenset[str]()),
    ("hour", 0, 23, frozenset[str]()),
    ("day of the month", 1, 31, frozenset[str]()),
    ("month", 1, 12, _MONTHS),
    ("day of the week", 0, 7, _DAYS),
)
_ENGLISH: Final = re.compile(r"(every\b|\d*(st|nd|rd|th)\b|first\b|second\b|third\b|fourth\b|fifth\b)", re.IGNORECASE)
_SECONDS: Final = re.compile(r"\d+(\.\d{1,9})?s")


def wrong_kind(kind: str, value: str) -> str | None:
    """Why the text is not of its kind; None when it is, and for no kind."""
    return _KINDS[kind](value) if kind else None


def _number(value: str) -> str | None:
    return None if _NUMBER.fullmatch(value) else "It is no number"


def _bool(value: str) -> str | None:
    return None if value.lower() in ("true", "false") else "It is neither true nor false"


def _cidr(value: str, *, any_address: bool = False) -> str | None:
    """A range of addresses told by its first one, as networks have it, or by any in it."""
    if "/" not in value:
        return "It is no range of addresses; give one such as 10.0.0.0/16"
    try:
        ipaddress.ip_network(value, strict=not any_address)
    except ValueError as error:
        return f"It is no range of addresses: {error}"
    return None


def _address(value: str) -> str | None:
    try:
        ipaddress.ip_address(value)
    except ValueError as error:
        return f"It is no address: {error}"
    return None


def _date_time(value: str) -> str | None:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        moment = None
    if moment is None or "T" not in value.upper() or moment.tzinfo is None:
        return "It is no RFC 3339 time; give one such as 2026-11-24T12:00:00Z"
    return None


def _iso_duration(value: str) -> str | None:
    return None if _ISO_DURATION.fullmatch(value) else "It is no ISO 8601 duration; give one such as PT12H"


def _seconds(value: str) -> str | None:
    return None if _SECONDS.fullmatch(value) else 'It is no duration in seconds; give one such as "3600s"'


def _range(value: str) -> str | None:
    return _cidr(value, any_address=True)


def _range_or_address(value: str) -> str | None:
    return _range(value) if "/" in value else _address(value)


def _json(value: str) -> str | None:
    try:
        json.loads(value)
    except ValueError as error:
        return f"It is no JSON: {error}"
    return None


def _base64(value: str) -> str | None:
    try:
        base64.b64decode(value.replace("\n", "").replace("\r", ""), validate=True)
    except ValueError as error:
        return f"It is no base64 text: {error}"
    return None


def _cron(value: str) -> str | None:
    """Five fields as Unix has them, or Google's own English: "every 5 minutes"."""
    parts = value.split()
    if len(parts) >= 2 and _ENGLISH.match(value.strip()):
        return None
    if len(parts) != len(_CRON):
        return f"It has {len(parts)} fields; a schedule has five, such as */5 * * * *"
    for part, (name, least, most, words) in zip(parts, _CRON, strict=True):
        if not all(_is_cron(one, least, most, words) for one in part.split(",")):
            return f"Its {name} is '{part}'; from {least} to {most}, a list, a range or a step is needed"
    return None


def _is_cron(text: str, least: int, most: int, words: frozenset[str]) -> bool:
    span, _, step = text.partition("/")
    if "/" in text and not (step.isdigit() and int(step) > 0):
        return False
    if span in ("*", "?"):
        return True
    ends = span.split("-")
    return len(ends) <= 2 and all(end.lower() in words or (end.isdigit() and least <= int(end) <= most) for end in ends)


_KINDS: Final[Mapping[str, Callable[[str], str | None]]] = {
    "number": _number,
    "bool": _bool,
    "cidr": _cidr,
    "address": _address,
    "date-time": _date_time,
    "iso-duration": _iso_duration,
    "seconds": _seconds,
    "range": _range,
    "range-or-address": _range_or_address,
    "json": _json,
    "base64": _base64,
    "cron": _cron,
}
