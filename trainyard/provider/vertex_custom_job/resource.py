"""One run of a container on Vertex AI.

Create finds the job of this name, label and spec before it makes one, so that an answer that was lost makes no second
job. A job that ended otherwise than `waitFor` wants fails the command and stays in the state; it stays so over `up` and
`refresh` until `run` is raised. Read never says that a job is gone: the next `up` would run it a second time.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from trainyard.clouds.gcp.rest import ApiError, CancelledError, LoginError, NoAnswerError
from trainyard.clouds.gcp.vertex import Job, VertexJobs, number_of
from trainyard.facts.origin import Origin, origin_of, rehearsal, wait
from trainyard.provider import job
from trainyard.provider.job import CancelledWaitError
from trainyard.provider.job_life import Awaited, FoundJobs, awaited, no_second_entry, wait_for_end
from trainyard.provider.resource import Call, Difference, Made, NotWholeError, Problem, Properties
from trainyard.provider.run import Run
from trainyard.provider.stop import StopError
from trainyard.provider.vertex_custom_job.inputs import KEYS, SPEC, SPEC_KEY, Inputs, parse, problems
from trainyard.provider.vertex_custom_job.submit import At, existing, look_of, submitted
from trainyard.servicer import reveal

INPUTS = KEYS
OUTPUTS = ("displayName", "state", "error", "startTime", "endTime", "consoleUrl", "reached")
_ID = re.compile(r"projects/([^/]+)/locations/([^/]+)/customJobs/(\d+)")
_FOUND = FoundJobs()


def check(urn: str, olds: Properties, news: Properties) -> tuple[dict[str, Any], list[Problem]]:
    return job.check(olds, news, problems, SPEC)


def diff(olds: Properties, news: Properties, state: Properties) -> Difference:
    return job.difference(olds, news, SPEC)


def create(inputs: Properties, call: Call) -> Made:
    with _told():
        given, run = _parsed(inputs, call)
        at = At(jobs=_jobs(given.project, given.region, run), run=run)
        found = existing(at, given, call)
        if found is not None:
            _FOUND.add(_id(given.project, given.region, number_of(found)))
        with no_second_entry(given.display_name, found=found is not None):
            return _awaited(at, given, number_of(found or submitted(at, given, call)), call)


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
    if _FOUND.keeps(id, call):
        return
    origin = Origin(reveal(inputs.get("origin") or state["origin"]))
    with _told():
        run = Run.of(origin, warn=call.warn, cancelled=call.cancelled)
        at = At(jobs=_jobs(project, region, run), run=run)
        if at.look(number).state not in (*job.ENDED, "deleted"):
            at.jobs.cancel(number)
        wait_for_end(
            lambda: at.look(number).state in (*job.ENDED, "deleted"), at.pause, how=f"job {id} is being cancelled"
        )
        at.jobs.delete(number)
        wait_for_end(lambda: at.look(number).state == "deleted", at.pause, how=f"job {id} is being deleted")


def _awaited(at: At, given: Inputs, number: str, call: Call) -> Made:
    id_ = _id(given.project, given.region, number)
    asked = Awaited(
        id=id_,
        name=given.display_name,
        run=given.run,
        wait_for=given.wait_for,
        longest_wait=given.longest_wait,
        timeout=given.timeout,
        fetch=lambda: at.jobs.get(number),
        look_of=look_of,
        outputs=lambda found: _outputs(found, given.project, given.region, number),
        waits_as="state",
        gone=f"job {id_} is gone from Vertex AI",
    )
    return awaited(asked, call, now=lambda: at.run.now, pause=at.pause)


def _unmet(given: Inputs, found: Job) -> str | None:
    return job.unmet(given.wait_for, look_of(found), given.display_name, given.run)


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
    except (CancelledError, CancelledWaitError) as error:
        message = "interrupted; run the same command again: what was done is found by its name."
        raise StopError(message) from error
