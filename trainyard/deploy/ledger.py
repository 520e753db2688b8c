"""What `trainyard up` writes into the lease's record: where a workload goes on, and each attempt. All on condition."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from trainyard.deploy.failure import Failure
from trainyard.facts.candidate_key import key
from trainyard.facts.selection import Candidate
from trainyard.lease import Attempt, Held, Record, Store, with_attempt, with_placement

GOT = "got"
_CHARACTERS = 400  # of the cloud's words that an attempt keeps


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """One lease's record; fields of other writers are never touched."""

    store: Store
    lease_id: str
    _told: set[tuple[str, str]] = field(default_factory=set)  # workload and candidate of this command's attempts

    def record(self) -> Record | None:
        """The living record; None before the first attempt has made one."""
        reading = self.store.read(self.lease_id)
        return reading.record if isinstance(reading, Held) and reading.record.ended is None else None

    def write(
        self, record: Record | None, attempts: Iterable[Attempt], placement: Mapping[str, Candidate] | None = None
    ) -> Record | None:
        """Attempts and candidates in one write, onto what stands there by then; nothing where there is no record."""
        attempts = tuple(attempts)
        if record is None or not (attempts or placement):
            return record
        self._told.update((each.workload, each.candidate) for each in attempts)
        placed = {workload: key(candidate) for workload, candidate in (placement or {}).items()}

        def change(held: Record) -> Record:
            for attempt in attempts:
                held = with_attempt(held, attempt)
            return with_placement(held, placed) if placed else held

        return self.store.update(self.lease_id, change)

    def has_told(self, workload: str, candidate: Candidate) -> bool:
        """Whether this command has written an attempt of the candidate."""
        return (workload, key(candidate)) in self._told


def attempt(workload: str, candidate: Candidate, failure: Failure, began: datetime) -> Attempt:
    """A failed one, with the cloud's words in one line."""
    return Attempt(
        workload=workload,
        candidate=key(candidate),
        at=began.replace(microsecond=0),
        outcome=failure.kind.value,
        text=" ".join(failure.text.split())[:_CHARACTERS],
    )
