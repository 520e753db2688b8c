"""Groups whose program waits for their machines: what the provider says when they do not come."""

from __future__ import annotations

from typing import Final

from trainyard.sandbox.groups import google
from trainyard.sandbox.groups.keeping import keep
from trainyard.sandbox.store import Store, Thing
from trainyard.servicer.values import reveal

_DEFAULT_SECONDS: Final = 900.0  # google_compute_instance_group_manager: its own timeouts


def never_came(store: Store, thing: Thing, seconds: float) -> str | None:
    """The provider's error after it waited in vain (`wait_for_instances`); None where all came, or nobody waits.

    terraform-provider-google e03b7622, resource_compute_instance_group_manager.go, computeIGMWaitForInstanceStatus.
    """
    if thing.type not in google.TYPES or reveal(thing.inputs.get("waitForInstances")) is not True:
        return None
    if _whole(store, thing):
        return None
    waited = seconds or _DEFAULT_SECONDS
    if store.meta("waits") != "real":
        store.advance(waited)
    if _whole(store, thing):
        return None
    minutes, rest = divmod(int(waited), 60)
    return f"timeout while waiting for state to become 'created' (last state: 'creating', timeout: {minutes}m{rest}s)"


def _whole(store: Store, thing: Thing) -> bool:
    keep(store)
    wanted = google.wanted(store, thing)
    there = [one for one in store.owned(thing.type, thing.id) if one[2] != "deleted" and one[0] == google.MACHINE]
    return wanted is None or len(there) >= wanted.size
