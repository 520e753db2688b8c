"""One entry of the table: for which types, what is wrong together, and who says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from trainyard.sandbox.check import Problem
from trainyard.sandbox.schema import ResourceType
from trainyard.servicer.values import LATER, Secret


@dataclass(frozen=True, kw_only=True)
class Given:
    """What a program gave for one resource, with secrets opened where they are read."""

    type: ResourceType
    inputs: Mapping[str, Any]
    config: Mapping[str, Any]  # of the provider
    _read: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)  # by path

    def at(self, path: str) -> Any:
        """The value at "scheduling.provisioningModel"; None when it is missing or not known yet. Not into lists."""
        if path not in self._read:
            self._read[path] = self._at(path)
        return self._read[path]

    def _at(self, path: str) -> Any:
        value: Any = self.inputs
        for step in path.split("."):
            if not isinstance(value, dict):
                return None
            value = plain(value.get(step))
        return None if isinstance(value, LATER) else value

    def text(self, path: str) -> str:
        """The text at a path; "" when there is none."""
        value = self.at(path)
        return value if isinstance(value, str) else ""

    def each(self, path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """The known objects of a list, each with its path: ("networkInterfaces[0]", {…})."""
        value = self.at(path)
        if isinstance(value, list):
            for number, item in enumerate(value):
                opened = plain(item)
                if isinstance(opened, Mapping):
                    yield f"{path}[{number}]", opened

    def unknown(self, path: str) -> bool:
        """Whether the value at a path, or what holds it, is only known later."""
        value: Any = self.inputs
        for step in path.split("."):
            value = plain(value.get(step)) if isinstance(value, Mapping) else None
            if isinstance(value, LATER):
                return True
        return False


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """`find` yields what is wrong; it must stay silent on values that are not known yet."""

    name: str  # "gpu-cannot-live-migrate"
    types: frozenset[str]  # tokens
    says: str  # the rule in our own words, one sentence
    source: str  # the vendor's page and heading, or the operation's error code, with how it was read
    find: Callable[[Given], Iterator[Problem]]


def plain(value: Any) -> Any:
    """The value, out of a secret."""
    return value.value if isinstance(value, Secret) else value
