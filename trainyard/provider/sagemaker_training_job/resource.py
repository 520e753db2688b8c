"""A training job of SageMaker: one run of one container, ended by SageMaker at its limits and by destroy before.

pulumi-aws has a `sagemaker.TrainingJob`, and it cannot be this resource: every change of it is a replacement, a second
run that nobody asked for; it knows no wait; and a create whose answer was lost fails for ever with ResourceInUse.

A job that ended otherwise than `waitFor` wants fails the command and stays in the state; it stays so over `up` and
`refresh` until `run` is raised. Read never says that a job is gone: the next `up` would run it a second time.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from trainyard.clouds.aws.training import Job, NoLoginError, RefusedError, TrainingJobs, UnansweredError
from trainyard.facts.labels import HARD_END_KEY
from trainyard.facts.origin import Origin, origin_of, rehearsal
from trainyard.provider import job
from trainyard.provider.job import CancelledWaitError
from trainyard.provider.job_life import Awaited, FoundJobs, awaited, no_second_entry, wait_for_end
from trainyard.provider.resource import Call, Difference, Made, NotWholeError, Problem, Properties
from trainyard.provider.run import Run
from trainyard.provider.sagemaker_training_job.inputs import KEYS, SPEC, SPEC_KEY, Inputs, parse, problems
from trainyard.provider.sagemaker_training_job.submit import At, existing, look_of, submit
from trainyard.provider.stop import StopError
from trainyard.servicer import reveal

INPUTS = KEYS
OUTPUTS = ("jobName", "state", "error", "startTime", "endTime", "consoleUrl", "reached")
_ID = re.compile(r"arn:aws[a-z-]*:sagemaker:([a-z0-9-]+):(\d{12}):training-job/([a-zA-Z0-9-]+)")
_FOUND = FoundJobs()


def check(urn: str, olds: Properties, news: Properties) -> tuple[dict[str, Any], list[Problem]]:
    return job.check(olds, news, problems, SPEC)


def diff(olds: Properties, news: Properties, state: Properties) -> Difference:
    return job.difference(olds, news, SPEC)


def create(inputs: Properties, call: Call) -> Made:
    with _told():
        given, at = _opened(inputs, call)
        found = existing(at, given) is not None
        if found:
            _FOUND.add(_id(given.account, given.region, given.job_name))
        else:
            submit(at, given)
        with no_second_entry(given.job_name, found=found):
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
    if _FOUND.keeps(id, call):
        return
    region, account, name = _parts(id)
    with _told():
        run = Run.of(Origin(reveal(inputs.get("origin") or state["origin"])), warn=call.warn, cancelled=call.cancelled)
        at = At(jobs=TrainingJobs(account, region, run.sandbox), run=run)
        seen = at.look(name).state
        if seen not in (*job.ENDED, "deleted", "cancelling"):
            _stopped(at, name)
        wait_for_end(
            lambda: at.look(name).state in (*job.ENDED, "deleted"), at.pause, how=f"job {name} is being stopped"
        )
        at.jobs.delete(name)


def _stopped(at: At, name: str) -> None:
    """Stop it; one that ended by itself in the meantime is as good."""
    try:
        at.jobs.stop(name)
    except RefusedError:
        if at.look(name).state not in (*job.ENDED, "deleted", "cancelling"):
            raise


def _awaited(at: At, given: Inputs, call: Call) -> Made:
    name = given.job_name
    asked = Awaited(
        id=_id(given.account, given.region, name),
        name=name,
        run=given.run,
        wait_for=given.wait_for,
        longest_wait=given.longest_wait,
        timeout=given.timeout,
        fetch=lambda: at.jobs.get(name),
        look_of=look_of,
        outputs=lambda found: _outputs(found, given.region, name),
        waits_as="SecondaryStatus",
        gone=f"job {name} is gone from SageMaker",
    )
    return awaited(asked, call, now=lambda: at.run.now, pause=at.pause)


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
        **({"hardEnd": found["Tags"][HARD_END_KEY]} if HARD_END_KEY in found["Tags"] else {}),
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
    except CancelledWaitError as error:
        message = "interrupted; run the same command again: what was done is found by its name."
        raise StopError(message) from error
