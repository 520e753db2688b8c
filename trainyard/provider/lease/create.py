"""Create: the record first, on condition; then the clock, then one list in each scope; taken back if one fails."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from trainyard.clouds import ScopeUnreadable, UnknownScopeError
from trainyard.facts.billable import Billable
from trainyard.facts.expiry import format_time
from trainyard.lease import (
    Absent,
    Conflict,
    Damaged,
    Held,
    LeaseError,
    Record,
    Store,
    with_holder,
    with_scopes,
    with_terms,
)
from trainyard.provider.lease.guards import check_not_at_end, check_not_expired, check_ours
from trainyard.provider.lease.inputs import Inputs
from trainyard.provider.lease.things import lines
from trainyard.provider.run import Run
from trainyard.provider.stop import StopError

_CLOCK = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True)
class _Written:
    """The record that Create wrote, and how to undo that."""

    record: Record
    adopted: bool
    undo: Callable[[], object]


def create(inputs: Inputs, run: Run) -> str:
    """Write or adopt the record and return the new holder; nothing is left behind when it raises."""
    store = run.store(inputs.store)
    inputs = inputs.scoped(run.scope)
    written = _write(store, inputs, run)
    try:
        _check_clock(store, written.record, run)
        billing = list_scopes(written.record.id, written.record.scopes, run)
        store.publish_soft_end(written.record.id, written.record.expiry.soft_end)
    except (StopError, LeaseError):
        written.undo()
        raise
    _tell(written, billing, run)
    return written.record.holder


def list_scopes(lease_id: str, scopes: tuple[str, ...], run: Run) -> tuple[Billable, ...]:
    """What bills under the label; StopError when a scope cannot be listed: no right to list, no lease."""
    found: list[Billable] = []
    for scope in scopes:
        try:
            found.extend(run.lister(scope).list_billable(lease_id))
        except (ScopeUnreadable, UnknownScopeError) as error:
            message = (
                f"{error}. No right to list, no lease: without it nothing could prove that its machines are gone. Log "
                f"in with an account that may list there, and run again; nothing was built."
            )
            raise StopError(message) from error
    return tuple(thing for thing in found if thing.billing)


def _write(store: Store, inputs: Inputs, run: Run) -> _Written:
    record = inputs.record(holder=secrets.token_hex(8), backend=run.backend)
    reading = store.read(record.id)
    try:
        match reading:
            case Absent():
                _check_new(record, run)
                version = store.create(record)
                return _Written(record=record, adopted=False, undo=lambda: store.take_back(record.id, version))
            case Damaged(text):
                message = (
                    f"{text}. Without a state nobody knows its times, and its machines may live: see "
                    f"`trainyard guard status`, end them, then move {record.id}/record.json of {store.url} away."
                )
                raise StopError(message)
            case Held(held, version) if held.ended is not None:
                _check_new(record, run)
                store.archive(record.id)
                begun = store.replace(record, version)
                return _Written(record=record, adopted=False, undo=lambda: store.replace(held, begun))
            case Held(held, version):
                taken = _adopted(held, record, inputs, run)
                after = store.replace(taken, version)
                return _Written(record=taken, adopted=True, undo=lambda: store.replace(held, after))
    except Conflict as error:
        message = f"another run wrote the record of lease {record.id} at the same moment; wait for it, and run again."
        raise StopError(message) from error


def _adopted(held: Record, ours: Record, inputs: Inputs, run: Run) -> Record:
    check_ours(held, inputs, run)
    check_not_at_end(held)
    taken = with_scopes(with_terms(with_holder(held, ours.holder), ours.terms), ours.scopes)
    check_not_expired(taken, run)
    return taken


def _check_new(record: Record, run: Run) -> None:
    if record.terms.start > run.now + _CLOCK:
        raise StopError(_clock(format_time(record.terms.start), "the clouds", format_time(run.now), record))
    check_not_expired(record, run)


def _check_clock(store: Store, record: Record, run: Run) -> None:
    machine, there = run.machine_clock, store.written(record.id)
    if there is not None and abs(machine - there) > _CLOCK:
        raise StopError(_clock(format_time(machine), f"the store {store.url}", format_time(there), record))


def _clock(here: str, who: str, there: str, record: Record) -> str:
    return (
        f"this machine says {here}, {who} says {there}: over 5 minutes apart, so the lease {record.id} would end at a "
        f"wrong time. Set the clock (`timedatectl set-ntp true`), and run again; no record was kept, nothing was built."
    )


def _tell(written: _Written, billing: tuple[Billable, ...], run: Run) -> None:
    record = written.record
    if not billing:
        return
    if written.adopted:
        first = f"lease {record.id} was there already (since {format_time(record.terms.start)}) and was taken over"
    else:
        first = f"lease {record.id} is new, but its label is in use"
    run.warn(f"{first}; this bills now, whether this state knows it or not:{lines(billing)}")
