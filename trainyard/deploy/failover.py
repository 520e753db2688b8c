"""`up`, and again on the next candidate where the cloud has no room, until all is there or nothing is left to try.

The record is read again before each attempt, and written on condition: what others write there meanwhile stays. The
candidate moves on only after what the failed attempt left is gone from the cloud and from the state.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event
from typing import Protocol

from trainyard.deploy.adopting import GROUP_TYPES, MACHINE_TYPES, import_id
from trainyard.deploy.engine import EngineError, State
from trainyard.deploy.events import Done, Failed, Step
from trainyard.deploy.failure import Failure, Kind, classify, worst
from trainyard.deploy.got import differences
from trainyard.deploy.inventory import MACHINES, InterruptedWaitError, LookError
from trainyard.deploy.moving import Course, Wanted, standing, workload_of
from trainyard.facts.billable import Billable
from trainyard.facts.candidate_key import key
from trainyard.facts.expiry import format_time
from trainyard.facts.lease_id import group_name
from trainyard.facts.selection import Candidate
from trainyard.lease import Attempt, Held, LeaseError, Record, Store, with_attempt, with_placement

GOT = "got"
_TEXT = 400  # characters of the cloud's words that an attempt keeps
_THROTTLED = 6  # refusals in a row of one place
_UNSEEN = 2  # lost answers in a row after which nothing was there
_FIRST_PAUSE_SECONDS = 15.0
INTERRUPTED = 130


class StoppedError(Exception):
    """The command ends here; the text says why and what to do."""

    def __init__(self, text: str, code: int = 1) -> None:
        super().__init__(text)
        self.code = code


class Runs(Protocol):
    """The engine on one stack."""

    def preview(self, *, aloud: bool) -> Done:
        """What `up` would do."""

    def up(self) -> Done:
        """One update."""

    def refresh(self, *, clear_pending: bool) -> None:
        """The state as the clouds have it."""

    def take_over(self, step: Step, id_: str) -> None:
        """Import a thing under a step's name."""

    def state(self) -> State:
        """What the state holds."""


