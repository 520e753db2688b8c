"""What EventBridge Scheduler leaves in a schedule's dead-letter queue when its call failed.

docs.aws.amazon.com/scheduler, "Configuring a schedule's dead-letter queue": the attributes of such a message. It comes
only where the schedule's role may send it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Final
from uuid import UUID, uuid5

from trainyard.sandbox.store import Store, Thing
from trainyard.servicer.values import reveal

QUEUE: Final = "aws:sqs/queue:Queue"
_KEY: Final = "dead letters "
_SPACE: Final = UUID("6a1f5c0e-5d0b-4a57-9d0d-6e1f2f0b7c11")
_KEPT_SECONDS: Final = 4 * 86_400.0  # SQS API, MessageRetentionPeriod: four days where none is given


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One message; hidden from other readers until that simulated time."""

    id: str
    body: str
    attributes: Mapping[str, str]
    sent: float
    hidden_until: float = 0.0


def send(store: Store, queue_arn: str, body: str, attributes: Mapping[str, str], when: float) -> None:
    """Into the queue of that ARN; nowhere where there is none."""
    queue = next((one for one in store.list(type=QUEUE) if reveal(one.outputs.get("arn")) == queue_arn), None)
    if queue is None:
        return
    id_ = str(uuid5(_SPACE, f"{attributes.get('SCHEDULE_ARN')} {when!r} {attributes.get('ERROR_MESSAGE')}"))
    keep(store, queue, [*letters(store, queue), Letter(id=id_, body=body, attributes=dict(attributes), sent=when)])


def letters(store: Store, queue: Thing) -> list[Letter]:
    """What lies in the queue, oldest first."""
    kept = float(reveal(queue.inputs.get("messageRetentionSeconds")) or _KEPT_SECONDS)
    told = [Letter(**each) for each in json.loads(store.meta(_KEY + queue.id, "[]"))]
    return [each for each in told if each.sent + kept > store.now()]


def keep(store: Store, queue: Thing, letters: list[Letter]) -> None:
    """These and no others."""
    store.set_meta(_KEY + queue.id, json.dumps([asdict(each) for each in letters]))


def read(store: Store, queue: Thing, *, most: int, hide_seconds: float) -> list[Letter]:
    """Up to so many that nobody else reads now; they are hidden from others for a time, and stay."""
    now = store.now()
    with store.transaction():
        there = letters(store, queue)
        given = [each for each in there if each.hidden_until <= now][:most]
        hidden = {each.id for each in given}
        keep(
            store,
            queue,
            [replace(each, hidden_until=now + hide_seconds) if each.id in hidden else each for each in there],
        )
    return given
