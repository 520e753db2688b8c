"""The calls on virtual machines and scale sets beyond those of every kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from trainyard.sandbox.api.azure import inventory, pages, power, work
from trainyard.sandbox.api.azure.arm_error import ArmError, resource_not_found
from trainyard.sandbox.api.azure.call import Answer, Call, Route
from trainyard.sandbox.api.azure.inventory import Listed
from trainyard.sandbox.api.azure.kinds import BY_TOKEN, SCALE_SET, VM
from trainyard.sandbox.api.azure.things import SUBSCRIPTION, Things
from trainyard.sandbox.provider.order import stable_hex
from trainyard.sandbox.store import Store, Thing
from trainyard.sandbox.trouble import Trouble

_VMS: Final = Things(kind=BY_TOKEN[VM])
_SETS: Final = Things(kind=BY_TOKEN[SCALE_SET])
_VERBS: Final = {"start": "running", "restart": "running", "powerOff": "stopped", "deallocate": "deallocated"}


def routes() -> tuple[Route, ...]:
    """Rows that must stand before those of `Things`: they ask more of the same paths."""
    everywhere = f"{SUBSCRIPTION}/providers/{_VMS.kind.full_type}"
    one = f"{_SETS.path}/virtualMachines/{{instance}}"
    in_set = f"{_SETS.name}/virtualMachines"
    return (
        Route(id=f"{_VMS.name}.listAll", method="GET", path=everywhere, answer=_list_all),
        Route(id=f"{_VMS.name}.get", method="GET", path=_VMS.path, answer=_get),
        Route(id=f"{_VMS.name}.instanceView", method="GET", path=f"{_VMS.path}/instanceView", answer=_view),
        *(
            Route(id=f"{_VMS.name}.{verb}", method="POST", path=f"{_VMS.path}/{verb}", answer=_machine_to(state))
            for verb, state in _VERBS.items()
        ),
        Route(id=f"{in_set}.list", method="GET", path=f"{_SETS.path}/virtualMachines", answer=_list_set),
        Route(id=f"{in_set}.get", method="GET", path=one, answer=_get_in_set),
        Route(id=f"{in_set}.instanceView", method="GET", path=f"{one}/instanceView", answer=_view_in_set),
        Route(id=f"{_SETS.name}.instanceView", method="GET", path=f"{_SETS.path}/instanceView", answer=_set_view),
        *(
            Route(id=f"{_SETS.name}.{verb}", method="POST", path=f"{_SETS.path}/{verb}", answer=_set_to(state))
            for verb, state in _VERBS.items()
        ),
    )


def stocked_out(call: Call, failure: Trouble) -> Answer | None:
    """A machine that is asked for is taken, its operation fails, and nothing runs; None for calls that need no room."""
    if call.id == f"{_VMS.name}.start":
        return work.begun(call, inventory.find(call, _VMS.kind).place, power.SECONDS["running"], failure=failure)
    if call.id != f"{_VMS.name}.createOrUpdate" or inventory.look(call, _VMS.kind) is not None:
        return None
    inventory.check_group(call)
    inside = {**(call.body.get("properties") or {}), "provisioningState": "Creating"}
    told = {"id": inventory.path_of(call, _VMS.kind), "name": call.places["name0"], "type": _VMS.kind.full_type}
    body = {**call.body, **told, "properties": inside}
    seconds = power.SECONDS["running"]
    return work.begun(call, str(call.body.get("location", "")), seconds, status=201, body=body, failure=failure)


def _list_all(call: Call) -> Answer:
    inventory.check_subscription(call)
    if call.query.get("$expand") and not call.query.get("$filter"):
        text = "The $expand query parameter can only be specified if a valid $filter option is specified."
        raise ArmError(400, "InvalidParameter", text)
    found = inventory.things(call, _VMS.kind)
    if call.query.get("$filter"):
        found = _of_set(call, found)
    if call.query.get("statusonly", "").lower() != "true":
        return pages.listed(call, found, _with_view(call) if call.query.get("$expand") else None)
    return pages.listed(call, found, _status_of(call))


def _get(call: Call) -> Answer:
    machine = inventory.find(call, _VMS.kind)
    body = inventory.json_of(call, _VMS.kind, machine)
    expand = call.query.get("$expand", "").lower()
    if expand not in ("", "instanceview", "userdata"):
        text = f"The value '{call.query['$expand']}' of $expand is invalid; allowed: instanceView, userData."
        raise ArmError(400, "InvalidParameter", text)
    if expand == "instanceview":
        body["properties"]["instanceView"] = power.instance_view(call.store, machine)
    return Answer(body=body)


def _view(call: Call) -> Answer:
    return Answer(body=power.instance_view(call.store, inventory.find(call, _VMS.kind)))


def _machine_to(state: str) -> Callable[[Call], Answer]:
    def answer(call: Call) -> Answer:
        machine = inventory.find(call, _VMS.kind)
        _check_stays(machine)
        now = power.power_of(call.store, machine)
        if state == "stopped" and now == "deallocated":
            text = f"Cannot power off the VM '{machine.name}' because it is deallocated."
            raise ArmError(409, "OperationNotAllowed", text)
        seconds = power.set_power(call.store, machine, state) if now != state else 0.0
        _tell_store(call.store, machine, state, seconds)
        return work.begun(call, machine.place, seconds)

    return answer


def _tell_store(store: Store, machine: Thing, state: str, seconds: float) -> None:
    if state == "deallocated" and machine.status != "stopped":
        store.put(replace(machine, ends=store.now() + seconds, end_action="STOP"))
    elif state == "running":
        store.put(replace(machine, status="live", ends=None, end_action=None))


def _set_to(state: str) -> Callable[[Call], Answer]:
    def answer(call: Call) -> Answer:
        found = inventory.find(call, _SETS.kind)
        _check_stays(found)
        asked = [str(one) for one in call.body.get("instanceIds") or ()]
        if not asked or asked == ["*"]:
            power.forget_instances(call.store, found)
            seconds = power.set_power(call.store, found, state)
        else:
            there = _instances(found)
            for one in asked:
                if one not in there:
                    text = f"The provided instanceId {one} is not an active Virtual Machine Scale Set VM instanceId."
                    raise ArmError(400, "InvalidParameter", text)
            seconds = max(power.set_power(call.store, found, state, one) for one in asked)
        return work.begun(call, found.place, seconds)

    return answer


def _check_stays(thing: Thing) -> None:
    if thing.status == "deleting":
        text = f"The operation is not allowed because the resource '{thing.name}' is marked for deletion."
        raise ArmError(409, "OperationNotAllowed", text)


def _with_view(call: Call) -> Callable[[Mapping[str, Any]], Mapping[str, Any]]:
    def change(json: Mapping[str, Any]) -> Mapping[str, Any]:
        return {**json, "properties": {**json["properties"], **_view_of(call, json)}}

    return change


def _status_of(call: Call) -> Callable[[Mapping[str, Any]], Mapping[str, Any]]:
    """What `statusOnly` shows of a machine: no tags, and of its properties the state only."""

    def change(json: Mapping[str, Any]) -> Mapping[str, Any]:
        kept = {key: json["properties"].get(key) for key in ("provisioningState", "vmId")}
        inside = {key: value for key, value in kept.items() if value}
        return {
            **{key: json[key] for key in ("id", "name", "type", "location") if key in json},
            "properties": {**inside, **_view_of(call, json)},
        }

    return change


def _view_of(call: Call, json: Mapping[str, Any]) -> dict[str, Any]:
    machine = call.store.get(VM, str(json["id"]))
    return {"instanceView": power.instance_view(call.store, machine)} if machine else {}


def _of_set(call: Call, found: Iterable[Listed]) -> list[Listed]:
    name, _, value = call.query["$filter"].strip("'").partition(" eq ")
    if name.strip("' ").lower() != "virtualmachinescaleset/id":
        text = f"Invalid filter '{call.query['$filter']}'; allowed: 'virtualMachineScaleSet/id' eq <id>."
        raise ArmError(400, "InvalidParameter", text)
    wanted = value.strip("' ").lower()
    return [one for one in found if _set_of(one.json) == wanted]


def _set_of(json: Mapping[str, Any]) -> str:
    return str((json["properties"].get("virtualMachineScaleSet") or {}).get("id", "")).lower()


def _instances(found: Thing) -> list[str]:
    """Ids of a set's own machines, by its capacity."""
    return [str(number) for number in range(int((found.outputs.get("sku") or {}).get("capacity") or 0))]


