"""Read never says that a lease is gone: `refresh` would forget it, and `destroy` end green over a billing machine."""

from __future__ import annotations

from trainyard.lease import Absent, Damaged, Held, LeaseError, Record, with_holder_in_state
from trainyard.provider.lease.inputs import Inputs
from trainyard.provider.run import Run


def read(inputs: Inputs, holder: str, run: Run) -> None:
    """Warn when the record is not what the state needs; no cloud is called."""
    try:
        store = run.store(inputs.store)
        match store.read(inputs.lease_id):
            case Held(record) if record.holder == holder and not record.holder_in_state:
                store.update(record.id, lambda held: _seen(held, holder))
            case Held():
                pass
            case Absent():
                run.warn(
                    f"the record of lease {inputs.lease_id} is missing in {store.url}: until it is back the guard "
                    f"counts its machines as orphans. Run `pulumi up`, which writes it again from the state."
                )
            case Damaged(text):
                run.warn(f"{text}. Run `pulumi up`, which writes it again from the state.")
    except LeaseError as error:
        run.warn(f"{error} The lease stays in the state.")


def _seen(record: Record, holder: str) -> Record:
    return with_holder_in_state(record, holder) if record.holder == holder else record
