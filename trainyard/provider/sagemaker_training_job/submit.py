"""Finds the job that an earlier create made, else makes one: its name is its run's, and SageMaker takes it once."""

from __future__ import annotations

from dataclasses import dataclass

from trainyard.clouds.aws.training import Job, RefusedError, TrainingJobs, UnansweredError
from trainyard.facts.origin import wait
from trainyard.provider import job
from trainyard.provider.job import Look
from trainyard.provider.job_life import another_spec, submit_by_name
from trainyard.provider.run import Run
from trainyard.provider.sagemaker_training_job.inputs import SPEC_KEY, Inputs
from trainyard.provider.stop import StopError

_ENDS = {"Completed": "succeeded", "Failed": "failed", "Stopping": "cancelling", "Deleting": "cancelling"}
_RUNS = ("Downloading", "DownloadingTrainingImage", "Training", "Uploading", "Updating")


@dataclass(frozen=True, kw_only=True)
class At:
    jobs: TrainingJobs
    run: Run

    def look(self, name: str) -> Look:
        found = self.jobs.get(name)
        return Look(state="deleted") if found is None else look_of(found)

    def pause(self, seconds: float) -> bool:
        return wait(self.run.sandbox, seconds, self.run.cancelled)


def existing(at: At, given: Inputs) -> Job | None:
    """The job of an earlier create whose answer was lost; StopError for one of the same run, but another spec."""
    found = at.jobs.get(given.job_name)
    if found is None:
        return None
    tags = found["Tags"]
    if any(tags.get(key) != value for key, value in given.tags.items()):
        # A lease's id comes again with the next lease of its stack, its tags with their hard end do not.
        if look_of(found).state in job.ENDED:
            at.jobs.delete(given.job_name)
            return None
        message = (
            f"job {given.job_name} of another lease runs under this one's name; end it first: {stop_by_hand(given)}"
        )
        raise StopError(message)
    if tags.get(SPEC_KEY) != given.digest:
        raise another_spec(given.name, given.run, given.job_name, stop_by_hand(given))
    return found


def submit(at: At, given: Inputs) -> None:
    """A new job. Whatever was not clearly refused is looked for before it is tried again."""

    def make() -> None:
        try:
            asked = given.body(at.run.now)
        except ValueError as error:
            raise StopError(str(error)) from error
        at.jobs.create(asked)

    submit_by_name(
        make,
        failures=(RefusedError, UnansweredError),
        refused=lambda error: isinstance(error, RefusedError) and not error.again and not error.taken,
        there=lambda: existing(at, given) is not None,
        pause=at.pause,
    )


def look_of(found: Job) -> Look:
    status, second = str(found.get("TrainingJobStatus")), str(found.get("SecondaryStatus"))
    error = str(found.get("FailureReason") or "")
    if status == "InProgress":
        return Look(state="running" if second in _RUNS else "queued")
    if status == "Stopped":
        # SageMaker ends a job that waited or ran as long as it may by stopping it.
        ran_out = second in ("MaxRuntimeExceeded", "MaxWaitTimeExceeded")
        return Look(state="expired" if ran_out else "cancelled", error=error or (second if ran_out else ""))
    return Look(state=_ENDS.get(status, "queued"), error=error)


def stop_by_hand(given: Inputs) -> str:
    """The command that ends the job."""
    return f"aws sagemaker stop-training-job --training-job-name {given.job_name} --region {given.region}"
