"""How Azure names things: by their path through subscription, resource group and parents."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, Final

from trainyard.sandbox.provider.generic import labels_in, own_name, plausible
from trainyard.sandbox.provider.names import name_property
from trainyard.sandbox.provider.order import Made, Order, hexadecimal
from trainyard.sandbox.provider.tells import azure as tells
from trainyard.sandbox.schema import ResourceType
from trainyard.sandbox.values import description_of

SUBSCRIPTION: Final = "00000000-0000-0000-0000-000000000000"  # no subscription has it
TENANT: Final = "00000000-0000-0000-0000-000000000000"
_NAMESPACES: Final[Mapping[str, str]] = {
    "machinelearningservices": "MachineLearningServices",
    "containerregistry": "ContainerRegistry",
    "containerservice": "ContainerService",
    "managedidentity": "ManagedIdentity",
    "keyvault": "KeyVault",
    "storagecache": "StorageCache",
    "devtestlab": "DevTestLab",
    "operationalinsights": "OperationalInsights",
}
_USER_ASSIGNED: Final = "azure-native:managedidentity:UserAssignedIdentity"
_KINDS: Final[Mapping[str, str]] = {
    "NetworkSecurityGroup": "networkSecurityGroups",
    "BlobContainer": "blobServices/default/containers",
    "UserAssignedIdentity": "userAssignedIdentities",
    "Registry": "registries",
    "OnlineDeployment": "deployments",
}
_PARENTS: Final[Mapping[tuple[str, str], str]] = {("OnlineDeployment", "endpointName"): "onlineEndpoints"}


def subscription_of(order: Order) -> str:
    given = order.config.get("subscriptionId")
    return given if isinstance(given, str) and given else SUBSCRIPTION


def make(order: Order) -> Made:
    """Any Azure thing; its id is its path."""
    _, module, kind = order.type.token.split(":")
    chosen = order.text("id") if (module, kind) == ("machinelearningservices", "Job") else ""
    name, subscription = chosen or own_name(order), subscription_of(order)
    group = order.text("resourceGroupName")
    root = f"/subscriptions/{subscription}"
    if kind == "ResourceGroup":
        id, full_kind = f"{root}/resourceGroups/{name}", "Microsoft.Resources/resourceGroups"
    else:
        namespace = f"Microsoft.{_NAMESPACES.get(module, module.capitalize())}"
        above = [(_PARENTS.get((kind, one)) or _plural(one.removesuffix("Name")), one) for one in _parents(order)]
        plural = _KINDS.get(kind) or _plural(kind)
        full_kind = _described(order.type) or "/".join((namespace, *(parent for parent, _ in above), plural))
        names = [order.text(wire) for _, wire in above]
        if module == "machinelearningservices" and kind.endswith("Version"):  # of a container that its name tells
            names, name = [*names, name], order.text("version")
        scope = order.text("scope") or (f"{root}/resourceGroups/{group}" if group else root)
        id = f"{scope}/providers/{_path(full_kind, names, name)}"
    location = order.text("location") or _group_location(order, root, group)
    told: dict[str, Any] = {
        "name": name,
        "type": full_kind,
        "location": location,
        "provisioningState": "Succeeded",
        "azureApiVersion": "",
        "etag": order.keep("etag", lambda: f'W/"{uuid.uuid4()}"'),
        "vmId": order.keep("vmId", lambda: str(uuid.uuid4())),
        "principalId": order.keep("principalId", lambda: str(uuid.uuid4())),
        "clientId": order.keep("clientId", lambda: str(uuid.uuid4())),
        "tenantId": TENANT,
        "resourceGuid": order.keep("resourceGuid", lambda: hexadecimal(32)),
    }
    inputs = order.type.inputs
    known = {
        key: value
        for key, value in told.items()
        if key in order.type.outputs and (key not in inputs or key == "location")
    }
    own = tells.told(tells.Place(order=order, id=id, name=name, location=location))
    outputs = {**plausible(order, id), **known, **_identity(order), **own}
    return Made(id=id, name=name, project=subscription, place=location, labels=labels_in(order), outputs=outputs)


def _identity(order: Order) -> dict[str, Any]:
    """A thing's own identity as it is told: the program lists user-assigned ones by id, the cloud tells a mapping."""
    given = order.plain("identity")
    if not isinstance(given, Mapping) or "identity" not in order.type.outputs:
        return {}
    told: dict[str, Any] = dict(given)
    users = given.get("userAssignedIdentities")
    if isinstance(users, list):
        there = {
            user: order.store.get("azure-native:managedidentity:UserAssignedIdentity", str(user)) for user in users
        }
        told["userAssignedIdentities"] = {
            user: {name: thing.outputs.get(name) if thing else hexadecimal(32) for name in ("clientId", "principalId")}
            for user, thing in there.items()
        }
    if "SystemAssigned" in str(given.get("type", "")):
        before = order.before.outputs.get("identity") if order.before else None
        kept = before.get("principalId") if isinstance(before, Mapping) else None
        told |= {"principalId": kept or str(uuid.uuid4()), "tenantId": TENANT}
    return {"identity": order.veil("identity", told)}


def namespace_of(type: ResourceType) -> str:
    """ "Microsoft.Web" of a type: whose service it is."""
    _, module, kind = type.token.split(":")
    own = (
        "Microsoft.Resources"
        if kind == "ResourceGroup"
        else f"Microsoft.{_NAMESPACES.get(module, module.capitalize())}"
    )
    return _described(type).partition("/")[0] or own


def _described(type: ResourceType) -> str:
    """The vendor's own name of the type: "Microsoft.Web/serverfarms"; "" where none is known."""
    description = description_of(type.package, type.token)
    return description.of[0].partition("@")[0] if description and description.of[0].startswith("Microsoft.") else ""


def _path(kind: str, parents: list[str], name: str) -> str:
    """Kinds and names in turn; what lies between the last parent and the thing itself is called "default"."""
    namespace, *nouns = kind.split("/")
    names = [*parents[: len(nouns) - 1], *["default"] * max(len(nouns) - 1 - len(parents), 0), name]
    return "/".join([namespace, *(f"{noun}/{one}" for noun, one in zip(nouns, names, strict=True))])


def _parents(order: Order) -> list[str]:
    own = name_property(order.type)
    found = [
        wire
        for wire, field in order.type.inputs.items()
        if wire.endswith("Name")
        and field.required
        and wire not in ("resourceGroupName", own)
        and wire not in order.type.outputs
    ]
    return sorted(found, key=lambda wire: wire != "workspaceName")  # the SDK tells them by name, not from the top


def _plural(noun: str) -> str:
    lower = noun[0].lower() + noun[1:]
    if lower.endswith("y") and not lower.endswith(("ay", "ey", "oy")):
        return f"{lower[:-1]}ies"
    return (
        lower if lower.endswith("s") and not lower.endswith("ss") else f"{lower}{'es' if lower.endswith('ss') else 's'}"
    )


def _group_location(order: Order, root: str, group: str) -> str:
    found = order.store.get("azure-native:resources:ResourceGroup", f"{root}/resourceGroups/{group}") if group else None
    configured = order.config.get("location")
    return str(found.outputs.get("location", "")) if found else (configured if isinstance(configured, str) else "")
