"""Functions of Azure that hand out keys and credentials of a thing that is there."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from trainyard.sandbox.provider.functions import stored
from trainyard.sandbox.provider.functions.question import Question
from trainyard.sandbox.provider.order import stable_hex
from trainyard.sandbox.store import Thing

_KUBECONFIG: Final = """apiVersion: v1
kind: Config
clusters: [{name: sandbox, cluster: {server: "https://sandbox.invalid"}}]
contexts: [{name: sandbox, context: {cluster: sandbox, user: sandbox}}]
current-context: sandbox
users: [{name: sandbox, user: {token: sandbox}}]
"""


def _key(thing: Thing, number: int = 1) -> str:
    return base64.b64encode(stable_hex(64, thing.id, str(number)).encode()).decode()


def _storage(thing: Thing) -> dict[str, Any]:
    keys = [{"keyName": f"key{n}", "permissions": "FULL", "value": _key(thing, n)} for n in (1, 2)]
    return {"keys": keys}


def _registry(thing: Thing) -> dict[str, Any]:
    passwords = [{"name": name, "value": _key(thing, n)} for n, name in enumerate(("password", "password2"))]
    return {"username": thing.name, "passwords": passwords}


def _cluster(thing: Thing) -> dict[str, Any]:
    return {"kubeconfigs": [{"name": "clusterUser", "value": base64.b64encode(_KUBECONFIG.encode()).decode()}]}


def _pair(first: str, second: str) -> Callable[[Thing], dict[str, Any]]:
    return lambda thing: {first: _key(thing, 1), second: _key(thing, 2)}


def _cosmos(thing: Thing) -> dict[str, Any]:
    kinds = ("primaryMasterKey", "secondaryMasterKey", "primaryReadonlyMasterKey", "secondaryReadonlyMasterKey")
    return {name: _key(thing, number) for number, name in enumerate(kinds)}


def _cosmos_strings(thing: Thing) -> dict[str, Any]:
    text = f"AccountEndpoint=https://{thing.name}.documents.azure.com:443/;AccountKey={_key(thing)};"
    return {"connectionStrings": [{"connectionString": text, "description": "Primary SQL Connection String"}]}


def _bus(thing: Thing) -> dict[str, Any]:
    start = f"Endpoint=sb://{thing.name}.servicebus.windows.net/;SharedAccessKeyName=RootManageSharedAccessKey"
    return {
        "keyName": "RootManageSharedAccessKey",
        "primaryKey": _key(thing, 1),
        "secondaryKey": _key(thing, 2),
        "primaryConnectionString": f"{start};SharedAccessKey={_key(thing, 1)}",
        "secondaryConnectionString": f"{start};SharedAccessKey={_key(thing, 2)}",
    }


_ANSWERS: Final[Mapping[str, tuple[str, Callable[[Thing], dict[str, Any]]]]] = {
    "storage:listStorageAccountKeys": ("storage:StorageAccount", _storage),
    "storage:listStorageAccountSAS": ("storage:StorageAccount", lambda thing: {"accountSasToken": _key(thing)}),
    "storage:listStorageAccountServiceSAS": ("storage:StorageAccount", lambda thing: {"serviceSasToken": _key(thing)}),
    "containerregistry:listRegistryCredentials": ("containerregistry:Registry", _registry),
    "containerservice:listManagedClusterUserCredentials": ("containerservice:ManagedCluster", _cluster),
    "containerservice:listManagedClusterAdminCredentials": ("containerservice:ManagedCluster", _cluster),
    "operationalinsights:getSharedKeys": (
        "operationalinsights:Workspace",
        _pair("primarySharedKey", "secondarySharedKey"),
    ),
    "operationalinsights:getWorkspaceSharedKeys": (
        "operationalinsights:Workspace",
        _pair("primarySharedKey", "secondarySharedKey"),
    ),
    "cosmosdb:listDatabaseAccountKeys": ("cosmosdb:DatabaseAccount", _cosmos),
    "cosmosdb:listDatabaseAccountConnectionStrings": ("cosmosdb:DatabaseAccount", _cosmos_strings),
    "documentdb:listDatabaseAccountKeys": ("cosmosdb:DatabaseAccount", _cosmos),
    "servicebus:listNamespaceKeys": ("servicebus:Namespace", _bus),
    "eventhub:listNamespaceKeys": ("eventhub:Namespace", _bus),
    "eventhub:listEventHubKeys": ("eventhub:EventHub", _bus),
    "cognitiveservices:listAccountKeys": ("cognitiveservices:Account", _pair("key1", "key2")),
    "search:listAdminKey": ("search:Service", _pair("primaryKey", "secondaryKey")),
    "redis:listRedisKeys": ("redis:Redis", _pair("primaryKey", "secondaryKey")),
    "web:listWebAppPublishingCredentials": (
        "web:WebApp",
        lambda thing: {"publishingUserName": f"${thing.name}", "publishingPassword": _key(thing)},
    ),
    "web:listWebAppHostKeys": (
        "web:WebApp",
        lambda thing: {"masterKey": _key(thing), "functionKeys": {"default": _key(thing, 2)}, "systemKeys": {}},
    ),
    "machinelearningservices:listWorkspaceKeys": (
        "machinelearningservices:Workspace",
        lambda thing: {"userStorageKey": _key(thing), "appInsightsInstrumentationKey": _key(thing, 2)},
    ),
    "logic:listWorkflowTriggerCallbackUrl": (
        "logic:Workflow",
        lambda thing: {"value": f"https://sandbox.invalid{thing.id}/triggers/manual/paths/invoke", "method": "POST"},
    ),
}


_PARTS: Final = ("authorizationRuleName", "triggerName", "keyName")  # of the thing that is asked


def _function(type: str, make: Callable[[Thing], dict[str, Any]]) -> Callable[[Question], dict[str, Any]]:
    def answer(question: Question) -> dict[str, Any]:
        args = {name: value for name, value in question.args.items() if name not in _PARTS}
        return make(stored.found(type, replace(question, args=args)))

    return answer


FUNCTIONS: Final[Mapping[str, Callable[[Question], dict[str, Any]]]] = {
    f"azure-native:{name}": _function(f"azure-native:{type}", make) for name, (type, make) in _ANSWERS.items()
}
