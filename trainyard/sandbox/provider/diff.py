"""What changed between the inputs in state and the new ones, and whether the cloud can change it in place."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

from trainyard.sandbox.provider.names import is_autonamed, name_property
from trainyard.sandbox.schema import Field, Kind, Listing, Object, ResourceType
from trainyard.servicer.values import has_unknown, reveal

_INDEX: Final = re.compile(r"\[\d+\]")
_DATA: Final = Path(__file__).parent / "replaces.json"
_MISSING: Final = object()


@dataclass(frozen=True)
class Change:
    path: str  # "networkInterfaces[0].subnetwork"
    kind: Literal["add", "delete", "update"]
    replaces: bool


@dataclass(frozen=True)
class Difference:
    changes: Sequence[Change]
    delete_first: bool


def difference(
    type: ResourceType, name: str, old: Mapping[str, Any], new: Mapping[str, Any], ignored: Sequence[str]
) -> Difference:
    """Every changed leaf; `ignored` are property paths that the program wants left alone."""
    rules = replace_rules(type)
    changes = [
        Change(path, kind, _replaces(type, path, rules))
        for path, kind in _changes(_visible(old), _visible(new), "")
        if not any(_covers(skipped, path) for skipped in ignored)
    ]
    return Difference(changes, _delete_first(type, name, old, new) and any(change.replaces for change in changes))


@cache
def replace_rules(type: ResourceType) -> frozenset[str]:
    """Paths whose change makes a new thing: the table's for the type and the package, then the SDK's own words."""
    table = json.loads(_DATA.read_text(encoding="utf-8"))
    here = table["types"].get(type.token, {})
    own = {name for name in (name_property(type), "name") if name and name in type.inputs}
    general = {name for name in table["packages"].get(type.package, []) if name in type.inputs}
    return (frozenset(here.get("replace", ())) | own | general | type.replacers) - frozenset(here.get("update", ()))


def _replaces(type: ResourceType, path: str, rules: frozenset[str]) -> bool:
    bare = _INDEX.sub("", path)
    return any(_covers(rule, bare) or _covers(bare, rule) for rule in rules) or _sdk_says(type.inputs, bare)


def _sdk_says(fields: Mapping[str, Field], path: str) -> bool:
    """Whether the description of a nested property on the path says that its change makes a new thing."""
    head, _, rest = path.partition(".")
    field = fields.get(head)
    if field is None:
        return False
    if field.forces_new:
        return True
    inner = _object_in(field.kind)
    return bool(rest) and inner is not None and _sdk_says(inner.fields, rest)


def _object_in(kind: Kind) -> Object | None:
    while isinstance(kind, Listing):
        kind = kind.item
    return kind if isinstance(kind, Object) else None


def _covers(rule: str, path: str) -> bool:
    return path == rule or path.startswith((f"{rule}.", f"{rule}["))


def _visible(value: Mapping[str, Any]) -> dict[str, Any]:
    return {key: item for key, item in reveal(value).items() if not key.startswith("__")}


def _changes(old: Any, new: Any, path: str) -> Iterator[tuple[str, Literal["add", "delete", "update"]]]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in {**old, **new}:
            yield from _changes(old.get(key, _MISSING), new.get(key, _MISSING), f"{path}.{key}" if path else key)
    elif isinstance(old, list) and isinstance(new, list):
        for number in range(max(len(old), len(new))):
            yield from _changes(_at(old, number), _at(new, number), f"{path}[{number}]")
    elif _absent(old) and _absent(new):
        return
    elif _absent(old):
        yield path, "add"
    elif _absent(new):
        yield path, "delete"
    elif has_unknown(new) or old != new or isinstance(old, bool) != isinstance(new, bool):
        yield path, "update"


def _at(items: list[Any], number: int) -> Any:
    return items[number] if number < len(items) else _MISSING


def _absent(value: Any) -> bool:
    return value is _MISSING or value is None


def _delete_first(type: ResourceType, name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether a replaced one must go first, since the new one has the same name and no other may have it."""
    own = name_property(type)
    if own is None:
        return False
    before, after = reveal(old.get(own)), reveal(new.get(own))
    return before is not None and before == after and not is_autonamed(type, after, name)
