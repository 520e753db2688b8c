"""One call of Resource Manager, its answer, and a row of the table that finds who answers it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from trainyard.sandbox.api.call import Scene
from trainyard.sandbox.store import Store


@dataclass(frozen=True, kw_only=True)
class Call:
    scene: Scene
    id: str  # "Microsoft.Compute/virtualMachines.listAll"
    root: str  # "http://127.0.0.1:4711", for links in answers
    path: str
    places: Mapping[str, str]  # of the path: subscription, group, name, …, as the caller spelled them
    query: Mapping[str, str]  # names in lower case
    headers: Mapping[str, str]
    body: Mapping[str, Any]
    newest: float = math.inf  # what was made after this simulated time is not seen yet

    @property
    def store(self) -> Store:
        return self.scene.store

    @property
    def subscription(self) -> str:
        return self.places["subscription"].lower()

    @property
    def api_version(self) -> str:
        return self.query["api-version"]

    def as_of(self, newest: float) -> Call:
        """The same call, blind for what was made later."""
        return replace(self, newest=newest)


@dataclass(frozen=True, kw_only=True)
class Answer:
    body: Mapping[str, Any] | None = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Route:
    id: str
    method: str
    path: str  # "/subscriptions/{subscription}/resourcegroups"
    answer: Callable[[Call], Answer]
