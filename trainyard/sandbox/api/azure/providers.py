"""Registering a subscription for a service's namespace, as its owner does."""

from __future__ import annotations

from trainyard.sandbox import registered
from trainyard.sandbox.api.azure import inventory
from trainyard.sandbox.api.azure.call import Answer, Call, Route
from trainyard.sandbox.api.azure.things import SUBSCRIPTION


def routes() -> tuple[Route, ...]:
    """The rows of the table of calls."""
    path = f"{SUBSCRIPTION}/providers/{{namespace}}/register"
    return (Route(id="Microsoft.Resources/providers.register", method="POST", path=path, answer=_register),)


def _register(call: Call) -> Answer:
    inventory.check_subscription(call)
    namespace = call.places["namespace"]
    registered.register(call.store, call.subscription, namespace)
    return Answer(
        body={
            "id": f"/subscriptions/{call.subscription}/providers/{namespace}",
            "namespace": namespace,
            "registrationState": "Registered",
        }
    )
