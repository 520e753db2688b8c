"""The calls on persistent resources; what is made comes from the provider's side, and what runs on it is held to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from trainyard.sandbox.api.call import Call
from trainyard.sandbox.api.compute.names import number
from trainyard.sandbox.api.google_error import GoogleError
from trainyard.sandbox.api.making import AlreadyThere, NotMade, make
from trainyard.sandbox.api.vertex import life
from trainyard.sandbox.api.vertex.body import check_persistent_resource
from trainyard.sandbox.api.vertex.places import check_place, moment, operation
from trainyard.sandbox.store import Store, Thing
from trainyard.servicer.values import reveal

_LARGEST: Final = 100
_SHOWN: Final = ("displayName", "labels", "network", "encryptionSpec", "reservedIpRanges", "resourceRuntimeSpec")
_STATES: Final = {"live": "RUNNING", "deleting": "STOPPING", "failed": "ERROR"}


def list_resources(call: Call) -> dict[str, Any]:
    """One page; the call has no filter."""
    check_place(call)
    if unknown := sorted(call.query.keys() - {"alt", "pageSize", "pageToken"}):
        raise GoogleError(
            400, f'Invalid JSON payload received. Unknown name "{unknown[0]}": Cannot bind query parameter.'
        )
    found = call.store.list(type=life.PERSISTENT, project=call.project, place=call.places["location"])
    after = call.query.get("pageToken", "")
    later = sorted(
        (each for each in found if each.created <= call.newest and each.id > after), key=lambda each: each.id
    )
    size = min(int(call.query.get("pageSize") or _LARGEST), _LARGEST)
    answer: dict[str, Any] = {"persistentResources": [to_json(each) for each in later[:size]]} if later else {}
    return answer | ({"nextPageToken": later[size - 1].id} if len(later) > size else {})


def get(call: Call) -> dict[str, Any]:
    return to_json(_find(call))


def create(call: Call) -> dict[str, Any]:
    check_place(call)
    check_persistent_resource(call.body)
    name = call.query.get("persistentResourceId", "")
    if not name:
        raise GoogleError(400, "Required field is not set: persistent_resource_id")
    place = {"project": call.project, "location": call.places["location"]}
    try:
        made = make(call.store, "gcp", life.PERSISTENT, {**call.body, "name": name, **place}, place)
    except AlreadyThere:
        raise GoogleError(409, f"Persistent resource {name} already exists.", "ALREADY_EXISTS") from None
    except NotMade as error:
        raise GoogleError(400, f"{error.path}: {error.reason}") from error
    kind = "type.googleapis.com/google.cloud.aiplatform.v1.PersistentResource"
    return operation(call, made.id, "CreatePersistentResourceOperationMetadata", {"@type": kind, **to_json(made)})


def delete(call: Call) -> dict[str, Any]:
    """The jobs that run on it are cancelled with it."""
    found = _find(call)
    call.store.delete(found.type, found.id)
    empty = {"@type": "type.googleapis.com/google.protobuf.Empty"}
    return operation(call, found.id, "DeleteOperationMetadata", empty)


def to_json(thing: Thing) -> dict[str, Any]:
    """aiplatform.v1 PersistentResource, of what the sandbox knows."""
    given = reveal(dict(thing.inputs))
    short = thing.id.rpartition("/")[2]
    project = number("project", thing.project)[:12]
    return {
        "name": f"projects/{project}/locations/{thing.place}/persistentResources/{short}",
        **{key: given[key] for key in _SHOWN if given.get(key)},
        "labels": dict(thing.labels),
        "resourcePools": [_pool(pool) for pool in given["resourcePools"]],
        "state": _STATES.get(thing.status, "STATE_UNSPECIFIED"),
        "createTime": moment(thing.created),
    }


def check_job_on(store: Store, project: str, region: str, job: Mapping[str, Any]) -> None:
    """GoogleError 400 for a job that its persistent resource cannot run."""
    name = job["jobSpec"].get("persistentResourceId")
    if not name:
        return
    found = next(
        (each for each in store.list(type=life.PERSISTENT, project=project, place=region) if each.name == name), None
    )
    if found is None:
        raise GoogleError(400, f"The PersistentResource {name} does not exist in {region}.", "FAILED_PRECONDITION")
    for reason in _unfit(to_json(found), job):
        raise GoogleError(400, reason)


def _unfit(resource: Mapping[str, Any], job: Mapping[str, Any]) -> Iterator[str]:
    """aiplatform.v1 CustomJobSpec.persistentResourceId, and Vertex AI docs, Run jobs on a persistent resource."""
    spec = job["jobSpec"]
    if spec.get("network") != resource.get("network"):
        yield f"The job's network {spec.get('network')} is not the PersistentResource's, {resource.get('network')}."
    if job.get("encryptionSpec") != resource.get("encryptionSpec"):
        yield "The job's encryption spec is not consistent with the PersistentResource's."
    if spec.get("scheduling", {}).get("strategy", "STANDARD") != "STANDARD":
        yield "A job on a PersistentResource has no scheduling strategy of its own."
    enforced = (
        (resource.get("resourceRuntimeSpec") or {}).get("serviceAccountSpec", {}).get("enableCustomServiceAccount")
    )
    if bool(enforced) != bool(spec.get("serviceAccount")):
        yield f"The PersistentResource has enable_custom_service_account {bool(enforced)}, unlike the job."
    asked = [pool for pool in spec["workerPoolSpecs"] if pool]
    for has in resource["resourcePools"]:
        if all(pool.get("machineSpec") == has["machineSpec"] for pool in asked):
            if any(pool.get("diskSpec", has.get("diskSpec")) != has.get("diskSpec") for pool in asked):
                yield "The disk spec of the job's worker pools must match the resource pool's exactly."
            wanted = sum(int(pool.get("replicaCount", 1)) for pool in asked)
            most = int(has.get("autoscalingSpec", {}).get("maxReplicaCount", has["replicaCount"]))
            if wanted > most:
                yield f"The job wants {wanted} replicas, its resource pool has {most} at most."
            return
    yield "No resource pool has the machine spec of the job's worker pools."


def _pool(given: Mapping[str, Any]) -> dict[str, Any]:
    told = {key: value for key, value in given.items() if value is not None}
    machine = {key: value for key, value in given["machineSpec"].items() if value is not None}
    if isinstance(machine.get("acceleratorCount"), float):
        machine["acceleratorCount"] = int(machine["acceleratorCount"])
    if disk := given.get("diskSpec"):
        size = disk.get("bootDiskSizeGb")
        told["diskSpec"] = {**disk, **({"bootDiskSizeGb": int(size)} if size is not None else {})}
    told.setdefault("replicaCount", (given.get("autoscalingSpec") or {}).get("minReplicaCount", "1"))
    return {**told, "machineSpec": machine}


def _find(call: Call) -> Thing:
    check_place(call)
    short = call.places["persistentResource"]
    for each in call.store.list(type=life.PERSISTENT, place=call.places["location"]):
        if each.name == short and each.created <= call.newest and _is_of(call.project, each):
            return each
    raise GoogleError(404, f"The PersistentResource does not exist: {short}", "NOT_FOUND")


def _is_of(project: str, thing: Thing) -> bool:
    """By its name, or by the number that the API gives out."""
    return project in (thing.project, number("project", thing.project)[:12])
