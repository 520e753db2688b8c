"""Google Cloud: the API's discovery documents, beside the SDK's input trees, and what Google's provider validates.

`mapping/gcp.json` tells which API type stands behind an SDK type and where names differ; a property that it does not
name maps to the field of the same name, folding case and the "s" of a list. `mapping/gcp_provider.json` comes from
`provider.py`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cache
from importlib.metadata import version
from typing import Any, Final

from googleapiclient.discovery_cache import get_static_doc

from trainyard.sandbox.packages import installed
from trainyard.sandbox.schema import Choice, Kind, Listing, Named, Object, ResourceType, Scalar, fields_of
from trainyard.sandbox.values.extract.limits import limits_of, merged
from trainyard.sandbox.values.extract.provider import MAPPING
from trainyard.sandbox.values.extract.sdk import docs_of

_DEEPEST: Final = 12
Api = Mapping[str, Any]


def extract(tokens: frozenset[str] | None = None) -> dict[str, Any]:
    """The whole document, or that of some types only."""
    mapping, provider = _read("gcp.json"), _read("gcp_provider.json")
    package = installed()["gcp"]
    rules = _rules(mapping, package.types)
    every = sorted({*mapping["types"], *provider["types"], *rules})
    wanted = [token for token in every if tokens is None or token in tokens]
    return {
        "source": {
            "apis": f"the discovery documents of google-api-python-client {version('google-api-python-client')}",
            "sdk": f"pulumi-gcp {version('pulumi-gcp')}",
            "provider": provider["source"],
            "names": mapping["source"],
        },
        "types": {
            token: _type(
                ResourceType(package, token),
                mapping["types"].get(token, {}),
                provider["types"].get(token, {"of": [], "properties": {}}),
                rules.get(token, []),
            )
            for token in wanted
        },
    }


def _rules(mapping: Mapping[str, Any], known: Iterable[str]) -> Mapping[str, list[Mapping[str, Any]]]:
    """Token to its rules; a rule names a type by its short name, or many: "gcp:*IAMMember"."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for rule in mapping["rules"]:
        for pattern in rule["types"]:
            tokens = [token for token in known if fnmatchcase(token, pattern)]
            if not tokens:
                message = f"no type of the SDK is {pattern}"
                raise LookupError(message)
            for token in tokens:
                found.setdefault(token, []).append(rule)
    return found


