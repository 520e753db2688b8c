"""One call of a cloud's API, and the table that finds who answers it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from trainyard.sandbox.api.operations import Operations
from trainyard.sandbox.api.seen import Seen
from trainyard.sandbox.store import Store


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What all calls share."""

    store: Store
    seen: Seen
    operations: Operations = field(default_factory=Operations)


@dataclass(frozen=True, kw_only=True)
class Call:
    scene: Scene
    id: str  # "compute.instances.list"
    path: str
    places: Mapping[str, str]  # of the path: project, zone, instance, …
    query: Mapping[str, str]
    body: Mapping[str, Any]
    newest: float = math.inf  # what was made after this simulated time is not seen yet

    @property
    def store(self) -> Store:
        return self.scene.store

    @property
    def project(self) -> str:
        return self.places["project"]

    def as_of(self, newest: float) -> Call:
        """The same call, blind for what was made later."""
        return replace(self, newest=newest)


@dataclass(frozen=True, kw_only=True)
class Route:
    id: str
    method: str
    path: str  # "/compute/v1/projects/{project}/zones"
    answer: Callable[[Call], dict[str, Any]]
    can_fail: bool = True  # may stand in a faults file


def find(routes: Sequence[Route], method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """The route for a path, with the names in it; None when nobody serves it."""
    for route in routes:
        if route.method == method:
            match = _pattern(route.path).fullmatch(path)
            if match:
                return route, match.groupdict()
    return None


@cache
def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(path)))
