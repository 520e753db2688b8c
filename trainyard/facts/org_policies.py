"""What Google Cloud's organization policies allow of a list: values and the groups that stand for many.

Sources: cloud.google.com/resource-manager/docs/organization-policy (defining-locations: "in:europe-locations",
"in:europe-west4-locations", single regions and zones; using-constraints: rules, allowed and denied values).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

LOCATIONS = "gcp.resourceLocations"
IMAGE_PROJECTS = "compute.trustedImageProjects"
_AREAS = {
    "africa": ("africa-",),
    "asia": ("asia-",),
    "australia": ("australia-",),
    "europe": ("europe-",),
    "northamerica": ("northamerica-", "us-"),
    "southamerica": ("southamerica-",),
    "us": ("us-",),
}


def allows(rules: Sequence[Mapping[str, Any]], value: str) -> bool | None:
    """Whether a list constraint's effective rules allow a value; None where a condition or group is not known here."""
    known: bool | None = False
    for rule in rules:
        if rule.get("condition"):
            return None
        if rule.get("denyAll"):
            return False
        if rule.get("allowAll"):
            known = True
            continue
        values = rule.get("values") or {}
        denied = [_matches(each, value) for each in values.get("deniedValues") or ()]
        if True in denied:
            return False
        allowed = [_matches(each, value) for each in values.get("allowedValues") or ()]
        if True in allowed or ("deniedValues" in values and not allowed):
            known = None if None in denied else True
        elif None in (*allowed, *denied) and known is False:
            known = None
    return known


def _matches(pattern: str, value: str) -> bool | None:
    """Whether a pattern of a rule holds a region or another value; None for a group that is not known here."""
    plain = pattern.removeprefix("is:")
    if plain == value:
        return True
    if not pattern.startswith("in:"):
        return False
    group = pattern.removeprefix("in:").removesuffix("-locations")
    if group in _AREAS:
        return value.startswith(_AREAS[group])
    return group == value if group.count("-") == 1 and group[-1:].isdigit() else None
