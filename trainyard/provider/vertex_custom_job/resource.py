"""One run of a container on Vertex AI.

Create finds the job of this name, label and spec before it makes one, so that an answer that was lost makes no second
job. A job that ended otherwise than `waitFor` wants fails the command and stays in the state; it stays so over `up` and
`refresh` until `run` is raised. Read never says that a job is gone: the next `up` would run it a second time.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from trainyard.clouds.gcp.rest import ApiError, CancelledError, LoginError, NoAnswerError
from trainyard.clouds.gcp.vertex import Job, VertexJobs, number_of
from trainyard.facts.origin import Origin, origin_of, rehearsal, wait
from trainyard.provider import job
from trainyard.provider.job import CancelledWaitError
from trainyard.provider.resource import Call, Difference, Made, NotWholeError, Problem, Properties
from trainyard.provider.run import Run
from trainyard.provider.stop import StopError
from trainyard.provider.vertex_custom_job.inputs import KEYS, SPEC, SPEC_KEY, Inputs, parse, problems
from trainyard.provider.vertex_custom_job.submit import At, existing, look_of, submitted
from trainyard.servicer import reveal

INPUTS = KEYS
OUTPUTS = ("displayName", "state", "error", "startTime", "endTime", "consoleUrl", "reached")
_ID = re.compile(r"projects/([^/]+)/locations/([^/]+)/customJobs/(\d+)")
_found: set[str] = set()  # ids of jobs that were there already when a Create of this process asked for them
_found_lock = threading.Lock()
# A cancelled job lets its container end first. Looks are counted, not time: a clock may jump while they are made.
_END_EVERY_SECONDS = 5.0
_END_LOOKS = 180


def check(urn: str, olds: Properties, news: Properties) -> tuple[dict[str, Any], list[Problem]]:
    inputs = {key: value for key, value in news.items() if value is not None}
    found = list(problems(inputs))
    if olds and not found:
        found += job.check_run(olds, inputs, SPEC)
        if reveal(olds.get("origin")) != reveal(inputs.get("origin")):
            text = f'is "{olds.get("origin")}" in the state and never changes; run again where the job was started'
            found.append(Problem("origin", text))
    return inputs, found


def diff(olds: Properties, news: Properties, state: Properties) -> Difference:
    return job.difference(olds, news, SPEC)


def create(inputs: Properties, call: Call) -> Made:
    with _told():
        given, run = _parsed(inputs, call)
        at = At(jobs=_jobs(given.project, given.region, run), run=run)
        found = existing(at, given, call)
        if found is not None:
            with _found_lock:
                _found.add(_id(given.project, given.region, number_of(found)))
        try:
            return _awaited(at, given, number_of(found or submitted(at, given, call)), call)
        except NotWholeError as error:
            if found is None or not isinstance(error.__cause__, CancelledWaitError):
                raise
            # It may be in the state already, to be replaced by force. Beside a new entry the old one would stay behind
            # to be deleted, and another process could not tell that both are one job.
            message = f"interrupted; job {given.display_name} goes on, and `pulumi up` finds it by its name."
            raise StopError(message) from error


def read(id: str, inputs: Properties, state: Properties, call: Call) -> Made | None:
    project, region, number = _parts(id)
    with _told():
        if not inputs:
            return _imported(project, region, number, call)
        run = Run.of(Origin(reveal(inputs["origin"])), warn=call.warn, cancelled=call.cancelled)
        found = _jobs(project, region, run).get(number)
    if found is None:
        call.warn(
            f"the job {id} is gone from Vertex AI. It stays in the state as deleted, for without it the next `pulumi "
            f"up` would run it a second time; raise `run` to run it again."
        )
        return Made(id=id, outputs={**_kept(state), "state": "deleted"})
    outputs = {**_outputs(found, project, region), "reached": state.get("reached", True)}
    if state.get("reached") is False and (reason := _unmet(parse(inputs), found)):
        raise NotWholeError(Made(id=id, outputs=outputs), reason)
    return Made(id=id, outputs=outputs)


def update(id: str, inputs: Properties, state: Properties, call: Call) -> Properties:
    with _told():
        given, run = _parsed(inputs, call)
        at = At(jobs=_jobs(given.project, given.region, run), run=run)
        return _awaited(at, given, _parts(id)[2], call).outputs


def delete(id: str, inputs: Properties, state: Properties, call: Call) -> None:
    project, region, number = _parts(id)
    if _was_found(id):
        # `up --replace` and `state taint` create before they delete, and Create found what was to be replaced.
        call.warn(f"job {id} is kept: nothing differs, and a replacement is no new run; raise `run` to run it again.")
        return
    origin = Origin(reveal(inputs.get("origin") or state["origin"]))
    with _told():
        run = Run.of(origin, warn=call.warn, cancelled=call.cancelled)
        at = At(jobs=_jobs(project, region, run), run=run)
        if at.look(number).state not in (*job.ENDED, "deleted"):
            at.jobs.cancel(number)
        _wait_for_end(at, number, id, lambda seen: seen.state in (*job.ENDED, "deleted"), "is being cancelled")
        at.jobs.delete(number)
        _wait_for_end(at, number, id, lambda seen: seen.state == "deleted", "is being deleted")


def _awaited(at: At, given: Inputs, number: str, call: Call) -> Made:
    """The job once it is what `waitFor` says; NotWholeError where it ended otherwise, or on Cancel."""
    id_ = _id(given.project, given.region, number)
    span = job.bound(given.wait_for, given.longest_wait, given.timeout)
    if call.timeout_seconds:
        span = min(span, timedelta(seconds=call.timeout_seconds))
    try:
        seen = job.wait_until(
            given.wait_for,
            lambda: at.look(number),
            until=at.run.now + span,
            now=lambda: at.run.now,
            pause=at.pause,
        )
    except CancelledWaitError as error:
        text = (
            f"interrupted while job {given.display_name} was waited for until it is {given.wait_for}. The job goes on "
            f"and is in the state; `pulumi up` waits again, `pulumi destroy` ends it."
        )
        left = at.jobs.get(number) or {}
        outputs = {**_outputs(left, given.project, given.region, number), "reached": False}
        raise NotWholeError(Made(id=id_, outputs=outputs), text) from error
    found = at.jobs.get(number)
    if found is None:
        message = f"job {id_} is gone from Vertex AI; raise `run` to {given.run + 1} to run it again."
        raise StopError(message)
    reason = _unmet(given, found)
    made = Made(id=id_, outputs={**_outputs(found, given.project, given.region), "reached": reason is None})
    if reason is not None:
        raise NotWholeError(made, reason)
    if seen.state == "queued" and given.wait_for != "submitted":
        call.warn(f"job {given.display_name} still waits for room ({found.get('state')}); it goes on by itself.")
    return made


def _unmet(given: Inputs, found: Job) -> str | None:
    return job.unmet(given.wait_for, look_of(found), given.display_name, given.run)


def _wait_for_end(at: At, number: str, id_: str, done: Any, how: str) -> None:
    for _ in range(_END_LOOKS):
        if done(at.look(number)):
            return
        if at.pause(_END_EVERY_SECONDS):
            raise CancelledError
    minutes = int(_END_LOOKS * _END_EVERY_SECONDS / 60)
    message = f"job {id_} {how} for {minutes} minutes; run `pulumi destroy` again."
    raise StopError(message)


def _imported(project: str, region: str, number: str, call: Call) -> Made | None:
    origin = origin_of(rehearsal(os.environ))
    run = Run.of(origin, warn=call.warn, cancelled=call.cancelled)
    found = _jobs(project, region, run).get(number)
    if found is None:
        return None
    name, _, last = found["displayName"].rpartition("-")
    labels = {key: value for key, value in found.get("labels", {}).items() if key != SPEC_KEY}
    inputs: dict[str, Any] = {
        "origin": str(origin),
        "project": project,
        "region": region,
        "name": name if last.isdecimal() and name else found["displayName"],
        "run": int(last) if last.isdecimal() and name else 1,
        "labels": labels,
        "jobSpec": found["jobSpec"],
        "waitFor": "submitted",
    }
    if key := found.get("encryptionSpec", {}).get("kmsKeyName"):
        inputs["kmsKey"] = key
    outputs = {**_outputs(found, project, region), "reached": True}
    return Made(id=_id(project, region, number), outputs=outputs, inputs=inputs)


def _id(project: str, region: str, number: str) -> str:
    return f"projects/{project}/locations/{region}/customJobs/{number}"


def _was_found(id_: str) -> bool:
    with _found_lock:
        there = id_ in _found
        _found.discard(id_)
        return there


def _outputs(found: Job, project: str, region: str, number: str = "") -> dict[str, Any]:
    number = number or number_of(found)
    return {
        "displayName": found.get("displayName"),
        "state": look_of(found).state,
        "error": look_of(found).error or None,
        "startTime": found.get("startTime"),
        "endTime": found.get("endTime"),
        "consoleUrl": f"https://console.cloud.google.com/ai/platform/locations/{region}/training/{number}?project={project}",
    }


def _kept(state: Properties) -> dict[str, Any]:
    return {key: state.get(key) for key in OUTPUTS}


def _parsed(inputs: Properties, call: Call) -> tuple[Inputs, Run]:
    try:
        given = parse(inputs)
    except ValueError as error:
        message = f"the job's inputs cannot be used: {error}"
        raise StopError(message) from error
    return given, Run.of(given.origin, warn=call.warn, cancelled=call.cancelled)


def _jobs(project: str, region: str, run: Run) -> VertexJobs:
    return VertexJobs(project, region, run.sandbox, lambda seconds: wait(run.sandbox, seconds, run.cancelled))


def _parts(id_: str) -> tuple[str, str, str]:
    if match := _ID.fullmatch(id_):
        return match[1], match[2], match[3]
    message = f'"{id_}" is no custom job; give projects/<project>/locations/<region>/customJobs/<number>.'
    raise StopError(message)


@contextmanager
def _told() -> Iterator[None]:
    """Google's own texts pass as they are."""
    try:
        yield
    except ApiError as error:
        message = f"Vertex AI refused ({error.status}): {error}"
        raise StopError(message) from error
    except NoAnswerError as error:
        message = f"Vertex AI gave {error}. Run the same command again: what was done is found by its name."
        raise StopError(message) from error
    except LoginError as error:
        message = f"{error}; log in with `gcloud auth application-default login`, and run again."
        raise StopError(message) from error
    except CancelledError as error:
        message = "interrupted; run the same command again: what was done is found by its name."
        raise StopError(message) from error
