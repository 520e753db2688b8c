"""What was made of the store's state, kept until any process changes the store."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import TypeVar, cast

from trainyard.sandbox.store import Store

T = TypeVar("T")


class Seen:
    """Answers by key; SQLite itself tells when another connection has written."""

    def __init__(self, store: Store, path: Path) -> None:
        self._store = store
        self._watch = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._lock = threading.RLock()
        self._version = -1
        self._kept: dict[Hashable, object] = {}

    def of(self, key: Hashable, make: Callable[[], T]) -> T:
        """What `make` gave for this key and this state of the store."""
        self._store.settle()  # what is due ends first, and is a change of its own
        with self._lock:
            version = self._watch.execute("PRAGMA data_version").fetchone()[0]
            if version != self._version:
                self._version = version
                self._kept.clear()
            if key not in self._kept:
                self._kept[key] = make()
            return cast(T, self._kept[key])

    def close(self) -> None:
        """Close the watching connection."""
        with self._lock:
            self._watch.close()
