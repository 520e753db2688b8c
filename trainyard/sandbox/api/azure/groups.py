"""Subscriptions, resource groups, and the list of all resources by tag."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from trainyard.sandbox.api.azure import inventory, pages, work
from trainyard.sandbox.api.azure.arm_error import ArmError, group_not_found
from trainyard.sandbox.api.azure.call import Answer, Call, Route
from trainyard.sandbox.api.azure.inventory import Listed
from trainyard.sandbox.api.azure.kinds import GROUP
from trainyard.sandbox.api.azure.things import GROUP as GROUP_PATH
from trainyard.sandbox.api.azure.things import SUBSCRIPTION, check_condition, end, with_tags
from trainyard.sandbox.provider.azure import TENANT
from trainyard.sandbox.store import Thing

_DELETING: Final = 60.0  # simulated seconds: the sandbox's own choice
_NAMED: Final = "Microsoft.Resources/resourceGroups"
_IN_GROUP: Final = re.compile(r"/providers/([^/]+)/(.+)", re.IGNORECASE)
_EQUALS: Final = re.compile(r"(\w+)\s+eq\s+'((?:[^']|'')*)'", re.IGNORECASE)
_FIELDS: Final = ("tagname", "tagvalue", "resourcetype", "location", "name", "resourcegroup")


def routes() -> tuple[Route, ...]:
    """The rows of the table of calls."""
    groups = f"{SUBSCRIPTION}/resourceGroups"
    resources = "Microsoft.Resources/resources"
    return (
        Route(id="Microsoft.Resources/subscriptions.get", method="GET", path=SUBSCRIPTION, answer=_get_subscription),
        Route(id=f"{_NAMED}.list", method="GET", path=groups, answer=_list),
        Route(id=f"{_NAMED}.get", method="GET", path=GROUP_PATH, answer=_get),
        Route(id=f"{_NAMED}.checkExistence", method="HEAD", path=GROUP_PATH, answer=_is_there),
        Route(id=f"{_NAMED}.createOrUpdate", method="PUT", path=GROUP_PATH, answer=_put),
        Route(id=f"{_NAMED}.update", method="PATCH", path=GROUP_PATH, answer=_patch),
        Route(id=f"{_NAMED}.delete", method="DELETE", path=GROUP_PATH, answer=_delete),
        Route(id=f"{resources}.list", method="GET", path=f"{SUBSCRIPTION}/resources", answer=_list_resources),
        Route(id=f"{resources}.listByResourceGroup", method="GET", path=f"{GROUP_PATH}/resources", answer=_in_group),
        Route(
            id="Microsoft.Resources/operations.get",
            method="GET",
            path=f"{SUBSCRIPTION}/providers/Microsoft.Resources/locations/{{location}}/operations/{{operation}}",
            answer=work.get,
        ),
    )


def _get_subscription(call: Call) -> Answer:
    inventory.check_subscription(call)
    return Answer(
        body={
            "id": f"/subscriptions/{call.subscription}",
            "subscriptionId": call.subscription,
            "tenantId": TENANT,
            "displayName": "Trainyard sandbox",
            "state": "Enabled",
            "authorizationSource": "RoleBased",
            "subscriptionPolicies": {"locationPlacementId": "Public_2014-09-01", "spendingLimit": "Off"},
        }
    )


def _list(call: Call) -> Answer:
    inventory.check_subscription(call)
    return pages.listed(call, _groups(call))


def _get(call: Call) -> Answer:
    return Answer(body=_json(_found(call)))


def _is_there(call: Call) -> Answer:
    inventory.check_subscription(call)
    return Answer(status=204 if inventory.group_of(call) else 404)


def _put(call: Call) -> Answer:
    inventory.check_subscription(call)
    before = inventory.group_of(call)
    location = str(call.body.get("location") or "").replace(" ", "").lower()
    if not location:
        raise ArmError(400, "LocationRequired", "The location property is required for this definition.")
    if before is not None and before.place != location:
        text = (
            f"Invalid resource group location '{location}'. The Resource group already exists in location "
            f"'{before.place}'."
        )
        raise ArmError(409, "InvalidResourceGroupLocation", text)
    if before is not None:
        return Answer(body=_json(with_tags(call.store, before, call.body.get("tags") or {})))
    name = call.places["group"]
    tags = {str(key): str(value) for key, value in (call.body.get("tags") or {}).items()}
    id_ = f"/subscriptions/{call.subscription}/resourceGroups/{name}"
    given = {"resourceGroupName": name, "location": location, "tags": tags}
    told = {"name": name, "type": _NAMED, "properties": {"provisioningState": "Succeeded"}, "azureApiVersion": ""}
    group = Thing(
        type=GROUP,
        id=id_,
        package="azure-native",
        project=call.subscription,
        place=location,
        name=name,
        labels=tags,
        inputs=given,
        outputs={**given, **told},
    )
    return Answer(status=201, body=_json(call.store.add(group)))


def _patch(call: Call) -> Answer:
    group = _found(call)
    check_condition(call, group)
    return Answer(body=_json(with_tags(call.store, group, call.body.get("tags") or {})))


def _delete(call: Call) -> Answer:
    group = _found(call)
    with call.store.transaction():
        for thing in call.store.list(package="azure-native", project=call.subscription):
            if inventory.in_group(call, f"{thing.id.lower()}/"):
                end(call.store, thing, _DELETING)
    return work.begun(call, group.place, _DELETING)


def _list_resources(call: Call) -> Answer:
    inventory.check_subscription(call)
    return pages.listed(call, _filtered(call, _resources(call)))


def _in_group(call: Call) -> Answer:
    inventory.check_group(call)
    return pages.listed(call, _filtered(call, [one for one in _resources(call) if inventory.in_group(call, one.key)]))


def _found(call: Call) -> Thing:
    inventory.check_subscription(call)
    group = inventory.group_of(call)
    if group is None:
        raise group_not_found(call.places["group"])
    return group


def _groups(call: Call) -> list[Listed]:
    found = call.store.list(type=GROUP, project=call.subscription)
    return sorted((Listed(key=one.id.lower(), created=one.created, json=_json(one)) for one in found), key=_key)


def _json(group: Thing) -> dict[str, Any]:
    state = "Deleting" if group.status == "deleting" else "Succeeded"
    return {
        "id": group.id,
        "name": group.name,
        "type": _NAMED,
        "location": group.place,
        **({"tags": dict(group.labels)} if group.labels else {}),
        "properties": {"provisioningState": state},
    }


def _resources(call: Call) -> list[Listed]:
    key = ("azure", "resources", call.subscription)
    return call.scene.seen.of(key, lambda: sorted(_made(call), key=_key))


def _made(call: Call) -> Iterable[Listed]:
    for thing in call.store.list(package="azure-native", project=call.subscription):
        found = _IN_GROUP.search(thing.id)
        parts = found[2].split("/") if found else []
        if not found or len(parts) % 2 or "location" not in thing.outputs:  # what has no place is no tracked resource
            continue
        json: dict[str, Any] = {
            "id": thing.id,
            "name": "/".join(parts[1::2]),
            "type": f"{found[1]}/{'/'.join(parts[::2])}",
            "location": thing.place,
            **({"tags": dict(thing.labels)} if thing.labels else {}),
        }
        yield Listed(key=thing.id.lower(), created=thing.created, json=json)


def _filtered(call: Call, found: Iterable[Listed]) -> list[Listed]:
    text = call.query.get("$filter", "")
    asked = {name.lower(): value.replace("''", "'") for name, value in _EQUALS.findall(text)}
    rest = re.sub(r"\s+and\s+|\s+", "", _EQUALS.sub("", text), flags=re.IGNORECASE)
    tags = {"tagname", "tagvalue"} & set(asked)
    if rest or set(asked) - set(_FIELDS):
        message = (
            f"Invalid $filter '{text}' specified in the query string. (The sandbox knows NAME eq 'VALUE', by and.)"
        )
        raise ArmError(400, "InvalidFilterInQueryString", message)
    if tags and (set(asked) - tags or "tagname" not in tags):
        message = f"Invalid $filter '{text}': tagName and tagValue cannot be combined with other filters."
        raise ArmError(400, "InvalidFilterInQueryString", message)
    return [one for one in found if _fits(one.json, asked)]


def _fits(json: Mapping[str, Any], asked: Mapping[str, str]) -> bool:
    if "tagname" in asked:
        tags = {key.lower(): value for key, value in (json.get("tags") or {}).items()}
        value = tags.get(asked["tagname"].lower())
        return value is not None and asked.get("tagvalue", value) == value
    shown = {
        "resourcetype": json["type"],
        "location": json["location"],
        "name": json["name"],
        "resourcegroup": json["id"].split("/")[4] if "/resourcegroups/" in json["id"].lower() else "",
    }
    return all(shown[name].lower() == value.lower() for name, value in asked.items())


def _key(one: Listed) -> str:
    return one.key
