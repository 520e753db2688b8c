"""Finds the job that an earlier create made, else makes one: its name is its run's, and a workspace has it once."""

from __future__ import annotations

from dataclasses import dataclass

from trainyard.clouds.azure.learning_jobs import Job, MlJobs, RefusedError, UnansweredError
from trainyard.facts.origin import wait
from trainyard.provider.azure_ml_job.inputs import SPEC_KEY, Inputs
from trainyard.provider.job import Look
from trainyard.provider.job_life import another_spec, submit_by_name
from trainyard.provider.run import Run
from trainyard.provider.stop import StopError

# JobStatus of the ARM description; what is not named here waits: for nodes, for its image, or for Azure to tell.
_STATES = {
    "Running": "running",
    "Finalizing": "running",
    "NotResponding": "running",  # its nodes do not answer, and are held
    "CancelRequested": "cancelling",
    "Paused": "paused",
    "Completed": "succeeded",
    "Failed": "failed",
    "Canceled": "cancelled",
}


@dataclass(frozen=True, kw_only=True)
class At:
    jobs: MlJobs
    run: Run

    def look(self, name: str) -> Look:
        found = self.jobs.get(name)
        return Look(state="deleted") if found is None else look_of(found)

    def pause(self, seconds: float) -> bool:
        return wait(self.run.sandbox, seconds, self.run.cancelled)


def existing(at: At, given: Inputs) -> Job | None:
    """The job of an earlier create whose answer was lost; StopError for one of the same name, but not of this spec."""
    found = at.jobs.get(given.job_name)
    if found is None:
        return None
    tags = found.get("tags") or {}
    if any(tags.get(key) != value for key, value in given.tags.items()):
        message = (
            f"job {given.job_name} is not this lease's: its tags differ, and no job's name comes free; raise `run` to "
            f"{given.run + 1}. If it still runs: {stop_by_hand(given)}"
        )
        raise StopError(message)
    if tags.get(SPEC_KEY) != given.digest:
        raise another_spec(given.name, given.run, given.job_name, stop_by_hand(given))
    return found


def submit(at: At, given: Inputs) -> None:
    """A new job. Whatever was not clearly refused is looked for before it is tried again."""

    def make() -> None:
        try:
            asked = given.properties(at.run.now)
        except ValueError as error:
            raise StopError(str(error)) from error
        at.jobs.create(given.job_name, asked)

    submit_by_name(
        make,
        failures=(RefusedError, UnansweredError),
        refused=lambda error: isinstance(error, RefusedError) and not error.again and not error.taken,
        there=lambda: existing(at, given) is not None,
        pause=at.pause,
    )


def look_of(found: Job) -> Look:
    state = _STATES.get(str(found.get("status")), "queued")
    if state not in ("failed", "cancelled"):
        return Look(state=state)
    # Resource Manager tells no reason.
    return Look(state=state, error=f"why is told in the studio, {studio(found)}")


def studio(found: Job) -> str:
    """Where a person reads its logs."""
    workspace, _, name = str(found.get("id", "")).rpartition("/jobs/")
    told = ((found.get("services") or {}).get("Studio") or {}).get("endpoint")
    return str(told or f"https://ml.azure.com/runs/{name}?wsid={workspace}")


def stop_by_hand(given: Inputs) -> str:
    """The command that ends the job."""
    parts = given.workspace.split("/")
    return (
        f"az ml job cancel --name {given.job_name} --workspace-name {parts[8]} --resource-group {parts[4]} "
        f"--subscription {parts[2]}"
    )
