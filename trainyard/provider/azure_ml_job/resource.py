"""A job of Azure Machine Learning: one run of one container, cancelled by Azure at its timeout and by destroy before.

`components/azure/training_job.py` tells why the SDK's own `machinelearningservices.Job` cannot be this resource.

A job that ended otherwise than `waitFor` wants fails the command and stays in the state; it stays so over `up` and
`refresh` until `run` is raised. Read never says that a job is gone: the next `up` would run it a second time.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from trainyard.clouds.azure.learning_jobs import Job, MlJobs, NoLoginError, RefusedError, UnansweredError
from trainyard.facts.labels import HARD_END_KEY
from trainyard.facts.origin import Origin, origin_of, rehearsal
from trainyard.provider import job
from trainyard.provider.azure_ml_job.inputs import KEYS, SPEC, SPEC_KEY, WORKSPACE, Inputs, parse, problems, span
from trainyard.provider.azure_ml_job.submit import At, existing, look_of, studio, submit
from trainyard.provider.job import CancelledWaitError
from trainyard.provider.job_life import Awaited, FoundJobs, awaited, no_second_entry, wait_for_end
from trainyard.provider.resource import Call, Difference, Made, NotWholeError, Problem, Properties
from trainyard.provider.run import Run
from trainyard.provider.stop import StopError
from trainyard.servicer import reveal

INPUTS = KEYS
OUTPUTS = ("jobName", "state", "error", "consoleUrl", "reached")
_OURS = re.compile(r"(.+)-([1-9][0-9]*)-[0-9a-f]{6}")  # a name that this resource gave
_TOLD = ("status", "services", "tags", "id", "name", "componentId", "isArchived", "parameters", "properties")
# Azure bounds no wait for nodes (limits.timeout counts from the run): this is how long a command waits at most for it.
_ROOM = timedelta(hours=2)
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
            _FOUND.add(_id(given.workspace, given.job_name))
        else:
            submit(at, given)
        with no_second_entry(given.job_name, found=found):
            return _awaited(at, given, call)


def read(id: str, inputs: Properties, state: Properties, call: Call) -> Made | None:
    workspace, name = _parts(id)
    with _told():
        if not inputs:
            return _imported(workspace, name, call)
        run = Run.of(Origin(reveal(inputs["origin"])), warn=call.warn, cancelled=call.cancelled)
        found = MlJobs(workspace, run.sandbox).get(name)
    if found is None:
        call.warn(
            f"the job {name} is gone from its workspace. It stays in the state as deleted, for without it the next "
            f"`pulumi up` would run it a second time; raise `run` to run it again."
        )
        return Made(id=id, outputs={**{key: state.get(key) for key in OUTPUTS}, "state": "deleted"})
    outputs = {**_outputs(found), "reached": state.get("reached", True)}
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
    workspace, name = _parts(id)
    with _told():
        run = Run.of(Origin(reveal(inputs.get("origin") or state["origin"])), warn=call.warn, cancelled=call.cancelled)
        at = At(jobs=MlJobs(workspace, run.sandbox), run=run)
        seen = at.look(name).state
        if seen not in (*job.ENDED, "deleted", "cancelling"):
            _cancelled(at, name)
        wait_for_end(
            lambda: at.look(name).state in (*job.ENDED, "deleted"), at.pause, how=f"job {name} is being cancelled"
        )
        at.jobs.delete(name)
        wait_for_end(lambda: at.look(name).state == "deleted", at.pause, how=f"job {name} is being deleted")


def _cancelled(at: At, name: str) -> None:
    """Cancel it; one that ended by itself in the meantime is as good."""
    try:
        at.jobs.cancel(name)
    except RefusedError:
        if at.look(name).state not in (*job.ENDED, "deleted", "cancelling"):
            raise


def _awaited(at: At, given: Inputs, call: Call) -> Made:
    name = given.job_name
    asked = Awaited(
        id=_id(given.workspace, name),
        name=name,
        run=given.run,
        wait_for=given.wait_for,
        longest_wait=_ROOM,
        timeout=given.timeout,
        fetch=lambda: at.jobs.get(name),
        look_of=look_of,
        outputs=_outputs,
        waits_as="status",
        gone=f"job {name} is gone from its workspace",
    )
    return awaited(asked, call, now=lambda: at.run.now, pause=at.pause)


def _unmet(given: Inputs, found: Job) -> str | None:
    return job.unmet(given.wait_for, look_of(found), given.job_name, given.run)


def _imported(workspace: str, name: str, call: Call) -> Made | None:
    origin = origin_of(rehearsal(os.environ))
    run = Run.of(origin, warn=call.warn, cancelled=call.cancelled)
    found = MlJobs(workspace, run.sandbox).get(name)
    if found is None:
        return None
    ours = _OURS.fullmatch(name)
    tags = {key: value for key, value in (found.get("tags") or {}).items() if key != SPEC_KEY}
    inputs: dict[str, Any] = {
        "origin": str(origin),
        "workspace": workspace,
        "name": ours[1] if ours else name,
        "run": int(ours[2]) if ours else 1,
        "tags": tags,
        "job": _asked(found),
        "waitFor": "submitted",
        **({"hardEnd": tags[HARD_END_KEY]} if HARD_END_KEY in tags else {}),
    }
    return Made(id=_id(workspace, name), outputs={**_outputs(found), "reached": True}, inputs=inputs)


def _asked(found: Job) -> dict[str, Any]:
    """What a job was made of; a span as programs here write it, for Azure rewrites "PT43200S" as "PT12H"."""
    asked = {key: value for key, value in found.items() if key not in _TOLD and value is not None}
    limits = asked.get("limits") or {}
    if runs := span(limits.get("timeout")):
        asked["limits"] = {**limits, "timeout": f"PT{int(runs.total_seconds())}S"}
    return asked


def _outputs(found: Job) -> dict[str, Any]:
    seen = look_of(found)
    return {
        "jobName": found.get("name"),
        "state": seen.state,
        "error": seen.error or None,
        "consoleUrl": studio(found),
    }


def _opened(inputs: Properties, call: Call) -> tuple[Inputs, At]:
    try:
        given = parse(inputs)
    except ValueError as error:
        message = f"the job's inputs cannot be used: {error}"
        raise StopError(message) from error
    run = Run.of(given.origin, warn=call.warn, cancelled=call.cancelled)
    return given, At(jobs=MlJobs(given.workspace, run.sandbox), run=run)


def _id(workspace: str, name: str) -> str:
    return f"{workspace}/jobs/{name}"


def _parts(id_: str) -> tuple[str, str]:
    workspace, _, name = id_.rpartition("/jobs/")
    if WORKSPACE.fullmatch(workspace) and name and "/" not in name:
        return workspace, name
    message = f'"{id_}" is no job; give <full id of the workspace>/jobs/<name>.'
    raise StopError(message)


@contextmanager
def _told() -> Iterator[None]:
    """Azure's own texts pass as they are."""
    try:
        yield
    except RefusedError as error:
        message = f"Azure Machine Learning refused: {error}"
        raise StopError(message) from error
    except UnansweredError as error:
        message = (
            f"Azure Machine Learning gave no answer: {error}. Run the same command again: what was done is found by "
            "its name."
        )
        raise StopError(message) from error
    except NoLoginError as error:
        message = f"{error}; log in to the subscription's directory (`az login`), and run again."
        raise StopError(message) from error
    except CancelledWaitError as error:
        message = "interrupted; run the same command again: what was done is found by its name."
        raise StopError(message) from error
