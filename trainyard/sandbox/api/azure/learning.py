"""The calls on Azure Machine Learning's computes and jobs beyond those of every kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from trainyard.sandbox.api.azure import inventory, job_life, making, pages, work
from trainyard.sandbox.api.azure.arm_error import ArmError
from trainyard.sandbox.api.azure.call import Answer, Call, Route
from trainyard.sandbox.api.azure.inventory import Listed
from trainyard.sandbox.api.azure.kinds import BY_TOKEN, COMPUTE, JOB
from trainyard.sandbox.api.azure.things import Things, end
from trainyard.sandbox.store import Status, Thing

_COMPUTES: Final = Things(kind=BY_TOKEN[COMPUTE])
_JOBS: Final = Things(kind=BY_TOKEN[JOB])
ENVIRONMENT: Final = "azure-native:machinelearningservices:EnvironmentVersion"
_JOB_NAME: Final = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_-]{0,254}")
_TOLD: Final = ("tags", "description", "displayName", "isArchived")
HAPPENS: Final = (job_life.START, job_life.RUN)  # no client calls them: what faults files say of a job's own life
_SECONDS: Final = 30.0  # simulated, for each of the verbs: the sandbox's own choice


def routes() -> tuple[Route, ...]:
    """Rows that must stand before those of `Things`."""
    return (
        Route(id=f"{_COMPUTES.name}.start", method="POST", path=f"{_COMPUTES.path}/start", answer=_compute_to("live")),
        Route(id=f"{_COMPUTES.name}.stop", method="POST", path=f"{_COMPUTES.path}/stop", answer=_compute_to("stopped")),
        Route(id=f"{_JOBS.name}.list", method="GET", path=_JOBS.all_path, answer=_list_jobs),
        Route(id=f"{_JOBS.name}.cancel", method="POST", path=f"{_JOBS.path}/cancel", answer=_cancel),
        Route(id=f"{_JOBS.name}.createOrUpdate", method="PUT", path=_JOBS.path, answer=_put_job),
        Route(id=f"{_JOBS.name}.delete", method="DELETE", path=_JOBS.path, answer=_delete_job),
    )


def _compute_to(status: Status) -> Callable[[Call], Answer]:
    def answer(call: Call) -> Answer:
        thing = inventory.find(call, _COMPUTES.kind)
        kind = (thing.outputs.get("properties") or {}).get("computeType")
        if kind != "ComputeInstance":
            text = f"The specified compute '{thing.name}' is of type {kind}, which cannot be started or stopped."
            raise ArmError(400, "BadRequest", text)
        call.store.put(replace(thing, status=status))
        return work.begun(call, thing.place, _SECONDS)

    return answer


def _put_job(call: Call) -> Answer:
    """A new job, or tags and descriptions of one that is there: nothing else of a job ever changes."""
    inventory.find_parent(call, _JOBS.kind)
    before = inventory.look(call, _JOBS.kind)
    if before is not None:
        return Answer(body=inventory.json_of(call, _JOBS.kind, _retold(call, before)))
    name = call.places["name1"]
    if not _JOB_NAME.fullmatch(name):
        raise ArmError(400, "UserError", f"The job name '{name}' is invalid. It must match {_JOB_NAME.pattern}.")
    if call.store.recall(JOB, inventory.path_of(call, _JOBS.kind)) is not None:
        raise ArmError(400, "UserError", f"A job with the name '{name}' was in this workspace; names are not reused.")
    _check_job(call)
    inputs = making.inputs_of(_JOBS.kind, inventory.group_name(call), (call.places["name0"], name), call.body)
    thing = making.make(call.store, _JOBS.kind, call.subscription, inputs)
    return Answer(status=201, body=inventory.json_of(call, _JOBS.kind, thing))


def _retold(call: Call, before: Thing) -> Thing:
    given: Mapping[str, Any] = call.body.get("properties") or {}
    inside = {**(before.outputs.get("properties") or {}), **{key: given[key] for key in _TOLD if key in given}}
    return call.store.put(replace(before, outputs={**before.outputs, "properties": inside}))


def _check_job(call: Call) -> None:
    """What a command needs, and that it is there."""
    given: Mapping[str, Any] = call.body.get("properties") or {}
    if given.get("jobType") != "Command":
        raise ArmError(501, "NotImplemented", f"the sandbox serves jobs of type Command, not {given.get('jobType')}")
    for key in ("command", "environmentId", "computeId"):
        if not given.get(key):
            raise ArmError(400, "ValidationError", f"The field properties.{key} is required.")
    if not call.store.list(type=ENVIRONMENT, name=str(given["environmentId"]).rpartition("/")[2]):
        raise ArmError(400, "UserError", f"The environment {given['environmentId']} was not found.")
    cluster = next(
        (one for one in call.store.list(type=COMPUTE) if one.id.lower() == str(given["computeId"]).lower()), None
    )
    if cluster is None:
        raise ArmError(400, "UserError", f"Compute not found: {given['computeId']}.")
    scale = ((cluster.outputs.get("properties") or {}).get("properties") or {}).get("scaleSettings") or {}
    most, asked = scale.get("maxNodeCount"), (given.get("resources") or {}).get("instanceCount") or 1
    if most is not None and asked > most:
        text = f"The requested node count {asked:g} exceeds the maximum node count {most:g} of the compute target."
        raise ArmError(400, "UserError", text)


def _delete_job(call: Call) -> Answer:
    inventory.check_subscription(call)
    job = inventory.look(call, _JOBS.kind)
    if job is None:
        return Answer(status=204)
    at = job_life.stage(call.store, job)
    if at is None or at.state not in job_life.ENDED:
        text = f"The job {job.name} is in state {at.state if at else 'NotStarted'}; cancel it before it is deleted."
        raise ArmError(409, "Conflict", text)
    end(call.store, job, _SECONDS)
    return work.begun(call, job.place, _SECONDS)


def _cancel(call: Call) -> Answer:
    job = inventory.find(call, _JOBS.kind)
    at = job_life.stage(call.store, job)
    if at is not None and at.state in job_life.ENDED:
        raise ArmError(400, "UserError", f"The job {job.name} has ended with {at.state} and cannot be cancelled.")
    job_life.cancel(call.store, job)
    return work.begun(call, job.place, _SECONDS)


def _list_jobs(call: Call) -> Answer:
    inventory.find_parent(call, _JOBS.kind)
    root = inventory.all_path_of(call, _JOBS.kind)
    tag, kind = call.query.get("tag", ""), call.query.get("jobtype", "")

    def is_asked(one: Listed) -> bool:
        inside: Any = one.json["properties"]
        return (not tag or tag in (inside.get("tags") or {})) and (not kind or inside.get("jobType") == kind)

    found = [one for one in inventory.things(call, _JOBS.kind) if one.key.startswith(root) and is_asked(one)]
    return pages.listed(call, found)
