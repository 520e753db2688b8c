"""Things that an API is asked to make, made as the provider side makes its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trainyard.sandbox.check import Problem, check_object
from trainyard.sandbox.provider.makers import maker_of
from trainyard.sandbox.provider.order import Order, Refused, thing_of
from trainyard.sandbox.provider.rules import check_rules
from trainyard.sandbox.quotas.limits import check_quotas
from trainyard.sandbox.references import check_references, remember
from trainyard.sandbox.schema import resource_type
from trainyard.sandbox.store import AlreadyThere, Store, Thing


class NotMade(Exception):  # noqa: N818  what a cloud answers, not a mistake of ours
    """The cloud refuses the thing; the reason may begin with its code."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.reason)
        self.path = problem.path
        self.reason = problem.reason


def make(
    store: Store, package: str, token: str, inputs: Mapping[str, Any], config: Mapping[str, Any], name: str = ""
) -> Thing:
    """The thing, with its parts in the store; NotMade where the cloud refuses, AlreadyThere where it stands.

    `inputs` and `config` are the provider's; `name` is what the thing is called where it has no name of its own.
    """
    type_ = resource_type(package, token)
    for problem in (*check_object(type_.inputs, inputs), *check_rules(type_, inputs, config)):
        raise NotMade(problem)
    order = Order(type=type_, name=name, inputs=inputs, config=config, store=store, now=store.now())
    try:
        pointers = check_references(order)
        made = maker_of(token, package)(order)
    except (Refused, ValueError) as error:
        raise NotMade(Problem("", str(error))) from error
    thing = thing_of(order, made)
    try:
        check_quotas(store, thing)
    except Refused as error:
        raise NotMade(Problem("", str(error))) from error
    with store.transaction():
        store.add(thing, *made.parts)
        remember(store, thing, pointers)
    return thing


__all__ = ["AlreadyThere", "NotMade", "make"]
