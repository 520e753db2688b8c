"""After a failed attempt: what it left is ended, what it made unheard is taken over. Never a second machine."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from trainyard.deploy.adopting import GROUP_TYPES, MACHINE_TYPES, import_id
from trainyard.deploy.engine import EngineError, State
from trainyard.deploy.events import Done, Failed, Step
from trainyard.deploy.inventory import MACHINES
from trainyard.deploy.moving import workload_of
from trainyard.facts.billable import Billable
from trainyard.facts.lease_id import group_name

COMPUTE = MACHINE_TYPES | GROUP_TYPES
_THERE = re.compile(
    r"resource '([^']+)' already exists|already existing resource '?(/subscriptions/[^'\s]+)"
    r"|with name (\S+) already exists",
    re.IGNORECASE,
)


class Runs(Protocol):
    """The engine on one stack."""

    def preview(self, *, aloud: bool) -> Done:
        """What `up` would do."""

    def up(self) -> Done:
        """One update."""

    def refresh(self, *, clear_pending: bool) -> None:
        """The state as the clouds have it."""

    def take_over(self, step: Step, id_: str) -> None:
        """Import a thing under a step's name."""

    def state(self) -> State:
        """What the state holds."""


class Looks(Protocol):
    """The clouds' lists of one lease; LookError, InterruptedWaitError."""

    def things(self, scopes: Sequence[str], workload: str) -> tuple[Billable, ...]:
        """Machines and groups of a workload."""

    def things_for_sure(self, scopes: Sequence[str], workload: str) -> tuple[Billable, ...]:
        """The same, and none only where a list that lags would show one."""

    def end(
        self, scopes: Sequence[str], workload: str, things: Sequence[Billable], kept: Billable | None = None
    ) -> None:
        """End them, and wait until nothing of the workload bills but what is kept."""


@dataclass(frozen=True, kw_only=True)
class Recovery:
    """One command's dealings with what failed attempts leave."""

    lease_id: str
    engine: Runs
    looks: Looks
    say: Callable[[str], None]
    _named: set[str] = field(default_factory=set)  # URNs that were imported by the name in a refusal

    def clear(self, workload: str, scopes: Sequence[str], things: Sequence[Billable]) -> None:
        """End what the workload has in the cloud, and let the state see that it is gone."""
        if not things:
            return
        for thing in things:
            self.say(f"{workload}: ending what was left: {thing.kind} {thing.name} in {thing.place} ({thing.status})")
        self.looks.end(scopes, workload, things)
        self.engine.refresh(clear_pending=True)

    def take_over(
        self, workload: str, step: Step, things: Sequence[Billable], scopes: Sequence[str]
    ) -> Billable | None:
        """The thing that the state holds from now on; None where it cannot be imported, and was ended."""
        if self.engine.state().has(step.urn):
            return things[0]
        there = machines(things)
        kept = there[0] if there else things[0]
        if step.type in MACHINE_TYPES and len(there) > 1:
            spare = there[1:]
            names = ", ".join(one.name for one in spare)
            self.say(f"{workload}: {len(there)} machines came for one; ending {names}")
            self.looks.end(scopes, workload, spare, kept=kept)
        id_ = import_id(step.type, kept, group_name(self.lease_id, workload))
        if id_ is not None and self._imported(step, id_):
            return kept
        self.looks.end(scopes, workload, things)
        self.engine.refresh(clear_pending=True)
        return None

    def take_over_named(self, failed: Failed) -> bool:
        """Import what a refusal says to exist already, if its name is the lease's: its create was not heard of."""
        found = _THERE.search(failed.text)
        id_ = next(filter(None, found.groups()), "") if found else ""
        own = self.lease_id.rpartition("-")[2]
        if not id_ or own not in id_ or failed.step.urn in self._named:
            return False
        self._named.add(failed.step.urn)
        if not self._imported(failed.step, id_):
            return False
        self.say(f"{failed.step.name}: it was there already, and was taken over")
        return True

    def settle_pending(self, scopes: Sequence[str], workloads: Collection[str]) -> None:
        """Creates whose end nobody saw, for their engine was killed: taken over where the cloud has made something."""
        pending = self.engine.state().pending
        if not pending:
            return
        for each in pending:
            resource = each.get("resource") or {}
            urn, type_ = str(resource.get("urn", "")), str(resource.get("type", ""))
            step = Step(urn=urn, type=type_, op="create", parent=str(resource.get("parent") or ""))
            workload = workload_of(step.name, self.lease_id, workloads)
            if each.get("type") != "creating" or workload is None or step.type not in COMPUTE:
                continue
            self.say(f"{workload}: an earlier run was killed while it made {step.name}; looking whether it came")
            things = self.looks.things_for_sure(scopes, workload)
            if things and (kept := self.take_over(workload, step, things, scopes)):
                self.say(f"{workload}: {kept.name} had come; it was taken over")
        self.engine.refresh(clear_pending=True)

    def _imported(self, step: Step, id_: str) -> bool:
        try:
            self.engine.take_over(step, id_)
        except EngineError as error:
            self.say(f"{step.name}: {id_} could not be imported: {first_line(str(error))}")
            return False
        return True


def machines(things: Sequence[Billable]) -> list[Billable]:
    """Those that bill by the hour themselves."""
    return [each for each in things if each.kind in MACHINES and each.billing]


def first_line(text: str) -> str:
    """The line that says most: the last of a wrapped error."""
    lines = [line.strip().removeprefix("* ") for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no text"
