"""A provider's own configuration: its keys as the SDK has them, nested values as the engine sends them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from trainyard.sandbox.check import Problem, nearest
from trainyard.sandbox.packages import Package
from trainyard.sandbox.schema import fields_of
from trainyard.servicer.values import reveal

_ENGINE_S_OWN: Final = frozenset({"version", "pluginDownloadURL", "pluginChecksums", "parameterization"})
_DEFAULTS: Final[Mapping[str, Mapping[str, Any]]] = {"gcp": {"addPulumiAttributionLabel": True}}


def check_config(package: Package, given: Mapping[str, Any]) -> Iterator[Problem]:
    """Keys that the provider does not have, with the nearest that it has."""
    fields = fields_of(package.load_provider_args())
    for key in given:
        if key in fields or key in _ENGINE_S_OWN or key.startswith("__"):
            continue
        near = nearest(key, list(fields))
        hint = f'; did you mean "{near}"?' if near else ""
        yield Problem(
            key, f"unknown key of the provider{hint}; take it away with `pulumi config rm {package.name}:{key}`"
        )


def opened(package: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """Plain values: secrets opened, lists and mappings out of the JSON text that they come as, defaults filled in."""
    return {**_DEFAULTS.get(package, {}), **{key: _value(reveal(value)) for key, value in config.items()}}


def _value(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
