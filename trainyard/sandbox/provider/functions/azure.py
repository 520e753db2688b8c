"""Functions of Azure: who one is, things by their names, and the keys that only functions tell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from trainyard.sandbox.provider.azure import SUBSCRIPTION, TENANT
from trainyard.sandbox.provider.functions.question import Question
from trainyard.sandbox.provider.order import Refused, nobodys_address
from trainyard.sandbox.provider.tells import azure as tells
from trainyard.sandbox.store import Thing
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


def _thing(type: str, named: str, code: str = "ResourceNotFound") -> Callable[[Question], Thing]:
    """Finds a thing by its name and its resource group."""

    def find(question: Question) -> Thing:
        name, group = question.text(named), question.text("resourceGroupName")
        for thing in question.store.list(type=type, name=name):
            if f"/resourceGroups/{group}/".lower() in thing.id.lower():
                return thing
        noun = type.rpartition(":")[2]
        msg = f"{code}: The Resource '{noun}/{name}' under resource group '{group}' was not found."
        raise Refused(msg)

    return find


def _got(find: Callable[[Question], Thing]) -> Callable[[Question], dict[str, Any]]:
    def ask(question: Question) -> dict[str, Any]:
        thing = find(question)
        return {**reveal(dict(thing.outputs)), "id": thing.id}

    return ask


_ACCOUNT: Final = _thing("azure-native:storage:StorageAccount", "accountName")
_REGISTRY: Final = _thing("azure-native:containerregistry:Registry", "registryName")
_CLUSTER: Final = _thing("azure-native:containerservice:ManagedCluster", "resourceName")
_ADDRESS: Final = _thing("azure-native:network:PublicIPAddress", "publicIpAddressName")


def _keys(question: Question) -> dict[str, Any]:
    return {"keys": tells.account_keys(_ACCOUNT(question).id)}


def _registry(question: Question) -> dict[str, Any]:
    thing = _REGISTRY(question)
    if not reveal(thing.outputs.get("adminUserEnabled")):
        msg = (
            "UnAuthorizedForCredentialOperations: Cannot perform credential operations for "
            f"{thing.id} as admin user is disabled. Kindly enable admin user as per docs: "
            "https://docs.microsoft.com/en-us/azure/container-registry/container-registry-authentication#admin-account"
        )
        raise Refused(msg)
    return tells.registry_credentials(thing.name, thing.id)


def _credentials(user: str) -> Callable[[Question], dict[str, Any]]:
    def ask(question: Question) -> dict[str, Any]:
        cluster = _CLUSTER(question)
        name = f"{user}_{question.text('resourceGroupName')}_{cluster.name}"
        value = tells.kubeconfig(cluster.name, str(reveal(cluster.outputs.get("fqdn"))), name)
        return {"kubeconfigs": [{"name": user, "value": value}]}

    return ask


def _address(question: Question) -> dict[str, Any]:
    """An address that something holds by now, or a fixed one, has its number."""
    thing = _ADDRESS(question)
    return {"ipAddress": nobodys_address(thing.id), **reveal(dict(thing.outputs)), "id": thing.id}


FUNCTIONS: Final[Mapping[str, Callable[[Question], dict[str, Any]]]] = {
    "azure-native:authorization:getClientConfig": _client,
    "azure-native:authorization:getClientToken": _token,
    "azure-native:resources:getResourceGroup": _group,
    "azure-native:storage:listStorageAccountKeys": _keys,
    "azure-native:storage:getStorageAccount": _got(_ACCOUNT),
    "azure-native:containerregistry:listRegistryCredentials": _registry,
    "azure-native:containerregistry:getRegistry": _got(_REGISTRY),
    "azure-native:containerservice:listManagedClusterUserCredentials": _credentials("clusterUser"),
    "azure-native:containerservice:listManagedClusterAdminCredentials": _credentials("clusterAdmin"),
    "azure-native:containerservice:getManagedCluster": _got(_CLUSTER),
    "azure-native:network:getPublicIPAddress": _address,
}
