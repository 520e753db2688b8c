"""Finds the job that an earlier create made, else makes one: never two of one run."""

from __future__ import annotations

from dataclasses import dataclass

from trainyard.clouds.gcp.compute import LIST_LAG
from trainyard.clouds.gcp.rest import ApiError, CancelledError, NoAnswerError, pause_seconds
from trainyard.clouds.gcp.vertex import Job, VertexJobs, number_of
from trainyard.facts.origin import wait
from trainyard.provider import job
from trainyard.provider.job import Look
from trainyard.provider.job_life import another_spec
from trainyard.provider.resource import Call
from trainyard.provider.run import Run
from trainyard.provider.stop import StopError
from trainyard.provider.vertex_custom_job.inputs import SPEC_KEY, Inputs

_TRIES = 5
_STATES = {
    "JOB_STATE_RUNNING": "running",
    "JOB_STATE_UPDATING": "running",
    "JOB_STATE_SUCCEEDED": "succeeded",
    "JOB_STATE_PARTIALLY_SUCCEEDED": "succeeded",
    "JOB_STATE_FAILED": "failed",
    "JOB_STATE_CANCELLING": "cancelling",
    "JOB_STATE_CANCELLED": "cancelled",
    "JOB_STATE_PAUSED": "paused",
    "JOB_STATE_EXPIRED": "expired",
}


@dataclass(frozen=True, kw_only=True)
class At:
    jobs: VertexJobs
    run: Run

    def look(self, number: str) -> Look:
        found = self.jobs.get(number)
        return Look(state="deleted") if found is None else look_of(found)

    def pause(self, seconds: float) -> bool:
        return wait(self.run.sandbox, seconds, self.run.cancelled)


def existing(at: At, given: Inputs, call: Call) -> Job | None:
    """The job of an earlier create whose answer was lost; StopError for one of the same run, but another spec."""
    found = at.jobs.of_lease(given.lease_id, given.display_name)
    ours = [each for each in found if _is_of_this_lease(each, given)]
    for each in found:
        if each not in ours and look_of(each).state not in job.ENDED:
            call.warn(f"job {each['name']} of an earlier lease has the same name and goes on: {_cancel(each, given)}")
    if not ours:
        return None
    first, *more = ours
    for each in more:
        call.warn(f"job {each['name']} is a second one of the same run: {_cancel(each, given)}")
    if first.get("labels", {}).get(SPEC_KEY) != given.digest:
        raise another_spec(given.name, given.run, first["name"], _cancel(first, given))
    return first


def _is_of_this_lease(found: Job, given: Inputs) -> bool:
    """A lease's id comes again with the next lease of its stack, its labels with their hard end do not."""
    labels = found.get("labels", {})
    return all(labels.get(key) == value for key, value in given.labels.items())


def submitted(at: At, given: Inputs, call: Call) -> Job:
    """A new job. Before each further try it is looked for again: the last one may have made it."""
    for number in range(1, _TRIES + 1):
        try:
            body = given.body(at.run.now)
        except ValueError as error:
            raise StopError(str(error)) from error
        try:
            return at.jobs.create(body)
        except (ApiError, NoAnswerError) as error:
            if isinstance(error, ApiError) and not error.again:
                raise
            if number < _TRIES and at.pause(_pause(number, error)):
                raise CancelledError from error
            if (found := existing(at, given, call)) is not None:
                return found
            if number == _TRIES:
                raise
    raise AssertionError


def _pause(number: int, error: ApiError | NoAnswerError) -> float:
    """Before a create is tried again: where the last one may have been done, as long as a list may lag behind."""
    if isinstance(error, ApiError) and error.status in (429, 503):
        return pause_seconds(number, error)
    return LIST_LAG.total_seconds()


def look_of(found: Job) -> Look:
    error = str(found.get("error", {}).get("message", ""))
    return Look(state=_STATES.get(str(found.get("state")), "queued"), error=error)


def _cancel(found: Job, given: Inputs) -> str:
    return f"gcloud ai custom-jobs cancel {number_of(found)} --region={given.region} --project={given.project}"
