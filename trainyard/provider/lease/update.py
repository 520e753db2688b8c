"""Update: new terms into the record, which is written again from the state when it was lost."""

from __future__ import annotations

from trainyard.facts.expiry import format_duration
from trainyard.lease import (
    Absent,
    Damaged,
    Held,
    Record,
    RefusedError,
    Store,
    with_holder_in_state,
    with_scopes,
    with_terms,
)
from trainyard.provider.lease.create import list_scopes
from trainyard.provider.lease.guards import check_not_at_end, check_ours
from trainyard.provider.lease.inputs import Inputs
from trainyard.provider.run import Run
from trainyard.provider.stop import StopError


def update(inputs: Inputs, holder: str, run: Run) -> None:
    """Write the terms; nothing that was granted is shortened."""
    store = run.store(inputs.store)
    inputs = inputs.scoped(run.scope)
    before = rewritten(store, inputs, holder, run)

    def change(record: Record) -> Record:
        check_ours(record, inputs, run)
        check_not_at_end(record)
        try:
            return with_holder_in_state(with_scopes(with_terms(record, inputs.terms), inputs.scopes), holder)
        except RefusedError as error:
            raise StopError(str(error)) from error

    after = store.update(inputs.lease_id, change)
    if after.terms.ttl > inputs.terms.ttl:
        run.warn(f"the lease's ttl stays {format_duration(after.terms.ttl)}: what was granted is never shortened.")
    list_scopes(after.id, tuple(scope for scope in after.scopes if scope not in before.scopes), run)
    store.publish_soft_end(after.id, after.expiry.soft_end)


def rewritten(store: Store, inputs: Inputs, holder: str, run: Run) -> Record:
    """The record that is there, else one made from the state (L3); a damaged one is kept aside."""
    record = inputs.record(holder=holder, backend=run.backend)
    match store.read(inputs.lease_id):
        case Held(held):
            return held
        case Absent():
            store.create(record)
            run.warn(
                f"the record of lease {record.id} was missing in {store.url}; it was written again from the state."
            )
        case Damaged(text, version):
            store.archive(record.id)
            store.replace(record, version)
            run.warn(f"{text}; it was written again from the state, and the damaged one kept beside it.")
    return record
