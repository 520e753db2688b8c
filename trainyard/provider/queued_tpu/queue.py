"""One request in the queue over time: made once, found again, and gone only when its node is."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from threading import Event
from typing import TypeVar

from trainyard.clouds.gcp.rest import ApiError, CancelledError, LoginError, NoAnswerError, pause_seconds
from trainyard.clouds.gcp.tpu import ENDED, CloudTpu, Thing, state_of
from trainyard.facts.expiry import format_time
from trainyard.facts.origin import Sandbox, now, wait
from trainyard.provider.queued_tpu.inputs import Inputs
from trainyard.provider.resource import Made, NotWholeError
from trainyard.provider.stop import StopError

T = TypeVar("T")
_TRIES = 5
_SEEN_AFTER_SECONDS = 5.0
_SEEN_LOOKS = 6  # half a minute for an accepted request to be readable
_GONE_EVERY_SECONDS = 10.0
_GONE_LOOKS = 90  # a quarter of an hour, as long as the deletion of a large slice has been seen to take by others
_WAITING = ("CREATING", "STATE_UNSPECIFIED")


@dataclass(frozen=True, kw_only=True)
class Queue:
    """The API of one project within one call of the engine."""

    api: CloudTpu
    sandbox: Sandbox | None
    cancelled: Event

    def ask(self, inputs: Inputs) -> str:
        """Make the request, or find the one of this id that an earlier call made; its state.

        NotWholeError where it was taken and then failed.
        """
        found = self.look(inputs)
        if found is not None and state_of(found) in ENDED:
            # Left of an earlier try under this lease: it will never get a node, and its id is ours.
            self._remove(inputs)
            found = None
        if found is None:
            self._check_time(inputs.valid_until)
            self._make(inputs)
        return self._accepted(inputs)

    def look(self, inputs: Inputs) -> Thing | None:
        """The request of this id; StopError for one that asks for something else."""
        found = self.find(inputs.zone, inputs.id)
        if found is not None and (other := inputs.differs(found)):
            message = (
                f"{inputs.name} is there already and has {other}: it is not of this lease's making. Give the workload "
                f"another name, or end that request first."
            )
            raise StopError(message)
        return found

    def find(self, zone: str, id: str) -> Thing | None:
        """The request of an id, whatever it asks for."""
        return self._do(id, lambda: self.api.queued_resource(zone, id))

    def end(self, inputs: Inputs) -> None:
        """Delete request and node, and wait until both are gone; StopError when they are not in time."""
        self._remove(inputs)
        node = self._do(inputs.id, lambda: self.api.node(inputs.zone, inputs.node_id))
        if node is not None and node.get("labels", {}) == inputs.labels:
            self._do(inputs.id, lambda: self.api.delete_node(inputs.zone, inputs.node_id))
            self._until_gone(inputs, "node", lambda: self.api.node(inputs.zone, inputs.node_id))

    def _make(self, inputs: Inputs) -> None:
        request_id = str(uuid.uuid4())
        for number in range(1, _TRIES + 1):
            try:
                self.api.queue(inputs.zone, inputs.id, inputs.body(), request_id)
            except (ApiError, NoAnswerError) as error:
                # Whether it was made is asked before it is asked for again: two requests would be two bills.
                if self._is_there(inputs, error):
                    return
                if number == _TRIES or (isinstance(error, ApiError) and not error.again):
                    raise StopError(_refused(inputs.id, error)) from error
                self._pause(pause_seconds(number, error))
            except LoginError as error:
                raise StopError(_refused(inputs.id, error)) from error
            else:
                return

    def _is_there(self, inputs: Inputs, error: Exception) -> bool:
        if isinstance(error, ApiError) and not error.again and error.status != 409:
            return False
        looks = 3 if isinstance(error, NoAnswerError) else 1
        for look in range(looks):
            if self.look(inputs) is not None:
                return True
            if look + 1 < looks:
                self._pause(_SEEN_AFTER_SECONDS)
        return False

    def _accepted(self, inputs: Inputs) -> str:
        for _ in range(_SEEN_LOOKS):
            found = self.look(inputs)
            if found is not None and state_of(found) not in _WAITING:
                state = state_of(found)
                if state == "FAILED":
                    reason = found.get("state", {}).get("failedData", {}).get("error", {}).get("message", "")
                    text = f"{inputs.name} was taken and then failed: {reason or 'Google gives no reason'}"
                    raise NotWholeError(Made(id=inputs.name, outputs={"state": state}), text)
                return state
            self._pause(_SEEN_AFTER_SECONDS)
        return "CREATING"

    def _check_time(self, until: datetime | None) -> None:
        if until is not None and until <= now(self.sandbox):
            message = (
                f"the queue was to be left at {format_time(until)}, which has passed: nothing was asked for. Give a "
                f"longer valid_until, or destroy the stack for a lease with new times."
            )
            raise StopError(message)

    def _remove(self, inputs: Inputs) -> None:
        for number in range(1, _TRIES + 1):
            try:
                self.api.forget(inputs.zone, inputs.id)
                break
            except ApiError as error:
                # A request that is being made or granted cannot be deleted in that moment.
                if number == _TRIES or error.status not in (400, 409):
                    raise StopError(_refused(inputs.id, error)) from error
                self._pause(_GONE_EVERY_SECONDS)
            except (NoAnswerError, LoginError, CancelledError) as error:
                raise StopError(_refused(inputs.id, error)) from error
        self._until_gone(inputs, "request", lambda: self.api.queued_resource(inputs.zone, inputs.id))

    def _until_gone(self, inputs: Inputs, what: str, look: Callable[[], Thing | None]) -> None:
        for _ in range(_GONE_LOOKS):
            if self._do(inputs.id, look) is None:
                return
            self._pause(_GONE_EVERY_SECONDS)
        minutes = int(_GONE_LOOKS * _GONE_EVERY_SECONDS / 60)
        by_hand = f"gcloud compute tpus queued-resources delete {inputs.id} --force --zone={inputs.zone}"
        message = (
            f"the {what} of {inputs.name} is still there after {minutes} minutes, and may bill. Run `pulumi destroy` "
            f"again, or `{by_hand} --project={inputs.project}`."
        )
        raise StopError(message)

    def _do(self, id: str, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except (ApiError, NoAnswerError, LoginError, CancelledError) as error:
            raise StopError(_refused(id, error)) from error

    def _pause(self, seconds: float) -> None:
        if wait(self.sandbox, seconds, self.cancelled):
            message = "interrupted; the request stays as it is, and the same command goes on with it."
            raise StopError(message)


def _refused(id: str, error: Exception) -> str:
    code = f"{error.status} " if isinstance(error, ApiError) else ""
    return f"Cloud TPU refused or did not answer for the queued resource {id}: {code}{error}"
