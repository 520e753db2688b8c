"""What happens to queued resources by themselves, on the simulated clock.

cloud.google.com/tpu/docs/queued-resources: a request is ACCEPTED, waits for resources, is PROVISIONING, then ACTIVE;
one that is not filled by its valid-until FAILED; one whose node is gone is SUSPENDED, and stays until it is deleted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from trainyard.sandbox.api.google_error import GoogleError
from trainyard.sandbox.store import Store, Thing

TYPE: Final = "gcp:tpu/v2QueuedResource:V2QueuedResource"
BODY: Final = "body"  # the request as it was sent
WAITS_UNTIL: Final = "waitsUntil"  # simulated time before which the zone has no chips for it
FAILURE: Final = "failure"  # why its node could not be made
_STATE: Final = "currentStatus"
# Google names no figures; long enough to be seen between two commands of a rehearsal.
GRANTED_AFTER_SECONDS: Final = 30.0
READY_AFTER_SECONDS: Final = 120.0
SUSPENDED_AFTER_SECONDS: Final = 30.0
_FROM_THE_GRANT_ON: Final = (
    "UPDATE lives SET at=? WHERE type=? AND id=? AND rowid=(SELECT MAX(rowid) FROM lives WHERE type=? AND id=?)"
)
_ENDED: Final = ("FAILED", "SUSPENDED")
_ANY: Final = f"SELECT 1 FROM resources WHERE type='{TYPE}' AND status='live' LIMIT 1"  # noqa: S608 - a constant


def settle(store: Store) -> None:
    """Moves every request to where it stands now; called whenever the store is looked at."""
    if not store.rows(_ANY):
        return
    for thing in store.list(type=TYPE):
        if thing.status == "live" and state_of(thing) not in _ENDED and BODY in thing.outputs:
            _advance(store, thing)


def state_of(thing: Thing) -> str:
    """Its state in the API's own word."""
    return str(thing.outputs.get(_STATE, "ACCEPTED"))


def moment_of(policy: Mapping[str, Any], since: float) -> float | None:
    """The time until which a request may be granted; GoogleError for text that is no time."""
    try:
        if "validUntilTime" in policy:
            return datetime.fromisoformat(policy["validUntilTime"]).timestamp()
        if "validUntilDuration" in policy:
            return since + float(policy["validUntilDuration"].removesuffix("s"))
    except ValueError as error:
        raise GoogleError(400, f"Invalid value at 'queueing_policy': {error}") from error
    return None


def _advance(store: Store, thing: Thing) -> None:
    now = store.now()
    granted = max(thing.created + GRANTED_AFTER_SECONDS, float(thing.outputs[WAITS_UNTIL]))
    until = moment_of(thing.outputs[BODY].get("queueingPolicy", {}), thing.created)
    if until is not None and until < granted:
        if now >= until:
            _becomes(store, thing, "FAILED")
        elif now >= thing.created + GRANTED_AFTER_SECONDS:
            _becomes(store, thing, "WAITING_FOR_RESOURCES")
        return
    if now < granted:
        waiting = now >= thing.created + GRANTED_AFTER_SECONDS
        _becomes(store, thing, "WAITING_FOR_RESOURCES" if waiting else "ACCEPTED")
        return
    if state_of(thing) in ("ACCEPTED", "WAITING_FOR_RESOURCES") and (failure := _grant(store, thing, granted)):
        _becomes(store, replace(thing, outputs={**thing.outputs, FAILURE: failure}), "FAILED")
        return
    lost = _lost_since(store, thing)
    if lost is not None:
        _becomes(store, thing, "SUSPENDED" if now >= lost + SUSPENDED_AFTER_SECONDS else "SUSPENDING")
        return
    _becomes(store, thing, "ACTIVE" if now >= granted + READY_AFTER_SECONDS else "PROVISIONING")


def _grant(store: Store, thing: Thing, when: float) -> str:
    """Makes the node that was asked for, which bills from its grant on; "" or why it cannot be made."""
    from trainyard.sandbox.api.tpu import nodes  # it makes things as the provider side does, which takes long to load

    body = thing.outputs[BODY]
    [spec] = body["tpu"]["nodeSpec"]
    bought = {"spot": True} if "spot" in body else {"reserved": True} if "reservationName" in body else None
    node = {**spec["node"], **({"schedulingConfig": bought} if bought else {})}
    try:
        made = nodes.make(store, thing.project, thing.place, spec["nodeId"], node)
    except GoogleError as error:
        return error.message
    with store.transaction():
        told = {**made.outputs, "queuedResource": thing.id, nodes.READY_AT: when + READY_AFTER_SECONDS}
        store.put(replace(made, outputs=told, created=when))
        # The grant may lie before this look at the store, and the node bills from it on.
        store.run(_FROM_THE_GRANT_ON, when, made.type, made.id, made.type, made.id)
    return ""


def _lost_since(store: Store, thing: Thing) -> float | None:
    """When its node went; None while it is there."""
    from trainyard.sandbox.api.tpu import nodes

    [spec] = thing.outputs[BODY]["tpu"]["nodeSpec"]
    node = store.recall(nodes.TYPE, f"projects/{thing.project}/locations/{thing.place}/nodes/{spec['nodeId']}")
    return None if node is not None and node.status in ("live", "deleting") else node.changed if node else store.now()


def _becomes(store: Store, thing: Thing, state: str) -> None:
    if state_of(thing) != state:
        store.put(replace(thing, outputs={**thing.outputs, _STATE: state}))
