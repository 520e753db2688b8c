"""What a vendor's description says of one resource type, property by property: `data/<package>.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

DATA: Final = Path(__file__).parent / "data"


@dataclass(frozen=True, kw_only=True)
class Said:
    """One property's entry: where in the API it lies, and what the vendor allows there.

    Every entry means that the description reaches the property; one without a limit is known there by name and type.
    """

    api: str  # the field in the vendor's own words: "compute.v1 Scheduling.provisioningModel"
    enum: tuple[Any, ...] = ()
    any_case: bool = False  # of the enum's texts, as Azure reads them; nor do spaces count there
    pattern: str = ""  # searched, as JSON Schema does; a vendor's anchors are in the text
    min: float | None = None
    max: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    min_items: int | None = None
    max_items: int | None = None
    kind: str = ""  # of text: one of `kinds.py`
    decided: bool = (
        False  # by the cloud: the provider takes none from a program, though the SDK's class has a place for it
    )


@dataclass(frozen=True)
class Node:
    """The entries below one property: by name, `[]` for the items of a list, `{}` for the values of a mapping."""

    said: Said | None = None
    parts: Mapping[str, Node] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Description:
    token: str
    of: Sequence[str]  # the vendor's types: "compute.v1 Instance"
    properties: Mapping[str, Said]  # by path on the wire: "networkInterfaces[].nicType", "labels{}"
    required: Sequence[str]  # paths that the vendor needs and the SDK does not
    tree: Node


def described(package: str) -> frozenset[str]:
    """The tokens of a package that a vendor's description reaches."""
    return frozenset(_table(package))


@cache
def description_of(package: str, token: str) -> Description | None:
    """What is said of a type; None for one that no description reaches."""
    entry = _table(package).get(token)
    if entry is None:
        return None
    document = entry["of"][0].partition(" ")[0]
    properties = {path: _said(given, document) for path, given in entry["properties"].items()}
    return Description(
        token=token,
        of=tuple(entry["of"]),
        properties=properties,
        required=tuple(entry.get("required", ())),
        tree=_tree(properties),
    )


@cache
def _table(package: str) -> Mapping[str, Any]:
    path = DATA / f"{package}.json"
    if not path.exists():
        return {}
    types: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))["types"]
    return types


def _said(given: Mapping[str, Any] | str, document: str) -> Said:
    """An entry; a text alone is its API field, and one that starts with a dot lies in the type's own document."""
    if isinstance(given, str):
        return Said(api=_api(given, document))
    plain: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in given.items()}
    return Said(**{**plain, "api": _api(given["api"], document)})


def _api(given: str, document: str) -> str:
    return f"{document} {given[1:]}" if given.startswith(".") else given


def _tree(properties: Mapping[str, Said]) -> Node:
    root: dict[str, Any] = {}
    for path, said in properties.items():
        at = root
        for step in _steps(path):
            at = at.setdefault(step, {})
        at[""] = said
    return _node(root)


def _steps(path: str) -> list[str]:
    return path.replace("[]", ".[]").replace("{}", ".{}").split(".")


def _node(given: Mapping[str, Any]) -> Node:
    return Node(given.get(""), {step: _node(below) for step, below in given.items() if step})
