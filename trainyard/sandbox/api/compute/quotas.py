"""The quotas that Compute Engine tells of regions and projects: those that Google's own description names, no others.

A newer GPU's quota is told by another API, by its family: regions.get has no metric for it, and the sandbox has none.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any, Final

from trainyard.sandbox.api.call import Call
from trainyard.sandbox.quotas import limits
from trainyard.sandbox.quotas.charges import metrics

_OF_PROJECTS: Final = ("GPUS_ALL_REGIONS",)


def region_quotas(call: Call, region: str) -> list[dict[str, Any]]:
    """Of one region."""
    return _quotas(call, region, [metric for metric in _told() if metric not in _OF_PROJECTS])


def project_quotas(call: Call) -> list[dict[str, Any]]:
    """Of the project as a whole."""
    return _quotas(call, "", _OF_PROJECTS)


def _quotas(call: Call, place: str, names: Any) -> list[dict[str, Any]]:
    used = limits.used_in(call.store, "gcp")
    return [
        {
            "metric": metric,
            "limit": limits.limit_of(call.store, "gcp", metric, place),
            "usage": used.get((metric, place), 0.0),
        }
        for metric in names
    ]


@cache
def _told() -> tuple[str, ...]:
    """The metrics that the sandbox counts and that Google's description of a Quota has."""
    document = files("googleapiclient.discovery_cache") / "documents" / "compute.v1.json"
    described = set(json.loads(document.read_bytes())["schemas"]["Quota"]["properties"]["metric"]["enum"])
    return tuple(metric for metric in metrics("gcp") if metric in described)
