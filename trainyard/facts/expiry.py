"""A lease's times: durations as people write them, the soft end and the hard end."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_LONGEST = timedelta(days=3650)
_ZERO = timedelta()


class DurationError(ValueError):
    """Text that is no duration."""


def parse_duration(text: str) -> timedelta:
    """A span from "30m", "12h" or "14d"; DurationError says what was given and what is allowed."""
    found = re.fullmatch(r"([1-9][0-9]{0,7})([mhd])", text, re.ASCII)
    if not found:
        message = f'"{text}" is no duration: give a whole number with its unit, for example "30m", "12h" or "14d".'
        raise DurationError(message)
    span = int(found[1]) * _UNITS[found[2]]
    if span > _LONGEST:
        message = f'"{text}" is too long: at most {format_duration(_LONGEST)}; give a shorter duration.'
        raise DurationError(message)
    return span


def format_duration(span: timedelta) -> str:
    """The span in its largest whole unit ("36h", "90m"); seconds are dropped; at least "0m"."""
    minutes = span // _UNITS["m"]
    for unit in ("d", "h"):
        size = _UNITS[unit] // _UNITS["m"]
        if minutes and minutes % size == 0:
            return f"{minutes // size}{unit}"
    return f"{minutes}m"


def to_minute(when: datetime) -> datetime:
    """The same moment in UTC with seconds cut off; the moment must carry its offset."""
    return _utc(when).replace(second=0, microsecond=0)


def format_time(when: datetime) -> str:
    """RFC 3339 in UTC to the second: "2026-11-24T14:00:00Z"."""
    return _utc(when).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_time(text: str) -> datetime:
    """A moment in UTC from RFC 3339 text; ValueError when it is none or lacks its offset."""
    try:
        return _utc(datetime.fromisoformat(text))
    except ValueError as error:
        message = f'"{text}" is no time: give it as RFC 3339 in UTC, for example "2026-11-24T14:00:00Z".'
        raise ValueError(message) from error


@dataclass(frozen=True, kw_only=True)
class Expiry:
    """When a lease ends: softly by guard and node, in the end by the cloud itself."""

    start: datetime
    ttl: timedelta
    extend_to: timedelta  # from the start; never changes
    extensions: timedelta = _ZERO

    def __post_init__(self) -> None:
        _utc(self.start)
        if not _ZERO < self.ttl <= self.extend_to or self.extensions < _ZERO:
            message = (
                f"ttl {format_duration(self.ttl)} must be over 0 and at most extend_to "
                f"{format_duration(self.extend_to)}, and extensions not below 0; raise extend_to or lower ttl."
            )
            raise ValueError(message)

    @property
    def soft_end(self) -> datetime:
        """Start + ttl + extensions, never past the hard end."""
        return min(self.start + self.ttl + self.extensions, self.hard_end)

    @property
    def hard_end(self) -> datetime:
        """Start + extend_to: what the cloud holds and machines carry."""
        return self.start + self.extend_to


@dataclass(frozen=True, kw_only=True)
class TtlLimit:
    """The longest span from start to hard end that a cloud lets one thing run."""

    kind: str
    cloud: str
    capacity: str
    longest: timedelta
    source: str


_INSTANCE_LIMITS = "Compute Engine docs, Limit the run time of a VM: run duration or termination time, up to 120 days"
# Compute Engine docs, About resize requests in a MIG: a requested run is 10 minutes to 7 days
SHORTEST_FLEX_RUN = timedelta(minutes=10)
_FLEX_LIMITS = "Compute Engine docs, About Flex-start VMs: run for up to seven days"
_JOB_LIMITS = "Vertex AI docs, Schedule training jobs based on resource availability: a timeout of 7 days or less"
_AZURE_JOB = (timedelta(days=21), timedelta(days=7))
_AZURE_JOB_LIMITS = "Azure Machine Learning docs, Manage quotas (2026-01-27): a job's lifetime, on low priority too"

TTL_LIMITS = (
    TtlLimit(kind="gpu-vm", cloud="gcp", capacity="on-demand", longest=timedelta(days=120), source=_INSTANCE_LIMITS),
    TtlLimit(kind="gpu-vm", cloud="gcp", capacity="spot", longest=timedelta(days=120), source=_INSTANCE_LIMITS),
    TtlLimit(kind="gpu-vm", cloud="gcp", capacity="reserved", longest=timedelta(days=120), source=_INSTANCE_LIMITS),
    TtlLimit(kind="gpu-vm", cloud="gcp", capacity="flex-start", longest=timedelta(days=7), source=_FLEX_LIMITS),
    TtlLimit(kind="tpu-node", cloud="gcp", capacity="on-demand", longest=timedelta(days=120), source=_INSTANCE_LIMITS),
    TtlLimit(kind="tpu-node", cloud="gcp", capacity="spot", longest=timedelta(days=120), source=_INSTANCE_LIMITS),
    TtlLimit(kind="tpu-node", cloud="gcp", capacity="reserved", longest=timedelta(days=120), source=_INSTANCE_LIMITS),
    TtlLimit(kind="tpu-node", cloud="gcp", capacity="flex-start", longest=timedelta(days=7), source=_FLEX_LIMITS),
    TtlLimit(kind="training-job", cloud="gcp", capacity="flex-start", longest=timedelta(days=7), source=_JOB_LIMITS),
    TtlLimit(kind="training-job", cloud="azure", capacity="on-demand", longest=_AZURE_JOB[0], source=_AZURE_JOB_LIMITS),
    TtlLimit(kind="training-job", cloud="azure", capacity="spot", longest=_AZURE_JOB[1], source=_AZURE_JOB_LIMITS),
)


def ttl_limit(kind: str, cloud: str, capacity: str) -> TtlLimit | None:
    """The limit for a kind, cloud and capacity name; None where no limit is known."""
    return next((row for row in TTL_LIMITS if (row.kind, row.cloud, row.capacity) == (kind, cloud, capacity)), None)


def _utc(when: datetime) -> datetime:
    if when.tzinfo is None:
        message = f"{when} has no time zone; give a moment with its offset, in UTC."
        raise ValueError(message)
    return when.astimezone(UTC)
