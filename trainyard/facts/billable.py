"""Things found in a cloud: what bills by the hour and may be ended, and data, which never is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from trainyard.facts.price import Price


@dataclass(frozen=True, kw_only=True)
class Billable:
    """Something that bills while it exists; only these may be stopped or deleted."""

    cloud: str
    scope: str  # "gcp:acme-ml-dev": what one list call covers and one credential opens
    kind: str  # "machine", "disk", "address", ...
    name: str
    place: str  # zone or region
    status: str  # the cloud's own word
    labels: Mapping[str, str]
    machine_type: str | None = None
    price: Price
    billing: bool
    bought: str | None = None  # a machine's: "on-demand", "spot", "flex-start", "reserved"; None where nobody tells


@dataclass(frozen=True, kw_only=True)
class DataRef:
    """A bucket, data disk or file system: named in reports, out of reach of everything that ends things."""

    cloud: str
    scope: str
    kind: str
    name: str
    place: str
