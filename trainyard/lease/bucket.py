"""What a store of records needs of the place it lies in: whole objects, written on condition."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class Blob:
    """An object as it was read."""

    body: bytes
    version: str  # opaque; what Replacing takes
    written: datetime  # by the place's own clock, UTC


@dataclass(frozen=True)
class New:
    """Write only if no object is there."""


@dataclass(frozen=True)
class Replacing:
    """Write only over this version."""

    version: str


@dataclass(frozen=True)
class Always:
    """Write whatever is there."""


Condition = New | Replacing | Always


class Bucket(Protocol):
    """All methods raise StoreUnreachable; keys have "/" between their parts."""

    def get(self, key: str) -> Blob | None:
        """The object, None when the place answers that there is none."""

    def put(self, key: str, body: bytes, condition: Condition) -> str:
        """Write the whole object, return its version; Conflict when the condition does not hold."""

    def delete(self, key: str, version: str) -> bool:
        """Delete that version; False when another is there, or none."""

    def folders(self) -> tuple[str, ...]:
        """The first parts of all keys, sorted."""

    def keys(self, folder: str) -> tuple[str, ...]:
        """All keys that begin with `folder` and "/", sorted."""
