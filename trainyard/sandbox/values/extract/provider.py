"""`python -m trainyard.sandbox.values.extract.provider CHECKOUT`: what Google's Terraform provider validates.

Pulumi's Google provider is that provider, bridged, so what its schema refuses is refused on Check. Reads a checkout of
hashicorp/terraform-provider-google and writes `mapping/gcp_provider.json`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from trainyard.sandbox.packages import installed
from trainyard.sandbox.schema import Field, Kind, Listing, Named, Object, ResourceType, fields_of
from trainyard.sandbox.values.extract.go import Call, Composite, GoPackage, Name
from trainyard.sandbox.values.extract.limits import with_listed
from trainyard.sandbox.values.extract.sdk import docs_of
from trainyard.sandbox.values.extract.validators import limits_of
from trainyard.sandbox.values.extract.writing import write

MAPPING: Final = Path(__file__).parent.parent / "mapping"
_LEAST_ALIKE: Final = 0.6
_DEEPEST: Final = 14
Found = Iterator[tuple[str, Mapping[str, Any]]]


def main(checkout: Path) -> None:
    version = re.search(r"## (\d+\.\d+\.\d+) \(\w+ \d", (checkout / "CHANGELOG.md").read_text(encoding="utf-8"))
    source = {
        "repository": "https://github.com/hashicorp/terraform-provider-google",
        "version": version.group(1) if version else "",
        "what": "its schemas' ValidateFuncs, MinItems, MaxItems and nested computed properties, by the SDK's names",
    }
    package = installed()["gcp"]
    schemas = {name: found for folder in _folders(checkout) for name, found in _resources(folder).items()}
    types: dict[str, Any] = {}
    for token in package.types:
        type = ResourceType(package, token)
        name = _same(type, schemas)
        if name is not None and type.args is not None:
            properties = dict(_walk(schemas[name][0], type.args, "", schemas[name][1]))
            if properties:
                types[token] = {"of": [name], "properties": properties}
    write(MAPPING / "gcp_provider.json", {"source": source, "types": types})


def _folders(checkout: Path) -> Iterator[Path]:
    yield from (folder for folder in sorted((checkout / "google" / "services").iterdir()) if folder.is_dir())


def _resources(folder: Path) -> Mapping[str, tuple[Mapping[str, Composite], GoPackage]]:
    """Name of each resource of a service to its properties, and where what they name is found."""
    go = GoPackage(folder)
    return {
        name: (properties, go)
        for name, resource in go.registered().items()
        if isinstance(resource, Composite) and (properties := _properties(resource.get("Schema"), go))
    }


def _properties(given: Any, go: GoPackage) -> dict[str, Composite]:
    found = _resolved(given, go)
    if isinstance(found, Call) and found.name.endswith("MergeSchemas"):
        return {name: value for part in found.args for name, value in _properties(part, go).items()}
    if not isinstance(found, Composite):
        return {}
    parts = {name: _resolved(value, go) for name, value in found.entries if isinstance(name, str)}
    return {name: part for name, part in parts.items() if isinstance(part, Composite)}


def _resolved(given: Any, go: GoPackage) -> Any:
    name = given.name if isinstance(given, Call) else given.text if isinstance(given, Name) else ""
    if name and "." not in name:
        return go.value_of(name)
    return given


def _walk(properties: Mapping[str, Composite], args: type, path: str, go: GoPackage, depth: int = 0) -> Found:
    """Path on the wire and limits of every property that is validated."""
    by_name = {_folded(wire): field for wire, field in fields_of(args).items()}
    docs = docs_of(args)
    for name, schema in properties.items():
        field = by_name.get(_folded(name))
        if field is not None and depth < _DEEPEST:
            at = f"{path}.{field.wire}" if path else field.wire
            yield from _one(schema, field, at, docs.get(field.wire, ""), go, depth)


def _one(schema: Composite, field: Field, path: str, doc: str, go: GoPackage, depth: int) -> Found:
    if depth and _decided(schema):
        yield path, {"decided": True}
        return
    limits = _with_doc(limits_of(schema.get("ValidateFunc"), go), doc)
    if isinstance(field.kind, Listing):
        counts = {"min_items": schema.get("MinItems"), "max_items": schema.get("MaxItems")}
        limits = {**limits, **{key: count for key, count in counts.items() if isinstance(count, int)}}
    if limits:
        yield path, limits
    inner = _resolved(schema.get("Elem"), go)
    below, kind = _below(field.kind, path)
    if not isinstance(inner, Composite):
        return
    if isinstance(kind, Object):
        yield from _walk(_properties(inner.get("Schema"), go), kind.of, below, go, depth + 1)
    else:
        of_items = _with_doc(limits_of(inner.get("ValidateFunc"), go), doc)
        if of_items:
            yield below, of_items


def _decided(schema: Composite) -> bool:
    """Whether the provider alone sets it; the SDK's class of a nested block has a place for it all the same.

    terraform-plugin-sdk v2, helper/schema: "Value for unconfigurable attribute" for any value of a program.
    """
    given = {name for name in ("Computed", "Optional", "Required") if schema.get(name) is not None}
    return given == {"Computed"}


def _with_doc(limits: Mapping[str, Any], doc: str) -> Mapping[str, Any]:
    return {**limits, "enum": with_listed(limits["enum"], doc)} if "enum" in limits else limits


def _below(kind: Kind, path: str) -> tuple[str, Kind]:
    if isinstance(kind, Listing):
        return f"{path}[]", kind.item
    return (f"{path}{{}}", kind.item) if isinstance(kind, Named) else (path, kind)


def _same(type: ResourceType, schemas: Mapping[str, tuple[Mapping[str, Composite], GoPackage]]) -> str | None:
    """The provider's name of the SDK's type: the same properties, and a name that ends alike."""
    if not type.inputs:
        return None
    wires = {_folded(wire) for wire in type.inputs}
    _, module, kind = type.token.split(":")
    service = module.partition("/")[0]
    best: tuple[float, str] = (_LEAST_ALIKE, "")
    for name, (properties, _) in schemas.items():
        folded = name.removeprefix("google").replace("_", "")
        if not folded.endswith(kind.lower()) and _folded(folded) != _folded(service + kind):
            continue
        names = _settable(name, properties)
        alike = len(wires & names) / len(wires | names)
        alike += 0.1 * folded.startswith(service.rstrip("v12")) + 0.3 * (folded == service + kind.lower())
        best = max(best, (alike, name))
    return best[1] or None


@cache
def _settable_of(name: str, entries: tuple[tuple[str, bool], ...]) -> frozenset[str]:
    return frozenset(_folded(one) for one, given in entries if given)


def _settable(name: str, properties: Mapping[str, Composite]) -> frozenset[str]:
    entries = tuple(
        (one, schema.get("Required") is not None or schema.get("Optional") is not None)
        for one, schema in properties.items()
    )
    return _settable_of(name, entries)


def _folded(name: str) -> str:
    return name.replace("_", "").lower().removesuffix("s")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
