"""The Cloud TPU API, v2: nodes and queued resources of one project, by plain REST."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

from trainyard.clouds.gcp.rest import ApiError, Rest, login
from trainyard.facts.origin import Sandbox

ENDED = ("FAILED", "SUSPENDED")  # of queued resources that will never get a node again: tpu.v2 QueuedResourceState
Thing = dict[str, Any]  # tpu.v2 Node or QueuedResource
_EVERYWHERE = "-"


class IncompleteError(Exception):
    """A list lacks zones that did not answer."""


class CloudTpu:
    """`pause` waits before a call is made again, and says whether the run was cancelled meanwhile.

    Every method raises what `Rest.call` does.
    """

    def __init__(self, project: str, sandbox: Sandbox | None, pause: Callable[[float], bool] = lambda _: False) -> None:
        self._project = f"projects/{project}"
        base = "https://tpu.googleapis.com/v2"
        if sandbox is not None:
            base = f"{sandbox.api['gcp'].rstrip('/')}/tpu/v2"
        self._rest = Rest(base=base, login=login(sandbox), pause=pause)

    def nodes(self) -> list[Thing]:
        """Every node of the project; IncompleteError when a zone did not answer."""
        return self._everywhere("nodes")

    def queued_resources(self) -> list[Thing]:
        """Every queued resource of the project; IncompleteError when a zone did not answer."""
        return self._everywhere("queuedResources")

    def queued_resource(self, zone: str, id: str) -> Thing | None:
        """One queued resource; None when there is none of that id."""
        return self._or_none("GET", self._path(zone, "queuedResources", id))

    def node(self, zone: str, id: str) -> Thing | None:
        """One node; None when there is none of that id."""
        return self._or_none("GET", self._path(zone, "nodes", id))

    def queue(self, zone: str, id: str, body: Thing, request_id: str) -> None:
        """Ask for nodes; tried once, for whether a lost answer was a yes is found by asking for the id."""
        asked = urlencode({"queuedResourceId": id, "requestId": request_id})
        self._rest.call("POST", f"{self._project}/locations/{zone}/queuedResources?{asked}", body, tries=1)

    def forget(self, zone: str, id: str) -> None:
        """Begin to delete a queued resource, and by force the nodes that it was given; nothing when it is gone."""
        self._or_none("DELETE", f"{self._path(zone, 'queuedResources', id)}?force=true")

    def delete_node(self, zone: str, id: str) -> None:
        """Begin to delete a node; nothing when it is gone."""
        self._or_none("DELETE", self._path(zone, "nodes", id))

    def _everywhere(self, collection: str) -> list[Thing]:
        try:
            return list(self._pages(_EVERYWHERE, collection))
        except ApiError as error:
            # "-" for all zones is Google's convention for lists, but this API's pages do not promise it.
            if error.status != 400:
                raise
        zones = [str(each["locationId"]) for each in self._rest.pages(f"{self._project}/locations", "locations")]
        return [thing for zone in zones for thing in self._pages(zone, collection)]

    def _pages(self, zone: str, collection: str) -> Iterator[Thing]:
        query = {"pageSize": "100"}
        while True:
            answer = self._rest.call("GET", f"{self._project}/locations/{zone}/{collection}?{urlencode(query)}")
            if missing := answer.get("unreachable", ()):
                message = f"only a part of the {collection} was listed ({', '.join(missing)} not reached)"
                raise IncompleteError(message)
            yield from answer.get(collection, ())
            if not answer.get("nextPageToken"):
                return
            query["pageToken"] = answer["nextPageToken"]

    def _path(self, zone: str, collection: str, id: str) -> str:
        return f"{self._project}/locations/{zone}/{collection}/{id}"

    def _or_none(self, method: str, path: str) -> Thing | None:
        try:
            return dict(self._rest.call(method, path))
        except ApiError as error:
            if error.status == 404:
                return None
            raise


def place_and_name(thing: Thing) -> tuple[str, str]:
    """Zone and id of "projects/p/locations/z/nodes/n"."""
    parts = str(thing["name"]).split("/")
    return parts[3], parts[5]


def state_of(queued: Thing) -> str:
    """A queued resource's state in the API's own word."""
    return str(queued.get("state", {}).get("state", "STATE_UNSPECIFIED"))
