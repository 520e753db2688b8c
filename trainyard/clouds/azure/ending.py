"""Ends one thing on Azure: machine, scale set with its machines; a disk that its machine left."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from azure.core.exceptions import AzureError
from azure.core.rest import HttpRequest

from trainyard.clouds.azure.client import ARM, pipeline
from trainyard.clouds.scope import NotEndedError
from trainyard.facts.billable import Billable
from trainyard.facts.origin import Sandbox

# github.com/Azure/azure-rest-api-specs, Microsoft.Compute: VirtualMachines_Delete, VirtualMachineScaleSets_Delete,
# Disks_Delete
_TYPES: Final = {
    "machine": ("virtualMachines", "2024-07-01"),
    "scale set": ("virtualMachineScaleSets", "2024-07-01"),
    "disk": ("disks", "2024-03-02"),
}
_DONE: Final = (200, 202, 204, 404)


def end(thing: Billable, sandbox: Sandbox | None) -> None:
    """Begin to delete it; NotEndedError with Azure's words."""
    if thing.kind not in _TYPES:
        raise NotEndedError(thing, f"a {thing.kind} is not ended by itself")
    base = sandbox.api["azure"].rstrip("/") if sandbox else ARM
    kind, version = _TYPES[thing.kind]
    url = f"{base}{quote(arm_id(thing.scope, kind, thing.name))}?api-version={version}"
    try:
        response = pipeline(base, sandbox).send_request(HttpRequest("DELETE", url))
    except (AzureError, OSError, ValueError) as error:
        raise NotEndedError(thing, str(error).strip().partition("\n")[0]) from error
    if response.status_code not in _DONE:
        raise NotEndedError(thing, f"{response.status_code} {response.text()[:300]}")


def arm_id(scope: str, kind: str, name: str) -> str:
    """The full id of a thing of Microsoft.Compute that is called "group/name"."""
    group, _, own = name.partition("/")
    subscription = scope.removeprefix("azure:")
    return f"/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Compute/{kind}/{own}"