class Looks(Protocol):
    """The clouds' lists of one lease; LookError, InterruptedWaitError."""

    def things(self, scopes: Sequence[str], workload: str) -> tuple[Billable, ...]:
        """Machines and groups of a workload."""

    def things_for_sure(self, scopes: Sequence[str], workload: str) -> tuple[Billable, ...]:
        """The same, and none only where a list that lags would show one."""

    def end(
        self, scopes: Sequence[str], workload: str, things: Sequence[Billable], kept: Billable | None = None
    ) -> None:
        """End them, and wait until nothing of the workload bills but what is kept."""


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
    lease_id: str
    store: Store
    wanted: Mapping[str, Wanted]  # by workload; none in a stack without a lease
    engine: Runs
    looks: Looks
    say: Callable[[str], None]
    now: Callable[[], datetime]
    pause: Callable[[float], bool]
    stopped: Event
    policies: bool  # whether the engine runs a policy pack, which only a preview asks before something is made
    _courses: dict[str, Course] = field(default_factory=dict)
    _told: set[tuple[str, str]] = field(default_factory=set)  # workload and candidate whose attempt is in the record
    _again: int = 0  # runs repeated for what is of no workload

    def bring_up(self) -> None:
        """Until all is there; StoppedError with what to do otherwise."""
        self._courses = {name: Course(wanted=each) for name, each in self.wanted.items()}
        try:
            self._settle_pending()
            while True:
                self._check_living(self._record())
                began = self.now()
                done = self.engine.up()
                if done.ok:
                    self._finish(done, began)
                    return
                self._check_stopped()
                self._after(done, began)
                self._preview()
        except InterruptedWaitError:
            raise self._interrupted() from None
        except (LookError, EngineError, LeaseError) as error:
            self._check_stopped()
            raise StoppedError(str(error)) from error

    # A run that failed.

    def _after(self, done: Done, began: datetime) -> None:
        record = self._record()
        tries = self._tries(done, record)
        self._check_shared(done, tries)
        tries = [self._judged(each, record) for each in tries]
        for each in tries:
            self._say_failed(each)
            if each.failure.kind is not Kind.THROTTLE:
                self._write(_attempt(each, began))
        self._check_hopeless(tries)
        for each in tries:
            match each.failure.kind:
                case Kind.CAPACITY | Kind.QUOTA:
                    self._move_on(each, self._record())
                case Kind.LOST_RESPONSE:
                    self._resolve(each, began, self._record())
                case _:
                    self._wait(each)

    def _tries(self, done: Done, record: Record | None) -> list[_Try]:
        by_workload: dict[str, list[tuple[Failure, Failed]]] = {}
        for failed in done.failed:
            workload = workload_of(failed.step.name, self.lease_id, self.wanted)
            if workload is not None:
                by_workload.setdefault(workload, []).append((classify(failed.text), failed))
        tries = []
        for workload, found in by_workload.items():
            failure = worst(each for each, _ in found)
            failed = next(each for one, each in found if one is failure)
            candidate = standing(self.wanted[workload], record)
            tries.append(_Try(workload=workload, candidate=candidate, failed=failed, failure=failure))
        return tries

    def _check_shared(self, done: Done, tries: Sequence[_Try]) -> None:
        """What failed of no workload: a network answer that was lost is asked again, all else stops the command."""
        of_workloads = {each.failed.step.urn for each in tries}
        shared = [
            each
            for each in done.failed
            if each.step.urn not in of_workloads and workload_of(each.step.name, self.lease_id, self.wanted) is None
        ]
        texts = [*(each.text for each in shared), *done.told]
        if not texts:
            return
        failure = worst(map(classify, texts))
        if failure.kind in (Kind.THROTTLE, Kind.LOST_RESPONSE) and shared and self._again < _THROTTLED:
            self._again += 1
            self.say(f"{shared[0].step.name}: {failure.kind}: {_first(failure.text)}; once more")
            self._pause(failure.retry_after_seconds or _FIRST_PAUSE_SECONDS)
            return
        if tries and not shared:
            return  # the program's own line about what its resources said
        message = f"{failure.kind}: {failure.text.strip()}\nnext: {failure.next_step}"
        raise StoppedError(message)

    def _judged(self, each: _Try, record: Record | None) -> _Try:
        """A group that came in part has no room there, whatever its provider says: only the list knows."""
        if each.failed.step.type not in GROUP_TYPES or each.failure.kind not in (Kind.LOST_RESPONSE, Kind.UNKNOWN):
            return each
        things = self.looks.things(_scopes(record), each.workload)
        machines, nodes = _machines(things), self.wanted[each.workload].nodes
        if len(machines) >= nodes or not things:
            return each
        text = f"{len(machines)} of {nodes} machines came: {each.failure.text}"
        return _Try(
            workload=each.workload,
            candidate=each.candidate,
            failed=each.failed,
            failure=Failure(kind=Kind.CAPACITY, text=text),
        )

    def _check_hopeless(self, tries: Sequence[_Try]) -> None:
        for each in tries:
            kind = each.failure.kind
            if kind in (Kind.AUTHORISATION, Kind.CONFIGURATION, Kind.UNKNOWN):
                message = f"{each.workload}: {kind}: {each.failure.text}\nnext: {each.failure.next_step}"
                raise StoppedError(message)
            if kind in (Kind.CAPACITY, Kind.QUOTA) and not each.failed.step.makes:
                message = (
                    f"{each.workload}: {kind} for a change of what runs already; nothing of it was ended or moved. "
                    f"Take the change back, or destroy the stack to begin elsewhere.\n{each.failure.text}"
                )
                raise StoppedError(message)

    def _move_on(self, each: _Try, record: Record | None) -> None:
        course = self._courses[each.workload]
        if each.failure.kind is Kind.QUOTA:
            course.no_quota(each.candidate, everywhere=each.failure.everywhere)
        else:
            course.no_room(each.candidate)
        self._clear(each.workload, _scopes(record))
        following = course.next()
        if following is None:
            self._place(each.workload, self.wanted[each.workload].candidates[0])
            raise StoppedError(_nothing_left(each, course))
        self._place(each.workload, following)
        self.say(f"{each.workload}: next is {following.words}")

    def _clear(self, workload: str, scopes: Sequence[str]) -> None:
        """End what the failed attempt left in the cloud, and let the state see that it is gone."""
        things = self.looks.things(scopes, workload)
        if not things:
            return
        for thing in things:
            self.say(f"{workload}: ending what was left: {thing.kind} {thing.name} in {thing.place} ({thing.status})")
        self.looks.end(scopes, workload, things)
        self.engine.refresh(clear_pending=True)

    def _resolve(self, each: _Try, began: datetime, record: Record | None) -> None:
        """The answer is lost: take over what the cloud made, and make no second one."""
        step = each.failed.step
        if step.type not in MACHINE_TYPES | GROUP_TYPES:
            self._once_more(each)
            return
        scopes = _scopes(record)
        things = self.looks.things_for_sure(scopes, each.workload)
        if not things:
            self._once_more(each)
            return
        course = self._courses[each.workload]
        course.unseen = 0
        taken = self._take_over(each.workload, step, things, scopes)
        if taken is None:
            self.say(f"{each.workload}: what came cannot be taken over; it was ended, and is made anew")
            return
        text = f"taken over: {taken.name} in {taken.place}. {each.failure.text}"
        self._write(_attempt(_Try(**{**vars(each), "failure": Failure(kind=each.failure.kind, text=text)}), began))
        self.say(f"{each.workload}: the cloud had made {taken.name} in {taken.place}; it was taken over")

    def _take_over(
        self, workload: str, step: Step, things: Sequence[Billable], scopes: Sequence[str]
    ) -> Billable | None:
        """The thing that the state holds from now on; None where the type cannot be imported and it was ended."""
        if self.engine.state().has(step.urn):
            return things[0]
        machines = _machines(things)
        kept = machines[0] if machines else things[0]
        if step.type in MACHINE_TYPES and len(machines) > 1:
            spare = machines[1:]
            self.say(
                f"{workload}: {len(machines)} machines came for one; ending {', '.join(one.name for one in spare)}"
            )
            self.looks.end(scopes, workload, spare)
        id_ = import_id(step.type, kept, group_name(self.lease_id, workload))
        if id_ is not None:
            try:
                self.engine.take_over(step, id_)
            except EngineError as error:
                self.say(f"{workload}: {kept.name} could not be imported: {_first(str(error))}")
            else:
                return kept
        self.looks.end(scopes, workload, things)
        self.engine.refresh(clear_pending=True)
        return None

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

    # A run that was good.

    def _finish(self, done: Done, began: datetime) -> None:
        record = self._record()
        makes = (workload_of(step.name, self.lease_id, self.wanted) for step in done.made if step.type in _COUNTED)
        for workload in dict.fromkeys(each for each in makes if each):
            candidate = standing(self.wanted[workload], record)
            if (workload, key(candidate)) not in self._told:
                self._write(Attempt(workload=workload, candidate=key(candidate), at=began, outcome=GOT))
        wrong = [
            sentence
            for workload, wanted in self.wanted.items()
            for sentence in differences(wanted, standing(wanted, record), self.looks.things(_scopes(record), workload))
        ]
        if wrong:
            told = "\n".join(f"  {each}" for each in wrong)
            message = (
                f"the cloud gave something else than was asked for:\n{told}\n"
                f"next: `pulumi destroy --stack {self.stack}` ends it, or name what you got in the stack file "
                f"and run `pulumi refresh` and `pulumi up`."
            )
            raise StoppedError(message)

    # What a killed run left.

    def _settle_pending(self) -> None:
        """Creates that nobody saw the end of: taken over where the cloud has made something, else forgotten."""
        state = self.engine.state()
        if not state.pending:
            return
        record = self._record()
        for pending in state.pending:
            resource = pending.get("resource") or {}
            step = Step(
                urn=str(resource.get("urn", "")),
                type=str(resource.get("type", "")),
                op="create",
                parent=str(resource.get("parent") or ""),
            )
            workload = workload_of(step.name, self.lease_id, self.wanted)
            if pending.get("type") != "creating" or workload is None or step.type not in MACHINE_TYPES | GROUP_TYPES:
                continue
            self.say(f"{workload}: an earlier run was killed while it made {step.name}; looking whether it came")
            things = self.looks.things_for_sure(_scopes(record), workload)
            if things and (kept := self._take_over(workload, step, things, _scopes(record))):
                self.say(f"{workload}: {kept.name} had come; it was taken over")
        self.engine.refresh(clear_pending=True)

    # The record.

    def _record(self) -> Record | None:
        """The living record; None before the first attempt has made one."""
        reading = self.store.read(self.lease_id) if self.wanted else None
        return reading.record if isinstance(reading, Held) and reading.record.ended is None else None

    def _write(self, attempt: Attempt) -> None:
        if self._record() is not None:
            self.store.update(self.lease_id, lambda held: with_attempt(held, attempt))
            self._told.add((attempt.workload, attempt.candidate))

    def _place(self, workload: str, candidate: Candidate) -> None:
        if self._record() is not None:
            self.store.update(self.lease_id, lambda held: with_placement(held, {workload: key(candidate)}))

    def _check_living(self, record: Record | None) -> None:
        self._check_stopped()
        if record is not None and record.ending is not None:
            message = (
                f"ending: a destroy of this stack began at {format_time(record.ending)}, so nothing is made. "
                f'Finish it with "pulumi destroy --stack {self.stack}", then "trainyard up {self.stack}" begins anew.'
            )
            raise StoppedError(message)

    # The person.

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

    def _say_failed(self, each: _Try) -> None:
        self.say(f"{each.workload}: {each.failure.kind} in {each.candidate.offer.place}: {_first(each.failure.text)}")

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


_COUNTED = (
    MACHINE_TYPES
    | GROUP_TYPES
    | {
        "trainyard:gcp:VertexCustomJob",
        "trainyard:aws:SagemakerTrainingJob",
        "trainyard:azure:MlJob",
        "trainyard:gcp:QueuedTpu",
        "gcp:vertex/aiPersistentResource:AiPersistentResource",
        "aws:sagemaker/notebookInstance:NotebookInstance",
    }
)


def _attempt(each: _Try, began: datetime) -> Attempt:
    return Attempt(
        workload=each.workload,
        candidate=key(each.candidate),
        at=began.replace(microsecond=0),
        outcome=each.failure.kind.value,
        text=" ".join(each.failure.text.split())[:_TEXT],
    )


def _machines(things: Sequence[Billable]) -> list[Billable]:
    return [each for each in things if each.kind in MACHINES and each.billing]


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


def _first(text: str) -> str:
    """The line that says most: the last of a wrapped error."""
    lines = [line.strip().removeprefix("* ") for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no text"
