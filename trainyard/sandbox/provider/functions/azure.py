"""Functions of Azure: who one is, and resource groups."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from trainyard.sandbox.provider.azure import SUBSCRIPTION, TENANT
from trainyard.sandbox.provider.functions.question import Question
from trainyard.sandbox.provider.order import Refused
from trainyard.servicer.values import reveal


def _client(question: Question) -> dict[str, Any]:
    nobody = "00000000-0000-0000-0000-000000000000"
    subscription = question.text("subscriptionId", SUBSCRIPTION)
    return {"clientId": nobody, "objectId": nobody, "subscriptionId": subscription, "tenantId": TENANT}


def _token(question: Question) -> dict[str, Any]:
    return {"token": "sandbox-access-token"}


def _group(question: Question) -> dict[str, Any]:
    name = question.text("resourceGroupName")
    for thing in question.store.list(type="azure-native:resources:ResourceGroup", name=name):
        return {**reveal(dict(thing.outputs)), "id": thing.id}
    msg = f"ResourceGroupNotFound: Resource group '{name}' could not be found."
    raise Refused(msg)


FUNCTIONS: Final[Mapping[str, Callable[[Question], dict[str, Any]]]] = {
    "azure-native:authorization:getClientConfig": _client,
    "azure-native:authorization:getClientToken": _token,
    "azure-native:resources:getResourceGroup": _group,
}
