"""PUT: things that the API is asked to make or change, through the checks and makers of the provider side."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from trainyard.sandbox.api.azure.arm_error import ArmError
from trainyard.sandbox.api.azure.kinds import Kind
from trainyard.sandbox.api.azure.shapes import from_arm, type_of
from trainyard.sandbox.check import check_object
from trainyard.sandbox.provider.in_place import check_update
from trainyard.sandbox.provider.makers import maker_of
from trainyard.sandbox.provider.names import name_property
from trainyard.sandbox.provider.order import Made, Order, Refused
from trainyard.sandbox.provider.rules import check_rules
from trainyard.sandbox.references import check_references, remember
from trainyard.sandbox.store import AlreadyThere, Store, Thing

_CODED: Final = re.compile(r'(?:Code="?)?([A-Z]\w+)"?:?\s+(.+)', re.DOTALL)


def make(
    store: Store,
    kind: Kind,
    path: tuple[str, str, tuple[str, ...]],
    body: Mapping[str, Any],
    before: Thing | None,
) -> Thing:
    """The thing, with its parts in the store; ArmError where the cloud refuses.

    `path` holds subscription, resource group, and the names of parents and thing.
    """
    subscription, group, names = path
    order = _order(store, kind, (subscription, group, names), body, before)
    for problem in (
        *check_object(order.type.inputs, order.inputs),
        *check_rules(order.type, order.inputs, order.config),
    ):
        where = f"{problem.path}: " if problem.path and problem.path not in problem.reason else ""
        raise _refused(problem.reason, where)
    try:
        if before is not None:
            check_update(order)
        pointers = check_references(order)
        made = maker_of(kind.type, "azure-native")(order)
        thing = _thing(order, made)
        with store.transaction():
            if before is not None:
                put = store.put(replace(thing, id=before.id, created=before.created, owner=before.owner))
            else:
                for part in made.parts:
                    store.add(part)
                put = store.add(thing)
            remember(store, put, pointers)
            return put
    except AlreadyThere as error:
        raise ArmError(409, "Conflict", f"The resource '{error}' already exists.") from error
    except (Refused, ValueError) as error:
        raise _refused(str(error)) from error


def _order(
    store: Store, kind: Kind, path: tuple[str, str, tuple[str, ...]], body: Mapping[str, Any], before: Thing | None
) -> Order:
    subscription, group, names = path
    type_ = type_of(kind.type)
    own = name_property(type_) or "name"
    parents = dict(zip(kind.parents, names, strict=False))
    return Order(
        type=type_,
        name=names[-1],
        inputs=from_arm(kind, body) | {"resourceGroupName": group, **parents, own: names[-1]},
        config={"subscriptionId": subscription},
        store=store,
        now=store.now(),
        before=before,
    )


def _thing(order: Order, made: Made) -> Thing:
    return Thing(
        type=order.type.token,
        id=made.id,
        package="azure-native",
        project=made.project,
        place=made.place,
        name=made.name,
        labels=made.labels,
        inputs=order.inputs,
        outputs={**order.inputs, **made.outputs},
        status=made.status,
        created=order.created,
        ends=made.ends,
        end_action=made.end_action,
    )


def _refused(text: str, where: str = "") -> ArmError:
    coded = _CODED.fullmatch(text)
    if coded:
        text = re.sub(r'^Message="(.*?)"', r"\1", coded[2], flags=re.DOTALL)
        return ArmError(400, coded[1], where + text)
    return ArmError(400, "InvalidParameter", where + text)
