"""Google's types: hashicorp/terraform-provider-google, with the names that pulumi-gcp gives its resources."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from trainyard.sandbox.changes.extract.terraform import Reading, facts
from trainyard.sandbox.packages import Package
from trainyard.sandbox.schema import ResourceType
from trainyard.sandbox.values.extract.go import GoPackage

_IAM: Final = re.compile(r"[iI][aA][mM](Member|Binding|Policy|AuditConfig):")
_MEMBER_FREE: Final = frozenset({"members", "policyData", "auditLogConfigs"})  # what an IAM thing updates in place


def extract(package: Package, provider: Path, bridge: Path) -> dict[str, Any]:
    """Facts by token. `provider`: the folder that holds `services`; `bridge`: pulumi-gcp's bridge-metadata.json."""
    tokens = {
        name: entry["current"]
        for name, entry in json.loads(bridge.read_text(encoding="utf-8"))["auto-aliasing"]["resources"].items()
    }
    common = {name: GoPackage(provider / name) for name in ("tpgresource", "verify")}
    services = sorted(folder for folder in (provider / "services").iterdir() if folder.is_dir())
    packages = {folder.name: GoPackage(folder) for folder in services}
    found: dict[str, Any] = {}
    for own in packages.values():
        for name, resource in own.registered().items():
            token = tokens.get(name)
            schema = resource.get("Schema") if hasattr(resource, "get") else None
            if token is not None and token in package.types and schema is not None:
                reading = Reading(own, {**common, **packages})
                said = facts(reading, schema, ResourceType(package, token).inputs)
                found[token] = {"of": name, **said}
        for name, schema in own.granted().items():
            token = tokens.get(name)
            if token is not None and token in package.types and token not in found:
                inputs = ResourceType(package, token).inputs
                said = facts(Reading(own, {**common, **packages}), schema, inputs)
                found[token] = {"of": name, **said, **_iam(inputs)}
    for token in package.types:
        if _IAM.search(token) and token not in found:
            found[token] = {"of": "IAM", **_iam(ResourceType(package, token).inputs)}
    return found


def _iam(inputs: Iterable[str]) -> dict[str, Any]:
    return {"new": sorted(set(inputs) - _MEMBER_FREE), "set": ["members"]}