def _list_set(call: Call) -> Answer:
    found = inventory.find(call, _SETS.kind)
    view = "instanceview" in call.query.get("$expand", "").lower()
    listed = [
        Listed(key=f"{number:09}", created=found.created, json=_instance(call, found, one, view=view))
        for number, one in enumerate(_instances(found))
    ]
    return pages.listed(call, listed)


def _get_in_set(call: Call) -> Answer:
    found, one = _one_of(call)
    view = "instanceview" in call.query.get("$expand", "").lower()
    return Answer(body=_instance(call, found, one, view=view))


def _view_in_set(call: Call) -> Answer:
    found, one = _one_of(call)
    return Answer(body=power.instance_view(call.store, found, one))


def _one_of(call: Call) -> tuple[Thing, str]:
    found, one = inventory.find(call, _SETS.kind), call.places["instance"]
    if one not in _instances(found):
        full_type, name = f"{_SETS.kind.full_type}/virtualMachines", f"{found.name}/{one}"
        raise resource_not_found(full_type, name, call.places["group"])
    return found, one


def _set_view(call: Call) -> Answer:
    found = inventory.find(call, _SETS.kind)
    counted: dict[str, int] = {}
    for one in _instances(found):
        for status in power.instance_view(call.store, found, one)["statuses"]:
            counted[status["code"]] = counted.get(status["code"], 0) + 1
    summary = [{"code": code, "count": count} for code, count in sorted(counted.items())]
    return Answer(body={"virtualMachine": {"statusesSummary": summary}, "statuses": []})


def _instance(call: Call, found: Thing, one: str, *, view: bool) -> dict[str, Any]:
    body = inventory.json_of(call, _SETS.kind, found)
    profile = body["properties"].get("virtualMachineProfile") or {}
    inside: dict[str, Any] = {
        "latestModelApplied": True,
        "provisioningState": "Deleting" if found.status == "deleting" else "Succeeded",
        "vmId": f"{stable_hex(8, found.id, one)}-0000-0000-0000-{stable_hex(12, one, found.id)}",
        "hardwareProfile": {"vmSize": (body.get("sku") or {}).get("name", "")},
        **{key: profile[key] for key in ("storageProfile", "securityProfile") if key in profile},
    }
    if view:
        inside["instanceView"] = power.instance_view(call.store, found, one)
    return {
        "id": f"{found.id}/virtualMachines/{one}",
        "name": f"{found.name}_{one}",
        "type": f"{_SETS.kind.full_type}/virtualMachines",
        "instanceId": one,
        **{key: body[key] for key in ("location", "tags", "sku", "zones") if key in body},
        "properties": inside,
    }