def _type(
    type: ResourceType, named: Mapping[str, Any], validated: Mapping[str, Any], rules: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    of = named.get("of", "")
    found: dict[str, dict[str, Any]] = {}
    if of and type.args is not None:
        document, _, schema = of.partition(" ")
        walk = _Walk(document, named.get("properties", {}))
        found = dict(walk.fields(type.args, document_of(document)["schemas"][schema]))
    for path, limits in validated["properties"].items():
        if not _excepted(named, path):
            found[path] = merged(found.get(path, {"api": _in_provider(validated["of"][0], path)}), limits)
    required: list[str] = []
    for rule in rules:
        path = rule["property"]
        found[path] = merged(found.get(path, {"api": rule["source"]}), rule.get("limits", {}))
        required += [path] if rule.get("required") else []
    shortened = {path: _short(one, of.partition(" ")[0]) for path, one in found.items()}
    told_by = [*([of] if of else []), *validated["of"]] or [rules[0]["source"]]
    entry: dict[str, Any] = {"of": told_by, "properties": shortened}
    return entry | ({"required": sorted(required)} if required else {})


@dataclass(frozen=True, kw_only=True)
class _Place:
    """Where a walk stands: the SDK's path, the API's field, and what the SDK says of the property."""

    path: str
    said: str
    doc: str
    optional: bool
    depth: int

    def below(self, step: str) -> _Place:
        return replace(self, path=f"{self.path}{step}")


Found = Iterator[tuple[str, dict[str, Any]]]


class _Walk:
    """The SDK's tree beside the API's: path on the wire to what the API says there."""

    def __init__(self, document: str, names: Mapping[str, Any]) -> None:
        self._document = document
        self._schemas = document_of(document)["schemas"]
        self._names = names

    def fields(self, args: type, api: Api, path: str = "", depth: int = 0) -> Found:
        docs = docs_of(args) if depth <= _DEEPEST else {}
        for wire, field in fields_of(args).items() if depth <= _DEEPEST else ():
            at = f"{path}.{wire}" if path else wire
            named = self._names.get(at, {})
            where = named if isinstance(named, str) else named.get("field", wire)
            found = None if where is None else self._field(api, where)
            if found is not None:
                said, given = found
                doc = docs.get(wire, "")
                place = _Place(path=at, said=said, doc=doc, optional=not field.required, depth=depth)
                yield from self._value(field.kind, given, place)

    def _value(self, kind: Kind, given: Api, place: _Place) -> Found:
        api = self._resolved(given)
        one = self._resolved(api["items"]) if "items" in api else api
        if isinstance(kind, Listing):
            yield place.path, {"api": place.said}
            yield from self._items(kind.item, one, place, "[]")
        elif isinstance(kind, Named):
            if "items" in api or "additionalProperties" in api:  # the API may hold keys and values as a list
                yield place.path, {"api": place.said}
                yield from self._items(kind.item, api.get("additionalProperties", {}), place, "{}")
        elif isinstance(kind, Object):
            if "properties" in one:
                yield place.path, {"api": place.said}
                yield from self.fields(kind.of, one, place.path, place.depth + 1)
        elif "properties" not in one and one.get("type") not in ("object", "array", "any"):
            named = self._names.get(place.path, {})
            free = isinstance(named, Mapping) and named.get("free", False)
            plain = kind.plain if isinstance(kind, Scalar) else "text" if isinstance(kind, Choice) else ""
            limits = {} if free else limits_of(one, plain, place.doc, optional=place.optional)
            yield place.path, {"api": place.said, **limits}

    def _items(self, kind: Kind, api: Api, place: _Place, step: str) -> Found:
        """What holds for each entry; one without a limit is told by its list."""
        below = place.below(step)
        for path, entry in self._value(kind, api, below):
            if path != below.path or len(entry) > 1:
                yield path, entry

    def _field(self, api: Api, where: str) -> tuple[str, Api] | None:
        """The API's field at a dotted path below a schema, with how it is called."""
        said = ""
        for step in where.split("."):
            api = self._resolved(api)
            api = self._resolved(api["items"]) if "items" in api else api
            properties = api.get("properties", {})
            name = step if step in properties else _by_fold(properties).get(_folded(step))
            if name is None:
                return None
            said = f"{said}.{name}" if said else f"{self._document} {api.get('id', '')}.{name}"
            api = properties[name]
        return said, api

    def _resolved(self, api: Api) -> Api:
        return self._schemas[api["$ref"]] if "$ref" in api else api


@cache
def document_of(name: str) -> Mapping[str, Any]:
    """A discovery document of the installed client, such as "compute.v1"."""
    text = get_static_doc(*name.split(".", 1))
    if text is None:
        message = f"the installed google-api-python-client has no {name}"
        raise LookupError(message)
    document: Mapping[str, Any] = json.loads(text)
    return document


def _read(name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads((MAPPING / name).read_text(encoding="utf-8"))
    return found


def _short(entry: Mapping[str, Any], document: str) -> Any:
    """The entry as `description.py` reads it: its own document is not named again, and a field alone is a text."""
    api = entry["api"]
    if document and api.startswith(f"{document} "):
        api = f".{api.removeprefix(document)[1:]}"
    return {**entry, "api": api} if len(entry) > 1 else api


def _excepted(named: Mapping[str, Any], path: str) -> bool:
    entry = named.get("properties", {}).get(path)
    return isinstance(entry, Mapping) and bool(entry.get("free"))


def _in_provider(resource: str, path: str) -> str:
    return f"{resource} {path.replace('[]', '').replace('{}', '')}"


def _by_fold(properties: Mapping[str, Any]) -> dict[str, str]:
    return {_folded(name): name for name in properties}


def _folded(name: str) -> str:
    return name.lower().removesuffix("s")
