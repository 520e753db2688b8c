"""What a preflight finds, one thing each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How grave it is."""

    FITS = "fits"
    WARNING = "warning"  # not known, or of a candidate that is not taken now
    REFUSED = "refused"  # `up` would be refused for it


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One quota, API, policy or feature."""

    level: Level
    about: str  # "gcp:acme-ml-dev europe-west4 NVIDIA_A100_GPUS"
    text: str
    remedy: tuple[str, ...] = ()  # commands to copy
    unread: str | None = None  # why the cloud did not tell
