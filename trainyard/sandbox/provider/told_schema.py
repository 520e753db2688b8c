"""A resource type as Pulumi's own schema, so that `pulumi import` can end well."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from trainyard.sandbox.schema import Choice, Kind, Listing, Named, ResourceType, Scalar

_PLAIN: Final[Mapping[str, str]] = {"text": "string", "whole number": "integer", "number": "number", "bool": "boolean"}


def resource_schema(type: ResourceType) -> dict[str, Any]:
    """Inputs and outputs with their types; nested objects are told as any."""
    return {
        "inputProperties": {name: _property(field.kind) for name, field in type.inputs.items()},
        "requiredInputs": sorted(name for name, field in type.inputs.items() if field.required),
        "properties": {name: _property(kind) for name, kind in type.outputs.items()},
    }


def _property(kind: Kind) -> dict[str, Any]:
    match kind:
        case Scalar(plain):
            return {"type": _PLAIN[plain]}
        case Choice():
            return {"type": "string"}
        case Listing(item):
            return {"type": "array", "items": _property(item)}
        case Named(item):
            return {"type": "object", "additionalProperties": _property(item)}
        case _:
            return {"$ref": "pulumi.json#/Any"}
