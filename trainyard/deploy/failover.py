"""`up`, and again on the next candidate where the cloud has no room, until all is there or nothing is left to try.

The record is read again before each attempt, and written on condition: what others write there meanwhile stays. The
candidate moves on only after what the failed attempt left is gone from the cloud and from the state.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Event

from trainyard.deploy.adopting import GROUP_TYPES
from trainyard.deploy.engine import EngineError
from trainyard.deploy.events import Done, Failed
from trainyard.deploy.failure import Failure, Kind, classify, worst
from trainyard.deploy.got import differences
from trainyard.deploy.inventory import InterruptedWaitError, LookError
from trainyard.deploy.ledger import GOT, Ledger, attempt
from trainyard.deploy.moving import Course, Wanted, standing, workload_of
from trainyard.deploy.recovery import COMPUTE, Looks, Recovery, Runs, first_line, machines
from trainyard.facts.billable import Billable
from trainyard.facts.candidate_key import key
from trainyard.facts.expiry import format_time
from trainyard.facts.selection import Candidate
from trainyard.lease import Attempt, LeaseError, Record

INTERRUPTED = 130
_THROTTLED = 6  # refusals in a row of one place
_UNSEEN = 2  # lost answers in a row after which nothing was there
_FIRST_PAUSE_SECONDS = 15.0
_HOPELESS = (Kind.AUTHORISATION, Kind.CONFIGURATION, Kind.UNKNOWN)
_COUNTED = COMPUTE | {
    "trainyard:gcp:VertexCustomJob",
    "trainyard:gcp:QueuedTpu",
    "trainyard:aws:SagemakerTrainingJob",
    "trainyard:azure:MlJob",
    "gcp:vertex/aiPersistentResource:AiPersistentResource",
    "aws:sagemaker/notebookInstance:NotebookInstance",
}


class StoppedError(Exception):
    """The command ends here; the text says why and what to do."""

    def __init__(self, text: str, code: int = 1) -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True, kw_only=True)
class _Try:
    """One workload's part in a run that failed."""

    workload: str
    candidate: Candidate
    failed: Failed
    failure: Failure


