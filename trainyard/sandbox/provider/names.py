"""Names that a program leaves to the provider: the program's own name and some hexadecimal digits."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from trainyard.sandbox.check import Problem
from trainyard.sandbox.schema import ResourceType, Scalar

# Where the provider's own name property is not called "name" (pulumi-aws, provider/resources.go).
_NAMED_OTHERWISE: Final[Mapping[str, str]] = {
    "aws:s3/bucket:Bucket": "bucket",
    "aws:s3/bucketV2:BucketV2": "bucket",
    "aws:rds/instance:Instance": "identifier",
    "aws:rds/cluster:Cluster": "clusterIdentifier",
    "aws:ec2/keyPair:KeyPair": "keyName",
}
# Names that are GUIDs, and parts that are named as things of their own are (pulumi-azure-native, AutoNamer.AutoName).
_AZURE_GUIDS: Final = frozenset({"roleAssignmentName", "roleDefinitionId", "jobScheduleId"})
_AZURE_OWN: Final = frozenset({"endpointName", "customDomainName"})
_NEVER: Final = frozenset({"random", "tls", "command"})


@dataclass(frozen=True, kw_only=True)
class Wish:
    """How the name is to be made: the stack's own pattern, if it has one."""

    proposed: str = ""
    mode: Literal["propose", "enforce", "disable"] = "propose"
    seed: bytes = b""


def name_property(type: ResourceType) -> str | None:
    """The input that holds the thing's own name where the provider would make one."""
    if type.package in _NEVER:
        return None
    if type.token in _NAMED_OTHERWISE:
        return _NAMED_OTHERWISE[type.token]
    if type.package == "azure-native":
        # The own name is the one optional "…Name" that the thing does not tell: it tells "name".
        own = [
            wire
            for wire, field in type.inputs.items()
            if wire.endswith("Name") and not field.required and wire not in type.outputs
        ]
        own += [wire for wire in _AZURE_GUIDS - {*own} if not _needed_or_told(wire, type)]
        if not own and "name" in type.inputs and not type.inputs["name"].required:
            return "name"  # web apps and their plans
        return own[0] if len(own) == 1 else next((wire for wire in own if _fits_class(wire, type)), None)
    field = type.inputs.get("name")
    return "name" if field is not None and not field.required and field.kind == Scalar("text") else None


def name_inputs(
    type: ResourceType, inputs: dict[str, Any], old: Mapping[str, Any], name: str, wish: Wish
) -> Problem | None:
    """Fills in the name when none is given; a name made once stays."""
    if type.package == "kubernetes":
        return _name_metadata(inputs, old, name, wish)
    wire = name_property(type)
    if wire is None or inputs.get(wire) is not None or _has_prefix(wire, inputs):
        return None
    azure = type.package == "azure-native"
    if is_autonamed(type, old.get(wire), name) or (azure and old.get(wire) is not None):
        inputs[wire] = old[wire]
        return None
    if wish.mode == "disable":
        return Problem(wire, f'automatic names are switched off for this stack: give "{wire}"')
    digits = hashlib.sha256(wish.seed + name.encode()).hexdigest()
    if azure:
        inputs[wire] = _azure_name(type, wire, name, wish, digits)
        return None
    made = wish.proposed or f"{name}-{digits[:7]}"
    inputs[wire] = made.lower() if type.package == "gcp" else made
    return None


def _azure_name(type: ResourceType, wire: str, name: str, wish: Wish, digits: str) -> str:
    """A thing's name has eight digits behind it, without a dash; a part of a thing is called as in the program."""
    if wire in _AZURE_GUIDS and wish.mode != "enforce":
        return str(uuid.UUID(digits[:32]))
    return wish.proposed or (name if _is_part(type, wire) else f"{name}{digits[:8]}")


def _is_part(type: ResourceType, own: str) -> bool:
    """Whether an Azure thing lies in another, which its program names."""
    if own in _AZURE_OWN:
        return False
    return any(
        wire.endswith("Name") and field.required and wire not in ("resourceGroupName", own)
        for wire, field in type.inputs.items()
        if wire not in type.outputs
    )


def is_autonamed(type: ResourceType, given: Any, name: str) -> bool:
    """Whether a thing's name was made from the program's `name`."""
    ending = "[0-9a-f]{8}" if type.package == "azure-native" else "-[0-9a-f]{7}"
    return isinstance(given, str) and re.fullmatch(re.escape(name.lower()) + ending, given.lower()) is not None


def _needed_or_told(wire: str, type: ResourceType) -> bool:
    field = type.inputs.get(wire)
    return field is None or field.required or wire in type.outputs


def _has_prefix(wire: str, inputs: Mapping[str, Any]) -> bool:
    return any(inputs.get(f"{wire}{ending}") is not None for ending in ("Prefix", "NamePrefix"))


def _fits_class(wire: str, type: ResourceType) -> bool:
    noun = wire.removesuffix("Name").lower()
    return type.token.rpartition(":")[2].lower().endswith(noun)


def _name_metadata(inputs: dict[str, Any], old: Mapping[str, Any], name: str, wish: Wish) -> Problem | None:
    metadata = inputs.get("metadata")
    if "metadata" not in inputs and "apiVersion" not in inputs:
        return None
    if metadata is not None and not isinstance(metadata, dict):
        return None
    given = dict(metadata or {})
    if given.get("name") is not None or given.get("generateName") is not None:
        return None
    before = old.get("metadata")
    kept = before.get("name") if isinstance(before, dict) else None
    made = kept or wish.proposed or f"{name}-{hashlib.sha256(wish.seed + name.encode()).hexdigest()[:8]}"
    marks = given.get("annotations") or {}
    if isinstance(marks, dict):  # else not known yet
        given["annotations"] = {**marks, "pulumi.com/autonamed": "true"}
    inputs["metadata"] = {**given, "name": made.lower()}
    return None
