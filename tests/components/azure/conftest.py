"""Programs against mocks that answer as Azure does, and Azure's own descriptions of what a program asks for."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pulumi.runtime import mocks

from tests.components.conftest import Registered, Registrations, deployer
from trainyard.sandbox.check import check_inputs
from trainyard.sandbox.conflicts import check_conflicts
from trainyard.sandbox.packages import installed
from trainyard.sandbox.schema import ResourceType
from trainyard.sandbox.values import check_values, description_of

SUBSCRIPTION = "00000000-0000-0000-0000-0000000000aa"
GROUP = "acme-ml"
GROUP_ID = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}"


class _Cloud(mocks.Mocks):
    """Ids are paths, as Azure's are."""

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        given, name = args.inputs, _own_name(args)
        computed = {
            "name": name,
            "principalId": "11111111-1111-4111-8111-111111111111",
            "clientId": "22222222-2222-4222-8222-222222222222",
            "tenantId": "33333333-3333-4333-8333-333333333333",
            **_COMPUTED.get(args.typ, {}),
            **({"identity": _identity(given["identity"])} if given.get("identity") else {}),
        }
        return id_of(args.typ, given, name), given | computed

    def call(self, args: mocks.MockCallArgs) -> dict[str, Any]:
        return {}


_COMPUTED: dict[str, dict[str, Any]] = {
    "azure-native:storagecache:AmlFilesystem": {"clientInfo": {"mgsAddress": "10.40.17.4"}},
    "azure-native:keyvault:Key": {"keyUriWithVersion": "https://acme.vault.azure.net/keys/disks/0123456789abcdef"},
}


def _identity(given: dict[str, Any]) -> dict[str, Any]:
    users = {user: {} for user in given.get("userAssignedIdentities") or ()}
    own = "SystemAssigned" in str(given.get("type"))
    return {
        "type": given.get("type"),
        **({"userAssignedIdentities": users} if users else {}),
        **({"principalId": "44444444-4444-4444-8444-444444444444"} if own else {}),
    }


def id_of(token: str, given: dict[str, Any], name: str) -> str:
    """The path of a thing, by the vendor's own name of its type."""
    if token.endswith(":ResourceGroup"):
        return f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{name}"
    described = description_of("azure-native", token)
    if described is None:
        return f"{name}-id"
    namespace, *nouns = described.of[0].partition("@")[0].split("/")
    parents = {
        "virtualNetworks": "virtualNetworkName",
        "workspaces": "workspaceName",
        "storageAccounts": "accountName",
        "vaults": "vaultName",
    }
    names = [str(given.get(parents.get(noun, ""), "default")) for noun in nouns[:-1]] + [name]
    path = "/".join(f"{noun}/{each}" for noun, each in zip(nouns, names, strict=True))
    return f"{GROUP_ID}/providers/{namespace}/{path}"


_NAMED_BY = {
    "StorageAccount": "accountName",
    "VirtualMachine": "vmName",
    "VirtualMachineScaleSet": "vmScaleSetName",
    "RoleDefinition": "roleDefinitionId",
}


def _own_name(args: mocks.MockResourceArgs) -> str:
    kind = args.typ.rpartition(":")[2]
    own = _NAMED_BY.get(kind, f"{kind[0].lower()}{kind[1:]}Name")
    for key in (own, "resourceName", "name"):
        if isinstance(args.inputs.get(key), str):
            return str(args.inputs[key])
    return args.name


def problems(found: Registrations) -> list[str]:
    """What Azure's descriptions, or its SDK, refuse of what was asked for."""
    told: list[str] = []
    for one in azure_things(found):
        kind, inputs = ResourceType(installed()["azure-native"], one.type), whole(one.inputs)
        for each in (*check_inputs(kind, inputs), *check_values(kind, inputs), *check_conflicts(kind, inputs, {})):
            told.append(f"{one.type} {each.path}: {each.reason}")
    return told


def unreached(found: Registrations) -> set[str]:
    """The properties that no description of Azure reaches, as "compute:Disk zones[]"."""
    paths: set[str] = set()
    for one in azure_things(found):
        described = description_of("azure-native", one.type)
        known = set(described.properties) if described else set()
        module = one.type.removeprefix("azure-native:")
        paths |= {f"{module} {path}" for path in set(_paths(one.inputs, "")) if path not in known}
    return paths


def azure_things(found: Registrations) -> Iterator[Registered]:
    """The cloud's own things: no components."""
    return (one for one in found.all if one.type.startswith("azure-native:"))


def whole(value: Any) -> Any:
    """Whole numbers as such: the engine's protocol has doubles only."""
    if isinstance(value, dict):
        return {key: whole(item) for key, item in value.items()}
    if isinstance(value, list):
        return [whole(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _paths(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _paths(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and value:
        for item in value:
            yield from _paths(item, f"{path}[]")
    elif value not in (None, {}, []):
        yield path


@pytest.fixture
def deploy() -> Callable[[Callable[[], Any]], Registrations]:
    return deployer(_Cloud)
