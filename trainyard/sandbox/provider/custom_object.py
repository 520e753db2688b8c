"""Kubernetes objects of types that a cluster's operators define: any shape, but the right version and kind."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Final

from trainyard.sandbox.packages import Package
from trainyard.sandbox.schema import Anything, Choice, Field, Kind, Named, ResourceType

_TOKEN: Final = re.compile(
    r"^kubernetes:(?P<group>[a-z0-9.-]+\.[a-z0-9.-]+)/(?P<version>v[a-z0-9]+):(?P<kind>[A-Z]\w*)$"
)


class CustomObject(ResourceType):
    """A type that no SDK knows, since a cluster defines it itself."""

    def __init__(self, token: str) -> None:
        self.package = "kubernetes"
        self.token = token
        self.open = True
        self._version, self._kind = token.removeprefix("kubernetes:").split(":")

    @cached_property
    def inputs(self) -> Mapping[str, Field]:
        kinds: dict[str, Kind] = {
            "apiVersion": Choice((self._version,)),
            "kind": Choice((self._kind,)),
            "metadata": Named(Anything()),
        }
        return {
            name: Field(wire=name, python=name, kind=kind, required=name != "metadata", forces_new=False)
            for name, kind in kinds.items()
        }

    @cached_property
    def outputs(self) -> Mapping[str, Kind]:
        return {name: field.kind for name, field in self.inputs.items()}

    @cached_property
    def replacers(self) -> frozenset[str]:
        return frozenset()


def custom_object(package: Package, token: str) -> CustomObject | None:
    """The type, unless its group is one of Kubernetes' own, whose kinds the SDK knows."""
    parts = _TOKEN.match(token)
    if package.name != "kubernetes" or parts is None:
        return None
    own = any(name.startswith(f"kubernetes:{parts['group']}/") for name in package.types)
    return None if own else CustomObject(token)
