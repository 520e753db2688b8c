"""Azure's own descriptions of the types of pulumi-azure-native: `mapping/azure-native.json` names each one's ARM type.

Limits are those of the API version that the SDK asks for; enums also hold what newer versions name.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from trainyard.sandbox.packages import installed
from trainyard.sandbox.provider.names import name_property
from trainyard.sandbox.schema import ResourceType
from trainyard.sandbox.values.extract.azure_arm import resource
from trainyard.sandbox.values.extract.azure_tree import Walk, merged

MAPPING: Final = Path(__file__).parents[1] / "mapping" / "azure-native.json"
_VERSION: Final = re.compile(r"Uses Azure REST API version ([0-9a-z-]+)\.")
_NAME_LIMITS: Final = ("pattern", "min_length", "max_length")
_CLIENTS: Final = ("compute", "network", "storage", "consumption", "devtestlabs", "automation")


def extract() -> dict[str, Any]:
    mapping = json.loads(MAPPING.read_text(encoding="utf-8"))
    clients = ", ".join(f"azure-mgmt-{name} {version(f'azure-mgmt-{name}')}" for name in _CLIENTS)
    return {
        "source": {
            "limits": f"Azure/bicep-types-az {mapping['bicep_types']}, generated from Azure/azure-rest-api-specs",
            "names and more": f"{mapping['more_source']}; names: {_pages(mapping)}",
            "enums": f"the same, pulumi_azure_native {version('pulumi_azure_native')}, {clients}",
        },
        "types": {token: _described(token, mapping) for token in sorted(mapping["types"])},
    }


def _described(token: str, mapping: Mapping[str, Any]) -> dict[str, Any]:
    type, kind = ResourceType(installed()["azure-native"], token), mapping["types"][token]
    asked = mapping["versions"].get(token) or _asked(token)
    arm = resource(kind, asked)
    if arm is None or type.args is None:
        msg = f"{token}: no {kind}@{asked} in the clone"
        raise LookupError(msg)
    walk = Walk(module=token.split(":")[1], open=frozenset(mapping["open"]["enums"]), renamed=mapping["renamed"])
    walk.object(type.args, arm, "")
    properties = merged(walk.found)
    if "resourceGroupName" in properties:
        properties["resourceGroupName"] = _named("azure-native:resources:ResourceGroup", mapping)
    for above in (token, *_above(kind, mapping)):
        own = name_property(ResourceType(installed()["azure-native"], above))
        if own in properties:
            properties[own] = _named(above, mapping)
    for path, more in mapping["more"].get(token, {}).items():
        if path not in properties:
            msg = f"{token} has no {path}"
            raise LookupError(msg)
        properties[path] = {key: value for key, value in {**properties[path], **more}.items() if value is not None}
    return {"of": [f"{kind}@{asked}"], "properties": properties}


def _above(kind: str, mapping: Mapping[str, Any]) -> list[str]:
    """The types that a type's path goes through: a subnet's network."""
    return [token for token, other in mapping["types"].items() if kind.lower().startswith(f"{other.lower()}/")]


def _named(token: str, mapping: Mapping[str, Any]) -> dict[str, Any]:
    """What a type's name may be: Microsoft's page of naming rules, else its API's own description."""
    kind = mapping["types"][token]
    for rule in mapping["names"]:
        if token in rule["types"]:
            return {"api": f"{kind}.name"} | {key: rule[key] for key in _NAME_LIMITS if key in rule}
    asked = mapping["versions"].get(token) or _asked(token)
    arm = resource(kind, asked)
    name = arm.below("name") if arm else None
    limits = name.limits if name else {}
    return {"api": f"{kind}.name"} | limits | ({"enum": list(name.literals)} if name and name.literals else {})


def _asked(token: str) -> str:
    found = _VERSION.search(inspect.getsource(installed()["azure-native"].load(token)))
    if found is None:
        msg = f"{token} tells no API version"
        raise LookupError(msg)
    return found.group(1)


def _pages(mapping: Mapping[str, Any]) -> str:
    return ", ".join(sorted({rule["source"] for rule in mapping["names"]}))
