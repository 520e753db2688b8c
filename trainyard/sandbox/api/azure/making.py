"""PUT: things that the API is asked to make or change, through the checks and makers of the provider side."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from trainyard.sandbox.api.azure.arm_error import ArmError
from trainyard.sandbox.api.azure.kinds import Kind
from trainyard.sandbox.api.azure.shapes import from_arm, type_of
from trainyard.sandbox.api.making import NotMade
from trainyard.sandbox.api.making import make as make_new
from trainyard.sandbox.check import check_object
from trainyard.sandbox.provider.in_place import check_update
from trainyard.sandbox.provider.makers import maker_of
from trainyard.sandbox.provider.names import name_property
from trainyard.sandbox.provider.order import Order, Refused
from trainyard.sandbox.provider.rules import check_rules
from trainyard.sandbox.references import check_references, remember
from trainyard.sandbox.store import AlreadyThere, Store, Thing

PACKAGE: Final = "azure-native"
_CODED: Final = re.compile(r'(?:Code="?)?([A-Z]\w+)"?:?\s+(.+)', re.DOTALL)
_CONFLICTS: Final = frozenset(
    {"OperationNotAllowed", "Conflict", "QuotaExceeded", "PropertyChangeNotAllowed", "MissingSubscriptionRegistration"}
)


def make(store: Store, kind: Kind, subscription: str, inputs: Mapping[str, Any]) -> Thing:
    """A new thing, with its parts in the store; ArmError where the cloud refuses."""
    try:
        return make_new(store, PACKAGE, kind.type, inputs, {"subscriptionId": subscription})
    except AlreadyThere as error:
        raise ArmError(409, "Conflict", f"The resource '{error}' already exists.") from error
    except NotMade as error:
        raise refused(error.reason, error.path) from error


def change(store: Store, kind: Kind, before: Thing, inputs: Mapping[str, Any]) -> Thing:
    """The thing with other inputs; ArmError where the cloud refuses."""
    type_ = type_of(kind.type)
    config = {"subscriptionId": before.project}
    for problem in (*check_object(type_.inputs, inputs), *check_rules(type_, inputs, config)):
        raise refused(problem.reason, problem.path)
    order = Order(
        type=type_, name=before.name, inputs=inputs, config=config, store=store, now=store.now(), before=before
    )
    try:
        check_update(order)
        pointers = check_references(order)
        made = maker_of(kind.type, PACKAGE)(order)
    except (Refused, ValueError) as error:
        raise refused(str(error)) from error
    outputs = {**inputs, **made.outputs}
    changed = replace(
        before,
        inputs=inputs,
        outputs=outputs,
        labels=made.labels,
        status=made.status,
        ends=made.ends,
        end_action=made.end_action,
    )
    with store.transaction():
        thing = store.put(changed)
        remember(store, thing, pointers)
    return thing


def inputs_of(kind: Kind, group: str, names: tuple[str, ...], body: Mapping[str, Any]) -> dict[str, Any]:
    """The provider's properties of a PUT; `names` are those of the parents and of the thing."""
    own = kind.own or name_property(type_of(kind.type)) or "name"
    parents = dict(zip(kind.parents, names, strict=False))
    return from_arm(kind, body) | {"resourceGroupName": group, **parents, own: names[-1]}


def refused(text: str, path: str = "") -> ArmError:
    """The cloud's refusal, with its code where the text begins with one."""
    where = f"{path}: " if path and path not in text else ""
    coded = _CODED.fullmatch(text)
    if not coded:
        return ArmError(400, "InvalidParameter", where + text)
    told = re.sub(r'^Message="(.*?)"', r"\1", coded[2], flags=re.DOTALL)
    return ArmError(409 if coded[1] in _CONFLICTS else 400, coded[1], where + told)
