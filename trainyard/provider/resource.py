"""What a resource type of this plugin gives and gets; `provider` hands each call on by the type's token."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

Properties = Mapping[str, Any]  # as the engine sends them: secrets closed, unknown values as `servicer.UNKNOWN`


@dataclass(frozen=True)
class Problem:
    """One input that cannot be used."""

    key: str
    reason: str


class InputsError(ValueError):
    """All problems of the inputs at once."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(f"{problem.key}: {problem.reason}" for problem in problems))
        self.problems = problems


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Inputs that differ; one that replaces makes the whole resource anew, the old one deleted first."""

    updates: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Made:
    """What a Create made, or a Read found; `inputs` only of what is imported."""

    id: str
    outputs: Properties
    inputs: Properties | None = None


class NotWholeError(Exception):
    """The thing exists but is not as it should be: the command fails with the reasons, the state keeps the thing."""

    def __init__(self, made: Made, reason: str) -> None:
        super().__init__(reason)
        self.made = made


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call of the engine, and what it is told and cancelled by."""

    urn: str
    timeout_seconds: float = 0  # of the resource's customTimeouts; 0 where the program gave none
    warn: Callable[[str], None] = lambda text: None
    info: Callable[[str], None] = lambda text: None
    cancelled: threading.Event = field(default_factory=threading.Event)


class ResourceType(Protocol):
    """A module of this shape, loaded when the first call asks for its type.

    Outputs never carry inputs along: the provider adds those. Whatever refuses raises `StopError` with a text for
    people. Check, Diff and preview never use the network.
    """

    @property
    def INPUTS(self) -> Sequence[str]: ...

    @property
    def OUTPUTS(self) -> Sequence[str]: ...

    def check(self, urn: str, olds: Properties, news: Properties) -> tuple[dict[str, Any], Sequence[Problem]]:
        """The inputs to go on with, and what forbids it; `olds` is empty for a new resource."""

    def diff(self, olds: Properties, news: Properties, state: Properties) -> Difference:
        """Old against new inputs; `state` holds the outputs."""

    def create(self, inputs: Properties, call: Call) -> Made:
        """Make it, or find what an earlier call made; NotWholeError where the state must keep what failed."""

    def read(self, id: str, inputs: Properties, state: Properties, call: Call) -> Made | None:
        """As the cloud has it, None when it is gone; `inputs` are empty for an import."""

    def update(self, id: str, inputs: Properties, state: Properties, call: Call) -> Properties:
        """Change it in place; the outputs."""

    def delete(self, id: str, inputs: Properties, state: Properties, call: Call) -> None:
        """Make sure that it is gone."""
