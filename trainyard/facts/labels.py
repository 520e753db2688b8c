"""The labels on machines, in one reversible encoding per cloud; they hold only what never changes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from trainyard.facts.expiry import format_time, parse_time

LEASE_KEY = "trainyard-lease"
WORKLOAD_KEY = "trainyard-workload"
OWNER_KEY = "trainyard-owner"
COST_CENTER_KEY = "trainyard-cost-center"
BASE_KEY = "trainyard-base"
HARD_END_KEY = "trainyard-hard-end"

_SLUG = r"[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?"
_GCP_TIME = "%Y%m%dt%H%M%Sz"
# Google Cloud's label values hold [a-z0-9_-] only, so no RFC 3339; the other clouds' tags hold it as it is.
_COMPACT_TIME_CLOUDS = frozenset({"gcp"})


@dataclass(frozen=True, kw_only=True)
class Tags:
    """What every machine of a lease carries."""

    lease: str
    workload: str
    owner: str
    cost_center: str
    hard_end: datetime  # UTC, to the second


def check_slug(text: str) -> str | None:
    """None when every cloud's labels can hold the text, else the error."""
    if re.fullmatch(_SLUG, text, re.ASCII):
        return None
    near = re.sub(r"[^a-z0-9]+", "-", text.partition("@")[0].lower()).strip("-0123456789")[:63].rstrip("-")
    hint = f', for example "{near}"' if re.fullmatch(_SLUG, near) else ', for example "ml-platform"'
    return (
        f'"{text}" fits no label: every cloud\'s labels hold 1 to 63 characters a-z, 0-9 and "-", '
        f"beginning with a letter and not ending in a hyphen; give a short name{hint}."
    )


def encode(cloud: str, tags: Tags) -> dict[str, str]:
    """Labels for one cloud; ValueError when a value is no slug or the time has no offset."""
    values = {
        LEASE_KEY: tags.lease,
        WORKLOAD_KEY: tags.workload,
        OWNER_KEY: tags.owner,
        COST_CENTER_KEY: tags.cost_center,
    }
    for key, value in values.items():
        if error := check_slug(value):
            message = f"{key}: {error}"
            raise ValueError(message)
    return {**values, HARD_END_KEY: _time_to(cloud, tags.hard_end)}


def encode_base(stack: str, owner: str, cost_center: str) -> dict[str, str]:
    """Labels of what lives in a base stack, the same for every cloud; ValueError when a value is no slug."""
    values = {BASE_KEY: stack, OWNER_KEY: owner, COST_CENTER_KEY: cost_center}
    for key, value in values.items():
        if error := check_slug(value):
            message = f"{key}: {error}"
            raise ValueError(message)
    return values


def decode(cloud: str, labels: Mapping[str, str]) -> Tags | None:
    """The tags in a thing's labels; None when one is missing or damaged (look for LEASE_KEY alone then)."""
    try:
        return Tags(
            lease=labels[LEASE_KEY],
            workload=labels[WORKLOAD_KEY],
            owner=labels[OWNER_KEY],
            cost_center=labels[COST_CENTER_KEY],
            hard_end=_time_from(cloud, labels[HARD_END_KEY]),
        )
    except (KeyError, ValueError):
        return None


def _time_to(cloud: str, when: datetime) -> str:
    if cloud not in _COMPACT_TIME_CLOUDS:
        return format_time(when)
    return parse_time(format_time(when)).strftime(_GCP_TIME)


def _time_from(cloud: str, text: str) -> datetime:
    if cloud not in _COMPACT_TIME_CLOUDS:
        return parse_time(text)
    return datetime.strptime(text, _GCP_TIME).replace(tzinfo=UTC)
