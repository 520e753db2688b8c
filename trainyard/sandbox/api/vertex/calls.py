"""The table of Vertex AI's calls that the sandbox serves; `{endpoint}` stands for the host's region."""

from __future__ import annotations

from trainyard.sandbox.api.call import Route
from trainyard.sandbox.api.vertex import jobs, life, persistent, places

_LOCATION = "/aiplatform/{endpoint}/v1/projects/{project}/locations/{location}"
_JOBS = f"{_LOCATION}/customJobs"
_JOB = f"{_JOBS}/{{customJob}}"
_RESOURCES = f"{_LOCATION}/persistentResources"
_RESOURCE = f"{_RESOURCES}/{{persistentResource}}"
_OPERATION = f"{_LOCATION}/operations/{{operation}}"
_IDS = "aiplatform.projects.locations"

ROUTES = (
    Route(id=f"{_IDS}.customJobs.list", method="GET", path=_JOBS, answer=jobs.list_jobs),
    Route(id=f"{_IDS}.customJobs.create", method="POST", path=_JOBS, answer=jobs.create),
    Route(id=f"{_IDS}.customJobs.cancel", method="POST", path=f"{_JOB}:cancel", answer=jobs.cancel),
    Route(id=f"{_IDS}.customJobs.get", method="GET", path=_JOB, answer=jobs.get),
    Route(id=f"{_IDS}.customJobs.delete", method="DELETE", path=_JOB, answer=jobs.delete),
    Route(id=f"{_IDS}.persistentResources.list", method="GET", path=_RESOURCES, answer=persistent.list_resources),
    Route(id=f"{_IDS}.persistentResources.create", method="POST", path=_RESOURCES, answer=persistent.create),
    Route(id=f"{_IDS}.persistentResources.get", method="GET", path=_RESOURCE, answer=persistent.get),
    Route(id=f"{_IDS}.persistentResources.delete", method="DELETE", path=_RESOURCE, answer=persistent.delete),
    Route(id=f"{_IDS}.operations.get", method="GET", path=_OPERATION, answer=places.get_operation),
)
HAPPENS = (life.START, life.RUN)  # no client calls them: what faults files say of a job's own life
