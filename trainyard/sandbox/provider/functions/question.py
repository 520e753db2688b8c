"""One call of a function: what was asked, and where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from trainyard.sandbox.store import Store


@dataclass(frozen=True, kw_only=True)
class Question:
    args: Mapping[str, Any]
    config: Mapping[str, Any]
    store: Store

    def text(self, name: str, default: str = "") -> str:
        """An argument or, where it is missing, the provider's own setting of that name."""
        for source in (self.args, self.config):
            value = source.get(name)
            if isinstance(value, str) and value:
                return value
        return default
