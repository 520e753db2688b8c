"""The calls on disks, addresses and snapshots: the same five for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from trainyard.sandbox.api.call import Call, Route
from trainyard.sandbox.api.compute import inventory, making, pages, parts_json, work
from trainyard.sandbox.api.compute.places import regions, zones
from trainyard.sandbox.api.google_error import GoogleError, not_found
from trainyard.sandbox.store import Thing

_PROJECT = "/compute/v1/projects/{project}"


@dataclass(frozen=True, kw_only=True)
class Part:
    """One kind of thing that outlives machines, with its routes."""

    type: str
    collection: str  # "disks"
    one: str  # "disk"
    kind: str  # "compute#disk"
    scope: str  # "zones", "regions" or "global"

    def routes(self) -> tuple[Route, ...]:
        """The part's rows in the table of calls."""
        place = "global" if self.scope == "global" else f"{self.scope}/{{{self.scope[:-1]}}}"
        all_, one = f"{_PROJECT}/{place}/{self.collection}", f"{{{self.one}}}"
        name = f"compute.{self.collection}"
        found = (
            Route(id=f"{name}.list", method="GET", path=all_, answer=self._list),
            Route(id=f"{name}.insert", method="POST", path=all_, answer=self._insert),
            Route(id=f"{name}.get", method="GET", path=f"{all_}/{one}", answer=self._get),
            Route(id=f"{name}.delete", method="DELETE", path=f"{all_}/{one}", answer=self._delete),
        )
        if self.scope == "global":
            return found
        aggregated = f"{_PROJECT}/aggregated/{self.collection}"
        return (*found, Route(id=f"{name}.aggregatedList", method="GET", path=aggregated, answer=self._aggregated))

    def _aggregated(self, call: Call) -> dict[str, Any]:
        inventory.check_project(call)
        scopes = [f"zones/{zone}" for zone in zones()] if self.scope == "zones" else []
        scopes += [f"regions/{region}" for region in regions()]
        scopes += ["global"] if self.collection == "addresses" else []
        return pages.aggregated(
            call, f"{self.kind}AggregatedList", self.collection, scopes, inventory.parts(call, self.collection)
        )

    def _list(self, call: Call) -> dict[str, Any]:
        inventory.check_project(call)
        scope = self._scope(call)
        things = [thing for thing in inventory.parts(call, self.collection) if thing.scope == scope]
        return pages.listed(call, f"{self.kind}List", things)

    def _get(self, call: Call) -> dict[str, Any]:
        thing = self._find(call)
        return parts_json.to_json(thing, inventory.users_of(call, thing))

    def _insert(self, call: Call) -> dict[str, Any]:
        inventory.check_project(call)
        scope = self._scope(call)
        inputs = parts_json.inputs_of(self.type, call.project, self._place(call), call.body)
        made = making.make(call.store, self.type, inputs)
        return work.done(call, scope, "insert", made.id, parts_json.number_of(made))

    def _delete(self, call: Call) -> dict[str, Any]:
        thing = self._find(call)
        users = inventory.users_of(call, thing)
        path = parts_json.path(thing)
        if users:
            used_by = users[0].removeprefix("https://www.googleapis.com/compute/v1/")
            message = f"The {self.one} resource '{path}' is already being used by '{used_by}'"
            raise GoogleError(400, message, "resourceInUseByAnotherResource")
        call.store.delete(thing.type, thing.id)
        return work.done(call, self._scope(call), "delete", path, parts_json.number_of(thing))

    def _find(self, call: Call) -> Thing:
        name, scope = call.places[self.one], self._scope(call)
        found = inventory.find_part(call, self.type, self._place(call), name)
        if found is None:
            raise not_found(resource=f"projects/{call.project}/{scope}/{self.collection}/{name}")
        return found

    def _place(self, call: Call) -> str:
        return "" if self.scope == "global" else call.places[self.scope[:-1]]

    def _scope(self, call: Call) -> str:
        place = self._place(call)
        known = {"zones": zones, "regions": regions}
        if self.scope in known and place not in known[self.scope]():
            kind = self.scope[:-1]
            raise GoogleError(400, f"Invalid value for field '{kind}': '{place}'. Unknown {kind}.")
        return f"{self.scope}/{place}" if place else "global"


DISKS = Part(type=parts_json.DISK, collection="disks", one="disk", kind="compute#disk", scope="zones")
ADDRESSES = Part(
    type=parts_json.ADDRESS, collection="addresses", one="address", kind="compute#address", scope="regions"
)
SNAPSHOTS = Part(
    type=parts_json.SNAPSHOT, collection="snapshots", one="snapshot", kind="compute#snapshot", scope="global"
)
