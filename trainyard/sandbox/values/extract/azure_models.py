"""The enums of Microsoft's own Python clients, by the names that the SDK gives them as well."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from enum import Enum
from functools import cache
from types import ModuleType
from typing import Any, Final

# module of the SDK: package of Microsoft's client
_CLIENTS: Final[Mapping[str, str]] = {
    "compute": "azure.mgmt.compute.models",
    "network": "azure.mgmt.network.models",
    "storage": "azure.mgmt.storage.models",
    "consumption": "azure.mgmt.consumption.models",
    "devtestlab": "azure.mgmt.devtestlabs.models",
    "automation": "azure.mgmt.automation.models",
}


def values_of(module: str, enum: type[Enum]) -> list[Any]:
    """The values of an SDK's enum, and of the client's newer one of the same name."""
    newer = getattr(_client(module), enum.__name__, None) if module in _CLIENTS else None
    more = [member.value for member in newer] if isinstance(newer, type) and issubclass(newer, Enum) else []
    return [member.value for member in enum] + more


@cache
def _client(module: str) -> ModuleType:
    return importlib.import_module(_CLIENTS[module])
