"""Vertex AI's jobs and persistent resources of one project and region, by plain REST: a create is sent once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from trainyard.clouds.gcp.rest import ApiError, Rest, login
from trainyard.facts.labels import LEASE_KEY
from trainyard.facts.origin import Sandbox

# The states in which a job has ended for good: aiplatform.v1 CustomJob.state.
ENDED = frozenset(
    {
        "JOB_STATE_SUCCEEDED",
        "JOB_STATE_FAILED",
        "JOB_STATE_CANCELLED",
        "JOB_STATE_EXPIRED",
        "JOB_STATE_PARTIALLY_SUCCEEDED",
    }
)
Job = Mapping[str, Any]  # aiplatform.v1 CustomJob


class VertexJobs:
    """`pause` waits before a call is made again, and says whether the run was cancelled meanwhile.

    Every method raises what `Rest.call` does.
    """

    def __init__(self, project: str, region: str, sandbox: Sandbox | None, pause: Callable[[float], bool]) -> None:
        self._parent = f"projects/{project}/locations/{region}"
        # A job is reached at its region's own endpoint only.
        base = f"https://{region}-aiplatform.googleapis.com/v1"
        if sandbox is not None:
            base = f"{sandbox.api['gcp'].rstrip('/')}/aiplatform/{region}/v1"
        self._rest = Rest(base=base, login=login(sandbox), pause=pause)

    def create(self, body: Job) -> Job:
        """The new job; tried once, for a second job is a second bill."""
        return dict(self._rest.call("POST", f"{self._parent}/customJobs", body, tries=1))

    def get(self, number: str) -> Job | None:
        """The job by the number that Vertex gave it; None when there is none."""
        return self._or_none(lambda: self._rest.call("GET", self._path(number)))

    def of_lease(self, lease_id: str, display_name: str | None = None) -> list[Job]:
        """The jobs with the lease's label, and with the name where one is given; the oldest first."""
        asked = f'labels.{LEASE_KEY}="{lease_id}"'
        if display_name is not None:
            asked = f'display_name="{display_name}" AND {asked}'
        found = self._rest.pages(f"{self._parent}/customJobs", "customJobs", filter=asked, pageSize="100")
        return sorted(found, key=lambda job: str(job.get("createTime", "")))

    def persistent_resources(self, lease_id: str) -> list[dict[str, Any]]:
        """aiplatform.v1 PersistentResources with the lease's label; their list takes no filter."""
        found = self._rest.pages(f"{self._parent}/persistentResources", "persistentResources", pageSize="100")
        return [each for each in found if each.get("labels", {}).get(LEASE_KEY) == lease_id]

    def cancel(self, number: str) -> None:
        """Ask the job to end; nothing for one that is gone or has ended."""
        try:
            self._rest.call("POST", f"{self._path(number)}:cancel", {})
        except ApiError as error:
            if error.status != 404 and not self._has_ended(number):
                raise

    def delete(self, number: str) -> None:
        """Delete a job that has ended; nothing for one that is gone."""
        self._or_none(lambda: self._rest.call("DELETE", self._path(number)))

    def _path(self, number: str) -> str:
        return f"{self._parent}/customJobs/{number}"

    def _has_ended(self, number: str) -> bool:
        job = self.get(number)
        return job is None or job.get("state") in ENDED

    def _or_none(self, ask: Callable[[], Any]) -> Job | None:
        try:
            return dict(ask())
        except ApiError as error:
            if error.status == 404:
                return None
            raise


def number_of(job: Job) -> str:
    """The number at the end of the job's name."""
    return str(job["name"]).rpartition("/")[2]
