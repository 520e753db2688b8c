"""`python -m trainyard.sandbox.values.extract gcp|aws|azure-native`: writes `data/<package>.json` anew."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Mapping
from typing import Any, Final

from trainyard.sandbox.values.description import DATA

# Each has `extract()`, which returns the whole document.
_MODULES: Final[Mapping[str, str]] = {"gcp": "google", "aws": "aws", "azure-native": "azure"}


def text_of(document: Mapping[str, Any]) -> str:
    """The document as it lies in the file: sorted, and one line a property, so that a change reads as one."""
    types = document["types"]
    head = json.dumps(document["source"], indent=1, sort_keys=True)
    return (
        f'{{"source": {head},\n"types": {{\n'
        + ",\n".join(_type_text(name, types[name]) for name in sorted(types))
        + "\n}}\n"
    )


def main(packages: list[str]) -> None:
    for package in packages or list(_MODULES):
        document = importlib.import_module(f"trainyard.sandbox.values.extract.{_MODULES[package]}").extract()
        path = DATA / f"{package}.json"
        path.write_text(text_of(document), encoding="utf-8")
        sys.stdout.write(f"{path}: {len(document['types'])} types\n")


def _type_text(token: str, entry: Mapping[str, Any]) -> str:
    properties = entry["properties"]
    lines = ",\n".join(f"  {json.dumps(path)}: {_line(properties[path])}" for path in sorted(properties))
    rest = {key: value for key, value in entry.items() if key != "properties"}
    return f' {json.dumps(token)}: {_line(rest)[:-1]}, "properties": {{\n{lines}\n }}}}'


def _line(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


if __name__ == "__main__":
    main(sys.argv[1:])
