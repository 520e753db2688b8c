"""Kinds of text that no pattern tells well: numbers as text, address ranges, times and durations."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?")
_ISO_DURATION: Final = re.compile(r"P(?!$)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?")
_SECONDS: Final = re.compile(r"\d+(\.\d{1,9})?s")


def wrong_kind(kind: str, value: str) -> str | None:
    """Why the text is not of its kind; None when it is, and for no kind."""
    return _KINDS[kind](value) if kind else None


def _number(value: str) -> str | None:
    return None if _NUMBER.fullmatch(value) else "It is no number"


def _bool(value: str) -> str | None:
    return None if value.lower() in ("true", "false") else "It is neither true nor false"


def _cidr(value: str) -> str | None:
    """A range of addresses with its own first address, as networks have it."""
    if "/" not in value:
        return "It is no range of addresses; give one such as 10.0.0.0/16"
    try:
        ipaddress.ip_network(value)
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


_KINDS: Final[Mapping[str, Callable[[str], str | None]]] = {
    "number": _number,
    "bool": _bool,
    "cidr": _cidr,
    "address": _address,
    "date-time": _date_time,
    "iso-duration": _iso_duration,
    "seconds": _seconds,
}
