"""`python -m trainyard.sandbox.values.extract gcp|aws|azure-native`: writes `data/<package>.json` anew."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from typing import Final

from trainyard.sandbox.values.description import DATA
from trainyard.sandbox.values.extract.writing import write

# Each has `extract()`, which returns the whole document.
_MODULES: Final[Mapping[str, str]] = {"gcp": "google", "aws": "aws", "azure-native": "azure"}


def main(packages: list[str]) -> None:
    for package in packages or list(_MODULES):
        document = importlib.import_module(f"trainyard.sandbox.values.extract.{_MODULES[package]}").extract()
        path = DATA / f"{package}.json"
        write(path, document)
        sys.stdout.write(f"{path}: {len(document['types'])} types\n")


if __name__ == "__main__":
    main(sys.argv[1:])
