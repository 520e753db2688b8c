"""How a job is waited for, found again and seen to its end: the same on every cloud, whose resource gives its words."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from trainyard.provider import job
from trainyard.provider.job import CancelledWaitError, Look
from trainyard.provider.resource import Call, Made, NotWholeError
from trainyard.provider.stop import StopError

Job = Mapping[str, Any]  # as its cloud tells it
Pause = Callable[[float], bool]  # seconds to wait; whether the engine cancelled meanwhile
# A stopped job lets its container end first. Looks are counted, not time: a clock may jump while they are made.
_END_EVERY_SECONDS = 5.0
_END_LOOKS = 180
_TRIES = 6
_BETWEEN_SECONDS = 10.0  # a role that was just made is known to SageMaker some tries later


class FoundJobs:
    """Ids of jobs that were there already when a Create of this process asked for them.

    `up --replace` and `state taint` create before they delete, and Create found what was to be replaced.
    """

    def __init__(self) -> None:
        self._ids: set[str] = set()
        self._lock = threading.Lock()

    def add(self, id: str) -> None:
        with self._lock:
            self._ids.add(id)

    def keeps(self, id: str, call: Call) -> bool:
        """Whether this Delete is of such a job, which then stays; asked once a job."""
        with self._lock:
            there = id in self._ids
            self._ids.discard(id)
        if there:
            call.warn(
                f"job {id} is kept: nothing differs, and a replacement is no new run; raise `run` to run it again."
            )
        return there


@dataclass(frozen=True, kw_only=True)
class Awaited:
    """One job that a command waits for, with what its cloud's resource knows to do with it."""

    id: str
    name: str
    run: int
    wait_for: str
    longest_wait: timedelta  # for room
    timeout: timedelta
    fetch: Callable[[], Job | None]
    look_of: Callable[[Job], Look]
    outputs: Callable[[Job], dict[str, Any]]
    waits_as: str  # the key under which the cloud says how a job waits
    gone: str  # "job … is gone from SageMaker"

    def look(self) -> Look:
        found = self.fetch()
        return Look(state="deleted") if found is None else self.look_of(found)


def awaited(asked: Awaited, call: Call, *, now: Callable[[], datetime], pause: Pause) -> Made:
    """The job once it is what `waitFor` says; NotWholeError where it ended otherwise, or on Cancel."""
    span = job.bound(asked.wait_for, asked.longest_wait, asked.timeout)
    if call.timeout_seconds:
        span = min(span, timedelta(seconds=call.timeout_seconds))
    try:
        seen = job.wait_until(asked.wait_for, asked.look, until=now() + span, now=now, pause=pause)
    except CancelledWaitError as error:
        text = (
            f"interrupted while job {asked.name} was waited for until it is {asked.wait_for}. The job goes on and is "
            f"in the state; `pulumi up` waits again, `pulumi destroy` ends it."
        )
        outputs = {**asked.outputs(asked.fetch() or {}), "reached": False}
        raise NotWholeError(Made(id=asked.id, outputs=outputs), text) from error
    found = asked.fetch()
    if found is None:
        message = f"{asked.gone}; raise `run` to {asked.run + 1} to run it again."
        raise StopError(message)
    reason = job.unmet(asked.wait_for, asked.look_of(found), asked.name, asked.run)
    made = Made(id=asked.id, outputs={**asked.outputs(found), "reached": reason is None})
    if reason is not None:
        raise NotWholeError(made, reason)
    if seen.state == "queued" and asked.wait_for != "submitted":
        call.warn(f"job {asked.name} still waits for room ({found.get(asked.waits_as)}); it goes on by itself.")
    return made


@contextmanager
def no_second_entry(name: str, *, found: bool) -> Iterator[None]:
    """A Create that found its job and is interrupted leaves no entry in the state.

    The job may be in the state already, to be replaced by force. Beside a new entry the old one would stay behind to be
    deleted, and another process could not tell that both are one job.
    """
    try:
        yield
    except NotWholeError as error:
        if not found or not isinstance(error.__cause__, CancelledWaitError):
            raise
        message = f"interrupted; job {name} goes on, and `pulumi up` finds it by its name."
        raise StopError(message) from error


def another_spec(name: str, run: int, job_there: str, by_hand: str) -> StopError:
    """What is said where a run was started with another spec than is given; `by_hand` ends the job that is there."""
    return StopError(
        f"run {run} of {name} was started already (job {job_there}), with another spec than is given now. Raise `run` "
        f"to {run + 1} to run again with this one; the job that is there: {by_hand}"
    )


def submit_by_name(
    make: Callable[[], None],
    *,
    failures: tuple[type[Exception], ...],
    refused: Callable[[Exception], bool],
    there: Callable[[], bool],
    pause: Pause,
) -> None:
    """Make a job that its cloud has once by its name.

    Whatever of `failures` was not clearly `refused` is looked for and tried again; CancelledWaitError on Cancel.
    """
    for number in range(1, _TRIES + 1):
        try:
            make()
        except failures as error:
            if refused(error):
                raise
            if number < _TRIES and pause(_BETWEEN_SECONDS):
                raise CancelledWaitError from error
            if there():
                return
            if number == _TRIES:
                raise
        else:
            return


def wait_for_end(done: Callable[[], bool], pause: Pause, *, how: str) -> None:
    """Look until it is done; StopError when that takes too long, CancelledWaitError on Cancel."""
    for _ in range(_END_LOOKS):
        if done():
            return
        if pause(_END_EVERY_SECONDS):
            raise CancelledWaitError
    minutes = int(_END_LOOKS * _END_EVERY_SECONDS / 60)
    message = f"{how} for {minutes} minutes; run `pulumi destroy` again."
    raise StopError(message)
