"""The installed Pulumi SDKs and the resource types that each names, read as text; imported only when used."""

from __future__ import annotations

import importlib
import json
import re
import sys
import threading
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final

_MODULES: Final = re.compile(r'resource_modules="""(.*?)"""', re.DOTALL)
_LOADING: Final = threading.Lock()
_API_VERSION: Final = re.compile(r"^(azure-native:[a-z0-9]+)/v[0-9]+[a-z0-9]*(:.+)$")


@dataclass(frozen=True, kw_only=True)
class ClassName:
    package: str  # the import path of the Python package that exports it
    name: str


@dataclass(frozen=True)
class Package:
    """One SDK: its Pulumi name, version and folder."""

    name: str
    version: str
    folder: Path

    @cached_property
    def types(self) -> Mapping[str, ClassName]:
        """Resource token to class, as the SDK registers them."""
        found = _MODULES.search((self.folder / "__init__.py").read_text(encoding="utf-8"))
        modules: list[dict[str, Any]] = json.loads(found.group(1)) if found else []
        return {
            token: ClassName(package=module["fqn"], name=name)
            for module in modules
            for token, name in module["classes"].items()
        }

    def token_of(self, given: str) -> str | None:
        """The SDK's own token for a type; Azure Native's older API versions are the same type; None when unknown."""
        if given in self.types:
            return given
        versioned = _API_VERSION.match(given)
        plain = "".join(versioned.groups()) if versioned else ""
        return plain if plain in self.types else None

    def load(self, token: str) -> type:
        """The SDK's class; imports its package, which takes up to a second."""
        where = self.types[token]
        return _load(where.package, where.name)

    def load_provider_args(self) -> type:
        """The class of what the provider itself is configured with."""
        return _load(f"{self.folder.name}.provider", "ProviderArgs")


def _load(module: str, name: str) -> type:
    with _LOADING, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # SDKs warn of their own deprecated classes as they load
        loaded: type = getattr(importlib.import_module(module), name)
    return loaded


@cache
def installed() -> Mapping[str, Package]:
    """Every Pulumi SDK with resources on the import path, by its Pulumi name."""
    found: dict[str, Package] = {}
    for root in map(Path, sys.path):
        for file in sorted(root.glob("pulumi_*/pulumi-plugin.json")):
            told = json.loads(file.read_text(encoding="utf-8"))
            if told.get("resource") and told["name"] not in found:
                found[told["name"]] = Package(told["name"], told["version"], file.parent)
    return found
