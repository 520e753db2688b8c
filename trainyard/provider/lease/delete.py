"""Delete only looks: it ends green when two lists, apart in time, hold nothing that bills. It stops nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from trainyard.clouds import Lister, ScopeUnreadable, UnknownScopeError
from trainyard.facts.billable import Billable
from trainyard.facts.origin import wait
from trainyard.lease import Certificate, Look, Record, Store, with_ended, with_ending, with_holder_in_state
from trainyard.provider.lease.inputs import Inputs
from trainyard.provider.lease.things import lines
from trainyard.provider.lease.update import rewritten
from trainyard.provider.run import Run
from trainyard.provider.stop import StopError

_IN_A_REHEARSAL = "\n`trainyard sandbox reset` empties a whole sandbox."
_TOOL_REACHES_THE_SANDBOX = ("aws",)  # a rehearsal gives it the sandbox's address and key
_LONGEST_WAIT = timedelta(minutes=10)


def delete(inputs: Inputs, holder: str, made_here: frozenset[str], run: Run) -> None:
    """Mark the record, look twice, end it with a certificate. `made_here`: holders that this process created."""
    store = run.store(inputs.store)
    inputs = inputs.scoped(run.scope)
    record = rewritten(store, inputs, holder, run)
    if record.holder != holder:
        _let_go(store, record, made_here, run)
        return
    if record.ended is None:
        record = store.update(record.id, lambda held: with_ending(held, run.now))
    listers = _open(record, run)
    looks = [_look(record, listers, run)]
    if record.ended is not None:
        return  # the engine was killed after the last look: the certificate stands, and one look more agrees
    pause = min(max((lister.list_lag for lister in listers.values()), default=timedelta()), _LONGEST_WAIT)
    if wait(run.sandbox, pause.total_seconds(), run.cancelled):
        message = (
            f"interrupted between the two looks that prove the end of lease {record.id}: it stays in the state and its "
            f"record is `ending`. Run `pulumi destroy` again, which looks twice again."
        )
        raise StopError(message)
    looks.append(_look(record, listers, run))
    proof = Certificate(origin=record.origin, by="destroy", looks=tuple(looks))
    store.update(record.id, lambda held: with_ended(held, proof.looks[-1].at, proof))


def _let_go(store: Store, record: Record, made_here: frozenset[str], run: Run) -> None:
    """The Delete of a holder that was replaced (L4): nothing, if the new holder's Create arrived in a state."""
    if record.holder in made_here or record.holder_in_state:
        store.update(record.id, lambda held: with_holder_in_state(held, record.holder))
        return
    # The new holder's answer may have been lost, and then this Delete is the last that anybody sends.
    billing = [thing for thing in _list(record, _open(record, run)) if thing.billing]
    if billing:
        message = (
            f"lease {record.id} was taken over by a run whose result is not known here; this bills:{lines(billing)}\n"
            f"Run `pulumi refresh` and this command again; if it says the same, `pulumi up` takes the lease back."
        )
        raise StopError(message)


def _open(record: Record, run: Run) -> Mapping[str, Lister]:
    try:
        return {scope: run.lister(scope) for scope in record.scopes}
    except UnknownScopeError as error:
        message = (
            f"lease {record.id}: {error} Nothing proves that it is empty, so the lease stays; update this checkout."
        )
        raise StopError(message) from error


def _look(record: Record, listers: Mapping[str, Lister], run: Run) -> Look:
    found = _list(record, listers)
    if billing := [thing for thing in found if thing.billing]:
        reached = [thing for thing in billing if run.sandbox is None or thing.cloud in _TOOL_REACHES_THE_SANDBOX]
        ways = "".join(f"\n  {listers[thing.scope].end_by_hand(thing)}" for thing in reached)
        by_hand = f" End them by hand:{ways}\nand run `pulumi destroy` again." if ways else ""
        by_hand += "" if run.sandbox is None else _IN_A_REHEARSAL
        message = (
            f"lease {record.id} cannot end: {len(billing)} thing{'s' if len(billing) > 1 else ''} with its label still "
            f"bill{'' if len(billing) > 1 else 's'} ({record.origin}):{lines(billing)}\n"
            f"Deleting a lease only looks, it stops nothing.{by_hand}"
        )
        raise StopError(message)
    return Look(at=run.now, scopes=record.scopes, idle=tuple(f"{thing.kind} {thing.name}" for thing in found))


def _list(record: Record, listers: Mapping[str, Lister]) -> list[Billable]:
    found: list[Billable] = []
    for scope, lister in listers.items():
        try:
            found.extend(lister.list_billable(record.id))
        except ScopeUnreadable as error:
            message = (
                f"{error}. What still bills there for lease {record.id} is unknown, which is not nothing: the "
                f"lease stays, its record is `ending`. Log in with an account that may list {scope} and run "
                f"`pulumi destroy` again; machines end at {record.terms.hard_end:%Y-%m-%dT%H:%MZ} at the latest."
            )
            raise StopError(message) from error
    return found
