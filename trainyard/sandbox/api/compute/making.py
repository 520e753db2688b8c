"""Things that the API is asked to make, made as the provider side makes its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from trainyard.sandbox.api.google_error import GoogleError
from trainyard.sandbox.check import check_object
from trainyard.sandbox.packages import installed
from trainyard.sandbox.provider.makers import maker_of
from trainyard.sandbox.provider.order import Order, Refused
from trainyard.sandbox.provider.rules import check_rules
from trainyard.sandbox.references import check_references, remember
from trainyard.sandbox.schema import ResourceType
from trainyard.sandbox.store import AlreadyThere, Store, Thing

# The provider's own form of the API's errors; what follows is the sandbox's hint.
_REFUSED: Final = re.compile(r"googleapi: Error (\d{3}): (.*?), ([A-Za-z_]+)(?:;.*)?$", re.DOTALL)


def make(store: Store, token: str, inputs: Mapping[str, Any]) -> Thing:
    """The thing, with its parts in the store; GoogleError where the cloud refuses. `inputs` are the provider's."""
    type_ = _type(token)
    for problem in (*check_object(type_.inputs, inputs), *check_rules(type_, inputs, {})):
        raise GoogleError(400, problem.reason)
    order = Order(type=type_, name=str(inputs["name"]), inputs=inputs, config={}, store=store, now=store.now())
    try:
        pointers = check_references(order)
        made = maker_of(token, "gcp")(order)
        thing = Thing(
            type=token,
            id=made.id,
            package="gcp",
            project=made.project,
            place=made.place,
            name=made.name,
            labels=made.labels,
            inputs=inputs,
            outputs={**inputs, **made.outputs},
            created=order.now,
            ends=made.ends,
            end_action=made.end_action,
        )
        with store.transaction():
            for one in (thing, *made.parts):
                store.add(one)
            remember(store, thing, pointers)
    except AlreadyThere as error:
        raise GoogleError(409, f"The resource '{error}' already exists") from error
    except Refused as refused:
        raise _in_json(str(refused)) from refused
    except ValueError as error:
        raise GoogleError(400, str(error)) from error
    return thing


def _in_json(text: str) -> GoogleError:
    """ "googleapi: Error 404: The resource … was not found, notFound; make it first" as the API tells it."""
    match = _REFUSED.match(text)
    return GoogleError(400, text) if match is None else GoogleError(int(match[1]), match[2], match[3])


@cache
def _type(token: str) -> ResourceType:
    return ResourceType(installed()["gcp"], token)
