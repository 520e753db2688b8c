"""The lease's record: who holds it, on which terms, what was spent, how it ended. Each field has one writer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from trainyard.facts.expiry import Expiry, format_time
from trainyard.facts.origin import Origin


class State(StrEnum):
    """Where a lease is in its life."""

    LIVING = "living"
    EXPIRED = "expired"  # past the soft end; the guard ends it
    ENDING = "ending"  # a destroy began; only what ends it may go on
    ENDED = "ended"


@dataclass(frozen=True, kw_only=True)
class Workload:
    """What one workload of the lease was granted."""

    kind: str  # "gpu-vm"
    nodes: int
    cloud: str
    scope: str
    place: str
    machine_type: str
    capacity: str
    usd_hour: Decimal | None = None  # for all nodes; None when unknown


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What was agreed; written by Create and Update. Times are whole minutes in UTC."""

    start: datetime
    ttl: timedelta
    extend_to: timedelta
    hard_end: datetime
    cap_usd: Decimal
    at_limit: str  # "stop" or "end"
    grace: timedelta
    owner: str
    cost_center: str
    workloads: Mapping[str, Workload]


@dataclass(frozen=True, kw_only=True)
class Extension:
    """More time, granted by `trainyard guard extend`."""

    span: timedelta
    granted: datetime
    by: str


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One candidate that `trainyard up` tried."""

    workload: str
    candidate: str  # its key: "gcp/europe-west4-a/a2-highgpu-1g/spot"
    at: datetime
    outcome: str  # "got", or the class of the failure: "capacity", "quota", "lost-response", ...
    text: str = ""  # the cloud's words, cut


@dataclass(frozen=True, kw_only=True)
class Spend:
    """What the guard's meter has counted since the start."""

    usd: Decimal
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of the guard: warned, froze, stopped, ended."""

    what: str
    at: datetime
    outcome: str


@dataclass(frozen=True, kw_only=True)
class Look:
    """One look over all scopes that found nothing billing; `idle` names what was there and does not bill."""

    at: datetime
    scopes: tuple[str, ...]
    idle: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """Proof of an end: what was looked at, when, on which clouds."""

    origin: Origin
    by: str  # "destroy" or "guard"
    looks: tuple[Look, ...]


@dataclass(frozen=True, kw_only=True)
class Record:
    """One lease, as all its writers see it."""

    id: str
    origin: Origin
    project: str
    stack: str
    environment: str
    backend: str  # where the state lies, `provider.backend`
    holder: str  # the Create that holds the lease now; a replaced resource's Delete is not its
    holder_in_state: bool = False  # the holder was seen in a state, so its Create's answer arrived
    terms: Terms
    scopes: tuple[str, ...]  # "gcp:acme-ml-dev", in order of first use; never shrinks
    extensions: tuple[Extension, ...] = ()
    placement: Mapping[str, str] | None = None  # workload -> key of the candidate in use
    attempts: tuple[Attempt, ...] = ()
    spend: Spend | None = None
    ladder: tuple[Step, ...] = ()
    ending: datetime | None = None
    ended: datetime | None = None
    certificate: Certificate | None = None

    @property
    def expiry(self) -> Expiry:
        """Start, soft end and hard end."""
        granted = sum((extension.span for extension in self.extensions), timedelta())
        return Expiry(start=self.terms.start, ttl=self.terms.ttl, extend_to=self.terms.extend_to, extensions=granted)

    def state(self, now: datetime) -> State:
        """The lease's state at a moment; an end that began outweighs the clock."""
        if self.ended is not None:
            return State.ENDED
        if self.ending is not None:
            return State.ENDING
        return State.EXPIRED if now >= self.expiry.soft_end else State.LIVING


class RefusedError(ValueError):
    """A change that the record does not allow."""


def with_terms(record: Record, terms: Terms) -> Record:
    """For Create and Update: new terms; start and hard end stay, and a ttl that was granted is never shortened."""
    old = record.terms
    if (terms.start, terms.hard_end) != (old.start, old.hard_end):
        message = (
            f"lease {record.id} runs from {format_time(old.start)} to {format_time(old.hard_end)}; given were "
            f"{format_time(terms.start)} to {format_time(terms.hard_end)}. These never change: run the command again, "
            f"so that the program takes them from the record."
        )
        raise RefusedError(message)
    return replace(record, terms=replace(terms, ttl=max(terms.ttl, old.ttl)))


def with_holder(record: Record, holder: str) -> Record:
    """For Create, which takes over, and Update, which proves that its holder stands in the state."""
    return record if record.holder == holder else replace(record, holder=holder, holder_in_state=False)


def with_holder_in_state(record: Record, holder: str) -> Record:
    """For Read, Update and a replace's Delete: the holder stands in a state."""
    return replace(record, holder=holder, holder_in_state=True)


def with_scopes(record: Record, scopes: Iterable[str]) -> Record:
    """For Create and Update, before the first call into a new scope."""
    return replace(record, scopes=tuple(dict.fromkeys((*record.scopes, *scopes))))


def with_extension(record: Record, extension: Extension) -> Record:
    """For `guard extend`."""
    if (ends := record.ended or record.ending) is not None:
        message = (
            f"lease {record.id} ended at {format_time(ends)}: it cannot be extended; `pulumi up` begins a new one."
        )
        raise RefusedError(message)
    longer = replace(record, extensions=(*record.extensions, extension))
    granted = sum((item.span for item in longer.extensions), timedelta())
    if record.terms.start + record.terms.ttl + granted > record.terms.hard_end:
        message = (
            f"lease {record.id} can run until {format_time(record.terms.hard_end)}, its hard end, which its machines "
            f"carry: asked for {extension.span} more after {format_time(record.expiry.soft_end)}; ask for at most "
            f"{record.terms.hard_end - record.expiry.soft_end}."
        )
        raise RefusedError(message)
    return longer


def with_placement(record: Record, placement: Mapping[str, str]) -> Record:
    """For `trainyard up`; workloads that it does not name stay where they are."""
    return replace(record, placement={**(record.placement or {}), **placement})


def with_attempt(record: Record, attempt: Attempt) -> Record:
    """For `trainyard up`; an attempt that is told again, for its end is known now, takes its own place."""
    same = (attempt.workload, attempt.candidate, attempt.at)
    others = [each for each in record.attempts if (each.workload, each.candidate, each.at) != same]
    return replace(record, attempts=(*others, attempt))


def with_spend(record: Record, spend: Spend) -> Record:
    """For the guard's meter; the sum never falls."""
    if record.spend is not None and (record.spend.usd > spend.usd or record.spend.at > spend.at):
        return record
    return replace(record, spend=spend)


def with_step(record: Record, step: Step) -> Record:
    """For the guard."""
    return replace(record, ladder=(*record.ladder, step))


def with_ending(record: Record, now: datetime) -> Record:
    """For Delete: from here on the guard ends whatever carries the label, and `up` is refused."""
    return record if record.ending is not None else replace(record, ending=now)


def with_ended(record: Record, now: datetime, certificate: Certificate) -> Record:
    """For Delete and the guard, after two clean looks; the first certificate stays."""
    if record.ended is not None:
        return record
    return replace(record, ending=record.ending or now, ended=now, certificate=certificate)
