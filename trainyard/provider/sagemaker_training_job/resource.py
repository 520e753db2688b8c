"""A training job of SageMaker: one run of one container, ended by SageMaker at its limits and by destroy before.

pulumi-aws has a `sagemaker.TrainingJob`, and it cannot be this resource: every change of it is a replacement, a second
run that nobody asked for; it knows no wait; and a create whose answer was lost fails for ever with ResourceInUse.

A job that ended otherwise than `waitFor` wants fails the command and stays in the state; it stays so over `up` and
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

from trainyard.clouds.aws.training import Job, NoLoginError, RefusedError, TrainingJobs, UnansweredError
from trainyard.facts.origin import Origin, origin_of, rehearsal
from trainyard.provider import job
from trainyard.provider.job import CancelledWaitError
from trainyard.provider.resource import Call, Difference, Made, NotWholeError, Problem, Properties
from trainyard.provider.run import Run
from trainyard.provider.sagemaker_training_job.inputs import KEYS, SPEC, SPEC_KEY, Inputs, parse, problems
from trainyard.provider.sagemaker_training_job.submit import At, BrokenOffError, existing, look_of, submit
from trainyard.provider.stop import StopError
from trainyard.servicer import reveal

INPUTS = KEYS
OUTPUTS = ("jobName", "state", "error", "startTime", "endTime", "consoleUrl", "reached")
_ID = re.compile(r"arn:aws[a-z-]*:sagemaker:([a-z0-9-]+):(\d{12}):training-job/([a-zA-Z0-9-]+)")
_found: set[str] = set()  # ids of jobs that were there already when a Create of this process asked for them
_found_lock = threading.Lock()
_UNTIL_ENDED = timedelta(minutes=15)  # a stopped job has 120 seconds for its container, and uploads its result then


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
        given, at = _opened(inputs, call)
        if existing(at, given) is not None:
            with _found_lock:
                _found.add(_id(given.account, given.region, given.job_name))
        else:
            submit(at, given)
        return _awaited(at, given, call)


def read(id: str, inputs: Properties, state: Properties, call: Call) -> Made | None:
    region, account, name = _parts(id)
    with _told():
        if not inputs:
            return _imported(region, account, name, call)
        run = Run.of(Origin(reveal(inputs["origin"])), warn=call.warn, cancelled=call.cancelled)
        found = TrainingJobs(account, region, run.sandbox).get(name)
    if found is None:
        call.warn(
            f"the job {name} is gone from SageMaker. It stays in the state as deleted, for without it the next `pulumi "
            f"up` would run it a second time; raise `run` to run it again."
        )
        return Made(id=id, outputs={**{key: state.get(key) for key in OUTPUTS}, "state": "deleted"})
    outputs = {**_outputs(found, region, name), "reached": state.get("reached", True)}
    if state.get("reached") is False and (reason := _unmet(parse(inputs), found)):
        raise NotWholeError(Made(id=id, outputs=outputs), reason)
    return Made(id=id, outputs=outputs)


def update(id: str, inputs: Properties, state: Properties, call: Call) -> Properties:
    with _told():
        given, at = _opened(inputs, call)
        return _awaited(at, given, call).outputs


def delete(id: str, inputs: Properties, state: Properties, call: Call) -> None:
    with _found_lock:
        was_found = id in _found
        _found.discard(id)
    if was_found:
        # `up --replace` and `state taint` create before they delete, and Create found what was to be replaced.
        call.warn(f"job {id} is kept: nothing differs, and a replacement is no new run; raise `run` to run it again.")
        return
    region, account, name = _parts(id)
    with _told():
        run = Run.of(Origin(reveal(inputs.get("origin") or state["origin"])), warn=call.warn, cancelled=call.cancelled)
        at = At(jobs=TrainingJobs(account, region, run.sandbox), run=run)
        seen = at.look(name).state
        if seen not in (*job.ENDED, "deleted", "cancelling"):
            _stopped(at, name)
        _wait_for_end(at, name)
        at.jobs.delete(name)


def _stopped(at: At, name: str) -> None:
    """Stop it; one that ended by itself in the meantime is as good."""
    try:
        at.jobs.stop(name)
    except RefusedError:
        if at.look(name).state not in (*job.ENDED, "deleted", "cancelling"):
            raise


def _wait_for_end(at: At, name: str) -> None:
    until = at.run.now + _UNTIL_ENDED
    while at.look(name).state not in (*job.ENDED, "deleted"):
        if at.run.now >= until:
            message = f"job {name} is being stopped for {_UNTIL_ENDED // timedelta(minutes=1)} minutes; run it again."
            raise StopError(message)
        if at.pause(5.0):
            raise BrokenOffError


def _awaited(at: At, given: Inputs, call: Call) -> Made:
    """The job once it is what `waitFor` says; NotWholeError where it ended otherwise, or on Cancel."""
    name = given.job_name
    id_ = _id(given.account, given.region, name)
    span = job.bound(given.wait_for, given.longest_wait, given.timeout)
    if call.timeout_seconds:
        span = min(span, timedelta(seconds=call.timeout_seconds))
    try:
        seen = job.wait_until(
            given.wait_for,
            lambda: at.look(name),
            until=at.run.now + span,
            now=lambda: at.run.now,
            pause=at.pause,
        )
    except CancelledWaitError as error:
        text = (
            f"interrupted while job {name} was waited for until it is {given.wait_for}. The job goes on and is in the "
            f"state; `pulumi up` waits again, `pulumi destroy` ends it."
        )
        outputs = {**_outputs(at.jobs.get(name) or {}, given.region, name), "reached": False}
        raise NotWholeError(Made(id=id_, outputs=outputs), text) from error
    found = at.jobs.get(name)
    if found is None:
        message = f"job {name} is gone from SageMaker; raise `run` to {given.run + 1} to run it again."
        raise StopError(message)
    reason = _unmet(given, found)
    made = Made(id=id_, outputs={**_outputs(found, given.region, name), "reached": reason is None})
    if reason is not None:
        raise NotWholeError(made, reason)
    if seen.state == "queued" and given.wait_for != "submitted":
        call.warn(f"job {name} still waits for room ({found.get('SecondaryStatus')}); it goes on by itself.")
    return made


def _unmet(given: Inputs, found: Job) -> str | None:
    return job.unmet(given.wait_for, look_of(found), given.job_name, given.run)


def _imported(region: str, account: str, name: str, call: Call) -> Made | None:
    origin = origin_of(rehearsal(os.environ))
    run = Run.of(origin, warn=call.warn, cancelled=call.cancelled)
    found = TrainingJobs(account, region, run.sandbox).get(name)
    if found is None:
        return None
    stem, _, last = name.rpartition("-")
    numbered = last.isdecimal() and bool(stem)
    condition = found.get("StoppingCondition", {})
    runs = int(condition.get("MaxRuntimeInSeconds", 86400))
    waits = condition.get("MaxPendingTimeInSeconds") or (condition.get("MaxWaitTimeInSeconds") or runs) - runs
    asked = ("AlgorithmSpecification", "RoleArn", "InputDataConfig", "OutputDataConfig", "ResourceConfig", "VpcConfig")
    more = ("EnableNetworkIsolation", "EnableInterContainerTrafficEncryption", "EnableManagedSpotTraining")
    last_ones = ("CheckpointConfig", "Environment", "RetryStrategy")
    inputs: dict[str, Any] = {
        "origin": str(origin),
        "account": account,
        "region": region,
        "name": stem if numbered else name,
        "run": int(last) if numbered else 1,
        "tags": {key: value for key, value in found["Tags"].items() if key != SPEC_KEY},
        "request": {key: found[key] for key in (*asked, *more, *last_ones) if found.get(key)},
        "timeoutSeconds": runs,
        "maxWaitSeconds": max(int(waits), 1800),
        "waitFor": "submitted",
    }
    outputs = {**_outputs(found, region, name), "reached": True}
    return Made(id=_id(account, region, name), outputs=outputs, inputs=inputs)


def _outputs(found: Job, region: str, name: str) -> dict[str, Any]:
    seen = look_of(found)
    times = {key: found.get(api) for key, api in (("startTime", "TrainingStartTime"), ("endTime", "TrainingEndTime"))}
    return {
        "jobName": name,
        "state": seen.state,
        "error": seen.error or None,
        **{key: f"{time:%Y-%m-%dT%H:%M:%SZ}" if time else None for key, time in times.items()},
        "consoleUrl": f"https://{region}.console.aws.amazon.com/sagemaker/home?region={region}#/jobs/{name}",
    }


def _opened(inputs: Properties, call: Call) -> tuple[Inputs, At]:
    try:
        given = parse(inputs)
    except ValueError as error:
        message = f"the job's inputs cannot be used: {error}"
        raise StopError(message) from error
    run = Run.of(given.origin, warn=call.warn, cancelled=call.cancelled)
    return given, At(jobs=TrainingJobs(given.account, given.region, run.sandbox), run=run)


def _id(account: str, region: str, name: str) -> str:
    return f"arn:aws:sagemaker:{region}:{account}:training-job/{name}"


def _parts(id_: str) -> tuple[str, str, str]:
    if match := _ID.fullmatch(id_):
        return match[1], match[2], match[3]
    message = f'"{id_}" is no training job; give arn:aws:sagemaker:<region>:<account>:training-job/<name>.'
    raise StopError(message)


@contextmanager
def _told() -> Iterator[None]:
    """Amazon's own texts pass as they are."""
    try:
        yield
    except RefusedError as error:
        message = f"SageMaker refused: {error}"
        raise StopError(message) from error
    except UnansweredError as error:
        message = f"SageMaker gave no answer: {error}. Run the same command again: what was done is found by its name."
        raise StopError(message) from error
    except NoLoginError as error:
        message = f"{error}; log in to the job's account (`aws sso login`, or AWS_PROFILE), and run again."
        raise StopError(message) from error
    except BrokenOffError as error:
        message = "interrupted; run the same command again: what was done is found by its name."
        raise StopError(message) from error
