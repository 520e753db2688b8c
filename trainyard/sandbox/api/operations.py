"""Operations that the API gave out: done at once, and said to be done when asked."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any, Final

_KEPT: Final = 10_000


@dataclass(kw_only=True)
class Operations:
    """The newest operations of this daemon's life, by name and scope."""

    _kept: OrderedDict[tuple[str, str], dict[str, Any]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _number: int = 0

    def next_number(self) -> int:
        """A number that no operation of this life had."""
        with self._lock:
            self._number += 1
            return self._number

    def keep(self, scope: str, operation: dict[str, Any]) -> None:
        """Remember a finished operation under "projects/p/zones/z"."""
        with self._lock:
            self._kept[scope, operation["name"]] = operation
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)

    def get(self, scope: str, name: str) -> dict[str, Any] | None:
        """The operation of that scope, by name or number; None when it was never given out."""
        with self._lock:
            found = self._kept.get((scope, name))
            if found is None and name.isdecimal():
                found = next((one for (at, _), one in self._kept.items() if at == scope and one["id"] == name), None)
            return found
