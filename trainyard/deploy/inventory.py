"""What the clouds hold of one workload, by the lease's label: the state is a hint, this is the truth."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from trainyard.clouds import ScopeUnreadable, UnknownScopeError, open_scope
from trainyard.clouds.ending import NotEndedError, end
from trainyard.facts.billable import Billable
from trainyard.facts.labels import WORKLOAD_KEY
from trainyard.facts.lease_id import group_name
from trainyard.facts.origin import Sandbox

MACHINES = frozenset({"machine", "tpu node", "notebook"})
GROUPS = frozenset({"group", "scale set"})
HOURLY = MACHINES | GROUPS | {"queued tpu"}  # what a failed attempt may leave; jobs are found again by their own Create
_PAUSE_SECONDS = 10.0
_LOOKS = 90  # 15 minutes for what is being deleted


class LookError(Exception):
    """What is there is not known, or does not go; the text says what to do."""


class InterruptedWaitError(Exception):
    """The person stopped the command while it waited."""


@dataclass(frozen=True, kw_only=True)
class Inventory:
    """The clouds' lists of one lease. `pause` waits for seconds, and says whether the command was stopped meanwhile."""

    lease_id: str
    sandbox: Sandbox | None
    pause: Callable[[float], bool]

    def things(self, scopes: Iterable[str], workload: str) -> tuple[Billable, ...]:
        """Machines and groups of the workload in all scopes; LookError where one cannot be listed."""
        found: list[Billable] = []
        for scope in scopes:
            try:
                found += open_scope(scope, self.sandbox).list_billable(self.lease_id)
            except (ScopeUnreadable, UnknownScopeError) as error:
                message = (
                    f"{error}. What a failed attempt left there is unknown, so nothing else is tried. Log in with an "
                    f"account that may list there, then run `trainyard up` again."
                )
                raise LookError(message) from error
        group = group_name(self.lease_id, workload)
        own = (each for each in found if each.labels.get(WORKLOAD_KEY) == workload or each.name == group)
        return tuple(each for each in own if each.kind in HOURLY)

    def things_for_sure(self, scopes: Sequence[str], workload: str) -> tuple[Billable, ...]:
        """The same; where nothing is there, asked again once a new machine cannot be missing from a list any more."""
        if found := self.things(scopes, workload):
            return found
        self._wait(self.lag(scopes).total_seconds())
        return self.things(scopes, workload)

    def lag(self, scopes: Iterable[str]) -> timedelta:
        """How long a list may lack a new machine."""
        return max((open_scope(scope, self.sandbox).list_lag for scope in scopes), default=timedelta())

    def end(
        self, scopes: Sequence[str], workload: str, things: Sequence[Billable], kept: Billable | None = None
    ) -> None:
        """End them, groups first, for they make machines anew; returns when only what is kept of the workload bills."""
        for thing in sorted(things, key=lambda each: each.kind not in GROUPS):
            try:
                end(thing, self.sandbox)
            except NotEndedError as error:
                by_hand = open_scope(thing.scope, self.sandbox).end_by_hand(thing)
                message = f"{error}. End it by hand: {by_hand}; then run `trainyard up` again."
                raise LookError(message) from error
        for _ in range(_LOOKS):
            there = self.things(scopes, workload)
            left = [each for each in there if each.billing and (kept is None or each.name != kept.name)]
            if not left:
                return
            self._wait(_PAUSE_SECONDS)
        message = (
            f"{left[0].kind} {left[0].name} in {left[0].place} is still {left[0].status} after {_LOOKS * 10 // 60} "
            f"minutes and bills; wait until it is gone, then run `trainyard up` again."
        )
        raise LookError(message)

    def _wait(self, seconds: float) -> None:
        if self.pause(seconds):
            raise InterruptedWaitError
