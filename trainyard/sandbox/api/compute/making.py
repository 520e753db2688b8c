"""Things that Compute Engine is asked to make, made as the provider side makes its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from trainyard.sandbox.api import making
from trainyard.sandbox.api.google_error import GoogleError
from trainyard.sandbox.store import Store, Thing

# The provider's own form of the API's errors; what follows is the sandbox's hint.
_REFUSED: Final = re.compile(r"googleapi: Error (\d{3}): (.*?), ([A-Za-z_]+)(?:;.*)?$", re.DOTALL)


def make(store: Store, token: str, inputs: Mapping[str, Any]) -> Thing:
    """The thing, with its parts in the store; GoogleError where the cloud refuses. `inputs` are the provider's."""
    try:
        return making.make(store, "gcp", token, inputs, {}, name=str(inputs["name"]))
    except making.AlreadyThere as error:
        raise GoogleError(409, f"The resource '{error}' already exists") from error
    except making.NotMade as refused:
        raise _in_json(refused.reason) from refused


def _in_json(text: str) -> GoogleError:
    """ "googleapi: Error 404: The resource … was not found, notFound; make it first" as the API tells it."""
    match = _REFUSED.match(text)
    return GoogleError(400, text) if match is None else GoogleError(int(match[1]), match[2], match[3])
