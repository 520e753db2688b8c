"""The calls on custom jobs."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Mapping
from typing import Any, Final

from trainyard.sandbox.api.call import Call
from trainyard.sandbox.api.compute.filters import compile_filter
from trainyard.sandbox.api.compute.names import number
from trainyard.sandbox.api.google_error import GoogleError
from trainyard.sandbox.api.vertex import life
from trainyard.sandbox.api.vertex.body import check_job
from trainyard.sandbox.api.vertex.persistent import check_job_on
from trainyard.sandbox.api.vertex.places import check_place, moment, operation
from trainyard.sandbox.api.vertex.rules import check_rules
from trainyard.sandbox.store import Thing

# aiplatform.v1 customJobs.list names these fields, in the spelling of Google's own messages.
_FIELDS: Final = {"display_name": "displayName", "state": "state", "create_time": "createTime", "labels": "labels"}
_LARGEST: Final = 100
_DEFAULTS: Final = {"bootDiskType": "pd-ssd", "bootDiskSizeGb": 100}


def create(call: Call) -> dict[str, Any]:
    check_place(call)
    check_job(call.body)
    region = call.places["location"]
    check_rules(call.body, region)
    check_job_on(call.store, call.project, region, call.body)
    now = call.store.now()
    counted = len(call.store.list(type=life.TYPE, deleted=True))
    id_ = number("custom job", call.project, region, call.body["displayName"], str(now), str(counted))
    job = Thing(
        type=life.TYPE,
        id=_name(call, id_),
        package="gcp",
        project=call.project,
        place=region,
        name=str(call.body["displayName"]),
        labels=dict(call.body.get("labels", {})),
        inputs=_with_defaults(call.body),
        created=now,
    )
    job = life.becomes(job, "JOB_STATE_QUEUED", now, now + life.QUEUED_SECONDS)
    return _json(call.store.add(job))


def get(call: Call) -> dict[str, Any]:
    return _json(_find(call))


def list_jobs(call: Call) -> dict[str, Any]:
    check_place(call)
    if unknown := sorted(call.query.keys() - {"alt", "filter", "pageSize", "pageToken"}):
        raise GoogleError(501, f"the sandbox's list of custom jobs takes no {', '.join(unknown)}")
    lets_through = compile_filter(_translated(call.query.get("filter", "")))
    size = call.query.get("pageSize", str(_LARGEST))
    if not size.isdecimal():
        raise GoogleError(400, f"Invalid page_size: {size}")
    found = call.store.list(type=life.TYPE, project=call.project, place=call.places["location"])
    shown = [job for job in found if job.created <= call.newest and lets_through(_json(job))]
    shown.sort(key=lambda job: (-job.created, job.id))  # the newest first
    start = _after(call.query.get("pageToken", ""))
    end = start + min(int(size) or _LARGEST, _LARGEST)
    answer: dict[str, Any] = {"customJobs": [_json(job) for job in shown[start:end]]} if shown[start:end] else {}
    return answer | ({"nextPageToken": urlsafe_b64encode(str(end).encode()).decode()} if end < len(shown) else {})


def cancel(call: Call) -> dict[str, Any]:
    job = _find(call)
    state = life.state_of(job)
    if state in life.ENDED:
        text = f"Cannot cancel the CustomJob {job.id}: it is in state {state}."
        raise GoogleError(400, text, "FAILED_PRECONDITION")
    if state != "JOB_STATE_CANCELLING":
        now = call.store.now()
        if state == "JOB_STATE_RUNNING":
            call.store.put(life.becomes(job, "JOB_STATE_CANCELLING", now, now + life.CANCEL_SECONDS))
        else:
            error = {"code": 1, "message": "CANCELED"}
            call.store.put(life.becomes(job, "JOB_STATE_CANCELLED", now, error=error))
    return {}


def delete(call: Call) -> dict[str, Any]:
    job = _find(call)
    if life.state_of(job) not in life.ENDED:
        text = f"The CustomJob {job.id} is in state {life.state_of(job)}: only a job that has ended can be deleted."
        raise GoogleError(400, text, "FAILED_PRECONDITION")
    call.store.delete(job.type, job.id)
    return operation(call, job.id, "DeleteOperationMetadata", {"@type": "type.googleapis.com/google.protobuf.Empty"})


def _find(call: Call) -> Thing:
    check_place(call)
    job = call.store.get(life.TYPE, _name(call, call.places["customJob"]))
    if job is None or job.created > call.newest:
        raise GoogleError(404, f"The CustomJob does not exist: {_name(call, call.places['customJob'])}")
    return job


def _name(call: Call, id_: str) -> str:
    """As the API tells it: with the project's number."""
    project = call.project if call.project.isdecimal() else number("project", call.project)[:12]
    return f"projects/{project}/locations/{call.places['location']}/customJobs/{id_}"


def _with_defaults(body: Mapping[str, Any]) -> dict[str, Any]:
    """What the API fills in where nothing is given."""
    pools = [
        {"replicaCount": "1", **pool, "diskSpec": {**_DEFAULTS, **pool.get("diskSpec", {})}} if pool else pool
        for pool in body["jobSpec"]["workerPoolSpecs"]
    ]
    return {**body, "jobSpec": {**body["jobSpec"], "workerPoolSpecs": pools}}


def _json(job: Thing) -> dict[str, Any]:
    shown: dict[str, Any] = {"name": job.id, **job.inputs, "createTime": moment(job.created)}
    for key in ("startTime", "endTime", "updateTime"):
        if key in job.outputs:
            shown[key] = moment(job.outputs[key])
    if job.outputs.get("error"):
        shown["error"] = job.outputs["error"]
    return shown | {"state": life.state_of(job)}


def _translated(filter_: str) -> str:
    """The filter with the fields as the JSON has them."""
    for part in filter_.split(" AND ") if filter_.strip() else ():
        field = part.strip().partition(".")[0].partition("=")[0].partition("!")[0].partition(":")[0].strip()
        if field not in _FIELDS:
            raise GoogleError(400, f"Invalid filter '{filter_}': '{field}' is none of {', '.join(_FIELDS)}.")
    for given, wire in _FIELDS.items():
        filter_ = filter_.replace(given, wire)
    return filter_


def _after(token: str) -> int:
    try:
        return int(urlsafe_b64decode(token)) if token else 0
    except (Error, ValueError) as error:
        raise GoogleError(400, f"Invalid page_token: {token}") from error
