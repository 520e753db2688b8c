"""How a machine is bought, and when that choice ends it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal


@dataclass(frozen=True, kw_only=True)
class _Bought:
    """What every way of buying may say."""

    usd_hour: Decimal | None = None  # the price that was agreed for one machine; None: the catalogue's


@dataclass(frozen=True, kw_only=True)
class OnDemand(_Bought):
    """List price, kept until ended."""


@dataclass(frozen=True, kw_only=True)
class Spot(_Bought):
    """Cheaper, and the cloud may take it back at any time."""


@dataclass(frozen=True, kw_only=True)
class FlexStart(_Bought):
    """Starts when the cloud has room, at most `max_wait` from now; runs at most seven days on Google Cloud."""

    max_wait: timedelta = timedelta(hours=2)


@dataclass(frozen=True, kw_only=True)
class Reserved(_Bought):
    """Out of a reservation that bills whether used or not."""

    id: str  # its name, or projects/<project>/reservations/<name> of one that another project shares
    bound: bool = False  # a calendar or future reservation, which ends its machines with itself


@dataclass(frozen=True, kw_only=True)
class Queued:
    """Waits in the cloud's queue until it is granted, at the latest `valid_until` after the lease's start."""

    valid_until: timedelta
    spot: bool = False
    reservation: str | None = None  # its name, in the same project and zone


@dataclass(frozen=True, kw_only=True)
class Block(_Bought):
    """Out of a block bought in advance, which ends at a fixed time."""

    id: str


Capacity = OnDemand | Spot | FlexStart | Reserved | Queued | Block

_NAMES: dict[type, str] = {
    OnDemand: "on-demand",
    Spot: "spot",
    FlexStart: "flex-start",
    Reserved: "reserved",
    Queued: "queued",
    Block: "block",
}
NAMES = tuple(_NAMES.values())


def name(capacity: Capacity) -> str:
    """The word that stack files and tables use: "on-demand", "spot", "flex-start", ..."""
    return _NAMES[type(capacity)]
