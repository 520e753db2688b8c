"""What a write to a record must find before it: the same stack, origin and backend, and no end that began."""

from __future__ import annotations

from trainyard.facts.expiry import format_time
from trainyard.lease import Record, State
from trainyard.provider.lease.inputs import Inputs
from trainyard.provider.run import Run
from trainyard.provider.stop import StopError


def check_ours(record: Record, inputs: Inputs, run: Run) -> None:
    """StopError when the record is another stack's, another origin's or another backend's (L1, L9)."""
    if (record.project, record.stack) != (inputs.project, inputs.stack):
        message = (
            f'the record of lease {record.id} belongs to project "{record.project}", stack "{record.stack}", this is '
            f'"{inputs.project}", "{inputs.stack}": give this stack another name, or end that lease first '
            f"(`pulumi destroy` there)."
        )
        raise StopError(message)
    if record.origin is not inputs.origin:
        message = (
            f'the record of lease {record.id} has the origin "{record.origin}", this run is "{inputs.origin}": they '
            f"never share a store; name another one as `leases:`."
        )
        raise StopError(message)
    if record.backend != run.backend:
        message = (
            f"lease {record.id} is held by a state in another backend: {record.backend}; this run's state lies in "
            f"{run.backend}. Two states of one stack would end each other's machines. Use that backend (`pulumi "
            f"login`), or end the lease there with `pulumi destroy`; if that state is gone for good: `trainyard guard "
            f"end {record.stack}`, and run again here."
        )
        raise StopError(message)


def check_not_at_end(record: Record) -> None:
    """StopError when an end has begun (L7) or is complete."""
    if record.ended is not None:
        message = (
            f"lease {record.id} ended at {format_time(record.ended)}: it cannot be changed. Tidy the state with "
            f"`pulumi destroy`, then `pulumi up` begins a new lease."
        )
        raise StopError(message)
    if record.ending is not None:
        message = (
            f"lease {record.id} is ending: a destroy began at {format_time(record.ending)} and is not complete, and "
            f"nothing is made under a lease that ends. Finish it with `pulumi destroy`; after that `pulumi up` begins "
            f"a new lease."
        )
        raise StopError(message)


def check_not_expired(record: Record, run: Run) -> None:
    """StopError when the soft end is over, for what would be built now would be ended at once."""
    if record.state(run.now) is State.EXPIRED:
        message = (
            f"lease {record.id} expired at {format_time(record.expiry.soft_end)} (it began "
            f"{format_time(record.terms.start)}). Raise its `ttl`, or extend it (`trainyard guard extend "
            f"{record.stack}`), at most until {format_time(record.terms.hard_end)}; or run `pulumi destroy`, "
            f"then `pulumi up` for a new one."
        )
        raise StopError(message)
