"""One call of a cloud's API, and the table that finds who answers it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Protocol, TypeVar

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


class Routed(Protocol):
    """What a table of calls is looked up by."""

    @property
    def method(self) -> str: ...

    @property
    def path(self) -> str: ...


R = TypeVar("R", bound=Routed)


def find(routes: Sequence[R], method: str, path: str, *, any_case: bool = False) -> tuple[R, dict[str, str]] | None:
    """The route for a path, with the names in it; None when nobody serves it."""
    for route in routes:
        if route.method == method:
            match = _pattern(route.path, any_case).fullmatch(path)
            if match:
                return route, match.groupdict()
    return None


@cache
def _pattern(path: str, any_case: bool) -> re.Pattern[str]:
    named = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(path))
    return re.compile(named, re.IGNORECASE if any_case else 0)
