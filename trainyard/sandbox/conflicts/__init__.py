"""What the clouds refuse across fields: the sandbox's own table, one file a cloud, each entry with its source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from trainyard.sandbox.check import Problem
from trainyard.sandbox.conflicts.conflict import Conflict, Given
from trainyard.sandbox.schema import ResourceType


def check_conflicts(type: ResourceType, inputs: Mapping[str, Any], config: Mapping[str, Any]) -> Iterator[Problem]:
    """Problems of values that are right alone and wrong together, or wrong where they are used."""
    there = _by_type(type.package).get(type.token, ())
    if there:
        given = Given(type=type, inputs=inputs, config=config)
        for conflict in there:
            yield from conflict.find(given)


def table(package: str) -> tuple[Conflict, ...]:
    """Every entry of a package."""
    match package:
        case "gcp":
            from trainyard.sandbox.conflicts import gcp

            return gcp.CONFLICTS
        case "aws":
            from trainyard.sandbox.conflicts import aws

            return aws.CONFLICTS
        case "azure-native":
            from trainyard.sandbox.conflicts import azure

            return azure.CONFLICTS
        case _:
            return ()


@cache
def _by_type(package: str) -> Mapping[str, tuple[Conflict, ...]]:
    found: dict[str, list[Conflict]] = {}
    for conflict in table(package):
        for token in conflict.types:
            found.setdefault(token, []).append(conflict)
    return {token: tuple(conflicts) for token, conflicts in found.items()}
