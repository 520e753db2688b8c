"""The calls that every kind has: list, get, PUT, PATCH of tags, DELETE."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from trainyard.sandbox.api.azure import inventory, making, pages, work
from trainyard.sandbox.api.azure.arm_error import ArmError
from trainyard.sandbox.api.azure.call import Answer, Call, Route
from trainyard.sandbox.api.azure.kinds import DISK, SCALE_SET, VM, Kind
from trainyard.sandbox.provider.order import Refused
from trainyard.sandbox.references import check_unused
from trainyard.sandbox.store import Store, Thing

SUBSCRIPTION: Final = "/subscriptions/{subscription}"
GROUP: Final = f"{SUBSCRIPTION}/resourceGroups/{{group}}"
# How long making and deleting take in the sandbox, in simulated seconds: its own choice, Azure promises none.
_MAKING: Final = 20.0
_DELETING: Final[Mapping[str, float]] = {VM: 40.0, SCALE_SET: 60.0}
_OTHERS: Final = 10.0


@dataclass(frozen=True, kw_only=True)
class Things:
    """One kind's rows in the table of calls."""

    kind: Kind

    @property
    def name(self) -> str:
        """ "Microsoft.Compute/virtualMachines", as its calls' names begin."""
        return self.kind.full_type

    @property
    def all_path(self) -> str:
        """Where the group, or the parent, lists them."""
        return self.path.rpartition("/")[0]

    @property
    def path(self) -> str:
        pairs = "".join(f"/{type_}/{{name{index}}}" for index, type_ in enumerate(self.kind.types))
        return f"{GROUP}/providers/{self.kind.namespace}{pairs}"

    def routes(self) -> tuple[Route, ...]:
        """The kind's rows."""
        found = [
            Route(id=f"{self.name}.list", method="GET", path=self.all_path, answer=self._list),
            Route(id=f"{self.name}.get", method="GET", path=self.path, answer=self._get),
        ]
        if len(self.kind.types) == 1:
            everywhere = f"{SUBSCRIPTION}/providers/{self.kind.full_type}"
            found.insert(0, Route(id=f"{self.name}.listAll", method="GET", path=everywhere, answer=self._list_all))
        if self.kind.makes:
            found += [
                Route(id=f"{self.name}.createOrUpdate", method="PUT", path=self.path, answer=self._put),
                Route(id=f"{self.name}.update", method="PATCH", path=self.path, answer=self._patch),
                Route(id=f"{self.name}.delete", method="DELETE", path=self.path, answer=self._delete),
            ]
        return tuple(found)

    def _list_all(self, call: Call) -> Answer:
        inventory.check_subscription(call)
        return pages.listed(call, inventory.things(call, self.kind))

    def _list(self, call: Call) -> Answer:
        inventory.check_group(call)
        if self.kind.parents:
            inventory.find_parent(call, self.kind)
        root = inventory.all_path_of(call, self.kind)
        return pages.listed(call, [one for one in inventory.things(call, self.kind) if one.key.startswith(root)])

    def _get(self, call: Call) -> Answer:
        return Answer(body=inventory.json_of(call, self.kind, inventory.find(call, self.kind)))

    def _put(self, call: Call) -> Answer:
        inventory.check_group(call)
        before = inventory.look(call, self.kind)
        check_condition(call, before)
        if before is not None and before.status == "deleting":
            text = f"The resource '{before.id}' is being deleted; wait until it is gone."
            raise ArmError(409, "Conflict", text)
        names = tuple(call.places[f"name{index}"] for index in range(len(self.kind.types)))
        inputs = making.inputs_of(self.kind, inventory.group_name(call), names, call.body)
        if before is None:
            thing = making.make(call.store, self.kind, call.subscription, inputs)
        else:
            thing = making.change(call.store, self.kind, before, inputs)
        body = inventory.json_of(call, self.kind, thing)
        return work.begun(call, thing.place, _MAKING, status=200 if before else 201, body=body)

    def _patch(self, call: Call) -> Answer:
        thing = inventory.find(call, self.kind)
        check_condition(call, thing)
        others = sorted(key for key in call.body if key != "tags")
        if others:
            text = f"the sandbox serves PATCH of tags only, not of {', '.join(others)}; use PUT"
            raise ArmError(501, "NotImplemented", text)
        changed = with_tags(call.store, thing, call.body.get("tags") or {})
        return Answer(body=inventory.json_of(call, self.kind, changed))

    def _delete(self, call: Call) -> Answer:
        inventory.check_subscription(call)
        thing = inventory.look(call, self.kind)
        if thing is None:
            return Answer(status=204)
        check_condition(call, thing)
        _check_free(call, thing)
        seconds = _DELETING.get(thing.type, _OTHERS)
        end(call.store, thing, seconds)
        return work.begun(call, thing.place, seconds)


def end(store: Store, thing: Thing, seconds: float) -> None:
    """Let the cloud work on a delete: the thing is listed and bills until it is gone."""
    seconds = max(seconds, store.lingers or 0.0)
    store.put(replace(thing, status="deleting", ends=store.now() + seconds, end_action="DELETE"))


def with_tags(store: Store, thing: Thing, tags: Mapping[str, Any]) -> Thing:
    """The thing with these tags and no others."""
    labels = {str(key): str(value) for key, value in tags.items()}
    return store.put(replace(thing, labels=labels, outputs={**thing.outputs, "tags": labels}))


def check_condition(call: Call, thing: Thing | None) -> None:
    """412 when If-Match or If-None-Match says so."""
    wanted, unwanted = call.headers.get("If-Match"), call.headers.get("If-None-Match")
    if wanted and (thing is None or wanted not in ("*", inventory.etag_of(thing))):
        text = f"The condition '{wanted}' in the If-Match header was not satisfied."
        raise ArmError(412, "PreconditionFailed", text)
    if unwanted == "*" and thing is not None:
        text = "The condition '*' in the If-None-Match header was not satisfied."
        raise ArmError(412, "PreconditionFailed", text)


def _check_free(call: Call, thing: Thing) -> None:
    """What Azure does not delete while another thing holds it."""
    # The disks that came along with a machine are in no program's inputs, so nothing else knows who holds them.
    machine = inventory.holder_of(call, thing) if thing.type == DISK else None
    if machine is not None:
        raise ArmError(409, "OperationNotAllowed", f"Disk {thing.name} is attached to VM {machine.id}.")
    try:
        check_unused(call.store, thing)
    except Refused as error:
        raise making.refused(str(error)) from error