@dataclass(kw_only=True)
class Failover:
    """One command on one stack. `pause` waits, and says whether the command was stopped meanwhile."""

    stack: str
    ledger: Ledger
    wanted: Mapping[str, Wanted]  # by workload
    engine: Runs
    looks: Looks
    say: Callable[[str], None]
    now: Callable[[], datetime]
    pause: Callable[[float], bool]
    stopped: Event
    policies: bool  # whether the engine runs a policy pack, which only a preview asks before something is made
    _courses: dict[str, Course] = field(default_factory=dict)
    _again: int = 0  # runs repeated for what is of no workload

    def __post_init__(self) -> None:
        self._recovery = Recovery(lease_id=self._lease, engine=self.engine, looks=self.looks, say=self.say)

    def bring_up(self) -> None:
        """Until all is there; StoppedError with what to do otherwise."""
        self._courses = {name: Course(wanted=each) for name, each in self.wanted.items()}
        try:
            record = self.ledger.record()
            self._recovery.settle_pending(_scopes(record), self.wanted)
            while True:
                self._check_living(record)
                began = self.now()
                done = self.engine.up()
                if done.ok:
                    self._finish(done, began)
                    return
                self._check_stopped()
                record = self._after(done, began)
                self._preview()
        except InterruptedWaitError:
            raise self._interrupted() from None
        except (LookError, EngineError, LeaseError) as error:
            self._check_stopped()
            raise StoppedError(str(error)) from error

    def _after(self, done: Done, began: datetime) -> Record | None:
        """Deal with a run that failed; the record as it stands then."""
        record = self.ledger.record()
        tries = [self._judged(each, record) for each in self._tries(done, record)]
        for each in tries:
            self.say(f"{each.workload}: {each.failure.kind} in {each.candidate.offer.place}: {_said(each)}")
        told = [
            attempt(each.workload, each.candidate, each.failure, began)
            for each in tries
            if each.failure.kind is not Kind.THROTTLE
        ]
        moving = [each for each in tries if each.failure.kind in (Kind.CAPACITY, Kind.QUOTA)]
        try:
            left = self._left(moving, record)
        except (LookError, InterruptedWaitError):
            self.ledger.write(record, told)
            raise
        if len(moving) < len(tries) or any(left.values()):
            record, told = self.ledger.write(record, told), []  # what comes now takes time, and may fail
        self._check_shared(done)
        self._check_hopeless(tries)
        for workload, things in left.items():
            self._recovery.clear(workload, _scopes(record), things)
        following = {each.workload: self._next(each) for each in moving}
        record = self.ledger.write(record, told, {name: place for name, (place, _) in following.items()})
        for each in tries:
            match each.failure.kind:
                case Kind.CAPACITY | Kind.QUOTA:
                    place, is_another = following[each.workload]
                    if not is_another:
                        raise StoppedError(_nothing_left(each, self._courses[each.workload]))
                    self.say(f"{each.workload}: next is {place.words}")
                case Kind.LOST_RESPONSE:
                    self._resolve(each, began, record)
                case _:
                    self._wait(each)
        return record if len(moving) == len(tries) else self.ledger.record()

    def _tries(self, done: Done, record: Record | None) -> list[_Try]:
        by_workload: dict[str, list[tuple[Failure, Failed]]] = {}
        for failed in done.failed:
            if (workload := self._workload(failed)) is not None:
                by_workload.setdefault(workload, []).append((classify(failed.text), failed))
        tries = []
        for workload, found in by_workload.items():
            failure = worst(each for each, _ in found)
            failed = next(each for one, each in found if one is failure)
            candidate = standing(self.wanted[workload], record)
            tries.append(_Try(workload=workload, candidate=candidate, failed=failed, failure=failure))
        return tries

    def _judged(self, each: _Try, record: Record | None) -> _Try:
        """A group that came in part has no room there, whatever its provider says: only the list knows."""
        if each.failed.step.type not in GROUP_TYPES or each.failure.kind not in (Kind.LOST_RESPONSE, Kind.UNKNOWN):
            return each
        things = self.looks.things(_scopes(record), each.workload)
        came, nodes = len(machines(things)), self.wanted[each.workload].nodes
        if came >= nodes or not things:
            return each
        return replace(
            each, failure=Failure(kind=Kind.CAPACITY, text=f"{came} of {nodes} machines came: {each.failure.text}")
        )

    def _left(self, moving: Sequence[_Try], record: Record | None) -> dict[str, tuple[Billable, ...]]:
        """What the clouds hold of each workload that moves on; nothing of it may stay behind."""
        return {each.workload: self.looks.things(_scopes(record), each.workload) for each in moving}

    def _check_shared(self, done: Done) -> None:
        """What failed of no workload: a lost answer is asked again, all else stops the command."""
        shared = [each for each in done.failed if self._workload(each) is None]
        texts = [*(each.text for each in shared), *(() if done.failed else done.told)]
        if not texts:
            return
        failure = worst(map(classify, texts))
        taken = [each for each in shared if self._recovery.take_over_named(each)]
        if shared and taken == shared:
            return
        if shared and failure.kind in (Kind.THROTTLE, Kind.LOST_RESPONSE) and self._again < _THROTTLED:
            self._again += 1
            self.say(f"{shared[0].step.name}: {failure.kind}: {first_line(failure.text)}; once more")
            self._pause(failure.retry_after_seconds or _FIRST_PAUSE_SECONDS)
            return
        message = f"{failure.kind}: {failure.text.strip()}\nnext: {failure.next_step}"
        raise StoppedError(message)

    def _check_hopeless(self, tries: Sequence[_Try]) -> None:
        for each in tries:
            kind = each.failure.kind
            if kind in _HOPELESS:
                message = f"{each.workload}: {kind}: {each.failure.text}\nnext: {each.failure.next_step}"
                raise StoppedError(message)
            if kind in (Kind.CAPACITY, Kind.QUOTA) and not each.failed.step.makes:
                message = (
                    f"{each.workload}: {kind} for a change of what runs already; nothing of it was ended or moved. "
                    f"Take the change back, or destroy the stack to begin elsewhere.\n{each.failure.text}"
                )
                raise StoppedError(message)

    def _next(self, each: _Try) -> tuple[Candidate, bool]:
        """Where the workload goes on; False: nowhere, and the first is the next again."""
        course = self._courses[each.workload]
        if each.failure.kind is Kind.QUOTA:
            course.no_quota(each.candidate, everywhere=each.failure.everywhere)
        else:
            course.no_room(each.candidate)
        following = course.next()
        return (following, True) if following else (course.wanted.candidates[0], False)

    def _resolve(self, each: _Try, began: datetime, record: Record | None) -> None:
        """The answer is lost: take over what the cloud made, and make no second one."""
        step, course = each.failed.step, self._courses[each.workload]
        if step.type not in COMPUTE:
            if not self._recovery.take_over_named(each.failed):
                self._once_more(each)
            return
        scopes = _scopes(record)
        things = self.looks.things_for_sure(scopes, each.workload)
        if not things:
            self._once_more(each)
            return
        course.unseen = 0
        taken = self._recovery.take_over(each.workload, step, things, scopes)
        if taken is None:
            self.say(f"{each.workload}: what came cannot be taken over; it was ended, and is made anew")
            return
        text = f"taken over: {taken.name} in {taken.place}. {each.failure.text}"
        known = replace(each.failure, text=text)
        self.ledger.write(record, [attempt(each.workload, each.candidate, known, began)])
        self.say(f"{each.workload}: the cloud had made {taken.name} in {taken.place}; it was taken over")

    def _once_more(self, each: _Try) -> None:
        course = self._courses[each.workload]
        course.unseen += 1
        if course.unseen > _UNSEEN:
            message = (
                f"{each.workload}: the answer was lost {course.unseen} times, and the cloud's own list shows nothing: "
                f"{each.failure.text}\nnext: see whether the network and the cloud are well; where the text names "
                f"something that exists, `pulumi import` takes it into the stack. Then run `trainyard up` again."
            )
            raise StoppedError(message)
        self.say(f"{each.workload}: the cloud's list shows nothing of it; once more in the same place")

    def _wait(self, each: _Try) -> None:
        course = self._courses[each.workload]
        course.throttled += 1
        if course.throttled > _THROTTLED:
            message = (
                f"{each.workload}: refused {_THROTTLED} times as too much at once: {each.failure.text}\n"
                f"next: wait some minutes, then run `trainyard up` again."
            )
            raise StoppedError(message)
        seconds = each.failure.retry_after_seconds or _FIRST_PAUSE_SECONDS * 2 ** (course.throttled - 1)
        self.say(f"{each.workload}: waiting {seconds:.0f} s, then the same place")
        self._pause(seconds)

    def _finish(self, done: Done, began: datetime) -> None:
        """A run that was good: what came of it is written, and held against what was asked for."""
        record = self.ledger.record()
        made = [workload_of(step.name, self._lease, self.wanted) for step in done.made if step.type in _COUNTED]
        asked = {name: standing(each, record) for name, each in self.wanted.items()}
        came = [name for name in asked if name in made and not self.ledger.has_told(name, asked[name])]
        at = began.replace(microsecond=0)
        got = [Attempt(workload=name, candidate=key(asked[name]), at=at, outcome=GOT) for name in came]
        self.ledger.write(record, got)
        wrong = [
            sentence
            for name, wanted in self.wanted.items()
            for sentence in differences(wanted, asked[name], self.looks.things(_scopes(record), name))
        ]
        if wrong:
            told = "\n".join(f"  {each}" for each in wrong)
            message = (
                f"the cloud gave something else than was asked for:\n{told}\n"
                f"next: `pulumi destroy --stack {self.stack}` ends it, or name what you got in the stack file "
                f"and run `pulumi refresh` and `pulumi up`."
            )
            raise StoppedError(message)

    def _check_living(self, record: Record | None) -> None:
        self._check_stopped()
        if record is not None and record.ending is not None:
            message = (
                f"ending: a destroy of this stack began at {format_time(record.ending)}, so nothing is made. "
                f'Finish it with "pulumi destroy --stack {self.stack}", then "trainyard up {self.stack}" begins anew.'
            )
            raise StoppedError(message)

    def _preview(self) -> None:
        """Policies hold for the next candidate too, before anything of it is made; limits the program checks itself."""
        if not self.policies:
            return
        self._check_stopped()
        done = self.engine.preview(aloud=False)
        if not done.ok:
            self._check_stopped()
            texts = [*done.told, *(each.text for each in done.failed)]
            raise StoppedError("the next candidate is refused by the preview:\n" + "\n".join(texts))

    def _workload(self, failed: Failed) -> str | None:
        return workload_of(failed.step.name, self._lease, self.wanted)

    @property
    def _lease(self) -> str:
        return self.ledger.lease_id

    def _pause(self, seconds: float) -> None:
        if self.pause(seconds):
            raise InterruptedWaitError

    def _check_stopped(self) -> None:
        if self.stopped.is_set():
            raise self._interrupted()

    def _interrupted(self) -> StoppedError:
        return StoppedError(
            f"stopped. The record and the state are whole; `trainyard up {self.stack}` goes on from here, "
            f"`pulumi destroy --stack {self.stack}` ends it.",
            INTERRUPTED,
        )


def _said(each: _Try) -> str:
    return first_line(each.failure.text)


def _scopes(record: Record | None) -> tuple[str, ...]:
    return record.scopes if record is not None else ()


def _nothing_left(each: _Try, course: Course) -> str:
    tried, all_of_them = len(course.tried), len(course.wanted.candidates)
    shut = all_of_them - tried
    rest = f" {shut} more are in regions whose quota refused." if shut else ""
    return (
        f"{each.workload}: no candidate is left; {tried} of {all_of_them} were tried.{rest} The last said: "
        f"{each.failure.text}\nnext: allow more under `where` or `capacity` in the stack file, ask for quota, or run "
        f"`trainyard up` again later, which begins with the first."
    )
