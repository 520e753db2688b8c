"""Ends one thing on Google Cloud: machine, group, TPU, notebook, job; a disk that its machine left."""

from __future__ import annotations

from threading import Event

from trainyard.clouds.gcp.rest import ApiError, CancelledError, LoginError, NoAnswerError, Rest, login
from trainyard.clouds.gcp.tpu import CloudTpu
from trainyard.clouds.gcp.vertex import VertexJobs
from trainyard.clouds.scope import NotEndedError
from trainyard.facts.billable import Billable
from trainyard.facts.origin import Sandbox, wait

_COMPUTE = {"machine": "instances", "group": "instanceGroupManagers", "disk": "disks"}


def end(thing: Billable, sandbox: Sandbox | None) -> None:
    """Begin to delete it, or to cancel a job; NotEndedError with Google's words."""
    try:
        _end(thing, sandbox)
    except ApiError as error:
        if error.status != 404:
            raise NotEndedError(thing, f"{error.status} {error}") from error
    except (NoAnswerError, LoginError, CancelledError) as error:
        raise NotEndedError(thing, str(error)) from error


def _end(thing: Billable, sandbox: Sandbox | None) -> None:
    project, _, region = thing.scope.removeprefix("gcp:").partition("/")

    def pause(seconds: float) -> bool:
        return wait(sandbox, seconds, Event())

    match thing.kind:
        case "machine" | "group" | "disk":
            base = f"{sandbox.api['gcp'].rstrip('/')}" if sandbox else "https://compute.googleapis.com"
            rest = Rest(base=f"{base}/compute/v1", login=login(sandbox), pause=pause)
            path = f"projects/{project}/zones/{thing.place}/{_COMPUTE[thing.kind]}/{thing.name}"
            rest.call("DELETE", path)
        case "tpu node":
            CloudTpu(project, sandbox, pause).delete_node(thing.place, thing.name)
        case "queued tpu":
            CloudTpu(project, sandbox, pause).forget(thing.place, thing.name)
        case "notebook":
            base = f"{sandbox.api['gcp'].rstrip('/')}/notebooks" if sandbox else "https://notebooks.googleapis.com"
            rest = Rest(base=f"{base}/v2", login=login(sandbox), pause=pause)
            rest.call("DELETE", f"projects/{project}/locations/{thing.place}/instances/{thing.name}")
        case "training job":
            VertexJobs(project, region, sandbox, pause).cancel(thing.name)
        case other:
            raise NotEndedError(thing, f"a {other} is not ended by itself")
