"""What a preview tells of a thing: what the program gives, but unknown where only the cloud will tell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from trainyard.sandbox.schema import ResourceType
from trainyard.servicer.values import UNKNOWN

_TOLD: Final = ("principalId", "tenantId", "userAssignedIdentities")


def planned(type: ResourceType, given: Mapping[str, Any]) -> dict[str, Any]:
    """Of an identity azure-native keeps the kind alone, at updates too: what it takes as a list it tells as a mapping.

    pulumi/pulumi-azure-native: Create and Update with PreviewOutputs; issue 2525.
    """
    identity = given.get("identity")
    if type.token.startswith("azure-native:") and isinstance(identity, Mapping):
        return {**given, "identity": {**identity, **dict.fromkeys(_TOLD, UNKNOWN)}}
    return dict(given)
