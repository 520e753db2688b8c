"""How a lease stands: what its record says, which times hold, and whether `up` may go on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from trainyard.facts.expiry import Expiry, format_duration, format_time, to_minute
from trainyard.lease.errors import LeaseError, RecordTooNewError
from trainyard.lease.record import Record, State
from trainyard.lease.store import Absent, Damaged, Held, open_store
from trainyard.settings.lease import Lease

NOT_READ = "lease record not read, first candidate and a start of now are shown: "


@dataclass(frozen=True, kw_only=True)
class Standing:
    """The living record if there is one, and the times that a run works with."""

    seen: str  # "absent", "held", "ended", "damaged" or "unread"
    record: Record | None  # the living one; an ended lease's does not decide any more
    expiry: Expiry
    warning: str | None = None


def stand(store: str, lease_id: str, lease: Lease, now: datetime) -> Standing:
    """Ask the store; an answer that is missing is told apart from a record that is missing."""
    fresh = Expiry(start=to_minute(now), ttl=lease.ttl, extend_to=lease.extend_to)
    try:
        reading = open_store(store).read(lease_id)
    except RecordTooNewError:
        raise
    except LeaseError as error:
        warning = f"{NOT_READ}{error}"
        return Standing(seen="unread", record=None, expiry=fresh, warning=warning)
    match reading:
        case Held(record, _) if record.ended is None:
            return Standing(seen="held", record=record, expiry=agreed(record, lease))
        case Held():
            return Standing(seen="ended", record=None, expiry=fresh)
        case Absent():
            return Standing(seen="absent", record=None, expiry=fresh)
        case Damaged(text):
            return Standing(seen="damaged", record=None, expiry=fresh, warning=text)


def agreed(record: Record, lease: Lease) -> Expiry:
    """The record's times; a longer ttl in the file counts from the same start, a shorter one takes nothing back."""
    held = record.expiry
    ttl = min(max(lease.ttl, held.ttl), held.extend_to)
    return Expiry(start=held.start, ttl=ttl, extend_to=held.extend_to, extensions=held.extensions)


def settled(standing: Standing, start: datetime, hard_end: datetime) -> Expiry:
    """The times that the state holds: another start only where the record was missing."""
    expiry = standing.expiry
    return Expiry(
        start=start, ttl=min(expiry.ttl, hard_end - start), extend_to=hard_end - start, extensions=expiry.extensions
    )


def refusal(stack: str, standing: Standing, now: datetime) -> str | None:
    """Why `up` must not go on, with the ways on; a preview only says so."""
    remove = f"pulumi destroy --stack {stack}"
    if standing.seen == "unread":
        return (
            f"the lease's record cannot be read, and without it a machine could get another end than was agreed. "
            f"{standing.warning} Make the store readable, then run again."
        )
    record = standing.record
    if record is not None and record.state(now) is State.ENDING and record.ending is not None:
        return (
            f"ending: a destroy of this stack began at {format_time(record.ending)} and is not done; "
            f'nothing is made under a lease that ends. Finish it with "{remove}", then "pulumi up" begins a new lease.'
        )
    return expired(stack, standing.expiry, now)


def expired(stack: str, expiry: Expiry, now: datetime) -> str | None:
    """What to say once the soft end has passed; None before."""
    if now < expiry.soft_end:
        return None
    text = f"expired: the lease's soft end was {format_time(expiry.soft_end)}, it is {format_time(now)}. "
    text += f'End it with "pulumi destroy --stack {stack}"; "pulumi up" then begins a new lease.'
    if now < expiry.hard_end:
        text += (
            f" Or raise lease.ttl in stacks/Pulumi.{stack}.yaml (at most {format_duration(expiry.extend_to)}, to the "
            f"hard end at {format_time(expiry.hard_end)}) and run again."
        )
    return text
