"""The engine's events, read as what a run did: what it made, what failed, and in whose words."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from pulumi.automation.events import DiagnosticEvent, EngineEvent, StepEventMetadata

_COLOURS = re.compile(r"<\{%.*?%\}>")
_STACK = "pulumi:pulumi:Stack"
_QUIET = ("same", "read", "refresh")
_DONE = {"create": "created", "update": "updated", "delete": "deleted", "create-replacement": "created anew"}
MAKES = frozenset({"create", "create-replacement", "replace", "import"})


@dataclass(frozen=True, kw_only=True)
class Step:
    """One resource of a run."""

    urn: str
    type: str
    op: str  # the engine's word: "create", "update", ...
    parent: str = ""

    @property
    def name(self) -> str:
        """The logical name."""
        return self.urn.rpartition("::")[2]

    @property
    def makes(self) -> bool:
        """Whether something new was to come."""
        return self.op in MAKES


@dataclass(frozen=True, kw_only=True)
class Failed:
    """A step that failed, with all that was said of it."""

    step: Step
    text: str


@dataclass(frozen=True, kw_only=True)
class Done:
    """A whole run."""

    ok: bool
    failed: tuple[Failed, ...] = ()
    made: tuple[Step, ...] = ()
    told: tuple[str, ...] = ()  # errors that are of no resource: the program's own, the CLI's


@dataclass(kw_only=True)
class Listener:
    """Takes events as they come; `say` prints a line for each resource that something was done to."""

    say: Callable[[str], None]
    _texts: dict[str, list[str]] = field(default_factory=dict)
    _steps: dict[str, Step] = field(default_factory=dict)
    _failed: list[str] = field(default_factory=list)
    _made: list[Step] = field(default_factory=list)

    def hear(self, event: EngineEvent) -> None:
        """One event."""
        if event.diagnostic_event is not None:
            self._diagnostic(event.diagnostic_event)
        elif event.resource_pre_event is not None:
            step = _step(event.resource_pre_event.metadata)
            self._steps[step.urn] = step
        elif event.res_outputs_event is not None:
            self._came(_step(event.res_outputs_event.metadata))
        elif event.res_op_failed_event is not None:
            step = _step(event.res_op_failed_event.metadata)
            self._steps.setdefault(step.urn, step)
            self._failed.append(step.urn)

    def done(self, *, ok: bool, stderr: str = "") -> Done:
        """What came of it; `stderr` stands in where no event tells why a run failed."""
        urns = dict.fromkeys([*self._failed, *(urn for urn in self._texts if urn in self._steps)])
        failed = tuple(
            Failed(step=self._steps[urn], text="\n".join(self._texts.get(urn, ()))) for urn in urns if not _root(urn)
        )
        told = [line for urn, lines in self._texts.items() if urn not in urns or _root(urn) for line in lines]
        if not ok and not failed and not told:
            told = [stderr.strip()]
        return Done(ok=ok, failed=failed, made=tuple(self._made), told=tuple(told))

    def _diagnostic(self, event: DiagnosticEvent) -> None:
        text = _COLOURS.sub("", event.message).strip()
        if event.severity == "warning" and not event.ephemeral:
            self.say(f"warning: {text}")
        if event.severity != "error" or text in ("update failed", "preview failed", "refresh failed"):
            return
        self._texts.setdefault(event.urn or "", []).append(text.removeprefix("error: "))

    def _came(self, step: Step) -> None:
        if step.op in _QUIET or step.type == _STACK:
            return
        if step.makes:
            self._made.append(step)
        if step.op in _DONE:
            self.say(f"{_DONE[step.op]:<12} {step.type.rpartition(':')[2]} {step.name}")


def _step(told: StepEventMetadata) -> Step:
    state = told.new or told.old
    return Step(urn=told.urn, type=told.type, op=str(getattr(told.op, "value", told.op)), parent=_parent(state))


def _parent(state: object) -> str:
    return str(getattr(state, "parent", "") or "")


def _root(urn: str) -> bool:
    return f"::{_STACK}::" in urn
